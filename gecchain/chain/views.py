"""Reading calls of the contracts: arguments encoded and answers decoded from the packaged ABI.

Answers are the contracts' own structs as named values. Neither web3 nor any key is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

import orjson
from eth_abi.exceptions import DecodingError, EncodingError
from eth_hash.auto import keccak

from gecchain.chain.words import decoder_of, encoder_of
from gecchain.errors import BadInput, BrokenProof

__all__ = ["Contract", "Facts", "SegmentAt", "View", "answer_of", "canonical_type", "data_of"]

Contract: TypeAlias = Literal["relay", "registry", "readings", "certificates", "market", "declarations", "cases"]
_FILES: Final[dict[Contract, str]] = {
    "relay": "Relay",
    "registry": "Registry",
    "readings": "Readings",
    "certificates": "Certificates",
    "market": "Market",
    "declarations": "Declarations",
    "cases": "Cases",
}


@dataclass(frozen=True, slots=True)
class View:
    """One reading call: contract, function and arguments (addresses as hex text, words as bytes)."""

    contract: Contract
    function: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentAt:
    """A segment as the contract has it."""

    start: int
    end: int
    owner: str
    state: int
    traded: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the chain knows of one certificate (`ICertificates.Facts`); words are `0x` hex text."""

    token_id: int
    number: str
    first_holder: str
    count: int
    commitment: int
    leaf: int
    filing: int
    owner: str
    start: int
    end: int
    state: int
    traded: bool
    expires_at: int
    readings_root: str
    filing_hash: str
    hash: str

    @classmethod
    def of(cls, struct: Sequence[Any]) -> "Facts":
        """From the struct as decoded."""
        token_id, number, batch, owner, start, end, state, traded, expires_at, root, filing_hash, own_hash = struct
        first_holder, count, commitment, leaf, filing = batch
        return cls(
            token_id=token_id,
            number=number,
            first_holder=first_holder,
            count=count,
            commitment=commitment,
            leaf=leaf,
            filing=filing,
            owner=owner,
            start=start,
            end=end,
            state=state,
            traded=traded,
            expires_at=expires_at,
            readings_root="0x" + root.hex(),
            filing_hash="0x" + filing_hash.hex(),
            hash="0x" + own_hash.hex(),
        )


@dataclass(frozen=True, slots=True)
class _Signature:
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@cache
def _signatures(contract: Contract) -> dict[str, _Signature]:
    file = resources.files("gecchain.chain") / "artifacts" / f"{_FILES[contract]}.json"
    functions = [item for item in orjson.loads(file.read_bytes())["abi"] if item["type"] == "function"]
    return {item["name"]: _signature(item) for item in functions}


def _signature(item: dict[str, Any]) -> _Signature:
    inputs = tuple(canonical_type(part) for part in item["inputs"])
    selector = keccak(f"{item['name']}({','.join(inputs)})".encode())[:4]
    return _Signature(selector, inputs, tuple(canonical_type(part) for part in item["outputs"]))


def canonical_type(part: dict[str, Any]) -> str:
    """The type of an ABI parameter as signatures spell it; structs as tuples."""
    kind = str(part["type"])
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(canonical_type(component) for component in part["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def data_of(view: View) -> bytes:
    """Call data. BadInput for arguments that do not fit."""
    signature = _signatures(view.contract)[view.function]
    try:
        return signature.selector + encoder_of(signature.inputs)(view.args)
    except EncodingError as error:
        raise BadInput(f"{view.function} does not take {view.args!r}.", field=view.function) from error


def answer_of(view: View, raw: bytes) -> tuple[Any, ...]:
    """The answer's values in order; structs are tuples. BrokenProof for an answer of another shape."""
    try:
        return decoder_of(_signatures(view.contract)[view.function].outputs)(raw)
    except (DecodingError, ValueError) as error:
        raise BrokenProof(f"{view.function} answers in another shape.", where=view.contract) from error
