"""A certificate as it is shown: the store's view together with its hash."""

from dataclasses import dataclass

from api.registry import Registry, Snapshot
from api.shapes import certificate_answer
from gecchain.answers import CertificateAnswer
from gecchain.proofs import certificate_hash, document_hash, facts_hash
from gecchain.store import queries
from gecchain.store.views import CertificateView

__all__ = ["Seen", "seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The view and its JSON."""

    view: CertificateView
    answer: CertificateAnswer


def seen(registry: Registry, snapshot: Snapshot, token: int) -> Seen:
    """The certificate of a token id; NotFound if it was never issued."""
    view = queries.certificate(snapshot.db, token)
    return Seen(view, certificate_answer(view, _hash(registry, view), registry.now()))


def _hash(registry: Registry, view: CertificateView) -> str:
    deployment = registry.deployment
    added = view.addition
    facts = facts_hash(
        deployment.chain_id,
        deployment.certificates,
        view.token_id,
        bytes.fromhex(added.basis[2:] if added else view.commitment.commitment.root[2:]),
        added.case_id if added else view.leaf.index,
        document_hash(view.filing.filing.document.encode()),
    )
    return "0x" + certificate_hash(view.token_id, facts).hex()
