"""What a request may ask for: the contracts' calls by name, made from JSON and shown as JSON.

A call is named as in the contracts' manual, `market.list` or `certificates.retire`, and so are its arguments, so there
is one vocabulary for Solidity, HTTP and Python. Calls that only sister contracts make are left out; roles are the
contracts' business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple

from gecchain.chain.contracts import artifact, selector
from gecchain.chain.deployment import Deployment
from gecchain.errors import BadInput

__all__ = ["CALLS", "ShownCall", "call_of", "describe", "targets"]

CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "registry": ("setOperator", "fileMandate", "revokeMandate", "chooseCcer", "registerCcer", "close"),
    "readings": ("commit", "approve"),
    "certificates": ("retire", "move", "distribute", "retireDue", "sweep", "warn"),
    "market": ("list", "withdraw", "withdrawAll", "take", "takeAcross", "fill", "cancel", "settle"),
    "declarations": ("declare", "check", "recheck"),
    "cases": ("open", "propose", "check", "decide", "execute", "close"),
}
_SAFE: Final = (1 << 53) - 1
_INTEGER: Final = re.compile(r"-?[0-9]{1,78}|0x[0-9a-fA-F]{1,64}")
_HEX: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ARRAY: Final = re.compile(r"\[[0-9]*\]$")


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call in words: its name, and its arguments by name as JSON values (integers above 2^53 as decimal text)."""

    name: str
    arguments: Mapping[str, Any]


def targets(deployment: Deployment) -> Mapping[str, str]:
    """Contracts that a request may call, name by address."""
    return {str(getattr(deployment, name)).lower(): name for name in CALLS}


def call_of(name: str, arguments: Mapping[str, Any], deployment: Deployment) -> tuple[str, bytes]:
    """`(to, data)` of a call. BadInput names what is missing, unknown or of another form.

    Structs are objects or lists; integers are numbers or text, decimal or 0x; bytes are 0x hex.
    """
    contract, _, function = name.partition(".")
    if function not in CALLS.get(contract, ()):
        known = ", ".join(f"{one}.{part}" for one, parts in CALLS.items() for part in parts)
        raise BadInput("this is no call of the registry", field="call", value=name, remedy=f"Calls: {known}.")
    inputs = _inputs(contract, function)
    values = _struct(inputs, arguments, "arguments")
    try:
        body = encode([collapse_if_tuple(part) for part in inputs], values)
    except (EncodingError, ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"the arguments do not fit {name}: {error}", field="arguments") from error
    return str(getattr(deployment, contract)).lower(), selector(contract.capitalize(), function) + body


def describe(to: str, data: bytes, deployment: Deployment) -> ShownCall:
    """What a request's call says. BadInput for one that the registry does not have."""
    contract = targets(deployment).get(to.lower(), "")
    function = _by_selector(contract).get(data[:4]) if contract else None
    if function is None:
        raise BadInput(
            "this is no call of the registry", field="data", value="0x" + data[:4].hex(), remedy="See /docs."
        )
    inputs = _inputs(contract, function)
    try:
        values = decode([collapse_if_tuple(part) for part in inputs], data[4:])
    except (DecodingError, ValueError, OverflowError) as error:
        raise BadInput(
            f"the call is cut short or malformed: {error}", field="data", remedy="Encode it anew."
        ) from error
    shown = {str(part["name"]): _shown(part, value) for part, value in zip(inputs, values, strict=True)}
    return ShownCall(f"{contract}.{function}", shown)


@cache
def _inputs(contract: str, function: str) -> tuple[dict[str, Any], ...]:
    for element in artifact(contract.capitalize()).abi:
        if element.get("name") == function:
            return tuple(dict(part) for part in element["inputs"])  # type: ignore[typeddict-item]
    raise AssertionError(f"{contract}.{function} is not in the ABI")


@cache
def _by_selector(contract: str) -> Mapping[bytes, str]:
    return {selector(contract.capitalize(), function): function for function in CALLS[contract]}


def _element(part: Mapping[str, Any]) -> dict[str, Any] | None:
    """The kind of an array's elements, or None."""
    kind = str(part["type"])
    return dict(part) | {"type": _ARRAY.sub("", kind)} if _ARRAY.search(kind) else None


def _struct(parts: Sequence[Mapping[str, Any]], given: Any, where: str) -> tuple[Any, ...]:
    if isinstance(given, Sequence) and not isinstance(given, str):
        given = (
            dict(zip((str(part["name"]) for part in parts), given, strict=False)) if len(given) == len(parts) else None
        )
    if not isinstance(given, Mapping):
        raise BadInput("this is an object with a value for each name", field=where, value=str(given))
    names = [str(part["name"]) for part in parts]
    for name in sorted(set(names) ^ set(map(str, given))):
        said = "this is missing" if name in names else "there is no such argument"
        raise BadInput(said, field=f"{where}.{name}", remedy=f"Arguments: {', '.join(names)}.")
    return tuple(_value(part, given[str(part["name"])], f"{where}.{part['name']}") for part in parts)


def _value(part: Mapping[str, Any], given: Any, where: str) -> Any:
    element = _element(part)
    if element is not None:
        if not isinstance(given, Sequence) or isinstance(given, str):
            raise BadInput("this is a list", field=where, value=str(given))
        return [_value(element, item, f"{where}[{place}]") for place, item in enumerate(given)]
    kind = str(part["type"])
    if kind == "tuple":
        return _struct(part["components"], given, where)
    return _plain(kind, given, where)


def _plain(kind: str, given: Any, where: str) -> Any:
    if kind.startswith(("uint", "int")):
        if isinstance(given, str) and _INTEGER.fullmatch(given):
            return int(given, 16 if given.startswith("0x") else 10)
        if type(given) is int:
            return given
        raise BadInput("this is a whole number", field=where, value=str(given))
    if kind == "bool" and isinstance(given, bool):
        return given
    if kind.startswith("bytes") and isinstance(given, str) and _HEX.fullmatch(given):
        return bytes.fromhex(given[2:])
    if kind in ("string", "address") and isinstance(given, str):
        return given
    raise BadInput(f"this is no {kind}", field=where, value=str(given))


def _shown(part: Mapping[str, Any], value: Any) -> Any:
    element = _element(part)
    if element is not None:
        return [_shown(element, item) for item in value]
    if part["type"] == "tuple":
        inner = zip(part["components"], value, strict=True)
        return {str(one["name"]): _shown(one, item) for one, item in inner}
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _SAFE:
        return str(value)
    return value
