"""Who and what the tests of the questions are about: parties with keys, plants of each kind, orders and settlements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from eth_account import Account

from gecchain.chain.deploying import Role
from gecchain.proofs import keccak256
from gecchain.rules import BatchKey, Electricity, Month, ProjectKey, ProjectType, Technology
from tests.differential.operations import Claimed, Papers
from tests.differential.trees import leaf_word

__all__ = [
    "AGENT",
    "BASIS",
    "BUYER",
    "CERTIFICATE",
    "CLAIM",
    "DEEP_SEA",
    "FILINGS",
    "KEYS",
    "LANDFILL",
    "LATER",
    "NEW_HYDRO",
    "NOW",
    "OLD_HYDRO",
    "OTHER_BUYER",
    "OTHER_OWNER",
    "OTHER_WIND",
    "OWNER",
    "PLATFORM_A",
    "PLATFORM_B",
    "PROVINCE",
    "SEPTEMBER",
    "SOLAR_THERMAL",
    "SOUTH",
    "STORAGE",
    "WIND",
    "Deal",
    "Party",
    "Settlement",
    "batch",
    "key",
    "papers",
    "party",
    "reading",
]

CERTIFICATE: Final = 1_000_000
SEPTEMBER: Final = Month.of(2026, 9)
NOW: Final = SEPTEMBER.ends_at + 14 * 86_400
LATER: Final = NOW + 365 * 86_400
BASIS: Final = keccak256(b"a document")


@dataclass(frozen=True, slots=True)
class Party:
    """A legal identity's account and the key that acts for it."""

    account: str
    secret: bytes

    @property
    def key(self) -> str:
        """Address of the key, lower case."""
        return str(Account.from_key(self.secret).address).lower()


def party(name: str) -> Party:
    """The party of a name, always the same."""
    return Party("0x" + keccak256(f"account of {name}".encode())[-20:].hex(), keccak256(f"key of {name}".encode()))


def key(technology: Technology, sequence: int, province: int = 15, kind: ProjectType = ProjectType.CENTRALISED) -> int:
    """Id of a project that was approved in 2016-08."""
    return ProjectKey(kind, technology, Month.of(2016, 8), province, sequence).id


OWNER, OTHER_OWNER, BUYER, OTHER_BUYER, AGENT = map(party, ("owner", "other owner", "buyer", "other buyer", "agent"))
PLATFORM_A, PLATFORM_B, PROVINCE, SOUTH = map(party, ("platform A", "platform B", "province 15", "province 44"))
WIND, OLD_HYDRO, NEW_HYDRO = key(Technology.WIND, 1), key(Technology.HYDRO, 3), key(Technology.HYDRO, 4)
DEEP_SEA, SOLAR_THERMAL = key(Technology.DEEP_SEA_WIND, 5), key(Technology.SOLAR_THERMAL, 6)
LANDFILL, STORAGE, OTHER_WIND = key(Technology.LANDFILL_GAS, 7), key(Technology.STORAGE, 8), key(Technology.WIND, 2)
_OFFICES: Final = tuple(role for role in Role if role not in (Role.ADMIN, Role.PUBLIC, Role.PROVINCE))
KEYS: Final = {role: f"0x{0xA000 + role:040x}" for role in _OFFICES}
CLAIM: Final = Claimed("who claims it", 1, SEPTEMBER.index, SEPTEMBER.index + 1, "made with wind")


def papers(project: int, owner: Party = OWNER, **other: Any) -> Papers:
    """A filing of a plant in operation since 2020-01."""
    made = Papers(project, owner.account, owner.key, "owner", Month.of(2020, 1).index, 50_000, False, "{}")
    return made._replace(**other)


FILINGS: Final = (
    papers(WIND),
    papers(OTHER_WIND, OTHER_OWNER),
    papers(OLD_HYDRO, in_operation=Month.of(2022, 12).index, market_based=True),
    papers(NEW_HYDRO, in_operation=Month.of(2023, 1).index, market_based=True),
    papers(DEEP_SEA),
    papers(SOLAR_THERMAL),
    papers(LANDFILL),
    papers(STORAGE),
)


def reading(project: int, wh: int, electricity: Electricity | int = Electricity.ON_GRID, digest: int = 0) -> int:
    """A reading as a leaf's word."""
    return leaf_word(project, int(electricity), wh, digest)


def batch(
    project: int, month: Month = SEPTEMBER, electricity: Electricity = Electricity.ON_GRID, *, tradable: bool = True
) -> int:
    """Id of a project's batch."""
    return BatchKey(project, month, electricity, tradable).id


class Deal(NamedTuple):
    """`Deal` of `IMarket`; as it stands, ten certificates of September's wind."""

    seller: str = OWNER.account
    buyer: str = BUYER.account
    project: int = WIND
    batch: int = 0
    start: int = 0
    end: int = 0
    quantity: int = 10
    price: int = 350
    platform: str = PLATFORM_A.account
    paid_on_platform: bool = True
    expires: int = LATER
    nonce: int = 1


class Settlement(NamedTuple):
    """`Settlement` of `IMarket`; as it stands, ten certificates of September's wind."""

    contract: bytes = BASIS
    project: int = WIND
    month: int = SEPTEMBER.index
    buyer: str = BUYER.account
    contract_wh: int = 10 * CERTIFICATE
    fed_in_wh: int = 10 * CERTIFICATE
    consumed_wh: int = 10 * CERTIFICATE
    attribute_price: int = 350
    energy_price: int = 30_000
    ranges: tuple[tuple[int, int, int], ...] = ((batch(WIND), 0, 10),)
