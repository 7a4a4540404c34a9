"""What the lists answer that platforms read in whole: ranges, batches, projects."""

from dataclasses import dataclass

from gecchain.ledger import Account, Batch, Filing, Project, Segment

__all__ = ["BatchRow", "ProjectRow", "RangeRow"]


@dataclass(frozen=True, slots=True)
class RangeRow:
    """Certificates of one batch with one holder and one state; clipped to what the page before did not give."""

    segment: Segment
    holder: Account | None
    project_name: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with its project's owner, UTC seconds of its issue, and the block it was issued in."""

    batch: Batch
    owner: str
    project_name: str
    block: int
    time: int


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with the filing that counts: the one in force, before the first approval the latest."""

    project: Project
    filing: Filing
    owner: Account | None
    issued: int
