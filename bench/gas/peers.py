"""The table's right side: what a comparable act costs in the peers' contracts, in the form most favourable to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from eth_abi.abi import encode

from bench.gas.chain import Chain
from bench.gas.entry import MANY
from bench.gas.foreign import Foreign
from bench.gas.lots import Lot
from bench.gas.packages import compiled, published, versions
from gecchain.chain.actions import Action

__all__ = ["SECOND", "Act", "Issuer", "Peer", "Tokens", "peers"]

_RECEIVER: Final = "0x" + "a2" * 20
_FIRST: Final = 3
"""Id of the first token that is measured; the two before it are for warming up."""
SECOND: Final = 2
"""Number of the first request and of the certificate that are measured; the one before is for warming up."""
_LOOP: Final = 10_000
"""Certificates up to which a loop is measured."""


@dataclass(frozen=True, slots=True)
class Act:
    """A measurement: gas for a lot of a fresh batch. `most` is the largest batch it is run for, 0 for any."""

    measure: Callable[[Lot], int]
    most: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """A peer as deployed: its acts by the names that entries.py uses."""

    name: str
    package: str
    acts: Mapping[str, Act]


def peers(chain: Chain) -> list[Peer]:
    """All four, deployed and warmed up, in the order of the table's columns."""
    code, known = compiled(), versions()
    tokens = {
        "OpenZeppelin": ("@openzeppelin/contracts", "OpenZeppelinCertificates"),
        "ERC721A": ("erc721a", "Erc721ACertificates"),
        "solady": ("solady", "SoladyCertificates"),
    }
    issuer = Peer("Energy Web", f"@energyweb/issuer {known['@energyweb/issuer']}", Issuer(chain).acts())
    others = [
        Peer(name, f"{package} {known[package]}", Tokens(chain, code[contract]).acts())
        for name, (package, contract) in tokens.items()
    ]
    return [issuer, *others]


class Tokens:
    """One of our contracts around an ERC-721 library: ids in a row, loops over them."""

    def __init__(self, chain: Chain, code: str) -> None:
        self._contract, self._holder = Foreign(chain, code), chain.sender
        self._mint(_FIRST - 1)
        self._move(Lot(1, 0, 1), first=1)

    def acts(self) -> dict[str, Act]:
        """By the names of entries."""
        one, many = Act(lambda lot: self._mint(lot.batch), _LOOP), Act(self._mint_many, _LOOP // 100)
        return {
            "issue": one,
            "issue many": many,
            "request and issue": one,
            "request and issue many": many,
            "move": Act(self._minted_and(self._move), _LOOP),
            "retire": Act(self._minted_and(self._burn), _LOOP),
        }

    def minting(self, count: int) -> Action:
        """The transaction that mints so many to one holder, which is the cheapest."""
        return self._contract.action("mint(address,uint256)", self._holder, count)

    def held(self) -> int:
        """How many the holder has."""
        return self._contract.asked("balanceOf(address)", self._holder)

    def _mint(self, count: int) -> int:
        return self._contract.chain.send(self.minting(count)).gas

    def _mint_many(self, lot: Lot) -> int:
        return self._mint(MANY * lot.batch)

    def _minted_and(self, act: Callable[[Lot], int]) -> Callable[[Lot], int]:
        def measure(lot: Lot) -> int:
            self._mint(lot.batch)
            return act(lot)

        return measure

    def _move(self, lot: Lot, first: int = _FIRST) -> int:
        signature = "move(address,uint256,uint256)"
        return self._contract.call(signature, _RECEIVER, first + lot.start, lot.certificates).gas

    def _burn(self, lot: Lot) -> int:
        return self._contract.call("burn(uint256,uint256)", _FIRST + lot.start, lot.certificates).gas


class Issuer:
    """Energy Web's issuer over its ERC-1888 registry: a request of the owner, an approval, an amount."""

    _DATA: Final = encode(
        ["uint256", "uint256", "string", "string"], [2_204_928_000, 2_207_606_399, "C4W0126C150001001", ""]
    )
    """Begin and end of generation, device and metadata, encoded as its client does."""
    _CLAIM: Final = encode(
        ["string"] * 6,
        ["某某制造有限公司", "Shanxi", "CN", "2039-01-01", "2039-12-31", "二〇三九年度生产用电"],
    )
    """Beneficiary, place, country, period and purpose."""

    def __init__(self, chain: Chain) -> None:
        self._holder = chain.sender
        self._registry = Foreign(chain, published("RegistryExtended"), ["string"], ["https://example.org/"])
        self._issuer = Foreign(chain, published("Issuer"))
        self._issuer.call("initialize(uint256,address)", 123, self._registry.address)
        self._request(Lot(100, 0, 100))
        self._approve(Lot(100, 0, 100), request=1)
        self._move(Lot(100, 0, 50), certificate=1)
        self._claim(Lot(100, 50, 60), certificate=1)

    def acts(self) -> dict[str, Act]:
        """By the names of entries."""
        return {
            "request": Act(self._request),
            "issue": Act(lambda lot: self._after(self._request, self._approve, lot)),
            "issue many": Act(lambda lot: self._after(self._request_many, self._approve_many, lot)),
            "request and issue": Act(lambda lot: self._request(lot) + self._approve(lot)),
            "request and issue many": Act(lambda lot: self._request_many(lot) + self._approve_many(lot)),
            "move": Act(lambda lot: self._after(self._issued, self._move, lot)),
            "retire": Act(lambda lot: self._after(self._issued, self._claim, lot)),
        }

    @staticmethod
    def _after(before: Callable[[Lot], int], act: Callable[[Lot], int], lot: Lot) -> int:
        before(lot)
        return act(lot)

    def _request(self, _: Lot) -> int:
        return self._issuer.call("requestCertificationFor(bytes,address)", self._DATA, self._holder).gas

    def _approve(self, lot: Lot, request: int = SECOND) -> int:
        return self._issuer.call("approveCertificationRequest(uint256,uint256)", request, lot.batch).gas

    def _issued(self, lot: Lot) -> int:
        return self._request(lot) + self._approve(lot)

    def requesting(self, count: int) -> Action:
        """The transaction that asks for so many certificates, each of a device and a month."""
        data, owners = [self._DATA] * count, [self._holder] * count
        return self._issuer.action("requestCertificationForBatch(bytes[],address[])", data, owners)

    def approving(self, first: int, count: int, amount: int) -> Action:
        """The transaction that approves so many requests from the `first` on, each with an amount."""
        requests, values = list(range(first, first + count)), [amount] * count
        return self._issuer.action("approveCertificationRequestBatch(uint256[],uint256[])", requests, values)

    def amount(self, certificate: int) -> int:
        """What the holder has of a certificate."""
        return self._registry.asked("balanceOf(address,uint256)", self._holder, certificate)

    def _request_many(self, _: Lot) -> int:
        return self._issuer.chain.send(self.requesting(MANY)).gas

    def _approve_many(self, lot: Lot) -> int:
        return self._issuer.chain.send(self.approving(SECOND, MANY, lot.batch)).gas

    def _move(self, lot: Lot, certificate: int = SECOND) -> int:
        signature = "safeTransferFrom(address,address,uint256,uint256,bytes)"
        return self._registry.call(signature, self._holder, _RECEIVER, certificate, lot.certificates, b"").gas

    def _claim(self, lot: Lot, certificate: int = SECOND) -> int:
        signature = "safeTransferAndClaimFrom(address,address,uint256,uint256,bytes,bytes)"
        whose = (self._holder, self._holder)
        return self._registry.call(signature, *whose, certificate, lot.certificates, b"", self._CLAIM).gas
