"""Pages: every one in both languages, whole, safe, self-contained, and saying what must be said."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import ApiSettings, create_app
from api.language import LANGUAGES, catalogue, energy, price, wanted_language
from tests.api.serving import served
from tests.api.story import BUYER, HYDRO, OWNER, PERSON, SUN, WAITING, WIND, batch_of, number, retirements

AUGUST = "2026-08"
TEMPLATES = Path(__file__).parents[2] / "api" / "templates"
CLAIMS = [number(WIND, AUGUST, serial) for serial in (0, 120, 200, 2000, 5000, 99_999)]
CONSUMED, EXPIRED = retirements()
PAGES = [
    "/",
    *(f"/verify/{claim}" for claim in CLAIMS),
    f"/verify/{number(WIND, '2023-10', 12)}",
    "/verify?q=nonsense",
    f"/certificates/{CLAIMS[0]}",
    f"/certificates/{CLAIMS[1]}",
    f"/certificates/{number(HYDRO, AUGUST, 10)}",
    f"/certificates/{number(SUN, AUGUST, 0)}",
    f"/certificates/{number(WIND, '2023-10', 12)}",
    f"/trace/{CLAIMS[1]}",
    f"/trace/{number(WIND, AUGUST, 5500)}",
    f"/trace/{number(WIND, AUGUST, 6000)}",
    f"/trace/{number(HYDRO, AUGUST, 10)}",
    f"/trace/{number(WIND, '2023-10', 3)}",
    "/projects",
    "/projects?q=Example+Dam",
    "/projects?q=zzz",
    f"/projects/{WIND.code}",
    f"/projects/{SUN.code}",
    f"/projects/{WAITING.code}",
    f"/batches/{batch_of(WIND, AUGUST)}",
    f"/batches/{batch_of(HYDRO, AUGUST)}",
    "/vouchers/1",
    f"/retirements/{CONSUMED}",
    f"/retirements/{EXPIRED}",
    "/market",
    "/market?project=wind&province=15&technology=wind&from=2026-01&until=2026-12&price=3.50&order=cheapest",
    "/market?province=11",
    "/market?price=cheap&from=2026-13&technology=coal",
    "/statistics",
    "/statistics?show=retired&year=2026",
    "/statistics?year=1999",
    f"/accounts/{OWNER}",
    f"/accounts/{BUYER}?retired=true",
    f"/accounts/{PERSON}",
    "/docs",
    "/nothing/here",
    "/certificates/wrong",
    f"/projects/{WIND.code[:-1]}X",
    "/accounts/0x1",
    "/vouchers/99",
    "/batches/77",
    "/retirements/x",
]
REFUSED = (
    "/nothing",
    "/certificates/wrong",
    "/accounts/0x1",
    "/vouchers/99",
    "/batches/77",
    "/retirements/x",
    "/market?price=cheap",
    "/statistics?year=1999",
)
# Documents are routes of their own; their links are in one template (documents.html).
DOCUMENTS = (".pdf",)
CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
# What is written in Latin letters in Chinese text too: units, names of standards, and the project's own name.
LATIN = re.compile(r"gecchain|CSV|ITU-T F\.751\.14|kWh|CCER|RFC 9457|OpenAPI|API|X-Indexed-Block|min_block|after|next")


class Reader(HTMLParser):
    """Collects a page's own words (not data, which is marked `translate="no"`), its links and its labels."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "circle", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.names: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.inline: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.addresses += [found[name] or "" for name in ("href", "src", "action") if name in found]
        self.words += [found[name] or "" for name in ("aria-label", "data-done") if name in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        self.names += [(found[name] or "") for name in ("aria-labelledby", "aria-describedby", "for") if name in found]
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag not in self.VOID:
            self._open.append((tag, found.get("translate") == "no"))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        while self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] in ("script", "style"):
            self.inline.append(data)
        elif not any(hidden for _tag, hidden in self._open) and data.strip():
            self.words.append(data.strip())


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.fixture(scope="module")
def pages(client: httpx.Client) -> dict[tuple[str, str], httpx.Response]:
    return {(language, path): client.get(f"/{language}{path}") for language in LANGUAGES for path in PAGES}


def test_catalogue_has_both_languages_everywhere() -> None:
    for key, words in catalogue().items():
        assert set(words) == set(LANGUAGES), key
        places = [sorted(re.findall(r"{(\w+)}", words[language])) for language in LANGUAGES]
        assert places[0] == places[1], key
        assert CHINESE.search(words["zh"]) or key == "site.other", key
        assert not CHINESE.search(words["en"]) or key == "site.other", key


def test_catalogue_has_no_message_that_nobody_says() -> None:
    said = "".join(file.read_text() for file in TEMPLATES.iterdir())
    said += "".join(file.read_text() for file in TEMPLATES.parent.rglob("*.py"))
    for key in catalogue():
        table = key.partition(".")[0]
        whole = f'"{key}"' in said
        built = re.search(rf'"{table}\.(\w*)("|{{)', said) is not None
        assert whole or built, key


def test_templates_hold_no_words_of_their_own() -> None:
    for file in TEMPLATES.iterdir():
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", file.read_text(), flags=re.DOTALL)
        words = " ".join(read(text).words)
        assert not re.search(r"[A-Za-z\u3400-\u9fff]{2,}", words.replace("curl", "").replace("default", "")), file.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_half_translated(pages: dict[tuple[str, str], httpx.Response], language: str, path: str) -> None:
    words = read(pages[language, path].text).words
    for word in words:
        if language == "en":
            assert not CHINESE.search(word), word
        else:
            assert not re.search(r"[a-z]{3,}", LATIN.sub("", word)), word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_self_contained(
    pages: dict[tuple[str, str], httpx.Response], language: str, path: str
) -> None:
    answer = pages[language, path]
    assert answer.status_code in (200, 400, 404)
    assert (answer.status_code == 200) is not path.startswith(REFUSED) or path.endswith("X")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-indexed-block"].isdecimal()
    page = read(answer.text)
    assert page.inline == []
    assert [address for address in page.addresses if not address.startswith(("/", "#"))] == []
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text
    assert (page.tags.count("h1"), page.tags.count("main"), page.tags.count("nav")) == (1, 1, 1)
    assert len(page.ids) == len(set(page.ids))
    assert {name for names in page.names for name in names.split()} <= set(page.ids)
    assert "#main" in page.addresses


def test_every_link_of_every_page_leads_somewhere(
    client: httpx.Client, pages: dict[tuple[str, str], httpx.Response]
) -> None:
    links = {address.partition("#")[0] for answer in pages.values() for address in read(answer.text).addresses}
    for link in sorted(links - {""}):
        if not link[3:].startswith(REFUSED) and not link.endswith((f"{WIND.code[:-1]}X", *DOCUMENTS)):
            assert client.get(link).status_code in (200, 303), link


def test_a_page_that_asked_nothing_still_says_the_block(settings: ApiSettings) -> None:
    with served(create_app(settings)) as fresh:
        answer = fresh.get("/en/certificates/x")
        assert "As of block" in answer.text
        assert answer.headers["x-indexed-block"].isdecimal()


def test_text_of_the_chain_is_never_markup(pages: dict[tuple[str, str], httpx.Response]) -> None:
    text = pages["en", f"/projects/{SUN.code}"].text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<b>Example" not in text


def test_derived_readings_and_made_up_fields_are_marked(pages: dict[tuple[str, str], httpx.Response]) -> None:
    for language, mark, made_up in (
        ("zh", "推算电量", "演示虚构"),
        ("en", "Derived readings", "made up for demonstration"),
    ):
        for path in (f"/certificates/{CLAIMS[0]}", f"/verify/{CLAIMS[0]}", f"/trace/{CLAIMS[1]}"):
            assert mark in pages[language, path].text
        assert mark not in pages[language, f"/certificates/{number(SUN, AUGUST, 0)}"].text
        assert made_up in pages[language, f"/certificates/{CLAIMS[0]}"].text
        assert made_up in pages[language, f"/projects/{WIND.code}"].text
        assert mark in pages[language, f"/projects/{WIND.code}"].text
        assert mark not in pages[language, f"/projects/{SUN.code}"].text


def test_source_of_the_plants_is_credited(pages: dict[tuple[str, str], httpx.Response]) -> None:
    credit = "World Resources Institute, CC BY 4.0</span>"
    for path in (f"/certificates/{CLAIMS[0]}", f"/verify/{CLAIMS[0]}", f"/projects/{WIND.code}"):
        assert credit in pages["zh", path].text
    assert credit not in pages["zh", f"/projects/{SUN.code}"].text


def test_certificate_carries_the_qr_code_of_its_hash(client: httpx.Client) -> None:
    page, known = client.get(f"/zh/certificates/{CLAIMS[0]}").text, client.get(f"/v1/certificates/{CLAIMS[0]}").json()
    assert f"https://gec.example/verify/{known['hash']}" in page
    assert 'class="segno"' in page
    scanned = client.get(f"/verify/{known['hash']}", headers={"Accept-Language": "en-GB"})
    assert (scanned.status_code, scanned.headers["location"]) == (302, f"/en/verify/{known['hash']}")


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "zh"), ("en-GB,en;q=0.9", "en"), ("fr,zh;q=0.3,en;q=0.8", "en"), ("zh-TW", "zh"), ("de, ;q=x", "zh")],
)
def test_language_follows_the_browser(client: httpx.Client, accept: str, language: str) -> None:
    answer = client.get("/", headers={"Accept-Language": accept})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}/")
    assert answer.headers["vary"] == "Accept-Language, Accept-Encoding"
    assert wanted_language(accept) == language


def test_language_switch_keeps_the_page(client: httpx.Client) -> None:
    page = client.get("/zh/verify", params={"q": CLAIMS[0]}).text
    assert f'href="/en/verify?q={CLAIMS[0]}"' in page


def test_static_files_may_be_kept_for_good(client: httpx.Client) -> None:
    style = re.search(r'href="(/static/[^"]+\.css)"', client.get("/zh/").text)
    assert style is not None
    answer = client.get(style[1])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert "http" not in answer.text
    assert client.get(style[1].replace("/static/", "/static/0")).status_code == 404


def test_openapi_names_every_route(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path in ("certificates/{number}", "verify/{claim}", "trace/{number}", "projects/{code}", "events", "health"):
        assert f"/v1/{path}" in document["paths"]
    page = client.get("/en/docs").text
    assert all(path in page for path in document["paths"])


def test_locales_are_one_file() -> None:
    files = list((TEMPLATES.parent / "locales").iterdir())
    assert [file.name for file in files] == ["messages.toml"]
    assert tomllib.loads(files[0].read_text())


@given(st.integers(0, 10**15))
def test_energy_is_written_exactly(wh: int) -> None:
    text = energy(wh).removesuffix(" kWh").replace(",", "")
    whole, _, part = text.partition(".")
    assert int(whole) * 1000 + int(part.ljust(3, "0")) == wh


@given(st.integers(0, 2**64 - 1))
def test_price_is_written_exactly(fen: int) -> None:
    assert int(price(fen).removeprefix("¥").replace(",", "").replace(".", "")) == fen
