"""Issuing on real contracts: what is planned is minted, and what is refused was foretold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.chain.codec import decode_log
from gecchain.chain.views import View
from gecchain.chain.writer import Writer
from gecchain.cli.issue import source_files
from gecchain.errors import NotFound, Refused
from gecchain.events import LeafRefused, ReadingsCommitted
from gecchain.evidence import EvidenceRoom
from gecchain.issuance import Line, Plan, Report, issue_month, lines_of, plan_month
from gecchain.issuance.committing import leaf_of
from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.derived import SettlementRow, write_settlement_table
from gecchain.oracle.intake import take_in
from gecchain.oracle.owners import made_up_uscc
from gecchain.oracle.plants import FilingDraft
from gecchain.proofs import Leaf, Tree, keccak256
from gecchain.rules import Electricity, LeafRefusal, Month, ProjectKey, Technology
from gecchain.store import open_engine
from gecchain.store.intake import SqlJournal, migrate
from tests.world import World, draft, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
OLD = MONTH - 32
_E = TypeVar("_E")


def plan_of(world: World, month: Month = MONTH) -> Plan:
    return plan_month(world.context.readings, world.context.reader, month)


def planned_lines(world: World, month: Month = MONTH) -> list[Line]:
    return list(lines_of(world.context.readings, world.context.reader, month))


def issue(
    world: World, plan: Plan, authority: Writer | None = None, providers: Mapping[str, Writer] | None = None
) -> Report:
    """With the keys of roles.json, unless others are given."""
    known = {name: world.context.writer(key) for name, key in world.context.roles.providers.items()}
    return issue_month(
        plan,
        world.context.readings,
        authority or world.writer("authority"),
        known if providers is None else providers,
        world.context.reader,
        evidence_of=source_files(world.context).evidence_of,
    )


@dataclass(frozen=True)
class Case:
    """A project and its reading; `fate` is what stands in the way."""

    fate: str
    technology: Technology
    electricity: Electricity
    wh: int


FATES = ("", "", "unfiled", "waiting", "frozen", "issued", "issued later", "left a rest", "connected later")
CASES = st.lists(
    st.builds(
        Case,
        st.sampled_from(
            ["", "", "unfiled", "waiting", "frozen", "issued", "issued later", "left a rest", "connected later"]
        ),
        st.sampled_from([Technology.SOLAR_PV, Technology.HYDRO, Technology.WIND, Technology.PUMPED_STORAGE]),
        st.sampled_from(list(Electricity)),
        st.one_of(st.integers(0, 3_000_000), st.integers(0, 10**12), st.just(999_999_999_999_999)),
    ),
    min_size=1,
    max_size=8,
)
GOOD = Case("", Technology.SOLAR_PV, Electricity.ON_GRID, 1_500_000)  # else the chunk is refused without reasons
NUMBERS = iter(range(1_000, 900_000, 10))


def draft_of(case: Case, number: int) -> FilingDraft:
    one = draft(number, case.technology)
    owner = f"Frozen {number}" if case.fate == "frozen" else one.owner
    connected = OLD + 1 if case.fate == "connected later" else one.in_operation
    return replace(one, owner=owner, owner_code=made_up_uscc(owner), in_operation=connected)


def take_anything(world: World, month: Month, rows: Sequence[SettlementRow], mark: str) -> None:
    """Into the store past the checks of the intake, which knows the register only as it was then."""
    known = {row.code: facts_of(row.code) for row in rows}
    path = world.home / f"{month}-{mark}.csv"
    write_settlement_table(path, month, (replace(row, provider="Grid A") for row in rows))
    source_files(world.context).take(path)
    taken = take_in(path, world.context.sink, MappingProxyType(known), datetime.now(UTC), provider="Grid A")
    assert taken.accepted == len(rows)


def facts_of(code: str) -> ProjectFacts:
    key = ProjectKey.parse(code)
    return ProjectFacts(
        code=code,
        id=key.id,
        technology=Technology.SOLAR_PV,
        approved=True,
        in_operation=Month.of(2010, 1),
        capacity_kw=4_000_000_000,
        province=key.province,
        market_based=False,
    )


def answer_of_the_contract(world: World, lines: Sequence[Line]) -> list[LeafRefusal | None]:
    """What the contract makes of every reading, refused ones too; the chain is taken back."""
    snapshot = world.context.rpc.request("evm_snapshot")
    readings = [line.reading for line in lines]
    tree = Tree.of(Leaf(one.project, one.electricity, one.wh, one.digest) for one in readings)
    total = sum(one.wh for one in readings)
    made = world.call("Grid A", "Readings", "commit", OLD.index, tree.root, tree.count, total, b"\1" * 32, 0)
    (number,) = [event.commitment for event in events_of(made, ReadingsCommitted)]
    refused = refused_leaves(world, number, tree)
    world.context.rpc.request("evm_revert", snapshot)
    return [refused.get(at) for at in range(len(readings))]


def refused_leaves(world: World, commitment: int, tree: Tree) -> dict[int, LeafRefusal]:
    """Leaves of a small commitment that the contract refuses; one of them at least is good."""
    chunk = tree.chunk(0)
    arguments = [commitment, 0, list(chunk.leaves), list(chunk.proof)]
    done = world.call("authority", "Certificates", "issue", *arguments)
    return {event.leaf: LeafRefusal.of_number(event.reason) for event in events_of(done, LeafRefused)}


def events_of(receipt: Any, kind: type[_E]) -> list[_E]:
    found = [decode_log(log["topics"], log["data"]) for log in receipt.logs]
    return [event for event in found if isinstance(event, kind)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cases=CASES.map(lambda cases: [*cases, GOOD]))
def test_what_is_refused_was_foretold_and_what_is_planned_is_minted(world: World, cases: list[Case]) -> None:
    first = next(NUMBERS)
    drafts = [draft_of(case, first + at) for at, case in enumerate(cases)]
    prepare(world, drafts, cases, str(first))
    plan = plan_of(world, OLD)
    codes = {one.code for one in drafts}
    lines = [line for line in planned_lines(world, OLD) if line.reading.code in codes and not line.issued]
    if lines:
        assert answer_of_the_contract(world, lines) == [line.refusal for line in lines]
    report = issue(world, plan)
    assert report.minted == report.asked == plan.certificates
    assert dict(report.refused) == {line.reading.code: line.refusal for line in plan.refused}
    again = plan_of(world, OLD)
    assert again.to_issue == 0
    assert issue(world, again).transactions == []


def prepare(world: World, drafts: Sequence[FilingDraft], cases: Sequence[Case], mark: str) -> None:
    together = list(zip(drafts, cases, strict=True))
    world.file([one for one, case in together if case.fate not in ("unfiled", "waiting")])
    world.file([one for one, case in together if case.fate == "waiting"], review=False)
    for fate, month in (("issued", OLD), ("issued later", MONTH), ("left a rest", OLD - 1)):
        rows = [on_grid(one, 999_999, case.electricity) for one, case in together if case.fate == fate]
        if rows:
            take_anything(world, month, rows, f"{mark}-{fate}")
            issue(world, plan_of(world, month))
    frozen = {world.account(one.owner) for one, case in together if case.fate == "frozen"}
    known = [account for account in frozen if world.context.reader.view(View("registry", "account", (account,)))[0][1]]
    for account in known:
        world.call("authority", "Registry", "setFrozen", account, True, "test")
    rows = [on_grid(one, case.wh, case.electricity) for one, case in together if case.fate != "issued"]
    if rows:
        take_anything(world, OLD, rows, mark)


def test_a_revision_before_issuing_replaces(world: World) -> None:
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in PLANTS])
    commit_only(world)
    assert world.take_in(MONTH, [on_grid(PLANTS[0], 7_000_000)], mark="revised").replaced == 1
    plan = plan_of(world)
    assert (plan.lots[0].commitment, plan.lots[0].replaces) == (None, 1)
    report = issue(world, plan)
    assert report.minted == 7 + 2 * (len(PLANTS) - 1)
    assert world.context.reader.commitment(1)[5] == 2
    with pytest.raises(Refused, match="replaced this commitment"):
        issue_first(world)


def commit_only(world: World) -> None:
    """The provider commits, and the authority's key is missing in the register of roles: it stops there."""
    stranger = world.writer("nobody")
    providers = {"Grid A": world.writer("Grid A")}
    with pytest.raises(Refused, match="does not have the role"):
        issue(world, plan_of(world), stranger, providers)


def issue_first(world: World) -> None:
    (prepared, *_rest) = world.context.readings.commitments(MONTH, "Grid A")
    leaves = world.context.readings.leaves_of(prepared.id)
    tree = Tree.of(map(leaf_of, leaves))
    chunk = tree.chunk(0)
    world.call("authority", "Certificates", "issue", 1, 0, list(chunk.leaves), list(chunk.proof))


def test_a_revision_of_a_partly_issued_month_touches_nothing_issued(world: World) -> None:
    late = PLANTS[1]
    sharing = [one for one in PLANTS if one.owner == late.owner]
    others = [one for one in PLANTS if one.owner != late.owner]
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in others])
    assert issue(world, plan_of(world)).minted == 2 * len(others)
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in sharing], mark="late")
    commit_only(world)
    world.reopen()
    revised = world.take_in(MONTH, [on_grid(late, 9_000_000), on_grid(others[0], 9_000_000)], mark="revised")
    assert (revised.replaced, revised.refusals) == (1, {"ALREADY_ISSUED": 1})
    plan = plan_of(world)
    assert plan.lots[0].replaces == 2
    assert {line.reading.code for line in planned_lines(world) if line.is_open} == {one.code for one in sharing}
    assert issue(world, plan).minted == 9 + 2 * (len(sharing) - 1)
    assert world.context.reader.view(View("certificates", "batchOf", (world.batch(others[0], MONTH),)))[0][1] == 2
    assert plan_of(world).to_issue == 0


def test_without_the_providers_key_nothing_is_sent(world: World) -> None:
    world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)], "Grid B")
    world.take_in(MONTH, [on_grid(PLANTS[1], 2_500_000)])
    head = world.context.reader.head()
    providers = {"Grid A": world.writer("Grid A")}
    with pytest.raises(NotFound, match="Grid B"):
        issue(world, plan_of(world), providers=providers)
    assert world.context.reader.head() == head


def test_a_provider_who_is_refused_holds_up_nobody_else(world: World) -> None:
    world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)], "Grid B")
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in PLANTS[1:]])
    providers = {"Grid A": world.writer("Grid A"), "Grid B": world.writer("nobody")}
    with pytest.raises(Refused, match=r"by Grid B was refused: .*role"):
        issue(world, plan_of(world), providers=providers)
    assert world.context.reader.view(View("certificates", "issuedTotal"))[0] == 2 * (len(PLANTS) - 1)
    assert plan_of(world).to_issue == 1


def test_a_prepared_commitment_that_was_never_sent_is_used_again(world: World) -> None:
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in PLANTS])
    providers = {"Grid A": world.writer("nobody")}
    for _try in range(2):
        with pytest.raises(Refused, match="role"):
            issue(world, plan_of(world), providers=providers)
    assert len(world.context.readings.commitments(MONTH, "Grid A")) == 1
    assert issue(world, plan_of(world)).minted == 2 * len(PLANTS)


def test_two_issuers_from_two_homes_do_no_harm(world: World, tmp_path: Path) -> None:
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in PLANTS])
    plan = plan_of(world)
    assert issue(world, plan).minted == 2 * len(PLANTS)
    engine = open_engine(f"sqlite:///{tmp_path}/other.db")
    migrate(engine)

    def elsewhere(name: str) -> Writer:
        return Writer(world.context.rpc, 20_300, world.context.signer(f"dev:{name}"), SqlJournal(engine))

    with pytest.raises(Refused, match="issued already or refused"):
        issue(world, plan, elsewhere("authority"), {"Grid A": elsewhere("Grid A")})
    engine.dispose()
    assert world.context.reader.view(View("certificates", "issuedTotal"))[0] == 2 * len(PLANTS)
    assert plan_of(world).to_issue == 0


def test_a_commitments_evidence_lists_its_files(world: World) -> None:
    """The evidence is the hash of a file of the evidence room, which names every file behind the readings."""
    first = world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)], mark="first")
    world.take_in(MONTH, [on_grid(PLANTS[1], 2_500_000)], mark="second")
    issue(world, plan_of(world))
    room = EvidenceRoom(world.context.settings.evidence_location)
    listed = b"".join(room.get(world.context.reader.commitment(1)[1]))
    digests = [listed[at : at + 32] for at in range(0, len(listed), 32)]
    assert digests == sorted(digests)
    contents = [b"".join(room.get(digest)) for digest in digests]
    assert [keccak256(content) for content in contents] == digests
    tables = [world.home / f"{MONTH}-Grid A-{mark}.csv" for mark in ("first", "second")]
    assert sorted(contents) == sorted(path.read_bytes() for path in tables)
    assert first.sha256 in {hashlib.sha256(content).hexdigest() for content in contents}


def test_a_file_that_the_room_has_lost_is_asked_for(world: World) -> None:
    world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)])
    for note in (world.home / "sources").iterdir():
        note.unlink()
    head = world.context.reader.head()
    with pytest.raises(NotFound, match="is not in the evidence room"):
        issue(world, plan_of(world))
    assert world.context.reader.head() == head
    assert world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)]).known
    assert issue(world, plan_of(world)).minted == 2
