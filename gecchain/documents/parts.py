"""The pieces of data that several documents have: projects, parties, ranges and places, as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Account, Batch
from gecchain.proofs import JsonValue, document_hash
from gecchain.rules import BatchKey, Month, ProjectKey, last_valid_day, number_of, token_id
from gecchain.rules.credits import credits_of, is_derived, made_up_fields
from gecchain.rules.parameters import WH_PER_CERTIFICATE
from gecchain.store.views import FilingView, Place

__all__ = ["Projects", "energy_wh", "parties", "party", "place_json", "project", "range_json"]

_UNKNOWN: Final = "unknown"


def place_json(place: Place) -> dict[str, JsonValue]:
    """Block, transaction and time (UTC seconds) of an event."""
    return {"block": place.block, "time": place.time, "transaction": place.transaction}


def range_json(batch: int, start: int, end: int) -> dict[str, JsonValue]:
    """Certificates `[start, end)` of a batch with first and last number, and what their class and month are."""
    key = BatchKey.from_id(batch)
    return {
        "batch": str(batch),
        "count": end - start,
        "electricity": key.electricity.slug,
        "end": end,
        "first_number": number_of(token_id(batch, start)),
        "last_number": number_of(token_id(batch, end - 1)),
        "month": str(key.month),
        "start": start,
        "tradable": key.tradable,
        "valid_until": last_valid_day(Month(key.month.index)).isoformat(),
    }


def energy_wh(count: int) -> str:
    """Energy of so many certificates in Wh, as decimal text."""
    return str(count * WH_PER_CERTIFICATE.value)


def party(address: str, accounts: Mapping[str, Account]) -> dict[str, JsonValue]:
    """An account. The name of a natural person is not on the chain, so it is empty; the province may be null."""
    found = accounts.get(address)
    province = f"{found.province:02d}" if found and found.province else None
    return {"address": address, "name": found.name if found else "", "province": province}


def parties(addresses: Iterable[str], accounts: Mapping[str, Account]) -> list[JsonValue]:
    """The accounts that a document names, each once, by address."""
    return [party(address, accounts) for address in sorted({*addresses} - {NO_ACCOUNT})]


def project(number: int, filing: FilingView, provider: str, accounts: Mapping[str, Account]) -> dict[str, JsonValue]:
    """A project as the filing describes it that was in force at the issue (Q14)."""
    key, document = ProjectKey.from_id(number), filing.document
    owner = filing.filing.owner
    known = accounts.get(owner)
    credit_code = document.get("owner_credit_code")
    return {
        "code": key.code,
        "credits": list(credits_of(document)),
        "derived": is_derived(provider, document),
        "filing_hash": "0x" + document_hash(filing.filing.document.encode()).hex(),
        "location": str(document.get("location", "")),
        "made_up": list(made_up_fields(document)),
        "name": str(document.get("name", "")),
        "owner": {"address": owner, "name": known.name if known else str(document.get("owner", ""))},
        "owner_credit_code": credit_code if isinstance(credit_code, str) and credit_code else None,
        "province": f"{key.province:02d}",
        "subsidy": str(document.get("subsidy", _UNKNOWN)),
        "technology": key.technology.slug,
        "type": key.type.slug,
    }


@dataclass
class Projects:
    """The projects of many ranges, each version of a filing once, in order of first use."""

    filings: Mapping[int, FilingView]
    providers: Mapping[int, str]
    accounts: Mapping[str, Account]
    listed: list[JsonValue] = field(default_factory=list)
    _indices: dict[tuple[int, int, str], int] = field(default_factory=dict)

    def index(self, batch: Batch) -> int:
        """Where the project of a batch stands in `listed`."""
        key = batch.id >> 16, batch.filing, self.providers[batch.id]
        if key not in self._indices:
            self._indices[key] = len(self.listed)
            self.listed.append(project(key[0], self.filings[batch.id], key[2], self.accounts))
        return self._indices[key]
