"""A registry as a platform uses it from Python: read, follow, sign, hand in, and wait for the block.

    with Client("https://registry.example.org", token="gec_…") as registry:
        wish = registry.sign(signer, "market.withdraw", {"listing": 12})
        (taken,) = registry.hand_in([wish], key="withdraw-12")
        print(registry.wait(taken.id).state)

Nothing that the server says is signed unseen: calls are encoded here, for the contracts of a deployment that may be
pinned, and a request's name is computed here.
"""

from gecchain.client.client import Client
from gecchain.client.transport import Transport

__all__ = ["Client", "Transport"]
