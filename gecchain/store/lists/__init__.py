"""Lists by filter, each served by an index whose order is the list's, so that a page costs the same at any size.

A cursor names the last item by its key, never by a count, so it stays right while blocks arrive: what was there all
along is given once, what changed is given as it was when its page was read.
"""

from gecchain.store.lists.batches import BatchFilter, batch_list
from gecchain.store.lists.plants import ProjectFilter, filed_projects
from gecchain.store.lists.ranges import RangeFilter, month_before, range_list
from gecchain.store.lists.settled import RetirementFilter, TradeFilter, retirement_list, trade_list

__all__ = [
    "BatchFilter",
    "ProjectFilter",
    "RangeFilter",
    "RetirementFilter",
    "TradeFilter",
    "batch_list",
    "filed_projects",
    "month_before",
    "range_list",
    "retirement_list",
    "trade_list",
]
