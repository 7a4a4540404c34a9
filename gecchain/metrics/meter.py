"""One process's figures, counted from what it tells, and the address at which they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    start_http_server,
    write_to_textfile,
)
from prometheus_client.registry import Collector

from gecchain import trail
from gecchain.errors import BadInput, Unavailable

__all__ = ["Meter", "parse_address"]

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HIGHEST_PORT: Final = 65_535
_LONGEST_REASON: Final = 64


class Meter:
    """Counts what is told while it listens. `role_of` names the role of a sender's address."""

    def __init__(self, role_of: Callable[[str], str] = lambda _address: "other") -> None:
        self.registry = CollectorRegistry()
        self._role_of = role_of
        self._told = self._counter("gec_told", "Events told (the log's lines), by name.", "event")
        self._events = self._counter("gec_events_indexed", "Events written into the projection.")
        self._forks = self._counter("gec_reorganisations", "Times that the chain took back what was indexed.")
        self._transactions = self._counter("gec_transactions", "Transactions that ended, by role.", "role", "outcome")
        self._gas = self._counter("gec_gas_used", "Gas used by mined transactions, by role.", "role")
        self._calls = self._counter("gec_calls_refused", "Calls refused before they were sent, by reason.", "reason")
        self._requests = self._counter("gec_requests_ended", "Signed requests that ended.", "state", "reason")
        self._messages = self._counter("gec_webhook_messages", "Webhook messages tried.", "outcome")
        self._rows = self._counter("gec_rows", "Rows of files taken in.", "outcome")
        self._refusals = self._counter("gec_rows_refused", "Rows refused, by code.", "code")
        self._answers = Histogram(
            "gec_http_request_seconds",
            "Seconds until an answer began, by template of the route.",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._counted: dict[str, Callable[[Mapping[str, Any]], None]] = {
            **{f"transaction_{end}": partial(self._count_transaction, end) for end in ("mined", "refused", "lost")},
            "blocks_indexed": lambda facts: self._events.inc(facts["count"]),
            "chain_reorganised": lambda _facts: self._forks.inc(),
            "call_refused": lambda facts: self._calls.labels(str(facts["reason"])[:_LONGEST_REASON]).inc(),
            "request_ended": lambda facts: self._requests.labels(facts["state"], facts["reason"]).inc(),
            "webhook_delivered": lambda _facts: self._messages.labels("delivered").inc(),
            "webhook_failed": lambda _facts: self._messages.labels("failed").inc(),
            "file_taken_in": self._count_rows,
        }

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def add(self, figures: Collector) -> None:
        """Figures that are asked for whenever somebody looks."""
        self.registry.register(figures)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer to a request over HTTP; `route` is the template of its path, so that there are only so many."""
        known = method if method in _METHODS else "other"
        self._answers.labels(known, route, str(status)).observe(seconds)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Counts what is told meanwhile."""
        with trail.heard(self._hear):
            yield

    @contextmanager
    def offered(self, address: str) -> Iterator[None]:
        """Figures at `http://ADDRESS/metrics` meanwhile; at none if it is empty. BadInput or Unavailable otherwise."""
        if not address:
            yield
            return
        host, port = parse_address(address)
        try:
            server, thread = start_http_server(port, host, registry=self.registry)
        except OSError as error:
            raise Unavailable(
                f"figures cannot be offered at {address}: {error.strerror}",
                remedy="Set GEC_METRICS to an address that is free, or to nothing.",
            ) from error
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def write(self, folder: Path, command: str, *, failed: bool, figures: Sequence[Collector] = ()) -> None:
        """The figures of a command that ends, as a file for node_exporter's textfile collector."""
        last = CollectorRegistry()
        for more in figures:
            last.register(more)
        Gauge("gec_run_failed", "Whether the last run failed.", ("command",), registry=last).labels(command).set(failed)
        ended = Gauge("gec_run_ended_seconds", "When the last run ended, Unix time.", ("command",), registry=last)
        ended.labels(command).set_to_current_time()
        for name, counter, label in (("gas", self._gas, "role"), ("rows", self._rows, "outcome")):
            words = f"{name.capitalize()} of the last run."
            gauge = Gauge(f"gec_run_{name}", words, ("command", label), registry=last)
            for labels, value in _values(counter):
                gauge.labels(command, labels[label]).set(value)
        folder.mkdir(parents=True, exist_ok=True)
        write_to_textfile(str(folder / f"gec_{command}.prom"), last)

    def _hear(self, event: str, facts: Mapping[str, Any]) -> None:
        self._told.labels(event).inc()
        count = self._counted.get(event)
        if count is not None:
            count(facts)

    def _count_transaction(self, outcome: str, facts: Mapping[str, Any]) -> None:
        role = self._role_of(str(facts["sender"]))
        self._transactions.labels(role, outcome).inc()
        self._gas.labels(role).inc(facts.get("gas", 0))

    def _count_rows(self, facts: Mapping[str, Any]) -> None:
        if facts["known"]:
            return
        for outcome in ("accepted", "replaced", "refused"):
            self._rows.labels(outcome).inc(facts[outcome])
        for code, count in facts["refusals"].items():
            self._refusals.labels(getattr(code, "name", str(code))).inc(count)


def _values(counter: Counter) -> Iterator[tuple[Mapping[str, str], float]]:
    for metric in counter.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total"):
                yield sample.labels, sample.value


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; BadInput for anything else."""
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= _HIGHEST_PORT:
        raise BadInput(
            "this is no address to listen at", field="GEC_METRICS", value=text, remedy="Give HOST:PORT: 127.0.0.1:9464."
        )
    return host.strip("[]"), int(port)
