"""`gec keys`: the key files of the home folder, encrypted or naming the signer that has the key."""

from __future__ import annotations

from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.errors import BadInput
from gecchain.signer import create_external, create_keystore, read_key_file

__all__ = ["app"]

app = typer.Typer(
    help="Key files, for each role and each account's operator: encrypted, or naming the signer that has the key.",
    no_args_is_help=True,
)


@app.command("create")
def create(
    call: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the key, for instance authority.")],
) -> None:
    """Make a new random key and write it, encrypted, to keys/NAME.json. The password comes from GEC_PASSWORD_FILE."""
    context: Context = call.obj
    address = create_keystore(context.key_file(name), context.password(name))
    context.screen.say(f"{name}: {address}")
    context.screen.document({"name": name, "address": address})


@app.command("external")
def external(
    call: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the key, for instance authority.")],
    address: Annotated[str, typer.Argument(help="Its address (0x…).")],
    url: Annotated[str, typer.Argument(help="Where its signer answers JSON-RPC, for instance http://127.0.0.1:9000.")],
) -> None:
    """Name a key that another program has: web3signer, clef, or whatever answers eth_signTransaction.

    keys/NAME.json then holds address and URL, and every command that is told NAME asks there. What comes back is
    checked: a signer can refuse, but not have anything else sent.
    """
    context: Context = call.obj
    checked = create_external(context.key_file(name), address, url)
    context.screen.say(f"{name}: {checked}, signed for at {url}")
    context.screen.document({"name": name, "address": checked, "external": url})


@app.command("list")
def list_keys(call: typer.Context) -> None:
    """Names and addresses of the keys, without opening them, and who signs for those that are not here."""
    context: Context = call.obj
    rows = []
    for file in sorted((context.settings.home / "keys").glob("*.json")):
        try:
            found = read_key_file(file)
        except BadInput as error:
            rows.append((file.stem, "", str(error)))
        else:
            rows.append((file.stem, found.address, found.external))
    context.screen.table("Keys", ["name", "address", "external signer"], rows)
    context.screen.document(
        [
            {"name": name, "address": address, **({"external": external} if external else {})}
            for name, address, external in rows
        ]
    )
