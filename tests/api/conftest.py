"""One store with the whole story, one application on it, and one browser, for all tests of the API."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from api import ApiSettings, create_app
from gecchain.chain.deployment import save_deployment
from gecchain.store import migrate, open_engine
from tests.api.serving import served
from tests.api.story import DEPLOYMENT, index, tell

QUIET = "--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ApiSettings:
    """Settings of a demonstration whose store holds the whole story; no node is configured."""
    folder = tmp_path_factory.mktemp("registry")
    url = f"sqlite:///{folder / 'store.db'}"
    engine = open_engine(url)
    migrate(engine)
    index(engine, tell(), head=100)
    engine.dispose()
    save_deployment(folder / "deployment.json", DEPLOYMENT)
    return ApiSettings(url, folder / "deployment.json", demo=True, base_url="https://gec.example")


@pytest.fixture
def empty(tmp_path: Path) -> ApiSettings:
    """Settings of a migrated store in which nothing is indexed."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    save_deployment(tmp_path / "deployment.json", DEPLOYMENT)
    return ApiSettings(url, tmp_path / "deployment.json")


@pytest.fixture(scope="session")
def client(settings: ApiSettings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright has an event loop run in this thread as long as it lives, so it ends with the module."""
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET.split()])
        yield found
        found.close()
