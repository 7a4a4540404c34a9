"""One registry a test."""

import pytest

from tests.questions.world import World


@pytest.fixture
def world() -> World:
    """Everybody has an account, every plant is filed, September is issued."""
    return World()
