"""How many certificates move with green electricity in one month.

Kept apart from carry: a settlement that does not fill a certificate moves nothing and carries nothing.
"""

from gecchain.errors import BadInput
from gecchain.rules.parameters import WH_PER_CERTIFICATE

__all__ = ["settled_certificates"]


def settled_certificates(contract_wh: int, fed_in_wh: int, consumed_wh: int) -> int:
    """Whole certificates in the smallest of contract, fed in and consumed, all in Wh of one month (三者取小, Q46).

    BadInput if any is negative.
    """
    smallest = min(contract_wh, fed_in_wh, consumed_wh)
    if smallest < 0:
        raise BadInput("Energy is not negative.", field="wh", value=str(smallest))
    return smallest // WH_PER_CERTIFICATE.value
