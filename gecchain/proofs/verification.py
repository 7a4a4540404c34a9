"""Verification of a certificate (验真, Q18) as a numbered list of steps that a reader can check against the page.

0 form       it reads as a certificate number or hash
1 batch      the chain knows the batch that it names
2 serial     its serial is below the number issued in that batch
3 facts      the facts that the chain answers, hashed again here, give the certificate hash that it answers
4 hash       they give the hash that was handed in (nothing to compare if a number was)
5 state      it stands: it was not deducted
6 validity   its calendar end has not passed (no matter once it is retired)
7 reading    the meter reading is the committed leaf and gives that many certificates (if handed in); nothing to
             compare for a certificate that a decided case added
8 filing     the project's filing is the recorded one (if handed in)

A step that fails among 0 to 4 ends the list: the later ones are shown as not reached (`passed` is None). Steps 5 and 6
say what a genuine certificate is worth today and do not touch the verdict.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gecchain.errors import BadInput
from gecchain.proofs import steps as step
from gecchain.proofs.claims import Claim, parse_claim
from gecchain.proofs.evidence import Evidence
from gecchain.proofs.facts import CertificateFacts
from gecchain.proofs.steps import Step
from gecchain.rules import expires_at

__all__ = ["Status", "Verdict", "Verification", "verify_certificate"]

_STEPS_ALWAYS_SHOWN: Final = 7


class Verdict(StrEnum):
    """Whether what was handed in is genuine. `VALID` says nothing about its state: see `Status`."""

    VALID = "valid"
    UNKNOWN = "unknown"
    TAMPERED = "tampered"
    MALFORMED = "malformed"


class Status(StrEnum):
    """What has become of a genuine certificate; `EXPIRED` follows from the calendar and hides held, listed, frozen."""

    HELD = "held"
    LISTED = "listed"
    FROZEN = "frozen"
    RETIRED = "retired"
    DEDUCTED = "deducted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer. `claim` is canonical where it could be read.

    `token_id` and `number` are None for a malformed claim; `status`, `traded` and `certificate_hash` (32 bytes) are
    None unless the verdict is `VALID`.
    """

    claim: str
    verdict: Verdict
    steps: tuple[Step, ...]
    token_id: int | None = None
    number: str | None = None
    status: Status | None = None
    traded: bool | None = None
    certificate_hash: bytes | None = None

    @property
    def failed(self) -> Step | None:
        """The first step that failed, or None."""
        return next((one for one in self.steps if one.passed is False), None)


def verify_certificate(
    claim: str, facts: CertificateFacts | None, now: int, evidence: Evidence | None = None
) -> Verification:
    """Check a number or hash against what the chain answers for its token id; `now` in unix seconds.

    `facts` is None where the chain does not know the batch. `evidence` adds steps 7 and 8. Never raises for a claim:
    what cannot be read is `MALFORMED`.
    """
    # (0): it reads as a number or hash.
    try:
        parsed = parse_claim(claim)
    except BadInput as error:
        return Verification(claim, Verdict.MALFORMED, _filled([step.form_refused(claim, error)]))
    done = [step.form_step(parsed)]

    # (1), (2): it was issued.
    done.append(step.batch_step(parsed, facts))
    if facts is None or _failed(done):
        return _rejected(parsed, Verdict.UNKNOWN, done)
    done.append(step.serial_step(parsed, facts))
    if _failed(done):
        return _rejected(parsed, Verdict.UNKNOWN, done)

    # (3), (4): it is what was issued.
    certificate = facts.recomputed()
    done.append(step.facts_step(facts, certificate))
    if not _failed(done):
        done.append(step.hash_step(parsed, certificate))
    if _failed(done):
        return _rejected(parsed, Verdict.TAMPERED, done)

    # (5), (6): what it is worth today.
    done += [step.state_step(facts), step.validity_step(facts, now)]

    # (7), (8): where it comes from.
    origin = [] if evidence is None else [step.reading_step(facts, evidence), step.filing_step(facts, evidence)]
    done += origin
    if any(one.passed is False for one in origin):
        return _rejected(parsed, Verdict.TAMPERED, done)
    return Verification(
        parsed.text,
        Verdict.VALID,
        _filled(done),
        parsed.token_id,
        parsed.number,
        _status(facts, now),
        facts.traded,
        certificate,
    )


def _failed(done: list[Step]) -> bool:
    return done[-1].passed is False


def _filled(done: list[Step]) -> tuple[Step, ...]:
    return (*done, *(step.unreached(number) for number in range(len(done), _STEPS_ALWAYS_SHOWN)))


def _rejected(claim: Claim, verdict: Verdict, done: list[Step]) -> Verification:
    return Verification(claim.text, verdict, _filled(done), claim.token_id, claim.number)


def _status(facts: CertificateFacts, now: int) -> Status:
    if facts.state not in step.ENDED and now >= expires_at(step.production_month(facts)):
        return Status.EXPIRED
    return Status(facts.shown.slug)
