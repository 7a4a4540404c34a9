"""Accounts by the social credit code of whom they belong to, beside the other ways to name them."""

from __future__ import annotations

from collections.abc import Callable

from gecchain.cli import named
from gecchain.cli.context import Context
from gecchain.cli.filing import identity_key
from gecchain.errors import BadInput
from gecchain.rules import account_address, identity_hash, valid_uscc

__all__ = ["account_named", "account_of_code"]


def account_of_code(context: Context) -> Callable[[str], str]:
    """Gives the account of a social credit code; the registry's identity key is read now."""
    key = identity_key(context)
    return lambda code: account_address(identity_hash(key, code))


def account_named(context: Context, field: str, text: str) -> str:
    """The account, 0x in lower case, from its address, its institution's name or its owner's social credit code.

    BadInput, naming `field`, for anything else.
    """
    if valid_uscc(text):
        return account_of_code(context)(text)
    try:
        return named.account_named(context, field, text)
    except BadInput as error:
        raise BadInput(
            "this is neither an account nor a social credit code",
            field=field,
            value=text,
            remedy="Give 0x and 40 hexadecimal digits, or the 18 characters of the code.",
        ) from error
