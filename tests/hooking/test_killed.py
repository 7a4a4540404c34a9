"""`gec webhooks` as a process of its own: killed -9 while receivers misbehave, started twice, stopped."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from standardwebhooks import Webhook

from gecchain.store.hooks import Filter, Owner
from tests.crash.killing import Kennel
from tests.hooking.receiver import Call, Got, Receiver, receiving
from tests.hooking.world import World, places
from tests.world import World as Home

KILLS = 8
EVENTS = 4
LONGEST_SECONDS = 90
WORDS = ["webhooks", "--follow", "--poll", "0.05", "--timeout", "2", "--waits", "0 " * 10 + "1 " * 100]


class Environment:
    """What a process of `gec` is told."""

    def __init__(self, world: World, home: Path) -> None:
        self._world, self._home = world, home

    def environment(self) -> dict[str, str]:
        return {
            "GEC_HOME": str(self._home),
            "GEC_DATABASE_URL": self._world.index.url.render_as_string(hide_password=False),
            "GEC_DESK_URL": self._world.desk.url.render_as_string(hide_password=False),
            "GEC_WEBHOOK_PRIVATE": "1",
        }


def moody(chance: random.Random) -> Callable[[Call], None]:
    def behave(call: Call) -> None:
        mood = chance.random()
        if mood < 0.5:
            call.answer(204)
        elif mood < 0.7:
            time.sleep(chance.uniform(0, 0.3))
            call.answer(200, b"late")
        elif mood < 0.85:
            call.answer(500)
        elif mood < 0.98:
            call.drop()
        else:
            call.hang()

    return behave


def test_kills_lose_nothing_and_double_only_by_name(
    world: World, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(1 << 32)
    record_property("seed", seed)
    chance = random.Random(seed)
    world.chain.blocks(6, EVENTS)
    killed = 0
    with receiving(moody(chance)) as bad, receiving() as good:
        found = [world.subscribe(f"{bad.url}/{number}", owner=Owner(f"key:{number}")) for number in range(3)]
        found.append(world.subscribe(good.url))
        kennel = Kennel(cast("Home", Environment(world, tmp_path)))
        try:
            for _kill in range(KILLS):
                before = len(bad.got)
                world.chain.blocks(2, EVENTS)
                killed += kennel.kill(WORDS, lambda _process, n=before: len(bad.got) > n, chance.uniform(0, 0.6))
            last = world.chain.at.block
            kennel.kill(WORDS, lambda _process: all_taken(found_of(bad, good), last), 0.2)
        finally:
            kennel.close()
    assert killed == KILLS
    for subscription, got in zip(found, found_of(bad, good), strict=True):
        assert_complete(got, last)
        for one in got:
            Webhook(subscription.secret).verify(one.body, dict(one.headers))
        assert world.letters(subscription) == []
    again = len(good.got) - len({one.place for one in good.got})
    assert again <= KILLS + 1, "a kill repeats one message at the most"


def found_of(bad: Receiver, good: Receiver) -> list[list[Got]]:
    of_bad = [[one for one in list(bad.got) if one.path.endswith(f"/{number}")] for number in range(3)]
    return [*of_bad, list(good.got)]


def all_taken(each: list[list[Got]], last: int) -> bool:
    return all(any(one.status and one.status < 300 and one.place == (last, EVENTS - 1) for one in got) for got in each)


def assert_complete(got: list[Got], last: int) -> None:
    """Every event was taken, in order, and whatever came again came under its name."""
    taken = [one.place for one in got if 200 <= one.status < 300]
    assert list(dict.fromkeys(taken)) == [(b, i) for b in range(1, last + 1) for i in range(EVENTS)]
    assert taken == sorted(taken), "what came again came before what is after it"
    names = {(one.place, one.id, one.body) for one in got}
    assert len(names) == len({one.place for one in got})


# Two of them


@contextmanager
def process(world: World, home: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **Environment(world, home).environment()}
    command = [sys.executable, "-m", "gecchain.cli", "webhooks", "--follow", "--poll", "0.05"]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        running.communicate()


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def places_of(receiver: Receiver) -> int:
    """How many events have come; what a kill has sent again is not another one."""
    return len({one.place for one in list(receiver.got)})


def test_a_second_worker_waits_and_takes_over(world: World, receiver: Receiver, tmp_path: Path) -> None:
    world.subscribe(receiver.url, Filter(kinds=("AccountOpened",)))
    world.chain.blocks(3)
    with process(world, tmp_path) as first:
        wait_until(lambda: places_of(receiver) == 3)
        with process(world, tmp_path) as second:
            said: list[str] = []
            threading.Thread(target=_listen, args=(second.stderr, said), daemon=True).start()
            wait_until(lambda: any("Another worker" in line for line in said))
            world.chain.blocks(3)
            wait_until(lambda: places_of(receiver) == 6)
            assert second.poll() is None
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
            world.chain.blocks(3)
            wait_until(lambda: places_of(receiver) == 9)
            second.send_signal(signal.SIGTERM)
            assert second.wait(LONGEST_SECONDS) == 0
    assert list(dict.fromkeys(one.place for one in receiver.got)) == places(world.chain, 1, 9)
    assert len({one.id for one in receiver.got}) == 9
    assert len(receiver.got) <= 10, "the kill repeats one message at the most"


def test_one_run_ends_when_nothing_is_due(world: World, receiver: Receiver, tmp_path: Path) -> None:
    world.subscribe(receiver.url)
    world.chain.blocks(2)
    environment = {**os.environ, **Environment(world, tmp_path).environment()}
    command = [sys.executable, "-m", "gecchain.cli", "--json", "webhooks"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    assert done.returncode == 0, done.stderr
    assert '"delivered": 2' in done.stdout
    wrong = subprocess.run([*command, "--waits", "soon"], env=environment, capture_output=True, text=True)
    assert (wrong.returncode, "waits" in wrong.stdout) == (2, True)


def _listen(pipe: IO[str], said: list[str]) -> None:
    with suppress(ValueError):
        for line in pipe:
            said.append(line)
