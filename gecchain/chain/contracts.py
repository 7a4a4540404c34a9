"""What was compiled: ABI and bytecode of our contracts, calls encoded for them, and their refusals in words.

The artefacts are files of the package, so a user of it needs no compiler.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_typing import ABIElement
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_names, get_abi_input_types
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from gecchain.chain.words import encoder_of
from gecchain.errors import BadInput, Refused

__all__ = ["NAMES", "Artifact", "artifact", "calldata", "creation", "refusal", "selector"]

NAMES: Final = (
    "AccessManager",
    "Relay",
    "Registry",
    "Readings",
    "Certificates",
    "Market",
    "Declarations",
    "Cases",
    "Guardian",
    "Lookup",
)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract: `abi` as JSON values, `bytecode` as 0x hex of the creation code."""

    name: str
    abi: Sequence[ABIElement]
    bytecode: str


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract of this name, one of NAMES."""
    text = (resources.files("gecchain.chain") / "artifacts" / f"{name}.json").read_bytes()
    found = orjson.loads(text)
    return Artifact(name, found["abi"], found["bytecode"])


def calldata(name: str, function: str, args: Sequence[Any]) -> str:
    """0x hex of a call; structs are tuples. BadInput when the arguments do not fit the ABI."""
    return "0x" + (selector(name, function) + _encoded(name, function, args)).hex()


def creation(name: str, args: Sequence[Any]) -> str:
    """0x hex of the transaction that creates the contract with these constructor arguments."""
    from web3 import Web3  # half a second that only deploying needs

    found = artifact(name)
    given = [_checksummed(arg, kind) for arg, kind in zip(args, _types(name, ""), strict=True)]
    return str(Web3().eth.contract(abi=found.abi, bytecode=found.bytecode).constructor(*given).data_in_transaction)


def _checksummed(arg: Any, kind: str) -> Any:
    if kind == "address[]":
        return [to_checksum_address(one) for one in arg]
    return to_checksum_address(arg) if kind == "address" else arg


@cache
def selector(name: str, function: str) -> bytes:
    """First four bytes of a call of this function."""
    found = [element for element in artifact(name).abi if element.get("name") == function]
    return bytes(function_abi_to_4byte_selector(found[0]))


def refusal(what: str, data: str, reply: str) -> Refused:
    """The contract's custom error in revert `data` (0x hex) as a fact in words; the node's reply when there is none."""
    known = _errors().get(data[:10])
    if known is None:
        return Refused(f"{what} was refused: {reply}")
    name, names, types = known
    try:
        values = decode(types, bytes.fromhex(data[10:]))
    except (DecodingError, ValueError):
        return Refused(f"{what} was refused: {name}", reason=name)
    facts = ", ".join(f"{key} {_shown(key, value)}" for key, value in zip(names, values, strict=True))
    sentence, remedy = _WORDS.get(name, (_spaced(name), ""))
    return Refused(f"{what} was refused: {sentence}" + (f" ({facts})." if facts else "."), reason=name, remedy=remedy)


def _encoded(name: str, function: str, args: Sequence[Any]) -> bytes:
    try:
        return encoder_of(_types(name, function))(args)
    except (EncodingError, ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"the arguments do not fit {name}.{function}: {error}", field=function) from error


@cache
def _types(name: str, function: str) -> tuple[str, ...]:
    """Types of a function's parameters, or of the constructor's for an empty name."""
    for element in artifact(name).abi:
        if element.get("name", "") == function and element["type"] in ("function", "constructor"):
            return tuple(get_abi_input_types(element))
    return ()


@cache
def _errors() -> Mapping[str, tuple[str, Sequence[str | None], Sequence[str]]]:
    errors: dict[str, tuple[str, Sequence[str | None], Sequence[str]]] = {}
    for name in NAMES:
        for element in artifact(name).abi:
            if element["type"] == "error":
                types = get_abi_input_types(element)
                code = keccak(text=f"{element['name']}({','.join(types)})")[:4].hex()
                errors["0x" + code] = (element["name"], get_abi_input_names(element), types)
    return errors


def _shown(key: str | None, value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if key == "state":
        return ("none", "held", "listed", "frozen", "retired", "deducted")[value]
    return str(value)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "AccessManagedUnauthorized": (
        "the caller does not have the role for it, or the contract is closed",
        "Sign with the key of the role; see gec roles list.",
    ),
    "AccessManagerAlreadyScheduled": ("the same call is scheduled already", "Execute it, or wait until it has lapsed."),
    "AccessManagerExpired": ("the scheduled call has lapsed: a week after its time is the most", "Schedule it again."),
    "AccessManagerNotReady": ("the waiting time of the scheduled call is not over", "Execute it later."),
    "AccessManagerNotScheduled": ("no such call is scheduled", "Schedule it first: gec roles schedule."),
    "AccessManagerUnauthorizedAccount": ("the caller does not have the role for it", "Sign with the governance key."),
    "AccessManagerUnauthorizedCall": (
        "it was not scheduled, and the caller may not do it at once",
        "gec roles schedule.",
    ),
    "AccountExists": ("the account exists already", "One legal identity has one account (Q86)."),
    "AccountFrozen": ("the account is frozen", ""),
    "AccountIsClosed": ("the account is closed for good", "Its certificates are retired by gec sweep."),
    "AccountUnknown": ("no such account", "Open it first."),
    "AlreadyTraded": ("these certificates were traded already, and once is the most (Q51)", ""),
    "ApprovalsMissing": (
        "too few officers have approved this commitment",
        "Each officer: gec approve --month; then issue again.",
    ),
    "ApprovedAlready": ("this officer has approved the commitment already", "Another officer approves it."),
    "BatchUnknown": ("no such batch was issued", "Check the number."),
    "BuyerIsSeller": ("buyer and seller are the same account", ""),
    "CaseStageIs": ("the case is at another stage", "See whose turn it is: gec case show."),
    "CaseStands": ("there is an open case of this batch already", "Go on with it: gec case show."),
    "CaseUnknown": ("there is no such case", "See gec case list."),
    "CcerLinkageEnded": ("the choice between certificates and CCER has ended", ""),
    "CcerMonthRegistered": ("reductions of this month are registered already", "Check the months."),
    "CcerMonths": ("from the first to the last month there must be 1 to 120", "Check the months."),
    "CcerNotChosen": ("the project has not turned to CCER", "Its owner chooses first: gec ccer choose."),
    "CcerNumberEmpty": ("the registration has no number", "Name it with --number."),
    "CcerNumberUsed": ("this registration number was used before", "Check the number."),
    "CcerUnchanged": ("the project stands so already", ""),
    "ChosenForCcer": ("the project has turned to CCER: what is not traded yet stands still (Q12, Q66)", ""),
    "CommitmentReplaced": ("the provider has replaced this commitment", "Plan the month again."),
    "CommitmentRootIs": (
        "the commitment has another root than what was approved",
        "Look at it again: gec approve --dry-run.",
    ),
    "CommitmentUnknown": ("there is no such commitment", "Check its number: gec approve --month M --dry-run."),
    "ContractZero": ("the contract has no number", "Name it in the row."),
    "CorrectionOutOfReach": (
        "the month was never issued, or it was never metered so much",
        "Propose another correction.",
    ),
    "DealExpired": ("the order has expired", "Make a new one: gec market offer."),
    "DealIs": ("the order is no longer open: it was filled or cancelled", "Make a new one: gec market offer."),
    "DeclarationsNone": ("no declaration was named", ""),
    "EvidenceZero": ("there is no evidence", "Name a file with --evidence."),
    "Expired": ("the certificates are past their validity (Q28)", ""),
    "ExpiryNotNear": ("these certificates do not end within three months (Q96)", ""),
    "FilingNotPending": ("the reviewed filing is not the one that waits", "Reload the filing and review it again."),
    "GasShort": ("the transaction has too little gas for what the request was signed for", "Give it more."),
    "LengthsDiffer": ("the lists are not of one length", ""),
    "ListingUnknown": ("no such lot is on sale", "It may be sold out or withdrawn: see gec market listings."),
    "MandatePeriod": ("the mandate ends before it begins, or is over already", "Check --from and --until."),
    "MandateStands": ("a mandate of this account lasts until then", "Revoke it first: gec agent revoke."),
    "MandateUnknown": ("the account has no mandate", ""),
    "MayNotAct": ("the caller may not act for that account", "Sign with the key of the account's operator."),
    "MonthNotEnded": ("the month is not over yet", "Commit its readings after its end."),
    "MoveNotAllowed": (
        "such certificates are not moved that way (Q47, 2026 rules)",
        "Sell them, or take another kind of move.",
    ),
    "NotAGuardian": ("the caller is no guardian", "Sign with a guardian's key."),
    "NotAnAgent": ("that account is no agent's", "Agents are opened with gec accounts open --kind agent."),
    "NotDue": ("they are neither expired, nor registered for CCER, nor of a closed account", ""),
    "NotForCcer": ("only deep-sea wind and solar-thermal projects can choose CCER (Q66)", ""),
    "NotHolder": ("the account does not hold these certificates", "Name serials that it holds."),
    "NotTradable": ("certificates of this class cannot be traded (Q23)", ""),
    "NotTraded": ("there is no trade to undo", "Check the serials."),
    "NothingToIssue": ("everything in this chunk is issued already or refused", "Plan the month again."),
    "OnlySelf": ("only the contract itself calls this", ""),
    "OutcomeNotProposed": (
        "the outcome does not fit the proposed correction",
        "Decide as proposed, reject, or send it back.",
    ),
    "OwedExceeded": ("that is more than the case owes", "Plan it again: gec case execute."),
    "PlatformNotAdmitted": ("one of the platforms is not admitted", "See gec accounts open --kind platform."),
    "PlatformNotNamed": ("the lot is not on sale on this platform", ""),
    "PlatformsNone": ("no platform was named", "Name one with --platform."),
    "ProjectNotApproved": ("the project's filing is not approved", "See gec filing."),
    "QuantityAboveListed": ("the lot has fewer certificates than that", "Take less."),
    "QuantityNotMet": ("the ranges or lots do not add up to the quantity", "They changed meanwhile: try it again."),
    "QuantityZero": ("there is no whole certificate to move", ""),
    "RangeEmpty": ("the batch has no such serials", "Check number and quantity."),
    "RangeNotUniform": ("the range does not lie within one segment", "Split it at the segment's end."),
    "RangeOutside": ("a range is not of what the order or the settlement names", "Try it again."),
    "ReasonEmpty": ("there is no reason", "Give one with --reason."),
    "RemedyNotDecided": ("the decision does not ask for this step", "See gec case show."),
    "SellersDiffer": ("the lots are not of one seller", "Take them one seller at a time."),
    "SettledAlready": ("this contract's month was settled already", "A trade is undone only in a case (Q53, Q95)."),
    "SignatureInvalid": (
        "the signature is not of the key that acts for the account now",
        "Let the account's operator, or its agent, sign anew.",
    ),
    "StageIs": ("the declaration is at another stage", "See gec declarations list."),
    "StateIs": ("their state does not allow it", ""),
    "StillOwed": ("the case still owes certificates", "Carry it out first: gec case execute."),
    "TooManyDeclarations": ("at most 256 declarations go into one commitment", "Check them in parts."),
    "UnsoldLeft": ("unsold certificates are left, which are deducted first", "Plan it again: gec case execute."),
    "WarnedAlready": ("the warning of this month was given already", ""),
}
