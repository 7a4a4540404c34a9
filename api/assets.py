"""Static files under addresses that contain their hash, so that browsers may keep them for good."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from gecchain.errors import NotFound

__all__ = ["asset_path", "router"]

router = APIRouter(include_in_schema=False)

_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its type and the first twelve hex digits of its SHA-256."""

    body: bytes
    media_type: str
    digest: str


@cache
def _assets() -> dict[str, Asset]:
    files = (entry for entry in resources.files("api").joinpath("static").iterdir() if entry.is_file())
    return {file.name: _asset(file.name, file.read_bytes()) for file in files}


def _asset(name: str, body: bytes) -> Asset:
    return Asset(body, _TYPES[name.rpartition(".")[2]], hashlib.sha256(body).hexdigest()[:12])


def asset_path(name: str) -> str:
    """Address of a static file."""
    return f"/static/{_assets()[name].digest}/{name}"


@router.get("/static/{digest}/{name}")
def static(digest: str, name: str) -> Response:
    """A static file; only under the hash of what it holds now."""
    asset = _assets().get(name)
    if asset is None or asset.digest != digest:
        raise NotFound("There is no such file.")
    return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": _FOR_GOOD})


@router.get("/favicon.ico")
def favicon() -> Response:
    """The mark, for browsers that ask for this name without being told."""
    return Response(_assets()["mark.svg"].body, media_type=_TYPES["svg"])
