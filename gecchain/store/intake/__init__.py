"""The working store of the write side: files taken in, readings, refusals, commitments, and what was about to be sent.

It is no projection: it cannot be rebuilt from the chain, so it is backed up. It lives beside the projection in the same
database or in one of its own; its tables begin with `intake_`.
"""

from gecchain.store.intake.journal import SqlJournal
from gecchain.store.intake.readings import MonthRead, PreparedCommitment, ReadingStore
from gecchain.store.intake.refusals import RefusalStore
from gecchain.store.intake.rows import KeptLeaf, KeptReading, KeptRefusal
from gecchain.store.intake.tables import intake_metadata
from gecchain.store.intake.taking import IntakeSink
from gecchain.store.intake.versions import migrate

__all__ = [
    "IntakeSink",
    "KeptLeaf",
    "KeptReading",
    "KeptRefusal",
    "MonthRead",
    "PreparedCommitment",
    "ReadingStore",
    "RefusalStore",
    "SqlJournal",
    "intake_metadata",
    "migrate",
]
