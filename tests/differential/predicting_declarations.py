"""What `Declarations` must do, from `IDeclarations`, check by check."""

from collections.abc import Sequence

from eth_abi.abi import encode
from eth_hash.auto import keccak

from gecchain.events import DeclarationChecked, DeclarationRechecked, Declared, Event, ReadingsCommitted
from gecchain.rules import DeclarationStage
from tests.differential.known import Known, Unlike, month_end, require
from tests.differential.trees import PlainTree

__all__ = ["check", "declaration_of", "declare", "recheck"]

AUTHORITY, INFO_CENTRE = 1, 2
MOST = 256
NONE, DECLARED, CHECKED, SENT_BACK = (
    DeclarationStage.NONE,
    DeclarationStage.DECLARED,
    DeclarationStage.CHECKED,
    DeclarationStage.SENT_BACK,
)


def declaration_of(month: int, leaf: int, evidence: bytes) -> bytes:
    """What a declaration is known by."""
    return keccak(encode(["uint16", "uint256", "bytes32"], [month, leaf, evidence]))


def _stage(known: Known, declaration: bytes) -> int:
    found = known.state.declarations.get("0x" + declaration.hex())
    return found.stage if found else NONE


def declare(known: Known, caller: str, month: int, leaf: int, evidence: bytes) -> list[Event]:
    known.require_open(caller)
    project = leaf >> 208
    filed = known.state.projects.get(project)
    if filed is None or not filed.approved:
        raise Unlike("ProjectNotApproved", project)
    require(known.may_act(filed.owner, caller), "MayNotAct", filed.owner, caller)
    require(any(evidence), "EvidenceZero")
    require(known.now >= month_end(month), "MonthNotEnded", month, month_end(month))
    declaration = declaration_of(month, leaf, evidence)
    stage = _stage(known, declaration)
    require(stage in (NONE, SENT_BACK), "StageIs", declaration, stage)
    return [Declared("0x" + declaration.hex(), month, filed.owner, leaf, "0x" + evidence.hex(), caller)]


def _require_stage(known: Known, declarations: Sequence[bytes], expected: DeclarationStage, passed: bool) -> None:
    """All of them wait for the check, and each comes once."""
    done: set[bytes] = set()
    after = {DECLARED: CHECKED, CHECKED: DeclarationStage.ACCEPTED}[expected] if passed else SENT_BACK
    for declaration in declarations:
        stage = after if declaration in done else _stage(known, declaration)
        require(stage == expected, "StageIs", declaration, stage)
        done.add(declaration)


def check(known: Known, caller: str, declarations: Sequence[bytes], passed: bool, reason: str) -> list[Event]:
    known.require_role(caller, INFO_CENTRE)
    require(declarations, "DeclarationsNone")
    require(passed or reason, "ReasonEmpty")
    _require_stage(known, declarations, DECLARED, passed)
    return [DeclarationChecked("0x" + one.hex(), passed, caller, reason) for one in declarations]


def recheck(
    known: Known,
    caller: str,
    month: int,
    leaves: Sequence[int],
    evidence: Sequence[bytes],
    passed: bool,
    reason: str,
) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    require(leaves, "DeclarationsNone")
    require(len(leaves) <= MOST, "TooManyDeclarations", len(leaves))
    require(len(evidence) == len(leaves), "LengthsDiffer", len(leaves), len(evidence))
    require(passed or reason, "ReasonEmpty")
    declarations = [declaration_of(month, *pair) for pair in zip(leaves, evidence, strict=True)]
    _require_stage(known, declarations, CHECKED, passed)
    commitment = len(known.state.commitments) + 1 if passed else 0
    checked: list[Event] = [
        DeclarationRechecked("0x" + one.hex(), passed, caller, reason, commitment, index if passed else 0)
        for index, one in enumerate(declarations)
    ]
    return [_committed(known, month, leaves, declarations, commitment), *checked] if passed else checked


def _committed(
    known: Known, month: int, leaves: Sequence[int], declarations: Sequence[bytes], number: int
) -> ReadingsCommitted:
    """`Declarations` commits them in its own name."""
    return ReadingsCommitted(
        commitment=number,
        month=month,
        provider=known.addresses["Declarations"],
        declared=True,
        root="0x" + PlainTree.over(tuple(leaves)).root.hex(),
        leaves=len(leaves),
        total_wh=sum(leaf >> 136 & 0xFFFFFFFFFFFFFFFF for leaf in leaves),
        evidence="0x" + keccak(b"".join(declarations)).hex(),
        replaces=0,
    )
