"""The page that a platform's engineer works through is true: its Python runs, in its order, against a real registry."""

from __future__ import annotations

import re
import threading

import pytest

from gecchain.signer import development_signer
from tests.conftest import ROOT
from tests.world import BUYER, PLATFORM, World
from tests.writing.test_requests import OWNER, batch, platform, send

__all__ = ["batch"]

PAGE = ROOT / "docs" / "platforms.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_runs(world: World, batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    holder = world.context.reader.owner_of(batch << 32)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            send(world)
            over.wait(0.1)

    with platform(world) as client:
        assert list(client.holdings(holder, min_block=world.context.reader.head()))
        worker = threading.Thread(target=work)
        worker.start()
        names = {
            "URL": client.transport.url,
            "API_KEY": client.transport.token,
            "SELLER": holder,
            "BUYER": world.account(BUYER),
            "PLATFORM": world.account(PLATFORM),
            "seller_key": development_signer(OWNER),
            "buyer_key": development_signer("buyer"),
            "platform_key": development_signer("platform"),
        }
        try:
            blocks = BLOCK.findall(PAGE.read_text())
            for block in blocks:
                exec(compile(block, str(PAGE), "exec"), names)
        finally:
            names["registry"].close()
            over.set()
            worker.join()
    assert len(blocks) >= 8
    assert "the lot has fewer certificates" in capsys.readouterr().out
