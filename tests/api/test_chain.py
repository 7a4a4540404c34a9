"""The chain's own word beside the store's: a node that denies what we say is believed, not us."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api import ApiSettings, create_app
from gecchain.chain.deployment import save_deployment
from tests.api.serving import served
from tests.api.story import DEPLOYMENT, WIND, number, tell

GOOD = number(WIND, "2026-08", 0)
ANVIL_CHAIN = 31_337


@pytest.fixture
def denied(settings: ApiSettings, anvil_url: str, tmp_path: Path) -> ApiSettings:
    """The same store beside a real node on which nothing was ever deployed."""
    save_deployment(tmp_path / "deployment.json", replace(DEPLOYMENT, chain_id=ANVIL_CHAIN))
    return ApiSettings(settings.database_url, tmp_path / "deployment.json", rpc_url=anvil_url)


def test_what_the_chain_denies_is_disputed(denied: ApiSettings, anvil_url: str) -> None:
    mine = {"jsonrpc": "2.0", "id": 1, "method": "anvil_mine", "params": [hex(len(tell().blocks))]}
    httpx.post(anvil_url, json=mine).raise_for_status()
    with served(create_app(denied)) as client:
        found = client.get(f"/v1/verify/{GOOD}", params={"chain": True}).json()
        assert (found["verdict"], found["genuine"]) == ("disputed", False)
        assert found["steps"][-1]["passed"] is False
        assert 'data-verdict="disputed"' in client.get(f"/zh/verify/{GOOD}").text


def test_a_node_that_is_behind_is_not_believed(denied: ApiSettings) -> None:
    with served(create_app(denied)) as client:
        found = client.get(f"/v1/verify/{GOOD}", params={"chain": True}).json()
        assert (found["verdict"], found["steps"][-1]["passed"]) == ("valid", None)
        assert "behind" in found["steps"][-1]["detail"]["en"]


def test_health_tells_the_head_of_the_chain(denied: ApiSettings) -> None:
    with served(create_app(denied)) as client:
        found = client.get("/v1/health").json()
        assert (found["node"], found["chain_head"]) == ("reachable", 0)


def test_a_node_of_another_chain_is_not_asked(settings: ApiSettings, anvil_url: str) -> None:
    other = ApiSettings(settings.database_url, settings.deployment_file, rpc_url=anvil_url)
    with served(create_app(other)) as client:
        found = client.get(f"/v1/verify/{GOOD}", params={"chain": True}).json()
        assert (found["verdict"], found["steps"][-1]["passed"]) == ("valid", None)
