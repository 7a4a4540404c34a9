"""Write path of disputes (异议处理, Q95): opened by the owner, proposed by an exchange, checked by a regional office,
decided and carried out by the authority.

Everything is asked of the chain: where a case stands, what is left of its batch, and what has been said in it.
"""

from gecchain.cases.execution import Lot, Piece, Plan, Remedy, Undone, execute, plan_execution, undone_by
from gecchain.cases.stages import check, close, decide, open_case, propose, set_deadlines
from gecchain.cases.standing import CaseState, all_cases, case_of, history, segments_of

__all__ = [
    "CaseState",
    "Lot",
    "Piece",
    "Plan",
    "Remedy",
    "Undone",
    "all_cases",
    "case_of",
    "check",
    "close",
    "decide",
    "execute",
    "history",
    "open_case",
    "plan_execution",
    "propose",
    "segments_of",
    "set_deadlines",
    "undone_by",
]
