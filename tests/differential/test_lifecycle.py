"""docs/lifecycle.md says what the contracts do; `GEC_WRITE_DOCS=1` writes it anew."""

import os
from pathlib import Path

from tests.differential.lifecycle import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"


def test_the_page_is_as_the_contracts_behave() -> None:
    text = page()
    if os.environ.get("GEC_WRITE_DOCS"):
        PAGE.write_text(text)
    assert PAGE.read_text() == text, "make docs writes it anew"
