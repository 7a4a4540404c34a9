"""Where the contracts of one registry stand: a small file that every reader and writer is handed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson

from gecchain.errors import BadInput, NotFound

__all__ = ["Deployment", "load_deployment", "save_deployment"]

_REMEDY: Final = (
    "Name the registry's file with GEC_DEPLOYMENT (it is what /v1/registry answers), or make one: gec deploy."
)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Addresses (0x, lower case) on the chain `chain_id`; `block` is the head when they were made.

    Older registries have no `lookup`; then each question is a call of its own.
    """

    chain_id: int
    block: int
    relay: str
    registry: str
    readings: str
    certificates: str
    market: str
    declarations: str
    cases: str
    guardian: str
    access_manager: str
    lookup: str = ""


def load_deployment(path: Path) -> Deployment:
    """The deployment of a file, or of an answer of /v1/registry in one. NotFound without it, BadInput if it is none."""
    try:
        found = orjson.loads(path.read_bytes())
        return Deployment(**found.get("deployment", found))
    except FileNotFoundError as error:
        raise NotFound(f"no deployment at {path}", remedy=_REMEDY) from error
    except (orjson.JSONDecodeError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is no deployment file", field="deployment", remedy=_REMEDY) from error


def save_deployment(path: Path, deployment: Deployment) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(orjson.dumps(asdict(deployment), option=orjson.OPT_INDENT_2))
    partial.rename(path)
