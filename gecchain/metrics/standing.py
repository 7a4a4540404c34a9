"""Where the stores stand, asked when somebody looks. One that does not answer is told as such and hides no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from gecchain.errors import GecError, NotFound
from gecchain.store import connected, queries
from gecchain.store.desk import outbox
from gecchain.store.hooks import figures as hook_figures
from gecchain.store.intake import RefusalStore
from gecchain.store.views import Health

__all__ = ["DeskFigures", "IndexFigures", "RefusalFigures"]


class IndexFigures(Collector):
    """How far the projection is behind the chain; `head` asks the node, None where it does not answer."""

    def __init__(self, engine: Engine, head: Callable[[], int | None], clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._head = head
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Nothing is asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The lag counts from the node's head, or from the last one that the indexer saw."""
        try:
            with connected(self._engine) as db:
                health = queries.health(db)
        except NotFound:
            yield _up("index", up=True)
            return
        except GecError:
            yield _up("index", up=False)
            return
        yield _up("index", up=True)
        yield from self._lag(health)

    def _lag(self, health: Health) -> Iterator[Metric]:
        head = self._head()
        yield _gauge("gec_node_up", "Whether the node answers.", 0 if head is None else 1)
        newest = max(health.block, health.head if head is None else head)
        lag = newest - health.block
        yield _gauge("gec_chain_head", "The chain's newest block that is known.", newest)
        yield _gauge("gec_index_block", "Newest block that is indexed.", health.block)
        yield _gauge("gec_index_lag_blocks", "Blocks that are not indexed yet.", lag)
        behind = max(self._clock() - health.time, 0) if lag else 0
        yield _gauge("gec_index_lag_seconds", "Age of the newest indexed block while others wait, else 0.", behind)


class DeskFigures(Collector):
    """What waits in the outbox and for the receivers of webhooks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> list[Metric]:
        """Nothing is asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Requests by state, and the outbox's depth; subscriptions by state, messages and letters that wait."""
        try:
            with connected(self._engine) as db:
                states, hooks = outbox.counts(db), hook_figures(db)
        except GecError:
            yield _up("desk", up=False)
            return
        yield _up("desk", up=True)
        yield _by("gec_requests", "Signed requests, by state.", "state", states)
        waiting = states["accepted"] + states["sent"]
        yield _gauge("gec_outbox_depth", "Signed requests that have not ended.", waiting)
        yield _by("gec_webhook_subscriptions", "Subscriptions, by state.", "state", hooks.subscriptions)
        yield _gauge("gec_webhook_failing", "Subscriptions whose receiver does not take messages now.", hooks.failing)
        yield _gauge("gec_webhook_waiting", "Messages outside of the order that wait to be sent.", hooks.extras)
        yield _gauge("gec_webhook_dead_letters", "Messages that were given up.", hooks.letters)


class RefusalFigures(Collector):
    """Rows that were refused and not put right yet."""

    def __init__(self, store: RefusalStore) -> None:
        self._store = store

    def describe(self) -> list[Metric]:
        """Nothing is asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """By code."""
        try:
            counts = self._store.counted()
        except GecError:
            yield _up("intake", up=False)
            return
        yield _by("gec_rows_open", "Refused rows that nobody has put right, by code.", "code", counts)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _up(store: str, *, up: bool) -> Metric:
    return GaugeMetricFamily(f"gec_{store}_up", f"Whether the database of the {store} answers.", value=float(up))


def _by(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
