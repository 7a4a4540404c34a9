"""A month balances to the Wh, says what is left to do, and names what cannot be."""

from collections import Counter
from collections.abc import Callable

import pytest

from gecchain.reconciling import balance
from gecchain.rules import Month
from gecchain.store.intake import MonthRead
from gecchain.store.months import IndexedMonth

JANUARY = Month.of(2026, 1)
READ = MonthRead({11: (2, 3_500_000), 37: (1, 700_000)}, {"ABOVE_CAPACITY": 1})


def indexed() -> IndexedMonth:
    """Beijing: 1.5 and 2 MWh became one and two certificates. Shandong: 0.7 MWh carry."""
    return IndexedMonth(
        committed=3,
        committed_wh=4_200_000,
        leaves=Counter({11: 2, 37: 1}),
        wh=Counter({11: 3_500_000, 37: 700_000}),
        batches=Counter({11: 2}),
        certificates=Counter({11: 3}),
        tallied=Counter({11: 3}),
    )


def test_what_was_read_is_what_was_issued_and_carried() -> None:
    found = balance(JANUARY, 9, READ, indexed())
    assert found.balances
    assert (found.read_wh, found.issued_wh) == (4_200_000, 4_200_000)
    assert found.issued_wh == 1_000_000 * found.certificates + found.carried_wh
    assert [(one.province, one.certificates, one.carried_wh) for one in found.provinces] == [
        (11, 3, 500_000),
        (37, 0, 700_000),
    ]
    assert (found.uncommitted, found.uncommitted_wh, found.waiting) == (0, 0, 0)
    assert found.refused_rows == {"ABOVE_CAPACITY": 1}


def test_carry_of_earlier_months_that_is_used_up_is_below_zero() -> None:
    given = indexed()
    given.batches[37], given.certificates[37], given.tallied[37] = 1, 1, 1
    found = balance(JANUARY, 9, READ, given)
    assert found.balances
    assert found.provinces[1].carried_wh == -300_000


def test_what_is_left_to_do_is_no_difference() -> None:
    given = indexed()
    given.committed, given.committed_wh, given.waiting = 2, 3_500_000, 1
    given.leaves, given.wh = Counter({11: 1}), Counter({11: 3_500_000})
    given.batches, given.refused = Counter({11: 1}), Counter({4: 1})
    found = balance(JANUARY, 9, READ, given)
    assert found.balances
    assert (found.uncommitted, found.uncommitted_wh, found.waiting) == (1, 700_000, 1)
    assert found.refused_leaves == {"too_old": 1}


def one_certificate_more(given: IndexedMonth) -> None:
    given.certificates[11], given.tallied[11] = 6, 6


def one_was_not_counted(given: IndexedMonth) -> None:
    given.tallied[11] = 2


def one_came_from_nowhere(given: IndexedMonth) -> None:
    given.certificates[65] = given.tallied[65] = given.batches[65] = 1


def another_sum_was_committed(given: IndexedMonth) -> None:
    given.wrong.append("commitment 1: its leaves are 4 Wh, 5 were committed")


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (one_certificate_more, "province 11: 2 leaves of 3,500,000 Wh cannot be 6 certificates"),
        (one_was_not_counted, "province 11: its batches hold 3 certificates, 2 were counted"),
        (one_came_from_nowhere, "province 65: 0 leaves of 0 Wh cannot be 1 certificates"),
        (another_sum_was_committed, "commitment 1"),
    ],
)
def test_what_cannot_be_is_named(lie: Callable[[IndexedMonth], None], said: str) -> None:
    given = indexed()
    lie(given)
    found = balance(JANUARY, 9, READ, given)
    assert not found.balances
    assert found.differences[0].startswith(said)
