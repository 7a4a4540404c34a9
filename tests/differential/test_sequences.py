"""Long random sequences of calls by random callers: the contracts and their model come to the same, every time.

`GEC_DIFFERENTIAL_OPERATIONS` sets how many operations a run has: 20,000, and never fewer, because not every refusal
would come up in them. `GEC_DIFFERENTIAL_SEED` sets which ones. A failure prints the seed and the shortest sequence that
it could find in a minute; `-s` prints what came up how often.
"""

import os
from collections import Counter
from random import Random, SystemRandom
from typing import Final

import pytest

from gecchain.chain.deploying import Role
from gecchain.events import EVENTS
from tests.differential.chain import errors_of
from tests.differential.choosing import choose
from tests.differential.model import FUNCTIONS, RESERVED
from tests.differential.operations import Call, Operation, shown
from tests.differential.people import STAFF
from tests.differential.predicting_issues import Refused
from tests.differential.predicting_relay import OBJECTIONS
from tests.differential.predicting_views import VIEWS
from tests.differential.session import Disagreement, Session, shrink
from tests.differential.trees import PlainTree

FEWEST: Final = 20_000
EPISODE: Final = 5_000
COMPARE_EVERY: Final = 1_000
AFTER_PAUSE: Final = 150
SHRINKING_SECONDS: Final = 60
OPERATIONS: Final = max(FEWEST, int(os.environ.get("GEC_DIFFERENTIAL_OPERATIONS", FEWEST)))
SEED: Final = int(os.environ.get("GEC_DIFFERENTIAL_SEED") or SystemRandom().randrange(1 << 32))

# Whose errors come up in whose calls.
CALLERS: Final[dict[str, tuple[str, ...]]] = {
    "Registry": ("Cases",),
    "Readings": ("Certificates", "Declarations"),
    "Certificates": ("Market", "Cases"),
    "Market": (),
    "Declarations": (),
    "Cases": (),
    "Guardian": (),
    "Relay": (),
}
# Errors of the standards' interfaces that our contracts have no way to raise: transfers and approvals are refused
# altogether (MovesByRulesOnly), rights are neither delayed nor taken from the AccessManager, and the market's name
# for signers is short.
NEVER_RAISED: Final = frozenset(
    {
        "AccessManagedInvalidAuthority",
        "AccessManagedRequiredDelay",
        "ERC721IncorrectOwner",
        "ERC721InsufficientApproval",
        "ERC721InvalidApprover",
        "ERC721InvalidOperator",
        "ERC721InvalidReceiver",
        "ERC721InvalidSender",
        "InvalidShortString",
        "StringTooLong",
    }
)
# A project is approved by its province's account, so an approved one's province has an account.
NEVER_REFUSED: Final = frozenset({Refused.NO_PROVINCIAL_ACCOUNT})
# What comes up once an episode.
SELDOM_DONE: Final = frozenset({"Guardian.pause"})


PAUSE: Final = Call(STAFF[Role.GUARDIAN][0], "Guardian", "pause", ("what happened",))


def episode(seed: int, operations: int) -> Counter[tuple[str, str]]:
    """One registry from its deployment on until its guardian closes it, and a little longer; what came up in it."""
    random, done = Random(seed), list[Operation]()
    forest: dict[bytes, PlainTree] = {}
    session = Session(forest)
    try:
        for count in range(operations):
            done.append(PAUSE if count == operations - AFTER_PAUSE else choose(random, session.known))
            session.perform(done[-1])
            if count % COMPARE_EVERY == COMPARE_EVERY - 1:
                session.compare()
        session.compare()
    except Disagreement as disagreement:
        what, shortest = shrink(done, forest, SHRINKING_SECONDS)
        lines = [f"seed {SEED}, episode seed {seed}, operation {len(done)}: {disagreement}", "", "the same in short:"]
        pytest.fail("\n".join([*lines, *map(shown, shortest), what]), pytrace=False)
    return session.seen


def report(seen: Counter[tuple[str, str]]) -> str:
    """Outcomes as a table, most frequent first."""
    lines = [f"{count:>8}  {what}: {outcome}" for (what, outcome), count in seen.most_common()]
    return "\n".join([f"seed {SEED}, {OPERATIONS} operations", *lines])


def test_contracts_and_rules_come_to_the_same() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for number in range(0, OPERATIONS, EPISODE):
        seen += episode(SEED + number, min(EPISODE, OPERATIONS - number))
    print(report(seen))  # noqa: T201 - shown by -s and on failure
    assert_every_function_succeeded(seen)
    assert_every_refusal_came_up(seen)
    assert_every_event_came_up(seen)
    assert_every_fate_of_a_request_came_up(seen)


def assert_every_function_succeeded(seen: Counter[tuple[str, str]]) -> None:
    wanted = (set(FUNCTIONS) | set(VIEWS)) - set(RESERVED)
    done = {name: seen[".".join(name), "done"] for name in wanted}
    fewest = {name: 1 if ".".join(name) in SELDOM_DONE else OPERATIONS // 1_000 for name in wanted}
    assert {name: count for name, count in done.items() if count < fewest[name]} == {}


def assert_every_refusal_came_up(seen: Counter[tuple[str, str]]) -> None:
    """Each of a contract's errors, in a call of it or of one that calls it."""
    missing = set()
    for contract, callers in CALLERS.items():
        told = {outcome for (what, outcome) in seen if what.split(".")[0] in (contract, *callers)}
        declared = {name for name, _types in errors_of(contract).values()}
        missing |= {(contract, name) for name in declared - NEVER_RAISED - told}
    assert missing == set()


def assert_every_event_came_up(seen: Counter[tuple[str, str]]) -> None:
    wanted = {f"LeafRefused {reason.value}" for reason in set(Refused) - NEVER_REFUSED} | set(EVENTS) - {"LeafRefused"}
    assert wanted - {outcome for (what, outcome) in seen if what == "event"} == set()


def assert_every_fate_of_a_request_came_up(seen: Counter[tuple[str, str]]) -> None:
    """Of the calls that go through the relay some are made, some refused, and some passed over for each objection."""
    assert {fate for fate in ("done", "refused", *OBJECTIONS[1:]) if not seen["Relay.relay", fate]} == set()
    assert seen["Relay.relay", "done"] >= OPERATIONS // 20
