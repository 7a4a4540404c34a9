"""What the API answers under `/v1`, one file for each thing it is asked about."""

from api.routes import (
    accounts,
    certificates,
    events,
    evidence,
    health,
    market,
    proceedings,
    projects,
    requests,
    session,
    webhooks,
)

__all__ = ["ROUTERS"]

ROUTERS = (
    certificates.router,
    projects.router,
    accounts.router,
    market.router,
    proceedings.router,
    events.router,
    evidence.router,
    health.router,
    session.router,
    requests.router,
    webhooks.router,
)
