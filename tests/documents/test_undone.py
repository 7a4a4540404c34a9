"""A voucher or sheet that a case took back says so where nobody overlooks it."""

import pytest

from gecchain.documents.pages.projects import undone_state


@pytest.mark.parametrize(
    ("gone", "tone", "said"), [(10, "bad", "undone, no longer valid"), (3, "caution", "undone in part")]
)
def test_what_was_undone_stands_at_the_head(gone: int, tone: str, said: str) -> None:
    state = undone_state({"count": 10, "undone_count": gone, "undone": [{"case": 1}]})
    assert state is not None
    assert (state["tone"], state["value"][-1]["t"]) == (tone, said)


def test_what_stands_has_no_such_mark() -> None:
    assert undone_state({"count": 10, "undone_count": 0, "undone": []}) is None
