"""axe-core on every page in both languages and both colour schemes, in one browser; no page is wider than 360 px."""

from itertools import product
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from api.language import LANGUAGES
from tests.api.story import HYDRO, SUN, WIND, batch_of, number
from tests.api.test_pages import AUGUST, PAGES

# Left out: pages that differ from another one in nothing but their data. The rest takes little more than a minute.
ALIKE = (
    f"/certificates/{number(HYDRO, AUGUST, 10)}",
    f"/certificates/{number(SUN, AUGUST, 0)}",
    f"/certificates/{number(WIND, '2023-10', 12)}",
    f"/trace/{number(WIND, AUGUST, 6000)}",
    f"/trace/{number(WIND, '2023-10', 3)}",
    f"/projects/{SUN.code}",
    f"/batches/{batch_of(HYDRO, AUGUST)}",
    "/statistics?show=retired&year=2026",
    "/accounts/0x1",
    "/vouchers/99",
    "/retirements/x",
)
LOOKED_AT = [path for path in PAGES if path not in ALIKE]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
# Every rule that axe-core has for WCAG 2.2 up to AA, and its good practices. In the dark, where nothing but the colours
# is other than in the light, the one about colours.
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
FORMS = {"light": (DESKTOP, EVERYTHING), "dark": (PHONE, COLOURS)}


def barriers(page: Page, rules: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What axe-core finds: rule, element, and what is wrong with it."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": rules}).response["violations"]
    return [(one["id"], node["html"][:200], node["failureSummary"]) for one in found for node in one["nodes"]]


@pytest.mark.parametrize(("language", "scheme"), product(LANGUAGES, FORMS))
def test_no_page_has_a_barrier(browser: Browser, client: httpx.Client, language: str, scheme: str) -> None:
    size, rules = FORMS[scheme]
    context = browser.new_context(base_url=str(client.base_url), color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
    page, found = context.new_page(), {}
    for path in LOOKED_AT:
        page.goto(f"/{language}{path}")
        found[path] = barriers(page, rules)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found[path].append(("wider than the screen", "", ""))
    context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_rules_do_find_barriers(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<!doctype html><html><body><img src='x'><input></body></html>")
    found = {rule for rule, _element, _fault in barriers(page, EVERYTHING)}
    context.close()
    assert {"image-alt", "label", "html-has-lang"} <= found


def test_print_is_light_whatever_the_screen_has(browser: Browser, client: httpx.Client) -> None:
    context = browser.new_context(base_url=str(client.base_url), color_scheme="dark")
    page = context.new_page()
    page.goto("/zh/vouchers/1")
    ground = "getComputedStyle(document.querySelector('.paper')).backgroundColor"
    assert page.evaluate(ground) != "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
    context.close()
