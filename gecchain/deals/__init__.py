"""Bilateral orders (双边协商, Q43): a seller and a buyer sign one and the same order, their platform carries it out.

The order travels between them as a small file of canonical JSON that collects the signatures (EIP-712); nobody but the
two parties has to be trusted with it, and the contract checks all of it again. A filled order is not filled twice.
"""

from gecchain.deals.order import Deal, SignedDeal, check, digest_of, parse_deal
from gecchain.deals.trading import Filled, cancel, choose_ranges, fill, sign, status_of

__all__ = [
    "Deal",
    "Filled",
    "SignedDeal",
    "cancel",
    "check",
    "choose_ranges",
    "digest_of",
    "fill",
    "parse_deal",
    "sign",
    "status_of",
]
