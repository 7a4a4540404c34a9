import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import (
    PROVINCES,
    AccountKind,
    CaseStage,
    CertificateState,
    DealStatus,
    DeclarationStage,
    LeafRefusal,
    MoveKind,
    Outcome,
    Purpose,
    RetirementReason,
    TradeWay,
    canonical_text,
    certificates,
    province_label,
    province_of,
)
from gecchain.rules.parameters import ALL_PARAMETERS


@pytest.mark.parametrize(
    ("kind", "slugs"),
    [
        (CertificateState, ["none", "held", "listed", "frozen", "retired", "deducted"]),
        (RetirementReason, ["", "expired", "consumption", "ccer", "account_closed"]),
        (Purpose, ["", "production", "meeting", "event", "office", "culture_sport", "image", "other"]),
        (TradeWay, ["", "listing", "bilateral", "green_power"]),
        (MoveKind, ["", "hydro_to_user", "distribution", "self_use_to_user", "succession"]),
        (DeclarationStage, ["none", "declared", "checked", "accepted", "sent_back"]),
        (CaseStage, ["none", "opened", "proposed", "checked", "decided", "closed"]),
        (Outcome, ["none", "rejected", "added", "deducted", "undone"]),
        (DealStatus, ["open", "filled", "cancelled"]),
        (AccountKind, ["", "owner", "buyer", "province", "agent", "platform", "provider"]),
    ],
)
def test_q54_numbers_are_those_of_the_architecture(kind, slugs):
    assert {member.slug: int(member) for member in kind} == {slug: n for n, slug in enumerate(slugs) if slug}


def test_leaf_refusals_count_from_one_to_seven():
    assert [int(reason) for reason in LeafRefusal] == list(range(1, 8))
    assert LeafRefusal(4).slug == "too_old"


WORDS = [
    AccountKind,
    CaseStage,
    CertificateState,
    DealStatus,
    DeclarationStage,
    LeafRefusal,
    MoveKind,
    Outcome,
    Purpose,
    RetirementReason,
    TradeWay,
]


@pytest.mark.parametrize("kind", WORDS)
def test_every_word_has_both_names(kind):
    assert all(member.label.zh and member.label.en for member in kind)


@pytest.mark.parametrize("code", sorted(PROVINCES))
def test_a_province_is_found_by_each_of_its_names(code):
    label = province_label(code)
    for name in (label.zh, label.en, label.en.upper(), f" {label.en} ", str(code)):
        assert province_of(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("内蒙古", 15), ("广西", 45), ("宁夏", 64), ("新疆", 65), ("北京", 11), ("陕西", 61), ("香港", 81)],
)
def test_a_province_is_found_by_its_short_name(name, code):
    assert province_of(name) == code


def test_there_are_34_provinces():
    assert len(PROVINCES) == 34
    assert len({label.en for label in PROVINCES.values()}) == 34


@pytest.mark.parametrize("name", ["", "16", "99", "Atlantis", "²²", "省"])
def test_unknown_provinces_are_refused(name):
    with pytest.raises(BadInput) as refused:
        province_of(name)
    assert refused.value.field == "province"


def test_unknown_province_codes_are_refused():
    with pytest.raises(BadInput):
        province_label(16)


def test_every_parameter_says_where_it_comes_from():
    assert all(parameter.name and parameter.source for parameter in ALL_PARAMETERS)
    assert len({parameter.name for parameter in ALL_PARAMETERS}) == len(ALL_PARAMETERS)


@given(st.text())
def test_canonical_text_is_stable(text):
    once = canonical_text(text)
    assert not once.isascii() or canonical_text(once) == once


@given(st.text())
def test_plain_text_stays_plain_and_has_no_spaces(text):
    assert canonical_text(text).isascii() or not text.isascii()
    assert " " not in canonical_text(text)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 certificates"), (1, "1 certificate"), (2, "2 certificates"), (12_345, "12,345 certificates")],
)
def test_a_quantity_reads_as_a_sentence_has_it(count: int, said: str) -> None:
    assert certificates(count) == said
