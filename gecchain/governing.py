"""Write path of governance: who has which role, with what delay, and the brake that stops everything.

Rights are the AccessManager's. Where governance has an execution delay, a change is scheduled, waits in the open for
everybody to see, and is carried out afterwards; a scheduled change lapses after a week.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from eth_abi.abi import decode
from eth_hash.auto import keccak

from gecchain.chain.contracts import calldata
from gecchain.chain.deploying import Role
from gecchain.chain.deployment import Deployment
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import NotFound, Unavailable

__all__ = [
    "Change",
    "Member",
    "asking",
    "carry_out",
    "closed_contracts",
    "delayed",
    "granted",
    "members_of",
    "pause",
    "reopened",
    "revoked",
    "schedule",
    "scheduled_for",
    "waiting_time",
]

_TARGETS: Final = ("registry", "readings", "certificates", "market", "declarations", "cases")
_GRANTED: Final = "0x" + keccak(b"RoleGranted(uint64,address,uint32,uint48,bool)").hex()
_AT_ONCE: Final = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A change of rights: what it is in words, and the calls that make it, as 0x hex.

    `contract` is who is called, a name of the deployment: the AccessManager, or `readings` for the quorum.
    """

    what: str
    calls: tuple[str, ...]
    contract: Literal["access_manager", "readings"] = "access_manager"


@dataclass(frozen=True, slots=True)
class Member:
    """An address with a role from `since` on (Unix seconds); what it does with it waits `delay` seconds."""

    role: Role
    address: str
    since: int
    delay: int


def granted(role: Role, address: str, delay: int = 0) -> Change:
    """Give a role to an address; whatever it does with the role waits `delay` seconds."""
    return Change(f"granting {role.name} to {address}", (_call("grantRole", [int(role), address, delay]),))


def revoked(role: Role, address: str) -> Change:
    """Take a role from an address."""
    return Change(f"taking {role.name} from {address}", (_call("revokeRole", [int(role), address]),))


def delayed(role: Role, seconds: int) -> Change:
    """Let grants of a role take effect only after so many seconds. It applies five days later."""
    return Change(f"delaying grants of {role.name}", (_call("setGrantDelay", [int(role), seconds]),))


def asking(officers: int) -> Change:
    """Let so many officers approve a commitment before it is issued from, 0 for none (decision 26)."""
    what = f"asking for {officers} approvals of a commitment"
    return Change(what, (calldata("Readings", "setQuorum", [officers]),), "readings")


def reopened(rpc: Rpc, deployment: Deployment) -> Change:
    """Open the contracts that are closed. NotFound when none is."""
    closed = closed_contracts(rpc, deployment)
    if not closed:
        raise NotFound("no contract is closed", remedy="There is nothing to resume.")
    calls = tuple(_call("setTargetClosed", [getattr(deployment, name), False]) for name in closed)
    return Change(f"opening {', '.join(closed)}", calls)


def waiting_time(rpc: Rpc, deployment: Deployment, address: str) -> int:
    """Seconds that a change made by this address has to wait."""
    return int(_ask(rpc, deployment, "hasRole", [[int(Role.ADMIN), address]], ["bool", "uint32"])[0][1])


def schedule(governance: Writer, deployment: Deployment, change: Change) -> list[Receipt]:
    """Announce a change. Refused if it needs no waiting, or waits already."""
    manager, target = deployment.access_manager, getattr(deployment, change.contract)
    what = f"scheduling: {change.what}"
    return [
        governance.send(
            Action.call(what, "AccessManager", manager, "schedule", [target, bytes.fromhex(data[2:]), _AT_ONCE])
        )
        for data in change.calls
    ]


def scheduled_for(rpc: Rpc, deployment: Deployment, address: str, change: Change) -> int:
    """Unix second from which a scheduled change of this address can be carried out; 0 if it is not scheduled."""
    target = getattr(deployment, change.contract)
    operations = [[address, target, bytes.fromhex(data[2:])] for data in change.calls]
    ids = _ask(rpc, deployment, "hashOperation", operations, ["bytes32"])
    times = [int(time) for (time,) in _ask(rpc, deployment, "getSchedule", [list(one) for one in ids], ["uint48"])]
    return max(times) if all(times) else 0


def carry_out(governance: Writer, deployment: Deployment, change: Change) -> list[Receipt]:
    """Make a change: at once where nothing has to wait, else once its time has come."""
    target = getattr(deployment, change.contract)
    return [governance.send(Action(change.what, target, data)) for data in change.calls]


def pause(guardian: Writer, deployment: Deployment, reason: str) -> Receipt:
    """Close every contract at once. It needs no waiting; opening them again is governance's act."""
    return guardian.send(Action.call("closing every contract", "Guardian", deployment.guardian, "pause", [reason]))


def closed_contracts(rpc: Rpc, deployment: Deployment) -> tuple[str, ...]:
    """Names of the contracts that are closed to everybody."""
    asked = [[getattr(deployment, name)] for name in _TARGETS]
    answers = _ask(rpc, deployment, "isTargetClosed", asked, ["bool"])
    return tuple(name for name, (closed,) in zip(_TARGETS, answers, strict=True) if closed)


def members_of(rpc: Rpc, deployment: Deployment) -> list[Member]:
    """Everybody who has a role, or will have it once it takes effect, by role."""
    pairs = sorted(set(_ever_granted(rpc, deployment)))
    asked = [[role, address] for role, address in pairs]
    answers = _ask(rpc, deployment, "getAccess", asked, ["uint48", "uint32", "uint32", "uint48"])
    return [
        Member(Role(role), address, since, delay)
        for (role, address), (since, delay, _pending, _effect) in zip(pairs, answers, strict=True)
        if since
    ]


def _ever_granted(rpc: Rpc, deployment: Deployment) -> Iterator[tuple[int, str]]:
    query = {"address": deployment.access_manager, "fromBlock": hex(deployment.block), "topics": [_GRANTED]}
    known = {int(role) for role in Role}
    for log in rpc.request("eth_getLogs", {**query, "toBlock": "latest"}):
        role = int(log["topics"][1], 16)
        if role in known:
            yield role, "0x" + log["topics"][2][-40:]


def _call(function: str, args: Sequence[Any]) -> str:
    return calldata("AccessManager", function, args)


def _ask(
    rpc: Rpc, deployment: Deployment, function: str, asked: Sequence[Sequence[Any]], types: Sequence[str]
) -> list[tuple[Any, ...]]:
    to = deployment.access_manager
    calls = [Call("eth_call", [{"to": to, "data": _call(function, args)}, "latest"]) for args in asked]
    found = []
    for answer in rpc.batch(calls):
        if isinstance(answer, RpcError):
            raise Unavailable(f"The node does not answer {function}: {answer.reply}") from answer
        found.append(decode(types, bytes.fromhex(answer[2:])))
    return found
