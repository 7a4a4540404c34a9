"""A person in front of a browser: paste, read, switch the language, on a phone, without a mouse, without scripts."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.story import OWNER, WIND, number

AUGUST = "2026-08"
GOOD = number(WIND, AUGUST, 0)
PHONE = {"width": 390, "height": 844}
Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser, client: httpx.Client) -> Iterator[Opens]:
    """Opens pages; fails if one of them asked anybody else for anything, or broke the policy."""
    base = str(client.base_url).rstrip("/")
    contexts: list[Any] = []
    elsewhere: list[str] = []
    complaints: list[str] = []

    def open_page(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=base, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: None if request.url.startswith(base) else elsewhere.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert elsewhere == []
    assert [text for text in complaints if "404" not in text] == []


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name=re.compile("^(验真|Verify)$")).click()


def test_paste_a_number_and_read_the_answer(opens: Opens) -> None:
    page = opens("/zh/")
    ask(page, GOOD)
    expect(page.get_by_role("heading", level=1)).to_have_text("真实，有效")
    page.get_by_role("link", name="查看绿证").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("绿色电力证书")
    page.get_by_role("link", name="查看溯源").click()
    expect(page.get_by_role("heading", name="绿证核发")).to_be_visible()


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (GOOD[:5], "Cannot be read"),
        (number(WIND, AUGUST, 500_000), "No such certificate"),
        (number(WIND, AUGUST, 120), "Genuine, already used"),
    ],
)
def test_other_answers(opens: Opens, claim: str, verdict: str) -> None:
    page = opens("/en/")
    ask(page, claim)
    expect(page.get_by_role("heading", level=1)).to_have_text(verdict)


def test_an_altered_hash_is_told(opens: Opens, client: httpx.Client) -> None:
    known = client.get(f"/v1/verify/{GOOD}").json()["hash"]
    page = opens("/en/")
    ask(page, known[:-1] + ("0" if known[-1] != "0" else "1"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Does not match the record")
    expect(page.locator(".came.bad")).to_have_count(1)


def test_language_switch_keeps_the_answer(opens: Opens) -> None:
    page = opens(f"/zh/verify?q={GOOD}")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine and valid")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("真实，有效")


def test_no_page_scrolls_sideways_on_a_phone(opens: Opens) -> None:
    page = opens("/en/", viewport=PHONE)
    paths = ["verify/" + GOOD, "certificates/" + GOOD, "trace/" + number(WIND, AUGUST, 120), "projects/" + WIND.code]
    for path in (*paths, "market", "statistics", "accounts/" + OWNER, "docs", "nothing"):
        page.goto(f"/en/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_keyboard_alone_is_enough(opens: Opens) -> None:
    page = opens("/en/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine and valid")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(outline) == "solid"


def test_everything_works_without_scripts(opens: Opens) -> None:
    page = opens("/en/", java_script_enabled=False)
    ask(page, GOOD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine and valid")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


CONTRAST = """() => {
  const part = value => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || element.closest("svg, script")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${walk.currentNode.textContent.trim()}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_for_everybody(opens: Opens, scheme: str) -> None:
    page = opens("/en/", color_scheme=scheme)
    retired = number(WIND, AUGUST, 120)
    frozen, unknown = number(WIND, AUGUST, 5000), number(WIND, AUGUST, 500_000)
    shown = (f"verify/{GOOD}", f"verify/{retired}", f"verify/{frozen}", f"verify/{unknown}", f"trace/{retired}")
    for path in (*shown, f"certificates/{GOOD}", "market", "statistics", f"projects/{WIND.code}"):
        page.goto(f"/en/{path}")
        assert page.evaluate(CONTRAST) == [], path
