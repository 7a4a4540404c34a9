"""`gec roles`, `gec pause`, `gec resume`: who may do what, and the brake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from gecchain.chain.deploying import Role
from gecchain.cli.context import Context
from gecchain.cli.named import at_text, require_choice
from gecchain.errors import BadInput, Refused
from gecchain.governing import (
    Change,
    Member,
    asking,
    carry_out,
    closed_contracts,
    delayed,
    granted,
    members_of,
    pause,
    reopened,
    revoked,
    schedule,
    scheduled_for,
    waiting_time,
)
from gecchain.issuance import quorum_of

__all__ = ["app", "pause_everything", "resume"]

app = typer.Typer(
    help="""Roles and their delays, as governance.

Once governance has an execution delay (gec roles delay), a change of roles is scheduled, waits, and is executed; a
scheduled change lapses after a week. Anybody can see it meanwhile.""",
    no_args_is_help=True,
)
_DAY: Final = 86_400
_CHANGES: Final = ("grant", "revoke", "delay", "resume", "quorum")
_MOST_OFFICERS: Final = 255
_ROLES: Final = {role.name.lower().replace("_", "-"): role for role in Role if role is not Role.PUBLIC}
_Role = Annotated[str, typer.Argument(help=f"One of: {', '.join(_ROLES)}.")]
_Who = Annotated[str, typer.Argument(help="Address (0x…), or name of a key.")]
_Officers = Annotated[int, typer.Argument(min=0, max=_MOST_OFFICERS, help="How many; 0 for none.")]
_Days = Annotated[int, typer.Option(min=0, max=365, help="Days.")]


@app.command("list")
def list_roles(call: typer.Context) -> None:
    """Who has which role, since when, with what delay, and whether contracts are closed."""
    context: Context = call.obj
    _ = context.reader  # refuses a node that does not have the contracts
    found = members_of(context.rpc, context.deployment)
    closed = closed_contracts(context.rpc, context.deployment)
    rows = [(_slug(one.role), one.address, at_text(one.since), f"{one.delay / _DAY:g} days") for one in found]
    context.screen.table("Roles", ["role", "address", "since", "delay"], rows)
    quorum = quorum_of(context.reader)
    context.screen.say(f"Closed contracts: {', '.join(closed) or 'none'}")
    context.screen.say(f"Officers who must approve a commitment before it is issued: {quorum or 'none'}")
    for one in _of_two_sides(found):
        context.screen.say(f"{one} approves what it also provides or issues")
    members = [
        {"role": _slug(one.role), "address": one.address, "since": one.since, "delay": one.delay} for one in found
    ]
    context.screen.document({"members": members, "closed": closed, "quorum": quorum})


@app.command("grant")
def grant(call: typer.Context, role: _Role, who: _Who, days: _Days = 0) -> None:
    """Give a role; with --days whatever its holder does with it waits so long."""
    _make(call.obj, granted(_role(role), _address(call.obj, who), days * _DAY))


@app.command("revoke")
def revoke(call: typer.Context, role: _Role, who: _Who) -> None:
    """Take a role away, at once where governance has no delay."""
    _make(call.obj, revoked(_role(role), _address(call.obj, who)))


@app.command("delay")
def delay(
    call: typer.Context,
    days: _Days,
    role: Annotated[str, typer.Option(help="Delay new grants of this role instead; applies five days later.")] = "",
) -> None:
    """Let every act of governance wait for so many days, so that everybody sees it coming.

    A longer delay applies at once, a shorter one only after the difference. The guardian's brake never waits.
    """
    _make(call.obj, _delay(call.obj, days, role))


@app.command("quorum")
def quorum(call: typer.Context, officers: _Officers) -> None:
    """Let so many officers (gec roles grant officer) approve a commitment before it is issued from; 0 for none.

    It holds at once, also for what was committed before. See gec approve.
    """
    context: Context = call.obj
    _require_officers(context, officers)
    _make(context, asking(officers))


@app.command("schedule")
def schedule_change(
    call: typer.Context,
    change: Annotated[str, typer.Argument(help="grant, revoke, delay, resume or quorum.")],
    role: Annotated[
        str, typer.Argument(help="For grant and revoke: the role. For delay: the role, if any. For quorum: how many.")
    ] = "",
    who: Annotated[str, typer.Argument(help="For grant and revoke: address, or name of a key.")] = "",
    days: _Days = 0,
) -> None:
    """Announce a change; it can be executed once governance's delay is over."""
    context: Context = call.obj
    wanted, key = _wanted(context, change, role, who, days), context.roles.governance
    with context.alone(key):
        writer = context.writer(key)
        if not waiting_time(context.rpc, context.deployment, writer.sender):
            raise Refused("nothing has to wait: governance has no delay", remedy="Do it at once, with the verb itself.")
        receipts = schedule(writer, context.deployment, wanted)
        ready = scheduled_for(context.rpc, context.deployment, writer.sender, wanted)
    context.screen.say(f"Scheduled: {wanted.what}; it can be executed from {at_text(ready)} on, for a week")
    context.screen.document(
        {"change": wanted.what, "ready": ready, "transactions": [one.transaction for one in receipts]}
    )


@app.command("execute")
def execute_change(
    call: typer.Context,
    change: Annotated[str, typer.Argument(help="grant, revoke, delay, resume or quorum.")],
    role: Annotated[str, typer.Argument(help="As it was scheduled.")] = "",
    who: Annotated[str, typer.Argument(help="As it was scheduled.")] = "",
    days: _Days = 0,
) -> None:
    """Carry out a scheduled change once its time has come. Say it with the same words as when it was scheduled."""
    if change == "quorum":
        _require_officers(call.obj, _number(role))
    _make(call.obj, _wanted(call.obj, change, role, who, days))


def pause_everything(
    call: typer.Context, reason: Annotated[str, typer.Argument(help="Why. Public, on the chain.")]
) -> None:
    """Close every contract at once, as the guardian: nothing is issued, sold, moved or retired any more.

    Reading and verifying go on. Only governance opens them again (gec resume), with its delay.
    """
    context: Context = call.obj
    key = context.roles.guardian
    with context.alone(key):
        receipt = pause(context.writer(key), context.deployment, reason)
    closed = closed_contracts(context.rpc, context.deployment)
    context.screen.say(f"Closed: {', '.join(closed)} (block {receipt.block})")
    context.screen.document({"closed": closed, "block": receipt.block, "transaction": receipt.transaction})


def resume(call: typer.Context) -> None:
    """Open the contracts again, as governance. Where governance has a delay, schedule it first: gec roles schedule."""
    context: Context = call.obj
    _make(context, reopened(context.rpc, context.deployment))


def _make(context: Context, change: Change) -> None:
    key = context.roles.governance
    with context.alone(key):
        receipts = carry_out(context.writer(key), context.deployment, change)
    context.screen.say(f"Done: {change.what}")
    context.screen.document({"change": change.what, "transactions": [one.transaction for one in receipts]})


def _wanted(context: Context, change: str, role: str, who: str, days: int) -> Change:
    require_choice("change", change, _CHANGES)
    if change == "resume":
        return reopened(context.rpc, context.deployment)
    if change == "delay":
        return _delay(context, days, role)
    if change == "quorum":
        return asking(_number(role))
    if not who:
        raise BadInput("say whose role it is", field="who", remedy=f"gec roles schedule {change} ROLE WHO")
    address = _address(context, who)
    return granted(_role(role), address, days * _DAY) if change == "grant" else revoked(_role(role), address)


def _require_officers(context: Context, officers: int) -> None:
    """A quorum that nobody can reach would keep everything from being issued."""
    found = [one for one in members_of(context.rpc, context.deployment) if one.role is Role.OFFICER]
    if len(found) < officers:
        raise BadInput(
            f"there are {len(found)} officers, so that nothing could be issued",
            field="officers",
            value=str(officers),
            remedy="Grant the role first: gec roles grant officer.",
        )


def _of_two_sides(members: Sequence[Member]) -> list[str]:
    """Officers who provide readings or issue as well: governance decides whether that shall be."""
    sides = {one.address for one in members if one.role in (Role.PROVIDER, Role.AUTHORITY)}
    return [one.address for one in members if one.role is Role.OFFICER and one.address in sides]


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > _MOST_OFFICERS:
        raise BadInput(
            "this is no number of officers", field="officers", value=text, remedy=f"0 to {_MOST_OFFICERS}, 0 for none."
        )
    return int(text)


def _delay(context: Context, days: int, role: str) -> Change:
    if role:
        return delayed(_role(role), days * _DAY)
    return granted(Role.ADMIN, context.signer(context.roles.governance).address, days * _DAY)


def _role(text: str) -> Role:
    return _ROLES[require_choice("role", text, list(_ROLES))]


def _slug(role: Role) -> str:
    return role.name.lower().replace("_", "-")


def _address(context: Context, who: str) -> str:
    return who if who.startswith("0x") else context.signer(who).address
