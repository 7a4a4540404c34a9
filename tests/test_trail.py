"""What processes tell: one line an event, whole whatever stands in it, and nothing that should not be told."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.trail import Trail, begin

trail = Trail("gecchain.test")
ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("gecchain", "api")}
    handlers = list(root.handlers)
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def told(form: str = "json", level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    begin(form, level, stream)
    return stream


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANYTHING, form=st.sampled_from(["json", "text"]))
def test_a_line_is_a_line_whatever_stands_in_it(value: Any, form: str) -> None:
    stream = told(form)
    trail.info("happened", value=value, more=[value])
    (line,) = stream.getvalue().removesuffix("\n").split("\n")
    if form == "json":
        document = json.loads(line)
        assert (document["event"], document["level"], document["room"]) == ("happened", "info", "gecchain.test")
        assert document["time"].endswith("+00:00")
    else:
        assert " info happened " in line


def test_facts_are_told_exactly() -> None:
    stream = told()
    trail.info("first", number=2**60, hash=b"\x01")
    first = json.loads(stream.getvalue())
    assert (first["number"], first["hash"]) == (str(2**60), "0x01")


def test_levels_traces_and_libraries() -> None:
    stream = told(level="warning")
    trail.info("quiet")
    logging.getLogger("httpx").info("GET https://somewhere")
    logging.getLogger("httpx").warning("odd: %s", "postgresql://gec:secret@host/db")
    try:
        raise ValueError("postgresql://gec:secret@host/db\nsecond line")
    except ValueError:
        trail.error("failed", trace=True, url="https://somebody:secret@host/")
    odd, failed = map(json.loads, stream.getvalue().splitlines())
    assert (odd["event"], odd["message"]) == ("message", "odd: postgresql://gec:***@host/db")
    assert "ValueError" in failed["trace"]
    assert failed["url"] == "https://somebody:***@host/"
    assert "secret" not in stream.getvalue()


def test_beginning_again_tells_once() -> None:
    first, second = told("text"), told("json")
    trail.info("happened", why="a b")
    assert (first.getvalue(), len(second.getvalue().splitlines())) == ("", 1)
    third = told("text")
    trail.info("happened", why='a "b"\n')
    assert third.getvalue().endswith(' info happened why="a \\"b\\"\\n"\n')
