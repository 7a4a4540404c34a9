"""Whatever is asked, it is never our fault: no path, number or cursor makes a 5xx."""

from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.rules import BatchKey, Electricity, Month, ProjectKey, ProjectType, Technology, number_of, token_id
from tests.api.story import BUYER, WIND, number

GOOD = number(WIND, "2026-08", 0)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACES = (
    "/v1/verify/{}",
    "/v1/certificates/{}",
    "/v1/trace/{}",
    "/v1/projects/{}",
    "/v1/accounts/{}",
    "/v1/accounts/{}/holdings",
    "/v1/vouchers/{}",
    "/v1/retirements/{}",
    "/v1/certificates/{}.pdf",
    "/v1/vouchers/{}.pdf",
    "/v1/retirements/{}.json",
    "/v1/documents/certificate/{}",
    "/v1/documents/voucher/{}?sha256=" + "0" * 64,
    "/v1/documents/voucher/1?as_of={}",
    "/zh/documents/retirement/{}",
    "/en/documents/voucher/1?sha256={}",
    "/zh/verify/{}",
    "/en/verify?q={}",
    "/en/certificates/{}",
    "/zh/trace/{}",
    "/zh/projects/{}",
    "/en/accounts/{}",
    "/zh/market?after={}",
    f"/v1/accounts/{BUYER}/holdings?after={{}}",
    "/v1/events?after={}",
    "/v1/events?limit={}",
    "/v1/listings?after={}",
    "/v1/stats?by={}",
    "/zh/{}",
    "/{}",
    "/static/{}/x",
)
projects = st.builds(
    ProjectKey,
    st.sampled_from(ProjectType),
    st.sampled_from(Technology),
    st.integers(0, 4095).map(Month),
    st.integers(11, 82),
    st.integers(0, 999_999),
)
numbers = st.builds(
    lambda project, month, electricity, tradable, serial: number_of(
        token_id(BatchKey(project.id, Month(month), electricity, tradable).id, serial)
    ),
    projects,
    st.integers(0, 4095),
    st.sampled_from(Electricity),
    st.booleans(),
    st.integers(0, 999_999_998),
)


@st.composite
def nearly_good(draw: st.DrawFn) -> str:
    at = draw(st.integers(0, len(GOOD) - 1))
    return GOOD[:at] + draw(st.text(max_size=2)) + GOOD[at + draw(st.integers(0, 2)) :]


words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80),
    st.binary(min_size=32, max_size=32).map(lambda digits: "0x" + digits.hex()),
    st.binary(min_size=20, max_size=20).map(lambda digits: "0x" + digits.hex()),
    st.integers(-(10**20), 10**20).map(str),
    numbers,
    projects.map(lambda project: project.code),
    nearly_good(),
)


@FEW
@given(st.sampled_from(PLACES), words)
def test_nothing_that_is_asked_is_our_fault(client: httpx.Client, place: str, word: str) -> None:
    answer = client.get(place.format(quote(word, safe="")))
    assert answer.status_code < 500, answer.text
    assert answer.headers["content-security-policy"]
    if answer.status_code >= 400 and place.startswith("/v1"):
        assert answer.json()["status"] == answer.status_code


@FEW
@given(words)
def test_a_page_never_repeats_what_was_asked_as_markup(client: httpx.Client, word: str) -> None:
    page = client.get("/en/verify", params={"q": f"<i>{word}"}).text
    assert "<i>" not in page


@FEW
@given(numbers)
def test_a_number_that_was_never_issued_is_unknown(client: httpx.Client, claim: str) -> None:
    if claim[:17] != WIND.code:
        assert client.get(f"/v1/verify/{claim}").json()["verdict"] == "unknown"
