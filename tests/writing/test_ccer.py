"""Certificates or CCER: what a project may choose, and what a registration does (Q12, Q66, Q79)."""

from __future__ import annotations

import pytest

from gecchain.ccer import choose_ccer, register_ccer, set_linkage
from gecchain.chain.views import View
from gecchain.errors import Refused
from gecchain.retirement import retire_due
from gecchain.rules import Range, RetirementReason, Technology
from tests.world import World, draft, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
DEEP = draft(800, Technology.DEEP_SEA_WIND)
OWNER = f"owner-{DEEP.owner_code}"


@pytest.fixture
def deep(world: World) -> World:
    world.file([DEEP])
    world.take_in(MONTH, [on_grid(DEEP, 10_000_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    return world


def standing(world: World) -> tuple[bool, bool]:
    chosen, registered = world.context.reader.view(View("registry", "ccerOf", (DEEP.key.id, MONTH.index)))
    return bool(chosen), bool(registered)


def test_chosen_registered_and_retired(deep: World) -> None:
    deployment, batch = deep.context.deployment, deep.batch(DEEP, MONTH)
    choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, True)
    with pytest.raises(Refused, match="stands still"):
        deep.call(OWNER, "Market", "list", batch, 0, 5, 450, 1)
    with pytest.raises(Refused, match="neither expired"):
        retire_due(deep.writer("anybody"), deployment, batch, Range(0, 10))
    register_ccer(deep.writer("ccer-registry"), deployment, DEEP.key.id, MONTH, MONTH, "CCER-2026-1")
    assert standing(deep) == (True, True)
    done = retire_due(deep.writer("anybody"), deployment, batch, Range(0, 10))
    assert (done.event.reason, done.event.holder) == (RetirementReason.CCER, deep.account(DEEP.owner))


def test_back_to_certificates(deep: World) -> None:
    deployment = deep.context.deployment
    choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, True)
    choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, False)
    deep.call(OWNER, "Market", "list", deep.batch(DEEP, MONTH), 0, 5, 450, 1)
    with pytest.raises(Refused, match="not turned to CCER"):
        register_ccer(deep.writer("ccer-registry"), deployment, DEEP.key.id, MONTH, MONTH, "CCER-1")


def test_registrations_that_cannot_be(deep: World) -> None:
    deployment, registry = deep.context.deployment, deep.writer("ccer-registry")
    choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, True)
    with pytest.raises(Refused, match="1 to 120"):
        register_ccer(registry, deployment, DEEP.key.id, MONTH, MONTH - 1, "CCER-1")
    with pytest.raises(Refused, match="no number"):
        register_ccer(registry, deployment, DEEP.key.id, MONTH, MONTH, "")
    with pytest.raises(Refused, match="does not have the role"):
        register_ccer(deep.writer("authority"), deployment, DEEP.key.id, MONTH, MONTH, "CCER-1")
    register_ccer(registry, deployment, DEEP.key.id, MONTH - 1, MONTH - 1, "CCER-1")
    with pytest.raises(Refused, match="used before"):
        register_ccer(registry, deployment, DEEP.key.id, MONTH, MONTH, "CCER-1")
    with pytest.raises(Refused, match="registered already"):
        register_ccer(registry, deployment, DEEP.key.id, MONTH - 1, MONTH, "CCER-2")


def test_who_may_choose_and_until_when(deep: World) -> None:
    deployment = deep.context.deployment
    plain = PLANTS[0]
    with pytest.raises(Refused, match="only deep-sea wind"):
        choose_ccer(deep.writer(f"owner-{plain.owner_code}"), deployment, plain.key.id, True)
    with pytest.raises(Refused, match="may not act"):
        choose_ccer(deep.writer("buyer"), deployment, DEEP.key.id, True)
    with pytest.raises(Refused, match="stands so already"):
        choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, False)
    set_linkage(deep.writer("authority"), deployment, MONTH.ends_at)
    with pytest.raises(Refused, match="has ended"):
        choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, True)
    set_linkage(deep.writer("authority"), deployment, 0)
    choose_ccer(deep.writer(OWNER), deployment, DEEP.key.id, True)


def test_ccer_at_the_command_line(deep: World, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--as", f"dev:{OWNER}"]
    months = ["--from", str(MONTH), "--until", str(MONTH)]
    assert deep.run("ccer", "choose", DEEP.code, *words) == 0
    assert deep.run("ccer", "register", DEEP.code, *months, "--number", "CCER-7") == 0
    assert standing(deep) == (True, True)
    assert deep.run("ccer", "withdraw", DEEP.code, *words) == 0
    assert standing(deep) == (False, True)
    status, told = deep.json(capsys, "ccer", "linkage")
    assert (status, told["error"]["field"]) == (2, "until")
    assert deep.run("ccer", "linkage", "--until", "2026-09-30") == 0
    assert deep.context.reader.view(View("registry", "ccerLinkageEnds"))[0] == 1_790_784_000
    assert deep.run("ccer", "linkage", "--unlimited") == 0
    assert deep.context.reader.view(View("registry", "ccerLinkageEnds"))[0] == 0
