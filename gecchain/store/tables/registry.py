"""Accounts, mandates, projects, energy accounts, and what the authority has set."""

from typing import Final

from sqlalchemy import Boolean, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text

from gecchain.store.columns import ADDRESS, WORD, Unsigned64
from gecchain.store.facets import project_province, project_technology
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["accounts", "ccer_months", "ccer_registrations", "filings", "lanes", "mandates", "parameters", "projects"]

accounts: Final = Table(
    "accounts",
    metadata,
    field("address", ADDRESS, key=True),
    field("kind", SmallInteger),
    field("province", SmallInteger),
    field("operator", ADDRESS),
    field("name", Text),
    field("frozen", Boolean),
    field("freeze_reason", Text),
    field("platform", SmallInteger),
    field("opened", BIG),
    field("closed", BIG),
    field("close_reason", Text),
    Index(None, "closed"),
    Index(None, "kind", "province"),
    Index(None, "operator", "kind"),
)

mandates: Final = Table(
    "mandates",
    metadata,
    field("principal", ADDRESS, key=True),
    field("agent", ADDRESS),
    field("begins", BIG),
    field("until", BIG),
    field("document", WORD),
    field("filed", BIG),
    field("revoked", BIG),
    Index(None, "agent", "principal"),
)

projects: Final = Table(
    "projects",
    metadata,
    field("id", BIG, key=True),
    field("latest", SmallInteger),
    field("approved", SmallInteger),
    field("owner", ADDRESS),
    field("in_operation", Integer),
    field("market_based", Boolean),
    field("ccer", Boolean),
    Index(None, "owner", "id"),
)
Index("ix_projects_province_id", project_province(projects.c.id), projects.c.id)
Index("ix_projects_technology_id", project_technology(projects.c.id), projects.c.id)

filings: Final = Table(
    "filings",
    metadata,
    field("project", BIG),
    field("version", SmallInteger),
    field("owner", ADDRESS),
    field("in_operation", Integer),
    field("capacity_kw", BIG),
    field("market_based", Boolean),
    field("document", Text),
    field("state", SmallInteger),
    field("reviewer", ADDRESS),
    field("reason", Text),
    field("submitted", BIG),
    field("reviewed", BIG),
    PrimaryKeyConstraint("project", "version"),
    Index(None, "state", "project", "version"),
    sqlite_with_rowid=False,
)

ccer_registrations: Final = Table(
    "ccer_registrations",
    metadata,
    field("number", Text, key=True),
    field("project", BIG),
    field("start", Integer),
    field("end", Integer),
    field("position", BIG),
    Index(None, "project", "start"),
)

ccer_months: Final = Table(
    "ccer_months",
    metadata,
    field("project", BIG),
    field("month", Integer),
    field("number", Text),
    PrimaryKeyConstraint("project", "month"),
    sqlite_with_rowid=False,
)

lanes: Final = Table(
    "lanes",
    metadata,
    field("project", BIG),
    field("electricity", SmallInteger),
    field("lane", Unsigned64),
    field("metered_wh", BIG),
    field("issued", BIG),
    field("deducted", BIG),
    field("owed", BIG),
    PrimaryKeyConstraint("project", "electricity"),
    sqlite_with_rowid=False,
)

parameters: Final = Table(
    "parameters",
    metadata,
    field("id", Integer, key=True),
    field("ccer_ends", Unsigned64),
    field("proposal_days", Integer),
    field("check_days", Integer),
    field("decision_days", Integer),
    field("execution_days", Integer),
    field("quorum", SmallInteger),
)
