"""Questions to a registry, each with the type of its answer (`gecchain.answers`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from gecchain.answers import (
    AccountAnswer,
    Answer,
    BatchAnswer,
    CaseAnswer,
    CertificateAnswer,
    DealAnswer,
    DeclarationAnswer,
    EventAnswer,
    ExpiringAnswer,
    HealthAnswer,
    HoldingAnswer,
    ListingAnswer,
    OwnedAnswer,
    PlantAnswer,
    ProjectAnswer,
    RegistryAnswer,
    RetirementAnswer,
    SettlementAnswer,
    StatisticsAnswer,
    TraceAnswer,
    TradeAnswer,
    VerifyAnswer,
)
from gecchain.client.following import followed
from gecchain.client.transport import Transport
from gecchain.errors import Unavailable

__all__ = ["Reader", "typed"]

A = TypeVar("A", bound=Answer)
_PAGE = 500


def typed(kind: type[A], found: Any) -> A:
    """What was answered, as its type; Unavailable if it is something else."""
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "answer"
        raise Unavailable(f"what answers is no registry of this version: {where}: {first['msg']}") from error


class Reader:
    """Reading is open to everybody. Lists take the filters of the reference (`/docs`); `from_` stands for `from`.

    `min_block` waits until the index has a block. NotFound if there is no such thing.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def registry(self) -> RegistryAnswer:
        """Which registry this is."""
        return self._one(RegistryAnswer, "/v1/registry")

    def health(self) -> HealthAnswer:
        """Where index and chain stand."""
        return self._one(HealthAnswer, "/v1/health")

    def statistics(self, by: str = "month") -> StatisticsAnswer:
        """The registry in sum, by `month`, `province` or `technology`."""
        return self._one(StatisticsAnswer, "/v1/stats", by=by)

    def verify(self, claim: str, *, min_block: int | None = None) -> VerifyAnswer:
        """The answer to a number or hash: verdict and numbered steps."""
        return self._one(VerifyAnswer, f"/v1/verify/{claim}", min_block=min_block)

    def certificate(self, number: str, *, min_block: int | None = None) -> CertificateAnswer:
        """One certificate."""
        return self._one(CertificateAnswer, f"/v1/certificates/{number}", min_block=min_block)

    def trace(self, number: str, *, min_block: int | None = None) -> TraceAnswer:
        """The way of a certificate."""
        return self._one(TraceAnswer, f"/v1/trace/{number}", min_block=min_block)

    def project(self, code: str, *, min_block: int | None = None) -> ProjectAnswer:
        """A project with its filings and months."""
        return self._one(ProjectAnswer, f"/v1/projects/{code}", min_block=min_block)

    def account(self, address: str, *, min_block: int | None = None) -> AccountAnswer:
        """An account in sum."""
        return self._one(AccountAnswer, f"/v1/accounts/{address}", min_block=min_block)

    def trade(self, code: int | str, *, min_block: int | None = None) -> TradeAnswer:
        """A trade by the code of its voucher."""
        return self._one(TradeAnswer, f"/v1/vouchers/{code}", min_block=min_block)

    def retirement(self, code: int | str, *, min_block: int | None = None) -> RetirementAnswer:
        """A retirement by the code of its sheet."""
        return self._one(RetirementAnswer, f"/v1/retirements/{code}", min_block=min_block)

    def case(self, number: int, *, min_block: int | None = None) -> CaseAnswer:
        """A dispute."""
        return self._one(CaseAnswer, f"/v1/cases/{number}", min_block=min_block)

    def holdings(self, account: str, *, min_block: int | None = None) -> Iterator[HoldingAnswer]:
        """Ranges that an account holds."""
        return self._many(HoldingAnswer, f"/v1/accounts/{account}/holdings", min_block=min_block)

    def listings(self, *, min_block: int | None = None) -> Iterator[ListingAnswer]:
        """Lots on sale, oldest first."""
        return self._many(ListingAnswer, "/v1/listings", min_block=min_block)

    def certificates(self, **filters: Any) -> Iterator[OwnedAnswer]:
        """Ranges of certificates, whoever holds them."""
        return self._many(OwnedAnswer, "/v1/certificates", **filters)

    def batches(self, **filters: Any) -> Iterator[BatchAnswer]:
        """What was issued."""
        return self._many(BatchAnswer, "/v1/batches", **filters)

    def projects(self, **filters: Any) -> Iterator[PlantAnswer]:
        """Projects."""
        return self._many(PlantAnswer, "/v1/projects", **filters)

    def trades(self, **filters: Any) -> Iterator[TradeAnswer]:
        """Trades."""
        return self._many(TradeAnswer, "/v1/trades", **filters)

    def retirements(self, **filters: Any) -> Iterator[RetirementAnswer]:
        """Retirements."""
        return self._many(RetirementAnswer, "/v1/retirements", **filters)

    def cases(self, **filters: Any) -> Iterator[CaseAnswer]:
        """Disputes."""
        return self._many(CaseAnswer, "/v1/cases", **filters)

    def declarations(self, **filters: Any) -> Iterator[DeclarationAnswer]:
        """Declared readings."""
        return self._many(DeclarationAnswer, "/v1/declarations", **filters)

    def deals(self, **filters: Any) -> Iterator[DealAnswer]:
        """Bilateral orders."""
        return self._many(DealAnswer, "/v1/deals", **filters)

    def settlements(self, **filters: Any) -> Iterator[SettlementAnswer]:
        """Settled months of green-power contracts."""
        return self._many(SettlementAnswer, "/v1/settlements", **filters)

    def expiring(self, **filters: Any) -> Iterator[ExpiringAnswer]:
        """Ranges whose validity ends within three months."""
        return self._many(ExpiringAnswer, "/v1/expiring", **filters)

    def events(self, *, after: str | None = None, limit: int = _PAGE, **filters: Any) -> Iterator[EventAnswer]:
        """Events there are now, in the chain's order; go on after the `cursor` of the last one."""
        return self._many(EventAnswer, "/v1/events", after=after, limit=limit, **filters)

    def follow(self, *, after: str | None = None, **filters: Any) -> Iterator[EventAnswer]:
        """Events for ever: those after a cursor, then each as its block is indexed, none left out and none twice.

        Whatever breaks on the way is asked for again from the last cursor. An event of the kind `RolledBack` says
        that events of later blocks than its `data["kept"]` were taken back.
        """
        for found in followed(self.transport, after=after, filters=_asked(filters)):
            yield typed(EventAnswer, found)

    def _one(self, shape: type[A], path: str, /, **parameters: Any) -> A:
        return typed(shape, self.transport.get(path, **parameters))

    def _many(self, shape: type[A], path: str, /, **parameters: Any) -> Iterator[A]:
        for found in self.transport.items(path, **_asked(parameters)):
            yield typed(shape, found)


def _asked(filters: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_"): value for name, value in filters.items()}
