"""The fixed-layout decoder against eth_abi's own encoding, for every event and random values."""

from dataclasses import astuple, fields

import pytest
from eth_abi.abi import encode
from hypothesis import given

from gecchain.chain.codec import IGNORED, SIGNATURES, decode_log, topic_of
from gecchain.errors import BrokenProof
from gecchain.events import Claim, Event, Serials
from tests.ledger.strategies import events


def plain(kind: str, value: object) -> object:
    if isinstance(value, Claim):
        return astuple(value)
    if isinstance(value, tuple):
        return [astuple(item) if isinstance(item, Serials) else item for item in value]
    if isinstance(value, str) and kind.startswith("bytes"):
        return bytes.fromhex(value[2:])
    return value


def log_of(event: Event) -> tuple[list[str], str]:
    name = type(event).__name__
    values = [getattr(event, field.name) for field in fields(event)]
    pairs = [
        ((kind, indexed), plain(kind, value)) for (kind, indexed), value in zip(SIGNATURES[name], values, strict=True)
    ]
    topics = ["0x" + encode([kind], [value]).hex() for (kind, indexed), value in pairs if indexed]
    rest = [(kind, value) for (kind, indexed), value in pairs if not indexed]
    data = encode([kind for kind, _value in rest], [value for _kind, value in rest])
    return [topic_of(name), *topics], "0x" + data.hex()


@given(events())
def test_every_log_decodes_to_its_event(event: Event) -> None:
    assert decode_log(*log_of(event)) == event


@given(events())
def test_a_log_that_is_cut_short_is_refused(event: Event) -> None:
    topics, data = log_of(event)
    with pytest.raises(BrokenProof):
        decode_log(topics[:-1] if len(topics) > 1 else [], data)


def test_an_unknown_log_is_refused_and_authority_is_ignored() -> None:
    with pytest.raises(BrokenProof):
        decode_log(["0x" + "ab" * 32], "0x")
    assert decode_log([IGNORED], "0x" + "00" * 32) is None
