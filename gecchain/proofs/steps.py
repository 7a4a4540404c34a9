"""The single steps of a verification, each a pure function of what was claimed and what the chain answered.

`verification` puts them in order; the words that people read are here, beside what is compared.
"""

from dataclasses import dataclass
from typing import Final

from gecchain.errors import BadInput
from gecchain.proofs.claims import Claim
from gecchain.proofs.evidence import Evidence, filing_fault, reading_fault
from gecchain.proofs.facts import CertificateFacts
from gecchain.rules import BatchKey, CertificateState, Label, Month, expires_at, last_valid_day, split_token_id

__all__ = [
    "ENDED",
    "STEP_NAMES",
    "Step",
    "batch_step",
    "facts_step",
    "filing_step",
    "form_refused",
    "form_step",
    "hash_step",
    "production_month",
    "reading_step",
    "serial_step",
    "state_step",
    "unreached",
    "validity_step",
]

STEP_NAMES: Final = ("form", "batch", "serial", "facts", "hash", "state", "validity", "reading", "filing")
ENDED: Final = frozenset({CertificateState.RETIRED, CertificateState.DEDUCTED})
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `passed` is None where it was not reached or has nothing to compare."""

    number: int
    name: str
    passed: bool | None
    expected: str
    found: str
    detail_zh: str
    detail_en: str


def _step(number: int, passed: bool | None, expected: str, found: str, detail: Label) -> Step:
    return Step(number, STEP_NAMES[number], passed, expected, found, detail.zh, detail.en)


def unreached(number: int) -> Step:
    """A step after one that failed."""
    return _step(number, None, "", "", Label("前面的步骤未通过，未执行。", "Not reached: a step before it failed."))


def form_refused(claim: str, error: BadInput) -> Step:
    """Step 0 for what cannot be read; says which part is wrong."""
    detail = Label("不是绿证编码，也不是绿证哈希。请核对长度和字符。", f"Neither a number nor a hash; {error.remedy}")
    return _step(0, False, "32 characters, or 64 hexadecimal digits", claim[:_SHOWN], detail)


def form_step(claim: Claim) -> Step:
    """Step 0 for a number or hash that reads."""
    detail = Label("绿证编码格式正确，校验码相符。", "A certificate number; its check character agrees.")
    if claim.fingerprint is not None:
        detail = Label(f"绿证哈希格式正确，对应编码 {claim.number}。", f"A certificate hash; it names {claim.number}.")
    return _step(0, True, claim.text, claim.text, detail)


def batch_step(claim: Claim, facts: CertificateFacts | None) -> Step:
    """Step 1: the chain knows the batch."""
    expected = f"0x{claim.token_id >> 32:016x}"
    if facts is None or facts.count == 0:
        detail = Label("链上没有该项目该月的这一批绿证。", "Nothing was issued for this project, month and class.")
        return _step(1, False, expected, "", detail)
    found = f"0x{facts.token_id >> 32:016x}"
    if facts.token_id != claim.token_id:
        detail = Label("所得答复属于另一张绿证。", "The answer is about another certificate.")
        return _step(1, False, expected, found, detail)
    detail = Label(f"该批绿证共核发 {facts.count:,} 个。", f"The batch was issued, {facts.count:,} certificates.")
    return _step(1, True, expected, found, detail)


def serial_step(claim: Claim, facts: CertificateFacts) -> Step:
    """Step 2: the serial is one of those issued."""
    serial = split_token_id(claim.token_id)[1]
    known = serial < facts.count and facts.state is not CertificateState.NONE
    detail = (
        Label("序号在核发数量之内。", "The serial is one of those issued.")
        if known
        else Label("序号超出核发数量，该绿证从未核发。", "The serial is beyond those issued: no such certificate.")
    )
    return _step(2, known, f"0 to {facts.count - 1}", str(serial), detail)


def facts_step(facts: CertificateFacts, found: bytes) -> Step:
    """Step 3: the facts, hashed again here, give the certificate hash that the chain answers; 32 bytes were `found`."""
    if facts.answered_hash is None:
        detail = Label("没有提交各项事实；哈希在此重新计算。", "No facts were handed in; the hash was computed here.")
        return _step(3, None, "", "0x" + found.hex(), detail)
    same = found == facts.answered_hash
    detail = (
        Label("由各项事实重新计算的哈希与链上一致。", "The facts, hashed again here, give the hash on the chain.")
        if same
        else Label("由各项事实重新计算的哈希与链上不一致。", "The facts, hashed again here, give another hash.")
    )
    return _step(3, same, "0x" + facts.answered_hash.hex(), "0x" + found.hex(), detail)


def hash_step(claim: Claim, found: bytes) -> Step:
    """Step 4: the hash that was handed in is the one `found` (32 bytes); nothing to compare for a number."""
    expected = found[-20:]
    if claim.fingerprint is None:
        detail = Label("提交的是编码，没有可比对的哈希。", "A number was handed in: there is no hash to compare.")
        return _step(4, None, expected.hex(), "", detail)
    same = claim.fingerprint == expected
    detail = (
        Label("提交的哈希与链上事实一致。", "The hash handed in agrees with the facts on the chain.")
        if same
        else Label("提交的哈希与链上事实不符，内容已被改动。", "The hash handed in is not that of the facts: altered.")
    )
    return _step(4, same, expected.hex(), claim.fingerprint.hex(), detail)


def state_step(facts: CertificateFacts) -> Step:
    """Step 5: it was not deducted; says its state and whether its one trade is used (Q51)."""
    state = facts.shown.label
    traded = Label("已交易", "traded") if facts.traded else Label("未交易", "not traded")
    detail = Label(f"状态：{state.zh}，{traded.zh}。", f"State: {state.en}, {traded.en}.")
    return _step(5, facts.state is not CertificateState.DEDUCTED, "not deducted", facts.shown.slug, detail)


def validity_step(facts: CertificateFacts, now: int) -> Step:
    """Step 6: it has not expired (Q28); nothing to compare once it has ended."""
    month = production_month(facts)
    last = last_valid_day(month).isoformat()
    if facts.state in ENDED:
        detail = Label("绿证已终结，有效期不再适用。", "It has ended: the calendar no longer matters.")
        return _step(6, None, f"{last} 24:00 UTC+8", "", detail)
    running = now < expires_at(month)
    detail = (
        Label(f"有效期至 {last} 24:00（北京时间）。", f"Valid until the end of {last}, Beijing time.")
        if running
        else Label(f"已于 {last} 24:00（北京时间）到期。", f"Expired at the end of {last}, Beijing time.")
    )
    return _step(6, running, f"{last} 24:00 UTC+8", str(Month.at(now)), detail)


def reading_step(facts: CertificateFacts, evidence: Evidence) -> Step:
    """Step 7: the reading is the committed leaf and gives that many certificates; nothing to compare if added."""
    if facts.case_id:
        return _added_step(facts)
    fault = reading_fault(facts, evidence)
    good = Label("电量记录在承诺树中，且与核发数量相符。", "The reading is committed and gives that many certificates.")
    return _step(7, fault is None, "0x" + facts.readings_root.hex(), f"0x{evidence.leaf:064x}", fault or good)


def _added_step(facts: CertificateFacts) -> Step:
    """Step 7 of a certificate that no reading gave: the case that added it stands in its facts (Q95)."""
    named = facts.leaf == facts.case_id
    detail = Label(
        f"由第 {facts.case_id} 号异议处理决定补发，依据为该案证据。",
        f"Added by the decision of case {facts.case_id}; it stands on that case's evidence.",
    )
    other = Label("补发所依据的异议与链上事实不符。", "Its facts name another case.")
    found = f"{facts.leaf}"
    return _step(7, None if named else False, f"{facts.case_id}", found, detail if named else other)


def filing_step(facts: CertificateFacts, evidence: Evidence) -> Step:
    """Step 8: the project's filing is the recorded one."""
    fault = filing_fault(facts, evidence)
    good = Label("项目档案与链上记录一致。", "The project's filing is the recorded one.")
    return _step(8, fault is None, "0x" + facts.filing_hash.hex(), "0x" + evidence.filing_hash.hex(), fault or good)


def production_month(facts: CertificateFacts) -> Month:
    """The production month, which the token id holds."""
    return BatchKey.from_id(facts.token_id >> 32).month
