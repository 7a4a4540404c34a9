"""What the API answers under `/v1`, one file for each thing it is asked about."""

from api.routes import accounts, certificates, events, health, market, projects

__all__ = ["ROUTERS"]

ROUTERS = (
    certificates.router,
    projects.router,
    accounts.router,
    market.router,
    events.router,
    health.router,
)
