"""What a file of the folder `keys` holds: an encrypted keystore, or where a signer that has the key is asked.

The latter is `{"address": "0x…", "external": "http://…"}`. A name in roles.json or after `--as` is the name of such a
file, whichever it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from eth_utils.address import is_address, to_checksum_address

from gecchain.errors import BadInput, NotFound
from gecchain.signer.external import ExternalSigner
from gecchain.signer.keystore import KeystoreSigner, open_keystore, require_new, write_key_file

__all__ = ["KeyFile", "create_external", "open_key", "read_key_file"]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file says without being opened: `address` as 0x, and the `external` signer's URL or nothing."""

    address: str
    external: str


def read_key_file(path: Path) -> KeyFile:
    """What stands in the open. NotFound without the file, BadInput when it is no key file."""
    try:
        content: Any = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"no key file at {path}", remedy="Create it with gec keys create.") from error
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{path} is no key file", field="key") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path} is no key file", field="key")
    external = str(content.get("external", ""))
    address = "0x" + str(content.get("address", "")).removeprefix("0x")
    if external:
        address = _address(address)
        _require_url(external)
    return KeyFile(address, external)


def create_external(path: Path, address: str, url: str) -> str:
    """Write down that the key of this address is asked for at this URL; the address, checksummed.

    BadInput when the file exists, the address is none, or the URL is not one that a key's signer should be asked at.
    """
    require_new(path)
    checked = _address(address)
    _require_url(url)
    write_key_file(path, orjson.dumps({"address": checked, "external": url}, option=orjson.OPT_INDENT_2))
    return checked


def open_key(path: Path, password: Callable[[], str]) -> KeystoreSigner | ExternalSigner:
    """The signer of a key file; `password` is asked only where a keystore is to be opened."""
    found = read_key_file(path)
    if found.external:
        return ExternalSigner(found.address, found.external)
    return open_keystore(path, password())


def _address(text: str) -> str:
    if not is_address(text):
        raise BadInput("this is no address", field="address", value=text, remedy="An address is 0x and 40 hex digits.")
    return to_checksum_address(text)


def _require_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInput(
            "a signer's address holds no password and no query",
            field="url",
            value=f"{parts.scheme}://{host}",
            remedy="Let the signer tell its callers by network or client certificate of a proxy on this machine.",
        )
    if not host or parts.scheme not in ("http", "https"):
        raise BadInput("this is no address of a signer", field="url", value=url, remedy="Give http://HOST:PORT.")
