"""Pages for people, in Chinese under `/zh/` and in English under `/en/`, readable without any script.

Every page is also reached without a language in its address; the browser's wish decides then.
"""

from fastapi import APIRouter, FastAPI

from api.language import LANGUAGES
from api.pages import accounts, batches, cases, certificates, documents, market, papers, projects, reference, statistics
from api.pages.rendering import to_language
from api.waiting import Waits

__all__ = ["add_pages"]

_ROUTERS = (
    certificates.router,
    documents.router,
    papers.router,
    projects.router,
    batches.router,
    market.router,
    statistics.router,
    cases.router,
    accounts.router,
    reference.router,
)


def add_pages(app: FastAPI) -> None:
    """Every page under each language, and under none."""
    for language in LANGUAGES:
        for router in _ROUTERS:
            app.include_router(router, prefix=f"/{language}", include_in_schema=False, dependencies=[Waits])
    redirects = APIRouter(include_in_schema=False)
    for router in _ROUTERS:
        for route in router.routes:
            redirects.add_api_route(getattr(route, "path", "/"), to_language, methods=["GET", "HEAD"])
    for language in LANGUAGES:
        redirects.add_api_route(f"/{language}", to_language, methods=["GET", "HEAD"])
    app.include_router(redirects)
