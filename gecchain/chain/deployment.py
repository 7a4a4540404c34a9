"""Where the contracts of one registry stand: a small file that every reader and writer is handed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from gecchain.errors import BadInput, NotFound

__all__ = ["Deployment", "load_deployment", "save_deployment"]


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
    """The deployment of a file. NotFound without it, BadInput when it is no deployment."""
    try:
        return Deployment(**orjson.loads(path.read_bytes()))
    except FileNotFoundError as error:
        raise NotFound(f"no deployment at {path}", remedy="Make one with gec deploy.") from error
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BadInput(
            f"{path} is no deployment file", field="deployment", remedy="Make one with gec deploy."
        ) from error


def save_deployment(path: Path, deployment: Deployment) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(orjson.dumps(asdict(deployment), option=orjson.OPT_INDENT_2))
    partial.rename(path)
