"""Real processes told to end by SIGTERM: within seconds, with exit status 0, and what they left goes on afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gecchain.chain.node import is_up, start_node, stop_node
from tests.conftest import free_port
from tests.world import World

SECONDS = 30.0


class Process:
    """`gec` as a process whose log is read line by line."""

    def __init__(self, words: list[str], variables: dict[str, str]) -> None:
        environment = {**os.environ, "GEC_LOG": "json", "GEC_LOG_LEVEL": "info", **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gecchain.cli", *words], env=environment, stderr=subprocess.PIPE, text=True
        )
        self.told: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(json.loads(line))

    def has_told(self, event: str, **facts: Any) -> bool:
        return any(one["event"] == event and facts.items() <= one.items() for one in list(self.told))

    def end(self) -> tuple[int, float]:
        """SIGTERM; exit status, and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self._reader.join()
        return status, time.monotonic() - began

    def close(self) -> None:
        """Those beside it hold the pipe as well: it is asked to end them, before it is killed."""
        self.process.terminate()
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()


@contextmanager
def gec(words: list[str], **variables: str) -> Iterator[Process]:
    found = Process(words, variables)
    try:
        yield found
    finally:
        found.close()


def until(condition: Callable[[], bool], process: Process, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, process.told
        assert process.process.poll() is None, process.told
        time.sleep(0.05)


def figures(port: int) -> str:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=5).text
    except httpx.TransportError:
        return ""


@pytest.mark.parametrize(
    ("words", "name", "figure"),
    [
        (["index", "--follow"], "index", "gec_index_lag_blocks 0.0"),
        (["relay", "--follow"], "relay", "gec_outbox_depth 0.0"),
        (["webhooks", "--follow"], "webhooks", "gec_webhook_dead_letters 0.0"),
    ],
)
def test_a_worker_ends_when_it_is_told(registry: World, words: list[str], name: str, figure: str) -> None:
    port = free_port()
    with gec([*registry.words, *words], GEC_METRICS=f"127.0.0.1:{port}") as process:
        until(lambda: process.has_told("started", process=name), process)
        until(lambda: figure in figures(port), process)
        assert "gec_told_total" in figures(port)
        status, seconds = process.end()
    assert (status, seconds < SECONDS) == (0, True)
    assert process.has_told("stopped", process=name)
    assert figures(port) == ""


def test_the_server_ends_with_those_beside_it(registry: World) -> None:
    assert registry.run("index") == 0
    port, first = free_port(), free_port()
    variables = {"GEC_METRICS": f"127.0.0.1:{first}"}
    with gec([*registry.words, "serve", "--port", str(port)], **variables) as process:
        until(lambda: process.has_told("api_started"), process)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            assert client.get("/v1/health/live").json() == {"status": "live"}
            until(lambda: client.get("/v1/health/ready").status_code == 200, process)
            assert client.get("/v1/certificates/nonsense").status_code == 400
            assert f"http://127.0.0.1:{port}/" in client.get("/en/docs").text, "links begin where it listens"
        until(lambda: "gec_index_lag_blocks 0.0" in figures(first), process)
        measured = 'gec_http_request_seconds_count{method="GET",route="/v1/certificates/{number}",status="400"} 1.0'
        assert measured in figures(first)
        for number in (1, 2, 3):
            until(lambda number=number: "gec_told_total" in figures(first + number), process)
        status, seconds = process.end()
    assert (status, seconds < 2 * SECONDS) == (0, True)
    assert {one["process"] for one in process.told if one["event"] == "stopped"} == {
        "serve",
        "index",
        "relay",
        "webhooks",
    }
    assert all(figures(first + number) == "" for number in range(4))


def test_the_api_alone_ends_although_somebody_listens(registry: World) -> None:
    port = free_port()
    with gec([*registry.words, "serve", "--alone", "--port", str(port)]) as process:
        until(lambda: process.has_told("api_started"), process)
        with (
            httpx.Client(trust_env=False, timeout=20) as client,
            client.stream("GET", f"http://127.0.0.1:{port}/v1/events/stream") as stream,
        ):
            assert stream.status_code in (200, 404)
            status, seconds = process.end()
    assert (status, seconds < SECONDS) == (0, True)
    assert not process.has_told("started", process="index")


def test_the_sealer_ends(registry: World, tmp_path: Path) -> None:
    assert registry.run("documents", "new-seal") == 0
    socket = tmp_path / "sealer.sock"
    with gec([*registry.words, "documents", "serve"], GEC_SEALER=str(socket)) as process:
        until(socket.exists, process)
        status, seconds = process.end()
    assert (status, seconds < SECONDS) == (0, True)
    (registry.home / "seal.p12").unlink()


@pytest.mark.parametrize("moment", [0.0, 0.2, 0.5])
def test_a_chain_that_is_ended_while_it_begins_leaves_no_node(tmp_path: Path, moment: float) -> None:
    url, mark = f"http://127.0.0.1:{free_port()}", tmp_path / "chain" / "pid"
    with gec(["--home", str(tmp_path), "--rpc", url, "chain"]) as process:
        until(mark.exists, process)
        time.sleep(moment)
        status, seconds = process.end()
    assert (status, seconds < SECONDS, is_up(url)) == (0, True, False)


def test_the_chain_ends_and_keeps_its_state(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    words = ["--home", str(tmp_path), "--rpc", url]
    with gec([*words, "chain"]) as process:
        until(lambda: is_up(url), process)
        answer = httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "anvil_mine", "params": ["0x7"]})
        assert "error" not in answer.json()
        status, seconds = process.end()
    assert (status, seconds < SECONDS, is_up(url)) == (0, True, False)
    again = start_node(url, tmp_path / "chain")
    block = httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}).json()
    stop_node(again)
    assert block["result"] == "0x7"


def test_a_worker_that_waits_for_a_node_ends_too(registry: World, tmp_path: Path) -> None:
    """The node is stopped in the middle (SIGSTOP): connections stay open and nothing is answered."""
    url = f"http://127.0.0.1:{free_port()}"
    node = start_node(url, tmp_path / "chain")
    try:
        home = tmp_path / "home"
        world = World(url, home)
        world.close()
        for name, sign in (("index", "blocks_indexed"), ("relay", "started")):
            with gec([*world.words, name, "--follow"]) as process:
                until(lambda process=process, sign=sign: process.has_told(sign), process)
                time.sleep(3)  # it is at its usual work
                node.send_signal(signal.SIGSTOP)
                time.sleep(2)
                status, seconds = process.end()
            assert (status, seconds < SECONDS) == (0, True)
            assert process.has_told("left_undone", process=name)
            node.send_signal(signal.SIGCONT)
        assert world.opened().settings.home == home
        assert world.run("index") == 0
        assert world.run("fsck") == 0
    finally:
        node.send_signal(signal.SIGCONT)
        stop_node(node)
