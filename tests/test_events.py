"""Events: documents go there and back, and positions order like the chain."""

import json
import re
from dataclasses import fields
from importlib import resources
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.chain.codec import SIGNATURES, topic_of
from gecchain.chain.views import canonical_type
from gecchain.events import (
    EVENTS,
    Claim,
    Event,
    PlatformAdmitted,
    Recorded,
    Serials,
    from_document,
    place_of,
    to_document,
)
from tests.ledger.strategies import events

EVENT = PlatformAdmitted("0x" + "11" * 20, 0)
CONTRACTS = ("Registry", "Readings", "Declarations", "Certificates", "Market", "Cases", "Relay")
# What OpenZeppelin's interfaces declare and our contracts never emit.
NOT_OURS = {"AuthorityUpdated", "EIP712DomainChanged", "Locked", "Unlocked", "Transfer", "Approval", "ApprovalForAll"}


def declared() -> dict[str, dict[str, Any]]:
    found = {}
    for name in CONTRACTS:
        text = (resources.files("gecchain.chain") / "artifacts" / f"{name}.json").read_bytes()
        found.update({item["name"]: item for item in orjson.loads(text)["abi"] if item["type"] == "event"})
    return {name: item for name, item in found.items() if name not in NOT_OURS}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def test_every_event_of_the_contracts_has_its_twin() -> None:
    assert set(declared()) == set(EVENTS) == set(SIGNATURES)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_twin_has_the_fields_and_types_of_the_abi(name: str) -> None:
    inputs = declared()[name]["inputs"]
    assert [field.name.rstrip("_") for field in fields(EVENTS[name])] == [snake(part["name"]) for part in inputs]
    assert list(SIGNATURES[name]) == [(canonical_type(part), part["indexed"]) for part in inputs]


def test_claim_has_the_fields_of_the_abi() -> None:
    components = declared()["Retired"]["inputs"][-1]["components"]
    assert [field.name.rstrip("_") for field in fields(Claim)] == [part["name"] for part in components]


def test_serials_have_the_fields_of_the_abi() -> None:
    doubtful = next(part for part in declared()["CaseOpened"]["inputs"] if part["name"] == "doubtful")
    assert [field.name for field in fields(Serials)] == [part["name"] for part in doubtful["components"]]


def test_erc_2309_has_the_standard_topic() -> None:
    # Given in ERC-2309 by its signature; the value is that of every explorer.
    expected = "0xdeaa91b6123d068f5821d0fb0678463d1a8a6079fe8af5de3ce5e896dcf9133d"
    assert topic_of("ConsecutiveTransfer") == expected


@given(events())
def test_documents_go_there_and_back(event: Event) -> None:
    text = json.dumps(to_document(event))
    assert from_document(type(event).__name__, json.loads(text)) == event


@given(events())
def test_documents_hold_only_integers_that_javascript_can_hold(event: Event) -> None:
    def walk(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, int):
            assert abs(value) < 1 << 53

    walk(to_document(event))


@given(*[st.tuples(st.integers(0, 1 << 38), st.integers(0, (1 << 24) - 1))] * 2)
def test_positions_order_as_the_chain_does(one: tuple[int, int], other: tuple[int, int]) -> None:
    first, second = (Recorded(*place, "0x", "0x", 0, EVENT) for place in (one, other))
    assert (first.position < second.position) == (one < other)
    assert place_of(first.position) == one
