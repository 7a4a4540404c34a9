"""What was compiled: ABI and bytecode of our contracts, calls encoded for them, and their refusals in words.

The artefacts are files of the package, so a user of it needs no compiler.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_typing import ABIElement
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_names, get_abi_input_types
from web3 import Web3

from gecchain.errors import BadInput, Refused

__all__ = ["NAMES", "Artifact", "artifact", "calldata", "creation", "refusal", "selector"]

NAMES: Final = ("AccessManager", "Registry", "Readings", "Certificates", "Market")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract: `abi` as JSON values, `bytecode` as 0x hex of the creation code."""

    name: str
    abi: Sequence[ABIElement]
    bytecode: str


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract of this name, one of NAMES."""
    text = (resources.files("gecchain.chain") / "artifacts" / f"{name}.json").read_bytes()
    found = orjson.loads(text)
    return Artifact(name, found["abi"], found["bytecode"])


def calldata(name: str, function: str, args: Sequence[Any]) -> str:
    """0x hex of a call; structs are tuples. BadInput when the arguments do not fit the ABI."""
    return "0x" + (selector(name, function) + _encoded(name, function, args)).hex()


def creation(name: str, args: Sequence[Any]) -> str:
    """0x hex of the transaction that creates the contract with these constructor arguments."""
    found = artifact(name)
    given = [
        Web3.to_checksum_address(arg) if kind == "address" else arg
        for arg, kind in zip(args, _types(name, ""), strict=True)
    ]
    return str(Web3().eth.contract(abi=found.abi, bytecode=found.bytecode).constructor(*given).data_in_transaction)


def selector(name: str, function: str) -> bytes:
    """First four bytes of a call of this function."""
    found = [element for element in artifact(name).abi if element.get("name") == function]
    return bytes(function_abi_to_4byte_selector(found[0]))


def refusal(what: str, data: str, reply: str) -> Refused:
    """The contract's custom error in revert `data` (0x hex) as a fact in words; the node's reply when there is none."""
    known = _errors().get(data[:10])
    if known is None:
        return Refused(f"{what} was refused: {reply}")
    name, names, types = known
    try:
        values = decode(types, bytes.fromhex(data[10:]))
    except (DecodingError, ValueError):
        return Refused(f"{what} was refused: {name}", reason=name)
    facts = ", ".join(f"{key} {_shown(key, value)}" for key, value in zip(names, values, strict=True))
    sentence, remedy = _WORDS.get(name, (_spaced(name), ""))
    return Refused(f"{what} was refused: {sentence}" + (f" ({facts})." if facts else "."), reason=name, remedy=remedy)


def _encoded(name: str, function: str, args: Sequence[Any]) -> bytes:
    try:
        return encode(_types(name, function), args)
    except (EncodingError, ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"the arguments do not fit {name}.{function}: {error}", field=function) from error


@cache
def _types(name: str, function: str) -> Sequence[str]:
    """Types of a function's parameters, or of the constructor's for an empty name."""
    for element in artifact(name).abi:
        if element.get("name", "") == function and element["type"] in ("function", "constructor"):
            return get_abi_input_types(element)
    return ()


@cache
def _errors() -> Mapping[str, tuple[str, Sequence[str | None], Sequence[str]]]:
    errors: dict[str, tuple[str, Sequence[str | None], Sequence[str]]] = {}
    for name in NAMES:
        for element in artifact(name).abi:
            if element["type"] == "error":
                types = get_abi_input_types(element)
                code = Web3.keccak(text=f"{element['name']}({','.join(types)})")[:4].hex()
                errors["0x" + code] = (element["name"], get_abi_input_names(element), types)
    return errors


def _shown(key: str | None, value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if key == "state":
        return ("none", "held", "listed", "frozen", "retired", "deducted")[value]
    return str(value)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "AccessManagedUnauthorized": ("the caller does not have the role for it", "Sign with the key of the role."),
    "AccountExists": ("the account exists already", "One legal identity has one account (Q86)."),
    "AccountFrozen": ("the account is frozen", ""),
    "AccountUnknown": ("no such account", "Open it first."),
    "AlreadyTraded": ("these certificates were traded already, and once is the most (Q51)", ""),
    "BatchUnknown": ("no such batch was issued", "Check the number."),
    "BuyerIsSeller": ("buyer and seller are the same account", ""),
    "CommitmentReplaced": ("the provider has replaced this commitment", "Plan the month again."),
    "Expired": ("the certificates are past their validity (Q28)", ""),
    "FilingNotPending": ("the reviewed filing is not the one that waits", "Reload the filing and review it again."),
    "ListingUnknown": ("no such lot is on sale", "It may be sold out or withdrawn: see gec market listings."),
    "MayNotAct": ("the caller may not act for that account", "Sign with the key of the account's operator."),
    "MonthNotEnded": ("the month is not over yet", "Commit its readings after its end."),
    "NotExpired": ("the certificates are still valid", ""),
    "NotTradable": ("certificates of this class cannot be traded (Q23)", ""),
    "NothingToIssue": ("everything in this chunk is issued already or refused", "Plan the month again."),
    "PlatformNotNamed": ("the lot is not on sale on this platform", ""),
    "QuantityAboveListed": ("the lot has fewer certificates than that", "Take less."),
    "RangeNotUniform": ("the range does not lie within one segment", "Split it at the segment's end."),
    "StateIs": ("their state does not allow it", ""),
}
