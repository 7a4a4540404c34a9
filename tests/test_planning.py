"""Whether a commitment that stands can be issued from is found lane by lane, as it would be with all of it in sight."""

from hypothesis import given
from hypothesis import strategies as st

from gecchain.issuance.planning import Line, _Covering
from gecchain.rules import Electricity, LeafRefusal, Month
from gecchain.store.intake import KeptLeaf, KeptReading

# By lane: the reading that the commitment holds, and the current one with what would become of it.
HELD = st.none() | st.integers(0, 2)
CURRENT = st.none() | st.tuples(st.integers(0, 2), st.sampled_from(["open", "issued", "refused"]))


def lane(number: int) -> tuple[int, int]:
    return 1 << 44 | number // 2, number % 2


def leaf_of(number: int, reading: int) -> KeptLeaf:
    project, electricity = lane(number)
    return KeptLeaf(10 * number + reading, project, electricity, 1, b"\0" * 17)


def line_of(number: int, reading: int, fate: str) -> Line:
    project, electricity = lane(number)
    kept = KeptReading(
        id=10 * number + reading,
        file=1,
        row=number,
        project=project,
        code="",
        month=Month(1512),
        electricity=Electricity.of_number(electricity),
        wh=1,
        provider="",
        sheet="",
        record="",
        derived=False,
        note="",
        digest=b"\0" * 17,
        current=True,
        replaced_by=None,
    )
    return Line(kept, issued=fate == "issued", refusal=LeafRefusal.NOT_ISSUABLE if fate == "refused" else None)


def serves(lines: list[Line], leaves: list[KeptLeaf]) -> bool:
    covered, current = {leaf.id for leaf in leaves}, {line.reading.id for line in lines}
    issued = {(line.reading.project, line.reading.electricity) for line in lines if line.issued}
    outdated = [leaf for leaf in leaves if leaf.id not in current and (leaf.project, leaf.electricity) not in issued]
    return not outdated and all(line.reading.id in covered for line in lines if line.is_open)


@given(st.lists(st.tuples(HELD, CURRENT), max_size=6))
def test_side_by_side_or_with_all_in_sight(lanes: list[tuple[int | None, tuple[int, str] | None]]) -> None:
    leaves = [leaf_of(number, held) for number, (held, _now) in enumerate(lanes) if held is not None]
    lines = [line_of(number, *now) for number, (_held, now) in enumerate(lanes) if now is not None]
    covering = _Covering(iter(leaves))
    assert list(covering.watched(lines)) == lines
    assert covering.serves == serves(lines, leaves)
