"""Where messages may go: addresses of the public internet over https, and no address of our own network.

A URL is checked when it is named (what can be told without asking anybody), and every address that its name stands
for is checked each time a connection is made; see `gecchain.hooking.sending`.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx

from gecchain.errors import BadInput

__all__ = ["LONGEST_URL", "is_public", "receiver_url"]

LONGEST_URL: Final = 2000
_LONGEST_HOST: Final = 253
_LONGEST_LABEL: Final = 63
_PORTS: Final = 1 << 16
_OURS: Final = ("localhost", "local", "internal", "localdomain", "home.arpa")
_GLOBAL: Final = IPv6Network("2000::/3")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, loopback, link-local, reserved or multicast."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found in _NAT64:
            found = IPv4Address(found.packed[-4:])
        elif found not in _GLOBAL or found in _SIX_TO_FOUR:
            return False
    return found.is_global and not found.is_multicast


def receiver_url(text: str, *, private: bool = False) -> str:
    """The URL as it is sent to, its host in IDNA. BadInput names what is wrong with it.

    With `private` also http, and addresses of our own network: for development.
    """
    url = _parsed(text)
    _require(url.scheme == "https" or (private and url.scheme == "http"), text, "it is no https URL")
    host = url.raw_host.decode()
    _require(bool(host), text, "it names no host")
    _require(_is_written_right(host), text, "its host is none that there can be")
    _require(url.port is None or 0 < url.port < _PORTS, text, "it has an impossible port")
    _require(not url.userinfo, text, "it has a user or password in it", "Tell callers apart by the path instead.")
    _require(not url.fragment, text, "it has a fragment (#…), which is never sent")
    _require(private or not _is_ours(host), text, "its host is of no public network")
    return str(url)


def _parsed(text: str) -> httpx.URL:
    _require(0 < len(text) <= LONGEST_URL, text, f"it is not 1 to {LONGEST_URL} characters long")
    _require(text.isprintable() and " " not in text, text, "it has blanks or control characters in it")
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise BadInput(f"this URL cannot be used: {error}", field="url", value=text, remedy=_HOW) from None


_HOW: Final = "Give an address like https://example.org/webhooks that the whole internet can reach."


def _require(good: bool, text: str, wrong: str, remedy: str = _HOW) -> None:
    if not good:
        raise BadInput(f"this URL cannot be used: {wrong}", field="url", value=text[:LONGEST_URL], remedy=remedy)


def _is_written_right(host: str) -> bool:
    labels = host.rstrip(".").split(".")
    return ":" in host or (len(host) <= _LONGEST_HOST and all(0 < len(label) <= _LONGEST_LABEL for label in labels))


def _is_ours(host: str) -> bool:
    """Whether the host is, or says that it is, of our own network: no name is looked up."""
    host = host.strip("[]").rstrip(".").lower()
    with suppress(OSError):
        host = socket.inet_ntoa(socket.inet_aton(host))  # 127.1, 0x7f000001 and 2130706433 are 127.0.0.1
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or any(host == name or host.endswith(f".{name}") for name in _OURS)
    return not is_public(host)
