"""Cursors of lists: opaque to whoever uses them, bound to the list they came from."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from gecchain.errors import BadInput

__all__ = ["closed", "opened"]


def closed(kind: str, cursor: str | None) -> str | None:
    """The store's cursor as the public gets it."""
    if cursor is None:
        return None
    return urlsafe_b64encode(f"{kind}:{cursor}".encode()).decode().rstrip("=")


def opened(kind: str, cursor: str | None) -> str | None:
    """The store's cursor out of the public's, None for the beginning, which an empty one is too.

    BadInput if it is none, or of another list.
    """
    if not cursor:
        return None
    try:
        found, _, inside = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
    except (Error, ValueError):
        found, inside = "", ""
    if found != kind or not inside:
        raise BadInput(
            "This is no cursor of this list.", field="after", value=cursor, remedy="Use `next` of the page before."
        )
    return inside
