"""From values to a page: one environment, one language a page, and everything escaped."""

from functools import cache
from importlib import resources
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from api import language as words
from api.assets import asset_path
from api.language import LANGUAGES, say, wanted_language
from api.registry import registry_of
from gecchain.answers import Named
from gecchain.rules import Label

__all__ = ["language_of", "other_language", "page", "to_language"]


@cache
def _environment() -> Environment:
    folder = str(resources.files("api").joinpath("templates"))
    found = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        asset=asset_path,
        beijing=words.beijing,
        energy=words.energy,
        grouped=words.grouped,
        price=words.price,
        utc=words.utc,
    )
    return found


def language_of(request: Request) -> str:
    """The language of a page by its address; of an address without one by what the browser asks for."""
    first = request.url.path.split("/")[1]
    return first if first in LANGUAGES else wanted_language(request.headers.get("accept-language", ""))


def other_language(language: str) -> str:
    """The one that is not."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


def page(request: Request, template: str, *, status: int = 200, current: str = "", **values: Any) -> HTMLResponse:
    """A rendered page in the language of its address. `current` names the entry of the navigation it belongs to."""
    language = language_of(request)
    registry = registry_of(request)
    text = _environment().get_template(template)
    body = text.render(
        language=language,
        t=lambda key, **places: say(language, key, **places),
        pick=lambda named: _pick(language, named),
        lead=lambda named: _leading(_pick(language, named)),
        here=_elsewhere(request, language),
        there=_elsewhere(request, other_language(language)),
        other=other_language(language),
        current=current,
        demo=registry.settings.demo,
        base_url=registry.settings.base_url,
        indexed=getattr(request.state, "indexed", registry.last),
        **values,
    )
    return HTMLResponse(body, status_code=status, headers={"Content-Language": language})


def _pick(language: str, named: Named | Label) -> str:
    return named.zh if language == "zh" else named.en


def _leading(words: str) -> str:
    """Words at the beginning of a line or cell."""
    return words[:1].upper() + words[1:]


def _elsewhere(request: Request, language: str) -> str:
    """The same page in that language."""
    path = request.scope.get("raw_path", b"").decode("ascii", "replace") or request.url.path
    first, _, rest = path.removeprefix("/").partition("/")
    inside = rest if first in LANGUAGES else path.removeprefix("/")
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/{language}/{inside}{query}"


def to_language(request: Request) -> RedirectResponse:
    """To the same page in the language that the browser asks for."""
    found = RedirectResponse(_elsewhere(request, language_of(request)), status_code=302)
    found.headers["Vary"] = "Accept-Language"
    return found
