"""The same operations drawn by Hypothesis, which finds short sequences on its own."""

from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.differential.chance import Chance
from tests.differential.choosing import CHOICES
from tests.differential.choosing_relay import handed
from tests.differential.session import Session

randoms = st.randoms(use_true_random=False, note_method_calls=False)
kinds = st.sampled_from([kind for kind, (weight, _draw) in CHOICES.items() for _ in range(weight)])


class Registry(RuleBasedStateMachine):
    """A new registry; a rule draws some operations of one kind each, as the long runs do."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()

    @rule(random=randoms, kind=kinds)
    def operation(self, random: Random, kind: str) -> None:
        chance = Chance(random, self.session.known)
        draw = CHOICES[kind][1]
        self.session.perform(handed(chance, draw(chance), lambda: draw(chance)))

    @rule(random=randoms)
    def plant_with_certificates(self, random: Random) -> None:
        """From the filing to the issue, so that short sequences have something to trade."""
        for kind in ("open institutions", "submit", "review", "commit", "issue", "list", "take"):
            self.session.perform(CHOICES[kind][1](Chance(random, self.session.known)))

    def teardown(self) -> None:
        self.session.compare()


TestRegistry = Registry.TestCase
TestRegistry.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
