"""The proof that the index is right (I9): the chain replayed through the ledger, held against SQL and the contracts.

Three witnesses of the same history must agree: the fold of every event from the deployment on, the rows in SQL, and
what the contracts answer at the same block. The report says of each check how much was compared and where the first
difference is.
"""

from gecchain.fsck.report import Check, Progress, Report
from gecchain.fsck.run import check

__all__ = ["Check", "Progress", "Report", "check"]
