"""Issuing (核发): Q21 to Q36."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.chain.deploying import Role
from gecchain.events import Declared, Issued, LeafRefused, Moved, Traded
from gecchain.oracle.checks import ProjectFacts, check, check_sheet
from gecchain.oracle.codes import Code
from gecchain.oracle.intake import take_in
from gecchain.oracle.reading import Reading, Refusal, Sheet, Source
from gecchain.oracle.settlement_tables import parse_row
from gecchain.oracle.source import Row
from gecchain.rules import (
    CertificateState,
    DeclarationStage,
    Electricity,
    LeafRefusal,
    Month,
    ProjectKey,
    ProjectType,
    Technology,
    expires_at,
)
from gecchain.store.engine import open_engine
from gecchain.store.intake import IntakeSink, migrate
from tests.differential.trees import PlainTree
from tests.questions.cast import (
    AGENT,
    BASIS,
    BUYER,
    CERTIFICATE,
    KEYS,
    LANDFILL,
    NEW_HYDRO,
    NOW,
    OLD_HYDRO,
    OTHER_OWNER,
    OWNER,
    PROVINCE,
    SEPTEMBER,
    STORAGE,
    WIND,
    Settlement,
    batch,
    key,
    papers,
    party,
    reading,
)
from tests.questions.world import World, only

NEW_WIND, AUGUST, OCTOBER = key(Technology.WIND, 99), SEPTEMBER - 1, SEPTEMBER + 1
DESCRIBED = ProjectKey.from_id(WIND)
FACTS = ProjectFacts(DESCRIBED.code, WIND, Technology.WIND, True, Month.of(2020, 1), 50_000, 15)
READING = Reading(DESCRIBED.code, WIND, SEPTEMBER, Electricity.ON_GRID, 10**9, "Grid", Sheet("S1"), Source("00", 2))
IN_OCTOBER = datetime(2026, 10, 15, tzinfo=UTC)


def test_q21_no_filing_no_certificate(world: World) -> None:
    """Filing comes before issuing: a project without an approved one gets nothing, and the oracle says so first."""
    leaves = [reading(NEW_WIND, 5 * CERTIFICATE)]
    number = world.commit(SEPTEMBER, *leaves)
    assert world.refused(Role.AUTHORITY, "Certificates.issue", number, 0, leaves, []) == "NothingToIssue"
    world.done(Role.REGISTRAR, "Registry.submit", [papers(NEW_WIND)])
    assert world.refused(Role.AUTHORITY, "Certificates.issue", number, 0, leaves, []) == "NothingToIssue"
    world.done(PROVINCE.key, "Registry.review", [papers(NEW_WIND)], True, "")
    world.done(Role.AUTHORITY, "Certificates.issue", number, 0, leaves, [])
    assert world.count(batch(NEW_WIND)) == 5
    unknown = check(READING, {}, IN_OCTOBER)
    waiting = check(READING, {FACTS.code: replace(FACTS, approved=False)}, IN_OCTOBER)
    assert isinstance(unknown, Refusal)
    assert isinstance(waiting, Refusal)
    assert (unknown.code, waiting.code) == (Code.UNKNOWN_PROJECT, Code.PROJECT_NOT_APPROVED)


def test_q21_the_code_is_the_projects_identity_for_life(world: World) -> None:
    """A later filing under another owner changes facts, not the code, and what was issued stays that project's."""
    number = world.facts(0).number
    world.file(papers(WIND, OTHER_OWNER, capacity_kw=60_000))
    assert world.facts(0).number == number
    assert number.startswith(ProjectKey.from_id(WIND).code)


def test_q22_all_electricity_of_all_renewables_gets_certificates(world: World) -> None:
    """Wind, sun, hydro, biomass, geothermal and ocean energy; fed in, used by the producer, off the grid."""
    renewables = [one for one in Technology if one not in (Technology.PUMPED_STORAGE, Technology.STORAGE)]
    projects = [key(technology, 200) for technology in renewables]
    world.file(*(papers(project) for project in projects))
    leaves = [reading(project, 3 * CERTIFICATE, use) for project in projects for use in Electricity]
    found = only(world.issue(SEPTEMBER, *leaves), Issued)
    assert found.issued == (1 << len(renewables) * len(Electricity)) - 1


TRADED = pytest.mark.parametrize(
    ("technology", "use", "in_operation", "market_based", "tradable"),
    [
        (Technology.WIND, Electricity.ON_GRID, "2012-01", False, True),
        (Technology.SOLAR_PV, Electricity.ON_GRID, "2012-01", False, True),
        (Technology.BIOMASS, Electricity.ON_GRID, "2012-01", False, True),
        (Technology.GEOTHERMAL, Electricity.ON_GRID, "2012-01", False, True),
        (Technology.OCEAN, Electricity.ON_GRID, "2012-01", False, True),
        (Technology.HYDRO, Electricity.ON_GRID, "2023-01", True, True),
        (Technology.HYDRO, Electricity.ON_GRID, "2022-12", True, False),
        (Technology.HYDRO, Electricity.ON_GRID, "2023-01", False, False),
        (Technology.WIND, Electricity.SELF_USE, "2012-01", False, False),
        (Technology.WIND, Electricity.OFF_GRID, "2012-01", False, False),
    ],
)


@TRADED
def test_q23_what_is_tradable(
    world: World, technology: Technology, use: Electricity, in_operation: str, market_based: bool, tradable: bool
) -> None:
    """On-grid electricity is; hydro only from 2023 and fully market-based; self-used and stock hydro are not."""
    project = key(technology, 300)
    world.file(papers(project, in_operation=Month.parse(in_operation).index, market_based=market_based))
    world.issue(SEPTEMBER, reading(project, 2 * CERTIFICATE, use))
    made = batch(project, electricity=use, tradable=tradable)
    assert world.count(made) == 2
    assert world.count(batch(project, electricity=use, tradable=not tradable)) == 0
    assert (world.facts(0, made).number[-1] == "T") == tradable


def test_q23_what_is_not_tradable_is_never_listed(world: World) -> None:
    """Its holder cannot put it on sale, nor sell it by settlement."""
    own, stock = batch(WIND, electricity=Electricity.SELF_USE, tradable=False), batch(OLD_HYDRO, tradable=False)
    assert world.refused(OWNER.key, "Market.list", own, 0, 10, 350, 1) == "NotTradable"
    assert world.refused(PROVINCE.key, "Market.list", stock, 0, 10, 350, 1) == "NotTradable"
    world.list(0, 10, of=batch(NEW_HYDRO))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(energies=st.lists(st.integers(0, 3_000_000), min_size=1, max_size=5))
def test_q24_what_is_below_a_certificate_is_carried_to_the_next_month(energies: list[int]) -> None:
    """Metered = 1000 kWh x issued + carry, whatever the months bring; 1000 kWh are one certificate."""
    world = World()
    world.file(papers(NEW_WIND))
    for index, wh in enumerate(energies):
        world.issue(Month.of(2026, 1) + index, reading(NEW_WIND, wh))
    issued = sum(world.count(batch(NEW_WIND, Month.of(2026, 1) + index)) for index in range(len(energies)))
    carry = world.ask("Registry.laneOf", NEW_WIND, 0) & 0xFFFFF
    assert 0 <= carry < CERTIFICATE
    assert sum(energies) == issued * CERTIFICATE + carry


def test_q25_nothing_is_issued_but_from_committed_readings(world: World) -> None:
    """The authority cannot issue what no provider stands for; only providers commit; declaring needs evidence."""
    leaves = (reading(WIND, CERTIFICATE),)
    assert world.refused(Role.AUTHORITY, "Certificates.issue", 9, 0, leaves, []) == "CommitmentUnknown"
    number = world.commit(AUGUST, *leaves)
    more = (reading(WIND, 2 * CERTIFICATE),)
    assert world.refused(Role.AUTHORITY, "Certificates.issue", number, 0, more, []) == "ChunkNotInCommitment"
    commit = (AUGUST.index, PlainTree.over(leaves).root, 1, CERTIFICATE, BASIS, 0)
    for caller in (KEYS[Role.AUTHORITY], KEYS[Role.INFO_CENTRE], OWNER.key):
        assert world.refused(caller, "Readings.commit", *commit) == "AccessManagedUnauthorized"
    assert world.refused(OWNER.key, "Declarations.declare", AUGUST.index, leaves[0], bytes(32)) == "EvidenceZero"


def test_q26_pushed_data_are_issued_without_an_application(world: World) -> None:
    """Provider and authority are enough: the owner does nothing."""
    world.issue(AUGUST, reading(WIND, 7 * CERTIFICATE))
    assert world.at(0, batch(WIND, AUGUST)).owner == OWNER.account


def _declared(world: World, leaf: int, who: str = OWNER.key) -> str:
    return str(only(world.done(who, "Declarations.declare", AUGUST.index, leaf, BASIS), Declared).declaration)


def _stage(world: World, declaration: str) -> DeclarationStage:
    return DeclarationStage.of_number(world.ask("Declarations.stageOf", int(declaration, 16)))


def test_q26_declared_data_pass_two_checks(world: World) -> None:
    """The information centre checks first, the authority checks again, and only then is it issued."""
    leaf = reading(WIND, 8 * CERTIFICATE, digest=1)
    declaration = _declared(world, leaf)
    again = (AUGUST.index, [leaf], [BASIS], True, "")
    assert world.refused(Role.AUTHORITY, "Declarations.recheck", *again) == "StageIs"
    first = ([bytes.fromhex(declaration[2:])], True, "")
    assert world.refused(Role.AUTHORITY, "Declarations.check", *first) == "AccessManagedUnauthorized"
    world.done(Role.INFO_CENTRE, "Declarations.check", *first)
    assert world.refused(Role.INFO_CENTRE, "Declarations.recheck", *again) == "AccessManagedUnauthorized"
    number = int.from_bytes(world.done(Role.AUTHORITY, "Declarations.recheck", *again).answer, "big")
    assert _stage(world, declaration) is DeclarationStage.ACCEPTED
    world.done(Role.AUTHORITY, "Certificates.issue", number, 0, [leaf], [])
    assert world.count(batch(WIND, AUGUST)) == 8


@pytest.mark.parametrize("checker", [Role.INFO_CENTRE, Role.AUTHORITY])
def test_q26_what_fails_a_check_goes_back_with_a_reason(world: World, checker: Role) -> None:
    """Either check can send a declaration back, never without a reason; put right, it may come again."""
    leaf = reading(WIND, 8 * CERTIFICATE)
    declaration = _declared(world, leaf)
    word = bytes.fromhex(declaration[2:])
    if checker is Role.INFO_CENTRE:
        assert world.refused(checker, "Declarations.check", [word], False, "") == "ReasonEmpty"
        world.done(checker, "Declarations.check", [word], False, "the sheet is unreadable")
    else:
        world.done(Role.INFO_CENTRE, "Declarations.check", [word], True, "")
        back = (AUGUST.index, [leaf], [BASIS], False)
        assert world.refused(checker, "Declarations.recheck", *back, "") == "ReasonEmpty"
        found = world.done(checker, "Declarations.recheck", *back, "the meter's certificate is of another year")
        assert int.from_bytes(found.answer, "big") == 0
    assert _stage(world, declaration) is DeclarationStage.SENT_BACK
    assert _declared(world, leaf) == declaration


def test_q27_a_month_is_issued_in_the_next_one_and_once() -> None:
    """Its readings are committed after its last second in Beijing; nothing is issued for it twice."""
    world = World()
    leaves = (reading(WIND, 4 * CERTIFICATE),)
    commit = (OCTOBER.index, PlainTree.over(leaves).root, 1, 4 * CERTIFICATE, BASIS, 0)
    world.go_to(OCTOBER.ends_at - 1)
    assert world.refused(Role.PROVIDER, "Readings.commit", *commit) == "MonthNotEnded"
    world.go_to(OCTOBER.ends_at)
    world.issue(OCTOBER, *leaves)
    number = world.commit(OCTOBER, reading(WIND, 5 * CERTIFICATE), reading(LANDFILL, CERTIFICATE))
    again = [reading(WIND, 5 * CERTIFICATE), reading(LANDFILL, CERTIFICATE)]
    found = only(world.done(Role.AUTHORITY, "Certificates.issue", number, 0, again, []), LeafRefused)
    assert (found.leaf, found.reason) == (0, LeafRefusal.MONTH_ALREADY_ISSUED)
    assert world.count(batch(WIND, OCTOBER)) == 4


@pytest.mark.parametrize(
    ("month", "last_second"),
    [
        ("2026-09", "2028-09-30 23:59:59"),
        ("2024-08", "2026-08-31 23:59:59"),
        ("2024-01", "2026-01-31 23:59:59"),
        ("2023-12", "2025-12-31 23:59:59"),
    ],
)
def test_q28_valid_for_two_years_from_the_production_month(month: str, last_second: str) -> None:
    """To the last second of the month two years later, Beijing time; before 2024 to the end of 2025."""
    end = int(datetime.fromisoformat(f"{last_second}+08:00").timestamp()) + 1
    assert expires_at(Month.parse(month)) == end
    if month == "2026-09":
        world = World()
        world.go_to(end - 1)
        world.list(0, 10)
        world.go_to(end)
        assert world.facts(0).expires_at == end
        assert world.refused(OWNER.key, "Market.list", batch(WIND), 20, 30, 350, 1) == "Expired"


def test_q29_green_power_moves_what_was_issued_before(world: World) -> None:
    """Its certificates are issued as all others, before any trade; the settlement moves them to the user."""
    item = Settlement(month=AUGUST.index, ranges=((batch(WIND, AUGUST), 0, 10),))
    early = world.done(Role.EXCHANGE, "Market.settle", [item])
    assert not any(isinstance(event, Traded) for event in early.events)
    world.issue(AUGUST, reading(WIND, 10 * CERTIFICATE))
    assert world.at(0, batch(WIND, AUGUST)).owner == OWNER.account
    world.done(Role.EXCHANGE, "Market.settle", [item])
    assert world.at(0, batch(WIND, AUGUST)) == (0, 10, BUYER.account, CertificateState.HELD, True)


@given(parts=st.lists(st.integers(0, 10**12), min_size=1, max_size=5), off=st.integers(-2, 2))
def test_q30_shared_sheet_adds_up(parts: list[int], off: int) -> None:
    """The split of one settlement sheet among several projects equals the sheet, to the Wh."""
    assert check_sheet(sum(parts), sum(parts) + off, sum(parts) + off) == (Code.SHEET_SPLIT if off else None)


@pytest.mark.parametrize(("second", "refused"), [("199.5", 0), ("199.499", 2)])
def test_q30_shared_sheet_is_taken_whole_or_not_at_all(tmp_path: Path, second: str, refused: int) -> None:
    """All rows of a sheet whose split does not add up are refused, also those that are right by themselves."""
    other = replace(FACTS, id=LANDFILL, code=ProjectKey.from_id(LANDFILL).code, technology=Technology.LANDFILL_GAS)
    lines = ["project,month,class,kwh,provider,sheet,sheet_kwh"]
    lines += [f"{one.code},2026-09,on_grid,{kwh},Grid,S1,300" for one, kwh in ((FACTS, "100.5"), (other, second))]
    path = tmp_path / "sheet.csv"
    path.write_text("\n".join(lines) + "\n")
    engine = open_engine(f"sqlite:///{tmp_path}/intake.db")
    migrate(engine)
    found = take_in(path, IntakeSink(engine), {one.code: one for one in (FACTS, other)}, IN_OCTOBER)
    engine.dispose()
    assert (found.refused, found.accepted) == (refused, 2 - refused)
    assert dict(found.refusals) == ({"SHEET_SPLIT": 2} if refused else {})


def test_q31_landfill_gas_is_biomass(world: World) -> None:
    """It gets certificates, tradable ones, and its number says biomass."""
    assert world.count(batch(LANDFILL)) == 100
    assert world.facts(0, batch(LANDFILL)).number[1] == "B"
    world.list(0, 10, of=batch(LANDFILL))


def test_q32_no_certificates_for_heat_and_storage(world: World) -> None:
    """Heat is no class of electricity, at the oracle's door nor in the contract; storage only gives back."""
    cells = {"project": FACTS.code, "month": "2026-09", "class": "供热", "kwh": "1", "provider": "Grid", "sheet": "S"}
    found = parse_row(Row(2, cells), {name: name for name in cells}, "00")
    assert isinstance(found, Refusal)
    assert found.code is Code.UNKNOWN_CLASS
    leaves = [reading(WIND, CERTIFICATE, 4), reading(STORAGE, CERTIFICATE)]
    number = world.commit(AUGUST, *leaves, reading(LANDFILL, CERTIFICATE))
    issue = (number, 0, [*leaves, reading(LANDFILL, CERTIFICATE)], [])
    made = world.done(Role.AUTHORITY, "Certificates.issue", *issue)
    refusals = [event.reason for event in made.events if isinstance(event, LeafRefused)]
    assert refusals == [LeafRefusal.NOT_ISSUABLE, LeafRefusal.NOT_ISSUABLE]


def test_q33_self_used_electricity_is_pushed_or_declared(world: World) -> None:
    """Either way it gets certificates that cannot be traded, of the producer's own; on proof they go to the user."""
    own = batch(WIND, electricity=Electricity.SELF_USE, tradable=False)
    assert world.at(0, own).owner == OWNER.account
    leaf = reading(WIND, 6 * CERTIFICATE, Electricity.SELF_USE)
    word = bytes.fromhex(_declared(world, leaf)[2:])
    world.done(Role.INFO_CENTRE, "Declarations.check", [word], True, "")
    found = world.done(Role.AUTHORITY, "Declarations.recheck", AUGUST.index, [leaf], [BASIS], True, "")
    world.done(Role.AUTHORITY, "Certificates.issue", int.from_bytes(found.answer, "big"), 0, [leaf], [])
    assert world.count(batch(WIND, AUGUST, Electricity.SELF_USE, tradable=False)) == 6
    moved = world.done(Role.AUTHORITY, "Certificates.move", own, 0, 5, BUYER.account, 3, BASIS)
    assert only(moved, Moved).to == BUYER.account
    assert world.refused(Role.AUTHORITY, "Certificates.move", batch(WIND), 0, 5, BUYER.account, 3, BASIS) == (
        "MoveNotAllowed"
    )


def test_q34_local_grids_hand_in_through_a_provider(world: World) -> None:
    """A local grid commits nothing itself; its plants come in a provider's commitment, and in nobody else's file."""
    local, plant = party("local grid"), key(Technology.SOLAR_PV, 400, kind=ProjectType.DISTRIBUTED)
    leaf = reading(plant, 3 * CERTIFICATE)
    commit = (SEPTEMBER.index, PlainTree.over((leaf,)).root, 1, 3 * CERTIFICATE, BASIS, 0)
    assert world.refused(local.key, "Readings.commit", *commit) == "AccessManagedUnauthorized"
    world.file(papers(plant, OTHER_OWNER))
    world.issue(SEPTEMBER, leaf)
    assert world.at(0, batch(plant)).owner == OTHER_OWNER.account
    cells = {"project": FACTS.code, "month": "2026-09", "class": "G", "kwh": "1", "provider": "Grid", "sheet": "S"}
    found = parse_row(Row(2, cells), {name: name for name in cells}, "00", provider="Another Grid")
    assert isinstance(found, Refusal)
    assert found.code is Code.PROVIDER_MISMATCH


def test_q35_a_household_is_issued_for_by_itself(world: World) -> None:
    """Filed once, its certificates come from pushed data; the chain knows no name of the person."""
    roof, person = key(Technology.SOLAR_PV, 500, kind=ProjectType.HOUSEHOLD), party("a person")
    world.file(papers(roof, person, owner_name="", capacity_kw=20))
    world.issue(SEPTEMBER, reading(roof, 2_400_000))
    assert world.at(0, batch(roof)) == (0, 2, person.account, CertificateState.HELD, False)
    assert world.facts(0, batch(roof)).number.startswith("HS")


def _mandate(world: World, *, until: int = NOW + 86_400) -> None:
    world.done(OWNER.key, "Registry.fileMandate", OWNER.account, AGENT.account, NOW, until, BASIS)


def test_q36_an_agent_declares_and_the_principal_is_frozen(world: World) -> None:
    """Under a filed mandate the agent hands in readings for the owner; the owner's own key does not act meanwhile."""
    declare = (AUGUST.index, reading(WIND, CERTIFICATE), BASIS)
    assert world.refused(AGENT.key, "Declarations.declare", *declare) == "MayNotAct"
    _mandate(world)
    assert world.refused(OWNER.key, "Declarations.declare", *declare) == "MayNotAct"
    found = only(world.done(AGENT.key, "Declarations.declare", *declare), Declared)
    assert (found.owner, found.caller) == (OWNER.account, AGENT.key)


def test_q36_a_mandate_needs_an_agreement_and_a_registered_agent(world: World) -> None:
    """The agreement's hash is filed, and the agent has an agent's account; pushed data need no agent."""
    period = (NOW, NOW + 86_400)
    none = (OWNER.account, AGENT.account, *period, bytes(32))
    assert world.refused(OWNER.key, "Registry.fileMandate", *none) == "EvidenceZero"
    assert (
        world.refused(OWNER.key, "Registry.fileMandate", OWNER.account, BUYER.account, *period, BASIS) == "NotAnAgent"
    )
    assert world.refused(AGENT.key, "Registry.fileMandate", OWNER.account, AGENT.account, *period, BASIS) == "MayNotAct"
    world.issue(AUGUST, reading(WIND, CERTIFICATE))


def test_q36_the_principal_acts_again_when_the_mandate_is_over(world: World) -> None:
    """By its day or by revocation."""
    declare = (AUGUST.index, reading(WIND, CERTIFICATE), BASIS)
    _mandate(world, until=NOW + 100)
    world.go_to(NOW + 100)
    assert world.refused(AGENT.key, "Declarations.declare", *declare) == "MayNotAct"
    world.done(OWNER.key, "Declarations.declare", *declare)
    _mandate(world)
    world.done(OWNER.key, "Registry.revokeMandate", OWNER.account)
    world.list(0, 5)
