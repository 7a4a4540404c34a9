"""Store and contracts beside each other on a real node: what the API says is what the chain says."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from eth_utils.address import to_checksum_address
from sqlalchemy import Engine, update

from api import ApiSettings, create_app
from gecchain.chain.deployment import save_deployment
from gecchain.indexer import catch_up
from gecchain.rules import ProjectKey, number_of, token_id
from gecchain.store import connected, migrate, open_engine
from gecchain.store.indexing import Projection
from gecchain.store.tables import segments
from tests.api.serving import served
from tests.chain.live import BUYER, PLANT_OWNER, SOLAR, WORD, LiveRegistry, leaf

MONTH = 1510
PLANTS = [SOLAR + at for at in range(260)]
BATCH = SOLAR << 16 | MONTH << 4 | 1


def number(serial: int, plant: int = SOLAR) -> str:
    return number_of(token_id(plant << 16 | MONTH << 4 | 1, serial))


@pytest.fixture
def live(anvil_url: str) -> Iterator[LiveRegistry]:
    """Two hundred and sixty plants, issued in two chunks of one commitment."""
    registry = LiveRegistry(anvil_url)
    owner, operator = to_checksum_address(PLANT_OWNER), to_checksum_address(registry.key.sender)
    documents = {plant: f'{{"code":"{ProjectKey.from_id(plant).code}","name":"电站"}}' for plant in PLANTS}
    for part in (PLANTS[:130], PLANTS[130:]):
        filings = [(plant, owner, operator, "某公司", 1410, 50_000, False, documents[plant]) for plant in part]
        registry.call("Registry", "submit", filings)
        registry.call("Registry", "review", filings, True, "")
    registry.issue(registry.commit(MONTH, [leaf(plant, 9_500_000) for plant in PLANTS]))
    yield registry
    registry.close()


@pytest.fixture
def engine(live: LiveRegistry, tmp_path: Path) -> Iterator[Engine]:
    found = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(found)
    catch_up(live.reader, Projection(found))
    yield found
    found.dispose()


@pytest.fixture
def client(live: LiveRegistry, engine: Engine, tmp_path: Path) -> Iterator[httpx.Client]:
    save_deployment(tmp_path / "deployment.json", live.deployment)
    url = engine.url.render_as_string(hide_password=False)
    with served(create_app(ApiSettings(url, tmp_path / "deployment.json", rpc_url=live.rpc.url))) as found:
        yield found


def test_the_contract_says_the_same(live: LiveRegistry, engine: Engine, client: httpx.Client) -> None:
    live.call("Certificates", "retire", BATCH, 3, 4, ("某公司", 1, 1500, 1512, "说明"))
    catch_up(live.reader, Projection(engine))
    for claim, status in ((number(0), "held"), (number(3), "retired"), (number(8, PLANTS[-1]), "held")):
        found = client.get(f"/v1/verify/{claim}", params={"chain": True}).json()
        assert (found["verdict"], found["status"]) == ("valid", status)
        passed = {step["name"]: step["passed"] for step in found["steps"]}
        assert (passed["reading"], passed["filing"], passed["chain"]) == (True, True, True)
        assert live.reader.facts(int(found["token_id"])).hash == found["hash"]
    health = client.get("/v1/health").json()
    assert (health["status"], health["chain_head"], health["lag"]) == ("ok", live.reader.head(), 0)


def test_what_the_index_has_not_seen_yet_is_said(live: LiveRegistry, client: httpx.Client) -> None:
    live.call("Certificates", "freeze", BATCH, 0, 1, WORD)
    found = client.get(f"/v1/verify/{number(0)}", params={"chain": True}).json()
    assert (found["verdict"], found["status"], found["steps"][-1]["passed"]) == ("valid", "held", None)
    assert "newer block" in found["steps"][-1]["detail"]["en"]
    assert client.get("/v1/health").json()["status"] == "behind"


def test_a_store_that_was_tampered_with_is_found_out(engine: Engine, client: httpx.Client) -> None:
    with connected(engine, writes=True) as db:
        db.execute(update(segments).where(segments.c.batch == BATCH).values(owner=BUYER, state=4))
    found = client.get(f"/v1/verify/{number(0)}", params={"chain": True}).json()
    assert (found["verdict"], found["genuine"], found["steps"][-1]["passed"]) == ("disputed", False, False)
    assert 'data-verdict="disputed"' in client.get(f"/en/verify/{number(0)}").text
