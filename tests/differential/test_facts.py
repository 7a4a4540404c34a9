"""Random plants and readings: what the contract says of each certificate is what the Python rules say."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.proofs import certificate_hash, document_hash, facts_hash
from gecchain.rules import (
    EMPTY_LANE,
    BatchKey,
    Electricity,
    FirstHolder,
    Month,
    ProjectKey,
    ProjectType,
    Technology,
    classify,
    expires_at,
    number_of,
    parse_number,
    token_id,
)
from tests.differential.chain import CHAIN_ID
from tests.differential.office import OWNER, Office, papers
from tests.differential.operations import Papers
from tests.differential.trees import PlainTree, leaf_word

NOW = Month.of(2200, 1).begins_at
MONTHS = st.integers(0, Month.of(2199, 12).index)
NEW_HYDRO = Month.of(2023, 1).index


@dataclass(frozen=True)
class Plant:
    """A plant and its one reading."""

    key: ProjectKey
    in_operation: int
    market_based: bool
    document: str
    electricity: Electricity
    wh: int

    @property
    def filing(self) -> Papers:
        return papers(self.key.id, self.in_operation, self.market_based, self.document)

    def tokens(self, month: int) -> list[int]:
        """First and last certificate of the reading, none where nothing is issued or all of it is carried."""
        found = classify(self.key.technology, self.electricity, Month(self.in_operation), self.market_based)
        count = EMPTY_LANE.issue(Month(month), self.wh)[1] if found.issued and month >= self.in_operation else 0
        batch = BatchKey(self.key.id, Month(month), self.electricity, found.tradable).id
        return [token_id(batch, serial) for serial in sorted({0, count - 1})] if count else []


keys = st.builds(
    ProjectKey,
    st.sampled_from(ProjectType),
    st.sampled_from([*Technology, Technology.HYDRO, Technology.HYDRO]),
    st.integers(0, 4095).map(Month),
    st.integers(11, 82),
    st.integers(0, 999_999),
)
plants = st.builds(
    Plant,
    keys,
    st.integers(NEW_HYDRO - 2, NEW_HYDRO + 2) | st.integers(0, NEW_HYDRO),
    st.booleans(),
    # Canonical JSON escapes NUL, and the decoder of events, which no database could follow, does not keep it.
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30),
    st.sampled_from(Electricity),
    st.integers(0, 3_000_000) | st.integers(0, 10**15 - 1),
)
runs = st.tuples(
    st.integers(NEW_HYDRO - 1, NEW_HYDRO + 40) | MONTHS,
    st.lists(plants, min_size=1, max_size=8, unique_by=lambda plant: plant.key),
)


def issued(month: int, built: list[Plant]) -> tuple[Office, bytes]:
    """A registry in which the plants' readings were issued, and the root of the commitment."""
    office = Office(NOW)
    office.file([plant.filing for plant in built])
    leaves = [leaf_word(plant.key.id, plant.electricity, plant.wh, index) for index, plant in enumerate(built)]
    office.issue(month, leaves)
    office.session.compare()
    return office, PlainTree.over(tuple(leaves)).root


@settings(max_examples=40, deadline=None)
@given(runs)
def test_facts_are_what_the_rules_say(run: tuple[int, list[Plant]]) -> None:
    month, built = run
    office, root = issued(month, built)
    total = 0
    for leaf, plant in enumerate(built):
        for token in plant.tokens(month):
            facts = office.facts(token)
            filing = document_hash(plant.document.encode())
            own = facts_hash(CHAIN_ID, office.session.chain.addresses["Certificates"], token, root, leaf, filing)
            assert facts.number == number_of(token)
            assert parse_number(facts.number) == token
            assert facts.expires_at == expires_at(Month(month))
            assert facts.hash == "0x" + certificate_hash(token, own).hex()
            assert (facts.leaf, facts.filing) == (leaf, 1)
        total += sum((token & 0xFFFFFFFF) + 1 for token in plant.tokens(month)[-1:])
    assert office.session.known.state.totals[1].issued == total


@settings(max_examples=40, deadline=None)
@given(runs)
def test_class_and_lane_are_what_the_rules_say(run: tuple[int, list[Plant]]) -> None:
    month, built = run
    office, _root = issued(month, built)
    for plant in built:
        rule = classify(plant.key.technology, plant.electricity, Month(plant.in_operation), plant.market_based)
        accepted = rule.issued and month >= plant.in_operation
        lane = EMPTY_LANE.issue(Month(month), plant.wh)[0].pack() if accepted else 0
        assert office.lane(plant.key.id, plant.electricity) == lane
        for token in plant.tokens(month):
            holder = office.facts(token).first_holder
            assert (holder == OWNER) == (rule.first_holder is FirstHolder.OWNER)
            assert (holder == office.session.known.state.provinces[plant.key.province]) == (holder != OWNER)


@settings(max_examples=25, deadline=None)
@given(runs, st.lists(st.integers(1, 255), min_size=32, max_size=32))
def test_a_hash_is_genuine_to_the_byte(run: tuple[int, list[Plant]], flips: list[int]) -> None:
    month, built = run
    office, _root = issued(month, built)
    for token in (token for plant in built for token in plant.tokens(month)):
        true = bytes.fromhex(office.facts(token).hash[2:])
        assert office.is_genuine(true)
        for at, flip in enumerate(flips):
            assert not office.is_genuine(true[:at] + bytes([true[at] ^ flip]) + true[at + 1 :])
