from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.proofs import (
    STEP_NAMES,
    CertificateFacts,
    Evidence,
    Leaf,
    Status,
    Tree,
    Verdict,
    canonical_json,
    certificate_hash,
    document_hash,
    facts_hash,
    record_digest,
    verify_certificate,
)
from gecchain.rules import (
    BatchKey,
    CertificateState,
    Electricity,
    Month,
    ProjectKey,
    ProjectType,
    Technology,
    expires_at,
    number_of,
    token_id,
)

PROJECT = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.parse("2015-03"), 15, 42)
MONTH = Month.parse("2026-09")
BATCH = BatchKey(PROJECT.id, MONTH, Electricity.ON_GRID, tradable=True)
COUNT, INDEX = 1234, 300
NOW = MONTH.ends_at
CONTRACT = "0x" + "c0" * 20
FILING = canonical_json({"code": PROJECT.code, "name": "风电场"})


def reading(number, electricity=Electricity.ON_GRID, wh=1_234_000_001):
    return Leaf(PROJECT.id - INDEX + number, electricity, wh, record_digest(str(number).encode()))


TREE = Tree.of(reading(number) for number in range(513))
EVIDENCE = Evidence(TREE.word(INDEX), TREE.count, TREE.prove(INDEX), FILING)


def sealed(facts):
    """The facts with the hash that an honest chain answers for them."""
    return replace(facts, answered_hash=facts.recomputed())


FACTS = sealed(
    CertificateFacts(
        token_id(BATCH.id, 7),
        COUNT,
        CertificateState.HELD,
        "0x" + "11" * 20,
        False,
        TREE.root,
        INDEX,
        document_hash(FILING),
        31337,
        CONTRACT,
        bytes(32),
    )
)
NUMBER = number_of(FACTS.token_id)
HASH = FACTS.recomputed()
CLAIMS = {"number": NUMBER, "hash": "0x" + HASH.hex()}


def outcome(found):
    return [step.passed for step in found.steps]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_q18_a_good_certificate(claim):
    found = verify_certificate(claim, FACTS, NOW)
    assert (found.verdict, found.status, found.traded) == (Verdict.VALID, Status.HELD, False)
    assert (found.token_id, found.number, found.certificate_hash) == (FACTS.token_id, NUMBER, HASH)
    assert outcome(found) == [True] * 4 + [None if claim == NUMBER else True] + [True] * 2
    assert found.failed is None


def test_q18_steps_are_numbered_named_and_worded():
    found = verify_certificate(CLAIMS["hash"], FACTS, NOW, EVIDENCE)
    assert [step.number for step in found.steps] == list(range(9))
    assert tuple(step.name for step in found.steps) == STEP_NAMES
    assert all(step.detail_zh and step.detail_en and step.expected and step.found for step in found.steps)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_q18_an_unknown_batch(claim):
    for facts in (None, replace(FACTS, count=0)):
        found = verify_certificate(claim, facts, NOW)
        assert found.verdict is Verdict.UNKNOWN
        assert outcome(found) == [True, False] + [None] * 5
        assert (found.status, found.traded, found.certificate_hash) == (None, None, None)
        assert found.number == NUMBER


def test_q18_an_answer_about_another_certificate_is_not_taken():
    other = sealed(replace(FACTS, token_id=FACTS.token_id + 1))
    found = verify_certificate(NUMBER, other, NOW)
    assert (found.verdict, found.failed.name) == (Verdict.UNKNOWN, "batch")


@given(st.integers(COUNT, 999_999_998) | st.just(COUNT), st.sampled_from(CertificateState))
def test_q18_a_serial_beyond_those_issued(serial, state):
    token = token_id(BATCH.id, serial)
    facts = sealed(replace(FACTS, token_id=token, state=state))
    found = verify_certificate(number_of(token), facts, NOW)
    assert (found.verdict, found.failed.name) == (Verdict.UNKNOWN, "serial")
    assert outcome(found) == [True, True, False] + [None] * 4


@given(st.integers(0, 159))
def test_q18_a_hash_with_one_bit_altered_is_tampered(bit):
    altered = (int.from_bytes(HASH, "big") ^ 1 << bit).to_bytes(32, "big").hex()
    found = verify_certificate(altered, FACTS, NOW)
    assert (found.verdict, found.failed.name) == (Verdict.TAMPERED, "hash")
    assert outcome(found) == [True] * 4 + [False, None, None]
    assert found.status is None


@given(st.integers(160, 255))
def test_q18_a_hash_altered_in_its_token_is_never_valid(bit):
    altered = (int.from_bytes(HASH, "big") ^ 1 << bit).to_bytes(32, "big").hex()
    assert verify_certificate(altered, FACTS, NOW).verdict in (Verdict.UNKNOWN, Verdict.MALFORMED)


ALTERED = {
    "readings_root": bytes(32),
    "leaf": INDEX + 1,
    "filing_hash": bytes(32),
    "chain_id": 1,
    "certificates": "0x" + "c1" * 20,
    "answered_hash": bytes(32),
}


@pytest.mark.parametrize("field", ALTERED)
def test_q18_facts_that_do_not_hash_to_what_is_stored_are_tampered(field):
    found = verify_certificate(NUMBER, replace(FACTS, **{field: ALTERED[field]}), NOW)
    assert (found.verdict, found.failed.name) == (Verdict.TAMPERED, "facts")


@pytest.mark.parametrize("field", sorted(set(ALTERED) - {"answered_hash"}))
def test_q18_a_hash_of_other_facts_is_tampered(field):
    found = verify_certificate(CLAIMS["hash"], sealed(replace(FACTS, **{field: ALTERED[field]})), NOW)
    assert (found.verdict, found.failed.name) == (Verdict.TAMPERED, "hash")


MALFORMED = {
    "empty": "",
    "words": "hello",
    "short hash": "0x" + HASH.hex()[:-1],
    "long hash": "0x" + HASH.hex() + "0",
    "hash with a letter beyond f": "0x" + HASH.hex()[:-1] + "g",
    "hash of no possible certificate": "0x" + "ff" * 32,
    "zero hash": "00" * 32,
    "number with an altered check": NUMBER[:16] + ("0" if NUMBER[16] != "0" else "1") + NUMBER[17:],
    "number cut": NUMBER[:31],
    "long": "9" * 10_000,
}


@pytest.mark.parametrize("claim", MALFORMED.values(), ids=MALFORMED)
def test_q18_what_is_no_claim_is_malformed(claim):
    found = verify_certificate(claim, FACTS, NOW)
    assert found.verdict is Verdict.MALFORMED
    assert outcome(found) == [False] + [None] * 6
    assert (found.token_id, found.number, found.status) == (None, None, None)
    assert len(found.steps[0].found) <= 80


@given(st.text(max_size=80))
def test_q18_nothing_that_is_typed_raises(text):
    assert verify_certificate(text, None, NOW).verdict in (Verdict.MALFORMED, Verdict.UNKNOWN)


SPELLINGS = [
    NUMBER.lower(),
    f"{NUMBER[:17]} {NUMBER[17:]}\n",
    f"https://example.org/verify/{NUMBER}",
    f"https://example.org/v1/verify/0x{HASH.hex()}/?lang=en",
    HASH.hex().upper(),
    "0X" + HASH.hex().upper(),
    f" {HASH.hex()[:32]} {HASH.hex()[32:]}",
]


@pytest.mark.parametrize("claim", SPELLINGS)
def test_q18_a_claim_is_read_as_people_paste_it(claim):
    found = verify_certificate(claim, FACTS, NOW)
    assert found.verdict is Verdict.VALID
    assert found.claim in CLAIMS.values()


STATES = [
    (CertificateState.HELD, Status.HELD, True),
    (CertificateState.LISTED, Status.LISTED, True),
    (CertificateState.FROZEN, Status.FROZEN, True),
    (CertificateState.RETIRED, Status.RETIRED, True),
    (CertificateState.DEDUCTED, Status.DEDUCTED, False),
]


@pytest.mark.parametrize(("state", "status", "stands"), STATES, ids=[state.slug for state, _, _ in STATES])
@pytest.mark.parametrize("traded", [False, True])
def test_q51_state_and_trade_are_said_and_do_not_touch_the_verdict(state, status, stands, traded):
    found = verify_certificate(CLAIMS["hash"], replace(FACTS, state=state, traded=traded), NOW)
    assert (found.verdict, found.status, found.traded) == (Verdict.VALID, status, traded)
    assert found.steps[5].passed is stands
    assert state.label.zh in found.steps[5].detail_zh
    assert found.steps[6].passed is (None if status in (Status.RETIRED, Status.DEDUCTED) else True)


@pytest.mark.parametrize(("state", "status", "stands"), STATES, ids=[state.slug for state, _, _ in STATES])
def test_q28_a_certificate_expires_by_the_calendar_unless_it_has_ended(state, status, stands):
    facts = replace(FACTS, state=state)
    before, after = (verify_certificate(NUMBER, facts, expires_at(MONTH) + late) for late in (-1, 0))
    ended = status in (Status.RETIRED, Status.DEDUCTED)
    assert before.status is status
    assert after.status is (status if ended else Status.EXPIRED)
    assert after.steps[6].passed is (None if ended else False)
    assert after.verdict is Verdict.VALID
    assert "2028-09-30" in after.steps[6].expected


def test_q11_a_certificate_leads_back_to_its_reading_and_filing():
    found = verify_certificate(CLAIMS["hash"], FACTS, NOW, EVIDENCE)
    assert found.verdict is Verdict.VALID
    assert outcome(found)[7:] == [True, True]


def test_q11_a_reading_that_was_altered_is_tampered():
    for evidence in (
        replace(EVIDENCE, leaf=EVIDENCE.leaf ^ 1 << 140),
        replace(EVIDENCE, leaf=TREE.word(INDEX + 1), proof=TREE.prove(INDEX + 1)),
        replace(EVIDENCE, proof=EVIDENCE.proof[:-1]),
        replace(EVIDENCE, leaves=256),
    ):
        found = verify_certificate(NUMBER, FACTS, NOW, evidence)
        assert (found.verdict, found.failed.name) == (Verdict.TAMPERED, "reading")
        assert found.status is None


def committed(leaf):
    """Facts and evidence of a certificate whose committed reading is `leaf`."""
    tree = Tree.of([leaf])
    facts = sealed(replace(FACTS, readings_root=tree.root, leaf=0))
    return facts, Evidence(leaf.pack(), 1, (), FILING)


@pytest.mark.parametrize(
    ("wh", "passed"),
    [(1_233_000_000, False), (1_233_000_001, True), (1_234_999_999, True), (1_235_000_000, False)],
)
def test_q24_a_reading_gives_the_number_issued_within_one_carry(wh, passed):
    facts, evidence = committed(reading(INDEX, wh=wh))
    assert verify_certificate(NUMBER, facts, NOW, evidence).steps[7].passed is passed


@pytest.mark.parametrize("leaf", [reading(INDEX + 1), reading(INDEX, Electricity.SELF_USE)], ids=["project", "class"])
def test_q11_a_reading_of_another_project_or_class_is_not_taken(leaf):
    facts, evidence = committed(leaf)
    assert verify_certificate(NUMBER, facts, NOW, evidence).failed.name == "reading"


@pytest.mark.parametrize("filing", [b"not json", b"[]", canonical_json({"name": "no code"}), b"\xff"])
def test_q92_the_recorded_filing_is_taken_as_it_is_and_no_other(filing):
    """The chain keeps the filing's hash for the project, so what it says of itself proves nothing more (I10)."""
    recorded = sealed(replace(FACTS, filing_hash=document_hash(filing)))
    assert verify_certificate(NUMBER, recorded, NOW, replace(EVIDENCE, filing=filing)).verdict is Verdict.VALID
    assert verify_certificate(NUMBER, FACTS, NOW, replace(EVIDENCE, filing=filing)).failed.name == "filing"


def test_the_hash_is_the_one_of_the_parts():
    facts = facts_hash(31337, CONTRACT, FACTS.token_id, TREE.root, INDEX, document_hash(FILING))
    assert certificate_hash(FACTS.token_id, facts) == HASH


def test_q18_facts_from_a_copy_without_a_hash_are_hashed_here():
    copy = replace(FACTS, answered_hash=None)
    good = verify_certificate(CLAIMS["hash"], copy, NOW)
    assert (good.verdict, good.steps[3].passed, good.steps[4].passed) == (Verdict.VALID, None, True)
    assert good.certificate_hash == HASH
    tampered = verify_certificate(CLAIMS["hash"], replace(copy, leaf=INDEX + 1), NOW)
    assert (tampered.verdict, tampered.failed.name) == (Verdict.TAMPERED, "hash")


ADDED = sealed(replace(FACTS, token_id=token_id(BATCH.id, COUNT), count=COUNT + 3, leaf=9, case_id=9, added=3))


def test_q95_what_a_case_added_has_its_case_in_place_of_a_reading():
    found = verify_certificate(number_of(ADDED.token_id), ADDED, NOW, EVIDENCE)
    assert (found.verdict, outcome(found)[7:]) == (Verdict.VALID, [None, True])
    assert "9" in found.steps[7].detail_zh
    assert "case 9" in found.steps[7].detail_en


def test_q95_facts_that_name_another_case_are_tampered():
    other = sealed(replace(ADDED, leaf=8))
    found = verify_certificate(number_of(other.token_id), other, NOW, EVIDENCE)
    assert (found.verdict, found.failed.name) == (Verdict.TAMPERED, "reading")


def test_q95_additions_do_not_count_against_the_reading():
    grown = sealed(replace(FACTS, count=COUNT + 3, added=3))
    assert verify_certificate(NUMBER, grown, NOW, EVIDENCE).verdict == Verdict.VALID
    claimed = sealed(replace(FACTS, count=COUNT + 3))
    assert verify_certificate(NUMBER, claimed, NOW, EVIDENCE).failed.name == "reading"


@pytest.mark.parametrize("state", [CertificateState.HELD, CertificateState.LISTED, CertificateState.RETIRED])
@pytest.mark.parametrize("traded", [True, False])
def test_q66_what_is_untraded_stands_still_for_ccer(state, traded):
    found = verify_certificate(NUMBER, sealed(replace(FACTS, state=state, traded=traded, ccer=True)), NOW)
    still = not traded and state is not CertificateState.RETIRED
    assert found.status == (Status.FROZEN if still else Status(state.slug))
