"""Figures for whoever runs the API, at an address of their own, and whether it lives and is ready."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socket import socket

import httpx
import pytest
from sqlalchemy import create_engine, text

from api import ApiSettings, create_app
from api.settings import Rates
from gecchain.errors import BadInput, Unavailable
from gecchain.metrics import Meter
from tests.api.serving import served
from tests.api.story import WIND, number
from tests.conftest import free_port


@contextmanager
def measured(settings: ApiSettings) -> Iterator[tuple[httpx.Client, str]]:
    """A server, and where its figures are."""
    address = f"127.0.0.1:{free_port()}"
    with served(create_app(replace(settings, metrics=address))) as client:
        yield client, f"http://{address}/metrics"


def figures(url: str) -> dict[str, float]:
    answer = httpx.get(url, trust_env=False)
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def copied(settings: ApiSettings, folder: Path) -> ApiSettings:
    """The same registry in a file of its own, with a desk."""
    shutil.copy(settings.database_url.removeprefix("sqlite:///"), folder / "store.db")
    return replace(
        settings, database_url=f"sqlite:///{folder / 'store.db'}", desk_url=f"sqlite:///{folder / 'desk.db'}"
    )


def test_answers_are_counted_by_template_and_nothing_is_told_to_the_public(
    settings: ApiSettings, tmp_path: Path
) -> None:
    with measured(copied(settings, tmp_path)) as (client, url):
        for _ in range(3):
            assert client.get("/v1/health").status_code == 200
        assert client.get("/v1/accounts/0x" + "12" * 20).status_code == 404
        assert client.get("/nowhere/at/all").status_code == 404
        assert client.get("/metrics").status_code == 404
        found = figures(url)
        text_ = httpx.get(url, trust_env=False).text
    count = "gec_http_request_seconds_count"
    assert found[f'{count}{{method="GET",route="/v1/health",status="200"}}'] == 3
    assert found[f'{count}{{method="GET",route="/v1/accounts/{{account}}",status="404"}}'] == 1
    assert found[f'{count}{{method="GET",route="none",status="404"}}'] == 2
    assert "1212" not in text_
    assert "nowhere" not in text_
    assert (found["gec_index_up"], found["gec_desk_up"], found["gec_outbox_depth"]) == (1, 1, 0)
    assert found["gec_index_lag_blocks"] == found["gec_chain_head"] - found["gec_index_block"]
    assert found['gec_requests{state="accepted"}'] == 0
    assert found["process_resident_memory_bytes"] > 0


def test_ready_means_that_databases_answer_and_the_index_is_near(settings: ApiSettings, tmp_path: Path) -> None:
    with measured(copied(settings, tmp_path)) as (client, url):
        assert client.get("/v1/health/ready").json()["status"] == "ready"
        engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
        with engine.begin() as db:
            db.execute(text("UPDATE cursor SET head = block + 100"))
        assert client.get("/v1/health/ready").json()["lag"] == 100
        with engine.begin() as db:
            db.execute(text("UPDATE cursor SET head = block + 101"))
        late = client.get("/v1/health/ready")
        assert (late.status_code, "101 blocks behind" in late.json()["detail"]) == (503, True)
        assert figures(url)["gec_index_lag_blocks"] == 101
        assert figures(url)["gec_index_lag_seconds"] > 0
        with engine.begin() as db:
            db.execute(text("DELETE FROM cursor"))
        engine.dispose()
        assert client.get("/v1/health/ready").status_code == 503
        assert client.get("/v1/health/live").status_code == 200


def test_a_database_that_is_away_is_told(settings: ApiSettings, tmp_path: Path) -> None:
    with socket() as nobody:  # the port is taken, so that nobody else's server comes to listen there
        nobody.bind(("127.0.0.1", 0))
        away = f"postgresql+psycopg://gec@127.0.0.1:{nobody.getsockname()[1]}/gec"
        with measured(replace(copied(settings, tmp_path), desk_url=away)) as (client, url):
            assert client.get("/v1/health/ready").status_code == 503
            found = figures(url)
            assert (found["gec_desk_up"], found["gec_index_up"]) == (0, 1)
        with measured(replace(settings, database_url=away)) as (client, url):
            assert client.get("/v1/health/ready").status_code == 503
            assert client.get("/v1/health/live").status_code == 200
            known = number(WIND, "2025-10", 0)
            for path in (f"verify/{known}", f"trace/{known}", f"certificates/{known}", "trades"):
                assert (path, client.get(f"/v1/{path}").status_code) == (path, 503)
            assert figures(url)["gec_index_up"] == 0


def test_probes_count_against_nobody(settings: ApiSettings) -> None:
    with served(create_app(replace(settings, rates=Rates(public="2/minute")))) as client:
        assert [client.get("/v1/health").status_code for _ in range(3)] == [200, 200, 429]
        for path in ("live", "ready"):
            assert {client.get(f"/v1/health/{path}").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize("address", ["9464", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:70000", ":9464"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadInput), Meter().offered(address):
        pass


def test_an_address_that_is_taken_is_told(settings: ApiSettings) -> None:
    with measured(settings) as (_client, url):
        address = url.removeprefix("http://").removesuffix("/metrics")
        with pytest.raises(Unavailable, match="cannot be offered"), Meter().offered(address):
            pass
