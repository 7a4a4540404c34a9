"""What a decided case does to a project's energy: certificates more or fewer, and the carry that takes the rest.

Kept apart from issuing: a correction opens no month, and may take certificates back.
"""

from gecchain.errors import BadInput
from gecchain.rules.parameters import WH_PER_CERTIFICATE

__all__ = ["corrected"]


def corrected(carry_wh: int, wh: int) -> tuple[int, int]:
    """Certificates to be added (negative: deducted) and the carry after a correction of the metered energy (Q95).

    `carry_wh + wh == certificates * 1_000_000 + carry` and `0 <= carry < 1_000_000`, always: what is missing is taken
    from the carry first. BadInput for a carry that none can be.
    """
    if not 0 <= carry_wh < WH_PER_CERTIFICATE.value:
        raise BadInput("A carry is below one certificate.", field="carry", value=str(carry_wh))
    return divmod(carry_wh + wh, WH_PER_CERTIFICATE.value)
