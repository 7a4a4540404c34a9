"""What the API answers under `/v1`, one file for each thing it is asked about."""

from api.routes import accounts, certificates, events, evidence, health, lists, market, proceedings, projects

__all__ = ["ROUTERS"]

ROUTERS = (
    lists.router,
    certificates.router,
    projects.router,
    accounts.router,
    market.router,
    proceedings.router,
    events.router,
    evidence.router,
    health.router,
)
