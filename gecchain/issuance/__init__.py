"""Write path of issuing (核发): plan a month, commit its readings with the provider's key, issue with the authority's.

The chain alone decides what is issued already, so a run that was cut off is simply planned again: what is done drops
out of the plan, what is on its way is brought to its end first, and nothing is minted twice. Where governance asks for
it, officers approve what was committed before it is issued (`approving`).
"""

from gecchain.issuance.approving import Approvable, approvable, approve, is_rebuilt, quorum_of
from gecchain.issuance.issuing import IssuedBatch, OnBatch, Report, Waiting, issue_month
from gecchain.issuance.planning import DECLARED, Line, Lot, Plan, lines_of, plan_month
from gecchain.issuance.sources import SourceFiles

__all__ = [
    "DECLARED",
    "Approvable",
    "IssuedBatch",
    "Line",
    "Lot",
    "OnBatch",
    "Plan",
    "Report",
    "SourceFiles",
    "Waiting",
    "approvable",
    "approve",
    "is_rebuilt",
    "issue_month",
    "lines_of",
    "plan_month",
    "quorum_of",
]
