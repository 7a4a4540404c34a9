"""`gec filing` and `gec accounts`: who exists, and which projects may have certificates."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gecchain.chain.writer import Receipt
from gecchain.cli.context import Context
from gecchain.cli.named import account_named
from gecchain.cli.roles import save_roles
from gecchain.errors import BadInput
from gecchain.filing import (
    Filing,
    Opening,
    close_account,
    open_accounts,
    review_filings,
    set_frozen,
    set_operator,
    standing_of,
    submit_filings,
)
from gecchain.oracle.filing_tables import is_filing_table, read_filings
from gecchain.oracle.plants import FilingDraft, read_plants
from gecchain.oracle.reading import Refusal
from gecchain.rules import AccountKind, ProjectKey, account_address, identity_hash, legal_code
from gecchain.signer import development_signer

__all__ = ["accounts", "app", "file_drafts", "identity_key", "import_plants", "owner_key", "to_filing"]

app = typer.Typer(help="Project filings (建档立卡): no filing, no certificate (Q21).", no_args_is_help=True)
accounts = typer.Typer(help="Accounts (绿证账户): one for each legal identity (Q86).", no_args_is_help=True)
_NOBODY = "0x" + "00" * 20
_SHOWN = 20
# Each group waits for the blocks that submit it and for those that review it.
_AT_ONCE = 16_384
_IDENTITY_BYTES = 32


@app.command("import")
def import_plants(
    call: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Tables of projects, or a plant list: CSV, XLSX, Parquet, JSON.")],
    submit_only: Annotated[bool, typer.Option("--submit-only", help="Leave the review to the provinces.")] = False,
) -> None:
    """File every project of a table that can be filed, and say for each of the rest why not.

    The registrar's key submits; each province's key of roles.json reviews its own. Run again, it files what is missing.
    """
    context: Context = call.obj
    if len(files) > 1 or is_filing_table(files[0]):
        _import_tables(context, files, review=not submit_only)
        return
    (file,) = files
    found = read_plants(file)
    filed = file_drafts(context, found.drafts, review=not submit_only)
    _show_refusals(context, found.refusals)
    context.screen.say(f"{len(found.drafts):,} plants can be filed ({filed:,} new), {len(found.refusals):,} cannot")
    context.screen.document(
        {
            "filed": [draft.code for draft in found.drafts],
            "new": filed,
            "refused": [_told(one) for one in found.refusals],
        }
    )


def _import_tables(context: Context, files: Sequence[Path], *, review: bool) -> None:
    """File tables of projects group by group, and say of what cannot be filed why not."""
    seen, filed = 0, 0
    refused: list[tuple[str, Refusal]] = []
    waiting: list[FilingDraft] = []
    with context.screen.progress("filing projects", None) as advance:
        for file, batch in ((one, batch) for one in files for batch in read_filings(one)):
            waiting += [one for one in batch if isinstance(one, FilingDraft)]
            refused += [(file.name, one) for one in batch if isinstance(one, Refusal)]
            if refused and refused[-1][1].row == 0:
                broken = refused[-1][1]
                raise BadInput(broken.code.en, field=broken.field, value=file.name, remedy=broken.remedy)
            if len(waiting) >= _AT_ONCE:
                filed += file_drafts(context, waiting, review=review)
                seen += len(waiting)
                advance(len(waiting))
                waiting = []
        filed += file_drafts(context, waiting, review=review)
        seen += len(waiting)
        advance(len(waiting))
    _show_refusals(context, [one for _name, one in refused])
    context.screen.say(f"{seen:,} projects can be filed ({filed:,} new), {len(refused):,} cannot")
    told = [{"file": name, **_told(one)} for name, one in refused]
    context.screen.document({"projects": seen, "new": filed, "refused": told})


def _told(one: Refusal) -> dict[str, object]:
    return {"row": one.row, "code": one.code.name, "field": one.field, "value": one.value, "remedy": one.remedy}


@accounts.command("open")
def open_account(
    call: typer.Context,
    code: Annotated[str, typer.Option(help="Legal identity: social credit code or identity number. Never stored.")],
    kind: Annotated[str, typer.Option(help="buyer, province, agent, platform or provider.")] = "buyer",
    name: Annotated[str, typer.Option(help="Registered name; leave it out for a natural person.")] = "",
    key: Annotated[str, typer.Option(help="Key that is to act for the account.")] = "",
    province: Annotated[int, typer.Option(help="GB/T 2260 code of two digits, or 0.")] = 0,
) -> None:
    """Open an account. Only a keyed hash of the identity leaves this machine; it is the account's address."""
    context: Context = call.obj
    what = AccountKind.of_slug(kind)
    account = account_address(identity_hash(identity_key(context), legal_code(code)))
    operator = context.signer(key).address if key else _NOBODY
    signer = context.roles.registrar if what is AccountKind.BUYER else context.roles.authority
    with context.alone(signer):
        receipts = open_accounts(
            context.writer(signer), context.reader, [Opening(account, what, province, operator, name)]
        )
    if not receipts:
        raise BadInput("this identity has an account already (Q86)", field="code", value=account)
    if what in (AccountKind.PLATFORM, AccountKind.PROVIDER, AccountKind.AGENT):
        roles = replace(context.roles, accounts={**context.roles.accounts, name: account})
        save_roles(context.settings.home / "roles.json", roles)
    context.screen.say(f"Account {account}")
    context.screen.document({"account": account, "transaction": receipts[0].transaction})


_Account = Annotated[str, typer.Argument(help="Account (0x…), or the name of an institution of roles.json.")]
_Reason = Annotated[str, typer.Option(help="Why. Public.")]


@accounts.command("close")
def close(call: typer.Context, account: _Account, reason: _Reason) -> None:
    """Close an account for good, as the authority. gec sweep then retires what it holds (2026 rules)."""
    context: Context = call.obj
    with context.alone(context.roles.authority):
        authority = context.writer(context.roles.authority)
        receipt = close_account(authority, context.reader, account_named(context, "account", account), reason)
    _tell(context, f"Account {account} is closed for good", receipt)


@accounts.command("freeze")
def freeze(call: typer.Context, account: _Account, reason: _Reason) -> None:
    """Freeze an account, as the authority: it holds, receives, and does not act."""
    _freeze(call.obj, account, True, reason)


@accounts.command("unfreeze")
def unfreeze(call: typer.Context, account: _Account, reason: _Reason) -> None:
    """Free a frozen account, as the authority."""
    _freeze(call.obj, account, False, reason)


@accounts.command("operator")
def operator(
    call: typer.Context,
    account: _Account,
    key: Annotated[str, typer.Argument(help="Address (0x…) or name of the key that is to act for it from now on.")],
) -> None:
    """Give an account another key, as the authority: the old one acts no more, the account and its holdings stay."""
    context: Context = call.obj
    address = key if key.startswith("0x") else context.signer(key).address
    with context.alone(context.roles.authority):
        authority = context.writer(context.roles.authority)
        receipt = set_operator(authority, context.reader, account_named(context, "account", account), address)
    _tell(context, f"{address} acts for {account}", receipt)


def file_drafts(context: Context, drafts: Sequence[FilingDraft], *, review: bool = True) -> int:
    """Submit what is not on the chain and, if wanted, have it approved; the number of filings that were new."""
    identity = identity_key(context)
    filings = [to_filing(context, draft, identity) for draft in drafts]
    standing = standing_of(context.reader, filings)
    with context.alone(context.roles.registrar):
        writer = context.writer(context.roles.registrar)
        with context.screen.progress("submitting filings", len(standing.missing)) as advance:
            submit_filings(writer, context.reader, standing.missing, progress=advance)
    waiting = [*standing.waiting, *standing.missing]
    if review and waiting:
        _approve(context, waiting)
    return len(standing.missing)


def to_filing(context: Context, draft: FilingDraft, identity: bytes) -> Filing:
    """The filing of a draft; on a development registry the owner gets a development key as operator."""
    owner = account_address(identity_hash(identity, draft.owner_code))
    operator = development_signer(owner_key(draft)).address if context.roles.development else _NOBODY
    return Filing(
        project=draft.key.id,
        owner=owner,
        operator=operator,
        owner_name=draft.owner,
        in_operation=draft.in_operation,
        capacity_kw=draft.capacity_kw,
        market_based=draft.market_based,
        document=draft.document(owner),
    )


def owner_key(draft: FilingDraft) -> str:
    """Name of the development key of a plant's owner: one for each legal identity."""
    return f"owner-{draft.owner_code}"


def identity_key(context: Context) -> bytes:
    """The secret under which identities are hashed; made once, in identity.key of the home folder. Back it up."""
    path = context.settings.home / "identity.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_hex(_IDENTITY_BYTES))
        partial.rename(path)
    try:
        found = bytes.fromhex(path.read_text(encoding="utf-8").strip())
    except ValueError:
        found = b""
    if len(found) != _IDENTITY_BYTES:
        raise BadInput(f"{path} is no identity key", field="identity.key", remedy="Restore it from its backup.")
    return found


def _approve(context: Context, filings: Sequence[Filing]) -> None:
    concerned = {str(ProjectKey.from_id(filing.project).province) for filing in filings}
    names = {int(code): name for code, name in context.roles.provinces.items() if code in concerned}
    with ExitStack() as locks, context.screen.progress("provinces reviewing", len(filings)) as advance:
        for name in sorted(set(names.values())):
            locks.enter_context(context.alone(name))
        writers = {code: context.writer(name) for code, name in names.items()}
        review_filings(writers, context.reader, filings, approve=True, progress=advance)


def _freeze(context: Context, account: str, frozen: bool, reason: str) -> None:
    with context.alone(context.roles.authority):
        authority = context.writer(context.roles.authority)
        receipt = set_frozen(authority, context.reader, account_named(context, "account", account), frozen, reason)
    _tell(context, f"Account {account} is {'frozen' if frozen else 'free'}", receipt)


def _tell(context: Context, what: str, receipt: Receipt) -> None:
    context.screen.say(f"{what} (block {receipt.block})")
    context.screen.document({"block": receipt.block, "transaction": receipt.transaction})


def _show_refusals(context: Context, refused: Sequence[Refusal]) -> None:
    rows = [(one.row, one.code.name, one.field, one.value, one.remedy) for one in refused[:_SHOWN]]
    if rows:
        title = f"Not filed (the first {len(rows)} of {len(refused)})"
        context.screen.table(title, ["row", "code", "field", "value", "remedy"], rows)
