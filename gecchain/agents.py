"""Write path of mandates (授权委托, Q36, Q40): while one lasts the agent acts for its principal, whose own
key does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from gecchain.chain.deployment import Deployment
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import NotFound
from gecchain.events import NO_ACCOUNT

__all__ = ["Mandate", "file_mandate", "mandate_of", "revoke_mandate"]


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate in force in `[from_, until)`, Unix seconds; `actor` is the key that acts for the principal now."""

    principal: str
    agent: str
    from_: int
    until: int
    actor: str

    def lasts(self, now: int) -> bool:
        """Whether it is in force at that second."""
        return self.from_ <= now < self.until


def file_mandate(
    principal: Writer, deployment: Deployment, account: str, agent: str, from_: int, until: int, document: bytes
) -> Receipt:
    """File a mandate, signed by who acts for the principal; `document` is the hash of the agreement."""
    args = [account, agent, from_, until, document]
    return principal.send(Action.call("filing a mandate", "Registry", deployment.registry, "fileMandate", args))


def revoke_mandate(by: Writer, deployment: Deployment, account: str) -> Receipt:
    """End the mandate of an account before its day: the principal's own operator, the agent's, or the authority."""
    return by.send(Action.call("revoking a mandate", "Registry", deployment.registry, "revokeMandate", [account]))


def mandate_of(reader: Reader, account: str) -> Mandate:
    """The latest mandate of an account that was not revoked. NotFound if there is none."""
    struct, actor = (
        answer[0] for answer in reader.views([View("registry", name, (account,)) for name in ("mandateOf", "actorOf")])
    )
    agent, from_, until = struct
    if agent == NO_ACCOUNT:
        raise NotFound(f"the account {account} has no mandate")
    return Mandate(account, agent, from_, until, actor)
