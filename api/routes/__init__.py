"""What the API answers under `/v1`, one file for each thing it is asked about."""

from api.routes import (
    accounts,
    certificates,
    documents,
    events,
    evidence,
    health,
    lists,
    market,
    proceedings,
    projects,
    registry,
    requests,
    session,
    webhooks,
)

__all__ = ["ROUTERS"]

ROUTERS = (
    documents.router,  # before those whose codes would take `.pdf` for a part of themselves
    lists.router,
    certificates.router,
    projects.router,
    accounts.router,
    market.router,
    proceedings.router,
    events.router,
    evidence.router,
    registry.router,
    health.router,
    session.router,
    requests.router,
    webhooks.router,
)
