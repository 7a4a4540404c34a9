"""What the demonstration tells at its end: numbers to paste, and commands of each audience to try by hand."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from gecchain.cli.context import Context
from gecchain.cli.demo.life import LONGEST
from gecchain.cli.demo.trading import BOUGHT, BOUGHT_KEY, HELD, HELD_KEY
from gecchain.config import Settings
from gecchain.rules import Month, parse_number

__all__ = ["explain"]


def explain(context: Context, examples: dict[str, str], table: tuple[Path, Month], url: str, *, serves: bool) -> None:
    """Say what can be opened and tried; `table` holds readings of a month that nobody has handed in."""
    say = context.screen.say
    say("")
    say(f"Open  {url}  and paste one of these numbers (with what the demonstration made of it), or change a character:")
    for fate, number in examples.items():
        if fate not in (HELD_KEY, BOUGHT_KEY):
            say(f"  {number}  {fate}")
    if HELD in examples:
        say(f"  {context.reader.facts(parse_number(examples[HELD])).hash}  hash of the one that its first owner holds")
    gec = _called(context.settings)
    say(f"To try by hand {'in another terminal' if serves else 'while gec demo or gec serve --with-chain runs'}:")
    for line in _of_certificates(examples):
        say(f"  {gec} {line}")
    path, month = table
    say(f"A month's work by hand, with readings of {month} that nobody has handed in; two of its rows are wrong:")
    for line in (f"ingest {path}", "refusals export refused.csv", f"issue --month {month} --dry-run"):
        say(f"  {gec} {line}")
    say(f"  {gec} issue --month {month}")
    say(f"  {gec} index && {gec} fsck")
    head = context.reader.head()
    context.screen.document({"url": url, "block": head, "examples": examples})


def _of_certificates(examples: dict[str, str]) -> list[str]:
    """Commands with numbers and development keys that fit."""
    if HELD not in examples:
        return ["market listings"]
    held, bought = examples[HELD], examples[BOUGHT]
    return [
        f"verify {held}",
        f"trace {examples.get(LONGEST, bought)}",
        "market listings",
        f"market list {held} --quantity 10 --price 4.50 --as {examples[HELD_KEY]}",
        f"retire {bought} --as {examples[BOUGHT_KEY]} --beneficiary Me --purpose office --from 2026-01 --until 2026-12",
    ]


def _called(settings: Settings) -> str:
    """How this program is called from here: by its path where the shell does not find it, and for this registry."""
    usual = Settings()
    words = ["gec" if shutil.which("gec") else os.path.relpath(Path(sys.executable).with_name("gec"))]
    words += ["--home", str(settings.home)] if settings.home != usual.home else []
    words += ["--rpc", settings.rpc_url] if settings.rpc_url != usual.rpc_url else []
    return " ".join(words)
