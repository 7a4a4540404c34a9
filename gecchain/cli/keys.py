"""`gec keys`: the encrypted keystore files of the home folder."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from gecchain.cli.context import Context
from gecchain.signer import create_keystore

__all__ = ["app"]

app = typer.Typer(help="Encrypted key files: one for each role and each account's operator.", no_args_is_help=True)


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


@app.command("list")
def list_keys(call: typer.Context) -> None:
    """Names and addresses of the keys, without opening them."""
    context: Context = call.obj
    files = sorted((context.settings.home / "keys").glob("*.json"))
    rows = [(file.stem, "0x" + str(orjson.loads(file.read_bytes()).get("address", ""))) for file in files]
    context.screen.table("Keys", ["name", "address"], rows)
    context.screen.document([{"name": name, "address": address} for name, address in rows])
