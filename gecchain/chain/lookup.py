"""Many questions to the contracts at once: a call costs a node and us more than the answer, so `Lookup` answers many.

What `Lookup` cannot answer is asked by itself, so that the node's own words say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eth_abi.exceptions import DecodingError

from gecchain.chain.contracts import selector
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.chain.words import decoder_of, encoder_of
from gecchain.errors import BrokenProof

__all__ = ["Question", "ask"]

_AT_ONCE: Final = 128
_QUESTIONS: Final = ("(address,bytes)[]",)
_ANSWERS: Final = ("(bool,bytes)[]",)
Question = tuple[str, bytes]
"""A contract's address (0x hex) and call data."""


def ask(rpc: Rpc, lookup: str, questions: Sequence[Question], block: str) -> list[bytes | RpcError]:
    """What the contracts return, in the order of the questions; empty where there is no contract.

    `lookup` is the address of a `Lookup`, or empty. All are asked as of `block`, a number in hex or a tag.
    """
    if not lookup or len(questions) == 1:
        return _alone(rpc, questions, block)
    groups = [questions[first : first + _AT_ONCE] for first in range(0, len(questions), _AT_ONCE)]
    found = rpc.batch([_call(lookup, _asked(group), block) for group in groups])
    answers: list[bytes | RpcError] = []
    for group, result in zip(groups, found, strict=True):
        # Where the node refuses so large a call, or as of a block in which there was no `Lookup`.
        alone = isinstance(result, RpcError) or result == "0x"
        answers += _alone(rpc, group, block) if alone else _checked(rpc, group, str(result), block)
    return answers


def _asked(questions: Sequence[Question]) -> bytes:
    return selector("Lookup", "answers") + encoder_of(_QUESTIONS)([list(questions)])


def _checked(rpc: Rpc, questions: Sequence[Question], result: str, block: str) -> Iterator[bytes | RpcError]:
    try:
        (answers,) = decoder_of(_ANSWERS)(bytes.fromhex(result[2:]))
    except (DecodingError, ValueError) as error:
        raise BrokenProof("Lookup answers in another shape.", where="lookup") from error
    if len(answers) != len(questions):
        raise BrokenProof(f"Lookup gave {len(answers)} answers to {len(questions)} questions.", where="lookup")
    refused = iter(_alone(rpc, [one for one, (given, _) in zip(questions, answers, strict=True) if not given], block))
    for given, data in answers:
        yield data if given else next(refused)


def _alone(rpc: Rpc, questions: Sequence[Question], block: str) -> list[bytes | RpcError]:
    results = rpc.batch([_call(to, data, block) for to, data in questions])
    return [result if isinstance(result, RpcError) else bytes.fromhex(result[2:]) for result in results]


def _call(to: str, data: bytes, block: str) -> Call:
    return Call("eth_call", ({"to": to, "data": "0x" + data.hex()}, block))
