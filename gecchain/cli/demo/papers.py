"""Evidence of the demonstration: small texts that say of themselves that they are made up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gecchain.cli.attached import attach
from gecchain.cli.context import Context

__all__ = ["paper"]

_SAID: Final = "本文件为演示用虚构材料。This file was made up for gec demo and proves nothing.\n"


def paper(context: Context, name: str, text: str, account: str, readers: Iterable[str] = ()) -> bytes:
    """Hash of a text that `account` hands in, once the evidence room has it; it is kept in the home folder as well."""
    path = context.settings.home / "demo" / "papers" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n\n{_SAID}", encoding="utf-8")
    return attach(context, str(path), account, readers)
