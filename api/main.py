"""The factory that a server process calls, and the one place of this room that reads the environment.

`uvicorn --factory api.main:application` with `GEC_DATABASE_URL` and `GEC_DEPLOYMENT` (a file), and
`GEC_RPC_URL` if there is a node, `GEC_EVIDENCE_URL` if evidence is handed out, `GEC_DESK_URL` if requests are taken;
`GEC_DEMO=1` marks a demonstration, `GEC_BASE_URL` is the address the public uses. `GEC_FONTS` is the folder of the
documents' typefaces, `GEC_SEALER` the socket file of the process that seals them. `GEC_RATE_PUBLIC`, `GEC_RATE_KNOWN`,
`GEC_RATE_WRITES` and `GEC_RATE_STORAGE` say how often a caller may ask (see `api.settings.Rates`); without them 1,200
times a minute from an address, 12,000 with a key or session, 600 of them writing.
`GEC_WEBHOOK_PRIVATE=1` lets webhooks go to http and to our own network, for development.
`GEC_LOG`, `GEC_LOG_LEVEL`, `GEC_METRICS` and `GEC_READY_LAG` are described in docs/operations.md.
"""

import os
from pathlib import Path

from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings, Rates
from gecchain.documents import DEFAULT_FOLDER
from gecchain.errors import BadInput
from gecchain.trail import FORMATS, LEVELS, begin

__all__ = ["application", "settings_from_environment"]


DEFAULT_BASE_URL = "http://127.0.0.1:8000"


def settings_from_environment() -> ApiSettings:
    """Settings of this process; BadInput without a database or a deployment."""
    return ApiSettings(
        database_url=_required("GEC_DATABASE_URL"),
        deployment_file=Path(_required("GEC_DEPLOYMENT")),
        rpc_url=os.environ.get("GEC_RPC_URL") or None,
        evidence_url=os.environ.get("GEC_EVIDENCE_URL", ""),
        demo=_is_set("GEC_DEMO"),
        desk_url=os.environ.get("GEC_DESK_URL", ""),
        rates=_rates(),
        webhook_private=_is_set("GEC_WEBHOOK_PRIVATE"),
        base_url=os.environ.get("GEC_BASE_URL", DEFAULT_BASE_URL).rstrip("/"),
        fonts=Path(os.environ.get("GEC_FONTS") or DEFAULT_FOLDER),
        sealer=Path(os.environ["GEC_SEALER"]) if os.environ.get("GEC_SEALER") else None,
        metrics=os.environ.get("GEC_METRICS", ""),
        ready_lag=_count("GEC_READY_LAG", 100),
    )


def application() -> FastAPI:
    """The application of this process."""
    form, level = os.environ.get("GEC_LOG") or "text", os.environ.get("GEC_LOG_LEVEL") or "warning"
    for name, value, known in (("GEC_LOG", form, FORMATS), ("GEC_LOG_LEVEL", level, LEVELS)):
        if value not in known:
            raise BadInput(f"{name} is not usable.", field=name, value=value, remedy=f"One of {', '.join(known)}.")
    begin(form, level)
    return create_app(settings_from_environment())


def _rates() -> Rates:
    return Rates(
        public=os.environ.get("GEC_RATE_PUBLIC", "1200/minute"),
        known=os.environ.get("GEC_RATE_KNOWN", "12000/minute"),
        writes=os.environ.get("GEC_RATE_WRITES", "600/minute"),
        storage=os.environ.get("GEC_RATE_STORAGE", "memory://"),
    )


def _count(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise BadInput(f"{name} is no number.", field=name, value=value, remedy="Give a whole number.")
    return int(value)


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes"}


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise BadInput(f"{name} is not set.", field=name, remedy=f"Set {name} in the environment.")
    return value
