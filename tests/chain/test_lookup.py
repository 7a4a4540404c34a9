"""Many questions in one call are answered as one by one, whatever goes wrong with some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.chain import lookup, rpc
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.chain.views import View, data_of
from gecchain.errors import NotFound
from tests.chain.faults import proxy_to
from tests.world import World, node

VIEWS = (
    View("registry", "account", ("0x" + "11" * 20,)),
    View("registry", "laneOf", (7, 1)),
    View("readings", "commitments"),
    View("readings", "commitment", (9,)),
    View("certificates", "issuedTotal"),
    View("certificates", "facts", (5,)),
    View("certificates", "ownerOf", (5,)),
    View("certificates", "name"),
)
NOBODY = "0x" + "00" * 19 + "99"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("lookup")
    with node(folder) as url:
        world = World(url, folder / "home")
        yield world
        world.close()


def address_of(world: World, view: View) -> str:
    return str(getattr(world.context.deployment, view.contract))


def plain(answers: Sequence[bytes | RpcError]) -> list[Any]:
    return [(one.reply, one.data) if isinstance(one, RpcError) else one for one in answers]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.sampled_from([*VIEWS, None]), max_size=300))
def test_together_is_as_one_by_one(world: World, asked: list[View | None]) -> None:
    """`None` is a question to nobody."""
    questions = [(address_of(world, view), data_of(view)) if view else (NOBODY, b"\x01\x02\x03\x04") for view in asked]
    found = lookup.ask(world.context.rpc, world.context.deployment.lookup, questions, "latest")
    assert plain(found) == plain(lookup.ask(world.context.rpc, "", questions, "latest"))


def test_it_takes_one_request_for_a_hundred_questions(world: World) -> None:
    with proxy_to(world.url) as proxy, Rpc(proxy.url) as connection:
        reader = Reader(connection, world.context.deployment)
        found = reader.views([View("registry", "laneOf", (number, 1)) for number in range(100)])
        assert (len(found), proxy.requests) == (100, 1)
        old = Reader(connection, replace(world.context.deployment, lookup=""))
        assert old.views([View("registry", "laneOf", (number, 1)) for number in range(100)]) == found


def test_without_a_lookup_at_that_block_it_asks_one_by_one(world: World) -> None:
    questions = [(address_of(world, VIEWS[4]), data_of(VIEWS[4]))] * 3
    elsewhere = lookup.ask(world.context.rpc, NOBODY, questions, "latest")
    assert elsewhere == lookup.ask(world.context.rpc, "", questions, "latest")


def test_what_does_not_exist_is_named(world: World) -> None:
    with pytest.raises(NotFound, match=r"facts\(5,\) does not exist"):
        world.context.reader.views([VIEWS[0], VIEWS[5]])


def test_a_request_is_cut_at_a_megabyte(world: World) -> None:
    """anvil and others hang up on more than a few; every call counts with all that it holds."""
    call = Call("eth_call", ({"to": NOBODY, "data": "0x" + "00" * 100_000}, "latest"))
    with proxy_to(world.url) as proxy, Rpc(proxy.url) as connection:
        assert connection.batch([call] * 20) == ["0x"] * 20
        assert proxy.requests == 4


def test_a_question_that_a_block_overtook_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = RpcError("eth_call", -32000, rpc._BEHIND[0], "")
    once, said = Rpc._once, [[behind, "0x01"]]

    def answer(self: Rpc, calls: Sequence[Call]) -> list[Any]:
        return said.pop() if said else once(self, calls)

    monkeypatch.setattr(Rpc, "_once", answer)
    found = world.context.rpc.batch([Call("eth_chainId"), Call("eth_chainId")])
    assert found == [hex(world.context.deployment.chain_id), "0x01"]
