"""The certificate (绿证, Q14) as data."""

from gecchain.documents.parts import party, place_json, project, range_json
from gecchain.documents.standing import Standing, standing_after
from gecchain.documents.values import Chain, Document, Kind
from gecchain.errors import BrokenProof
from gecchain.proofs import JsonValue, certificate_hash, document_hash, facts_hash
from gecchain.rules import CertificateState, shown_state
from gecchain.rules.parameters import WH_PER_CERTIFICATE
from gecchain.store.views import CertificateView
from gecchain.store.views.papers import CertificatePaper

__all__ = ["certificate_document"]

_ENDED = CertificateState.RETIRED, CertificateState.DEDUCTED


def certificate_document(paper: CertificatePaper, chain: Chain) -> Document:
    """The certificate as it stood after the paper's block. BrokenProof if trace and projection disagree about now."""
    view, added = paper.view, paper.view.addition
    stood = standing_after(paper.steps, added.holder if added else view.batch.holder)
    if not paper.since:
        _require_agreement(view, stood)
    shown = shown_state(stood.state, traded=stood.trade != 0, ccer=paper.ccer)
    holder = None if stood.state in _ENDED else party(stood.holder, paper.accounts)
    body: dict[str, JsonValue] = {
        "certificate": {
            **range_json(view.batch.id, view.serial, view.serial + 1),
            "case": added.case_id if added else None,
            "energy_wh": str(WH_PER_CERTIFICATE.value),
            "hash": _hash(view, chain),
            "holder": holder,
            "issued": place_json(view.issued),
            "number": view.number,
            "reading": {
                "commitment": view.commitment.commitment.id,
                "leaf": view.leaf.index,
                "root": view.commitment.commitment.root,
                "wh": str(view.leaf.wh),
            },
            "retirement": str(stood.retirement) if stood.retirement else None,
            "state": shown.slug,
            "trade": str(stood.trade) if stood.trade else None,
        },
        "project": project(view.project.id, view.filing, paper.provider, paper.accounts),
    }
    return Document(Kind.CERTIFICATE, view.number, chain, paper.place, body)


def _hash(view: CertificateView, chain: Chain) -> str:
    added = view.addition
    root = added.basis if added else view.commitment.commitment.root
    leaf = added.case_id if added else view.leaf.index
    filing = document_hash(view.filing.filing.document.encode())
    facts = facts_hash(chain.id, chain.certificates, view.token_id, bytes.fromhex(root[2:]), leaf, filing)
    return "0x" + certificate_hash(view.token_id, facts).hex()


def _require_agreement(view: CertificateView, stood: Standing) -> None:
    now = view.segment
    if (stood.holder, stood.state.value, stood.trade) != (now.owner, now.state, now.trade):
        raise BrokenProof(
            f"The trace of {view.number} does not lead to where the certificate stands.",
            where=f"trace {stood.holder} {stood.state.slug}, store {now.owner} {now.state}",
        )
