"""Webhooks as they are kept: who wants which events, how far each is, and what could not be delivered (decision 16).

No projection, so it is backed up with the desk, in whose database it lives. It follows the index: `seen` keeps the
newest blocks that were looked at, so that events of blocks that the chain took back are told and sent anew.
"""

from gecchain.store.hooks import feed, letters, outcomes, seen, subscriptions
from gecchain.store.hooks.alone import only_worker
from gecchain.store.hooks.figures import Figures, figures
from gecchain.store.hooks.filters import Filter
from gecchain.store.hooks.letters import Extra, Letter
from gecchain.store.hooks.outcomes import Attempt, Settled
from gecchain.store.hooks.seen import Tip
from gecchain.store.hooks.shelf import Shelf
from gecchain.store.hooks.subscriptions import Owner, Subscription
from gecchain.store.hooks.tables import hook_metadata
from gecchain.store.hooks.versions import migrate

__all__ = [
    "Attempt",
    "Extra",
    "Figures",
    "Filter",
    "Letter",
    "Owner",
    "Settled",
    "Shelf",
    "Subscription",
    "Tip",
    "feed",
    "figures",
    "hook_metadata",
    "letters",
    "migrate",
    "only_worker",
    "outcomes",
    "seen",
    "subscriptions",
]
