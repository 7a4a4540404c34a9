"""Verification (验真, Q18): facts out of the store, steps out of `gecchain.proofs`, and the chain's own word on top.

The store's part costs a handful of look-ups by key and some hashes, however many certificates there are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request

from api.language import utc
from api.node import ChainWord
from api.registry import Registry, Snapshot
from gecchain.answers import VerifyAnswer
from gecchain.chain.deployment import Deployment
from gecchain.errors import BadInput
from gecchain.proofs import (
    CertificateFacts,
    Evidence,
    Verdict,
    Verification,
    document_hash,
    parse_claim,
    verify_certificate,
)
from gecchain.proofs.steps import Step
from gecchain.rules import CertificateState, Label
from gecchain.store.basis import FactsBasis, facts_basis, facts_basis_at

__all__ = ["DISPUTED", "Answered", "facts_of", "verify", "verify_answer", "verify_at_a_glance"]

DISPUTED: Final = "disputed"
CHAIN_STEP: Final = 9


@dataclass(frozen=True, slots=True)
class Answered:
    """A verification with the block it is of. `disputed` says that store and chain do not agree."""

    verification: Verification
    block: int | None
    now: int
    disputed: bool = False

    @property
    def genuine(self) -> bool:
        """Whether it is a certificate of this registry, whatever has become of it."""
        return self.verification.verdict is Verdict.VALID and not self.disputed

    @property
    def verdict(self) -> str:
        """The verdict in one word, `disputed` before all others."""
        return DISPUTED if self.disputed else self.verification.verdict.value


def facts_of(found: FactsBasis, deployment: Deployment, token: int) -> CertificateFacts:
    """Facts of a token as the store has them, state NONE beyond the batch's count."""
    return CertificateFacts(
        token_id=token,
        count=found.count,
        state=CertificateState.of_number(found.state),
        holder=found.owner,
        traded=found.traded,
        readings_root=bytes.fromhex(found.readings_root[2:]),
        leaf=found.leaf,
        filing_hash=document_hash(found.filing.encode()),
        chain_id=deployment.chain_id,
        certificates=deployment.certificates,
        answered_hash=None,
        case_id=found.case_id,
        added=found.added,
        ccer=found.ccer,
    )


def verify(registry: Registry, snapshot: Snapshot, claim: str, *, ask_chain: bool) -> Answered:
    """Everything that can be said of a number or hash. With `ask_chain` the last step is the chain's own answer."""
    return _answered(registry, claim, _found(registry, snapshot, _token(claim)), ask_chain=ask_chain)


async def verify_at_a_glance(registry: Registry, request: Request, claim: str, *, ask_chain: bool) -> Answered:
    """The same, by one statement where nothing else is needed: whatever it says is of one block."""
    token = _token(claim)
    found = None
    if token is not None:
        block, basis = await registry.glance(request, partial(facts_basis_at, token))
        is_known, evidence = (True, None) if basis is None else registry.evidence.at_hand(basis)
        found = _Found(block, token, basis, evidence) if is_known else None
    if found is None:
        found = await run_sync(_looked_up, registry, request, token)
    if ask_chain:
        return await run_sync(partial(_answered, registry, claim, found, ask_chain=True))
    return _answered(registry, claim, found, ask_chain=False)


def _looked_up(registry: Registry, request: Request, token: int | None) -> _Found:
    with registry.snapshot(request) as snapshot:
        return _found(registry, snapshot, token)


def _found(registry: Registry, snapshot: Snapshot, token: int | None) -> _Found:
    basis = None if token is None else facts_basis(snapshot.db, token)
    evidence = None if basis is None else registry.evidence.of(snapshot.db, basis)
    return _Found(snapshot.block, token, basis, evidence)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store has on a claim, and the block it is of."""

    block: int | None
    token: int | None
    basis: FactsBasis | None
    evidence: Evidence | None


def _answered(registry: Registry, claim: str, found: _Found, *, ask_chain: bool) -> Answered:
    now = registry.now()
    if found.token is None or found.basis is None:
        return Answered(verify_certificate(claim, None, now), found.block, now)
    facts = facts_of(found.basis, registry.deployment, found.token)
    answered = Answered(verify_certificate(claim, facts, now, found.evidence), found.block, now)
    return _with_chain(registry, answered, facts) if ask_chain and answered.genuine else answered


def _token(claim: str) -> int | None:
    try:
        return parse_claim(claim).token_id
    except BadInput:
        return None


def _with_chain(registry: Registry, answered: Answered, facts: CertificateFacts) -> Answered:
    word = registry.node.verify(facts.recomputed()) if registry.node.configured else None
    step = _chain_step(word, facts, answered.block or 0, registry.node.configured)
    found = answered.verification
    return replace(answered, verification=replace(found, steps=(*found.steps, step)), disputed=step.passed is False)


_NO_NODE: Final = Label(
    "本服务未配置链上节点，未直接询问区块链。", "No node is configured here, so the chain itself was not asked."
)
_UNREACHABLE: Final = Label(
    "链上节点暂时无法访问，以上结果来自已索引的数据。",
    "The node is out of reach; the answer rests on what was indexed.",
)
_BEHIND: Final = Label("链上节点落后于索引，暂不能核对。", "The node is behind what was indexed and cannot say yet.")
_DENIED: Final = Label(
    "区块链的答复与本服务的数据不一致，请勿采信。", "The chain does not say the same. Do not rely on this answer."
)
_SAME: Final = Label(
    "直接询问合约，答复一致（区块 {block}）。", "The contract itself was asked and says the same (block {block})."
)
_MOVED_ON: Final = Label(
    "合约确认该绿证真实；其状态在更新的区块中已变化，索引尚未跟上。",
    "The contract says it is genuine; its state has changed in a newer block that is not indexed yet.",
)


def _chain_step(word: ChainWord | None, facts: CertificateFacts, block: int, configured: bool) -> Step:
    expected = f"{facts.state.slug} 0x{facts.recomputed().hex()}"
    if word is None:
        return _step(None, expected, "", _UNREACHABLE if configured else _NO_NODE)
    found = f"{CertificateState.of_number(word.state).slug} {word.hash}"
    if word.head < block:
        return _step(None, expected, found, _BEHIND)
    if not word.genuine:
        return _step(False, expected, found, _DENIED)
    if (word.state, word.traded) == (facts.state, facts.traded):
        return _step(True, expected, found, Label(*(text.format(block=word.head) for text in _SAME)))
    if word.head > block:
        return _step(None, expected, found, _MOVED_ON)
    return _step(False, expected, found, _DENIED)


def _step(passed: bool | None, expected: str, found: str, detail: Label) -> Step:
    return Step(CHAIN_STEP, "chain", passed, expected, found, detail.zh, detail.en)


def verify_answer(answered: Answered, base_url: str) -> VerifyAnswer:
    """The verification in JSON."""
    found = answered.verification
    known = found.certificate_hash
    # One value of plain parts: to make a model of each step takes longer than to find the certificate.
    return VerifyAnswer.model_validate(
        {
            "claim": found.claim,
            "verdict": answered.verdict,
            "genuine": answered.genuine,
            "status": found.status.value if found.status else None,
            "traded": found.traded,
            "number": found.number,
            "hash": "0x" + known.hex() if known else None,
            "token_id": None if found.token_id is None else str(found.token_id),
            "steps": [
                {
                    "number": step.number,
                    "name": step.name,
                    "passed": step.passed,
                    "expected": step.expected,
                    "found": step.found,
                    "detail": {"zh": step.detail_zh, "en": step.detail_en},
                }
                for step in found.steps
            ],
            "indexed_block": answered.block,
            "checked_at": utc(answered.now),
            "page": f"{base_url}/certificates/{found.number}" if known else None,
        }
    )
