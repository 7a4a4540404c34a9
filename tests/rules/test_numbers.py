import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import (
    BatchKey,
    Electricity,
    Month,
    ProjectKey,
    ProjectType,
    Technology,
    number_of,
    parse_number,
    split_token_id,
    token_id,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "numbers.json").read_text())

months = st.integers(0, 4095).map(Month)
projects = st.builds(
    ProjectKey,
    st.sampled_from(ProjectType),
    st.sampled_from(Technology),
    months,
    st.integers(11, 82),
    st.integers(0, 999_999),
)
batches = st.builds(
    BatchKey, projects.map(lambda project: project.id), months, st.sampled_from(Electricity), st.booleans()
)
tokens = st.builds(token_id, batches.map(lambda batch: batch.id), st.integers(0, 999_999_998))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["number"])
def test_numbers_of_the_vectors(case):
    project = ProjectKey(
        ProjectType(case["type"]),
        Technology(case["technology"]),
        Month.parse(case["approved"]),
        case["province"],
        case["sequence"],
    )
    assert (project.id, project.code) == (int(case["project_id"]), case["code"])
    batch = BatchKey(project.id, Month.parse(case["month"]), Electricity(case["electricity"]), case["tradable"])
    assert batch.id == int(case["batch_id"])
    token = token_id(batch.id, case["serial"])
    assert token == int(case["token_id"]) == parse_number(case["number"])
    assert number_of(token) == case["number"]


@pytest.mark.parametrize("case", VECTORS["as_typed"], ids=lambda case: ascii(case["text"]))
def test_numbers_are_read_as_people_type_them(case):
    assert number_of(parse_number(case["text"])) == case["number"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_wrong_numbers_are_refused_at_the_part_that_is_wrong(case):
    with pytest.raises(BadInput) as refused:
        parse_number(case["number"])
    assert refused.value.field == case["field"]
    assert refused.value.remedy


@pytest.mark.parametrize("case", VECTORS["refused_project_ids"], ids=lambda case: case["name"])
def test_ids_that_no_code_spells_are_refused(case):
    with pytest.raises(BadInput):
        ProjectKey.from_id(int(case["project_id"]))
    with pytest.raises(BadInput):
        BatchKey.from_id(int(case["project_id"]) << 16)
    with pytest.raises(BadInput):
        split_token_id(int(case["project_id"]) << 48)


def test_a_wrong_check_character_says_which_was_expected():
    code = VECTORS["cases"][0]["code"]
    wrong = "K" if code[-1] != "K" else "L"
    with pytest.raises(BadInput) as refused:
        ProjectKey.parse(code[:-1] + wrong)
    assert refused.value.remedy == f"check character: expected {code[-1]}, found {wrong}."


@given(projects)
def test_q21_a_project_is_read_back_from_id_and_code(project):
    assert ProjectKey.from_id(project.id) == ProjectKey.parse(project.code) == project
    assert len(project.code) == 17


@given(tokens)
def test_q16_a_number_and_a_token_id_are_one_to_one(token):
    number = number_of(token)
    assert len(number) == 32
    assert parse_number(number) == token
    batch_id, serial = split_token_id(token)
    assert token_id(batch_id, serial) == token
    assert BatchKey.from_id(batch_id).id == batch_id


@given(st.integers(0, (1 << 96) - 1))
def test_a_token_id_that_decodes_encodes_to_itself(token):
    try:
        number = number_of(token)
    except BadInput:
        return
    assert parse_number(number) == token


@given(tokens, st.integers(0, 31), st.sampled_from(string.digits + string.ascii_uppercase))
def test_q16_an_altered_project_part_is_never_accepted(token, place, character):
    number = number_of(token)
    altered = number[:place] + character + number[place + 1 :]
    if altered == number:
        return
    try:
        found = parse_number(altered)
    except BadInput:
        return
    assert place > 16
    assert found != token


def test_q16_nearly_all_swapped_neighbours_in_a_project_code_are_noticed():
    """ISO 7064 MOD 37,36 notices every altered character, and all but a few swaps of neighbours."""
    swaps, missed = 0, 0
    for sequence in range(0, 1_000_000, 997):
        code = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, sequence).code
        for place in range(10, 15):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            if swapped != code:
                swaps += 1
                missed += _is_read(swapped)
    assert swaps > 3_000
    assert missed * 30 < swaps


def _is_read(code):
    try:
        ProjectKey.parse(code)
    except BadInput:
        return False
    return True


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(text):
    try:
        token = parse_number(text)
    except BadInput:
        return
    assert parse_number(number_of(token)) == token


@given(tokens, tokens)
def test_numbers_of_a_batch_sort_as_their_serials(a, b):
    if a >> 32 == b >> 32:
        assert (number_of(a) < number_of(b)) == (a < b)


@pytest.mark.parametrize("serial", [-1, 999_999_999, 1 << 32])
def test_serials_outside_a_batch_are_refused(serial):
    batch_id = int(VECTORS["cases"][0]["batch_id"])
    with pytest.raises(BadInput):
        token_id(batch_id, serial)


def test_a_token_id_with_a_serial_that_no_batch_reaches_is_refused():
    with pytest.raises(BadInput):
        split_token_id(int(VECTORS["cases"][0]["batch_id"]) << 32 | 999_999_999)


@pytest.mark.parametrize("decode", [ProjectKey.from_id, BatchKey.from_id, split_token_id])
@pytest.mark.parametrize("word", [-1, 1 << 96])
def test_ids_of_too_many_bits_are_refused(decode, word):
    with pytest.raises(BadInput):
        decode(word)


def test_parts_out_of_range_are_refused():
    good = ProjectKey.parse(VECTORS["cases"][0]["code"])
    for province, sequence in ((10, 0), (83, 0), (11, -1), (11, 1_000_000)):
        with pytest.raises(BadInput):
            ProjectKey(good.type, good.technology, good.approved, province, sequence)
    with pytest.raises(BadInput):
        BatchKey(1 << 48, good.approved, Electricity.ON_GRID, True)
