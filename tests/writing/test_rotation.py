"""A role's key is replaced: the new one goes on where the old one stopped, and the old one is refused from then on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gecchain.cli.roles import save_roles
from tests.chain.test_external_signer import KEY, signer_that
from tests.world import World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTHS = last_months(2)
Capture = pytest.CaptureFixture[str]


def good(world: World, capsys: Capture, *words: str) -> Any:
    status, document = world.json(capsys, *words)
    assert status == 0, document
    return document


def refused(world: World, capsys: Capture, *words: str) -> str:
    status, document = world.json(capsys, *words)
    assert (status, document["error"]["kind"]) == (1, "Refused")
    return str(document["error"]["reason"])


def name_keys(world: World, **keys: Any) -> None:
    """As somebody edits roles.json."""
    save_roles(world.home / "roles.json", replace(world.context.roles, **keys))
    world.reopen()


def honest(_method: str, params: list[Any]) -> str:
    """A signer that has the key KEY and signs what it is asked."""
    asked = params[0]
    words = {name: asked[name] for name in ("nonce", "gas", "gasPrice", "value", "chainId", "data")}
    raw = KEY.sign_transaction({**words, "to": asked.get("to", "")}).raw_transaction
    return "0x" + bytes(raw).hex()


def test_provider_and_authority_get_new_keys(
    world: World, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From keys of this home to an external signer (provider) and to a new keystore (authority)."""
    (tmp_path / "password").write_text("secret")
    monkeypatch.setenv("GEC_PASSWORD_FILE", str(tmp_path / "password"))
    world.take_in(MONTHS[0], [on_grid(one, 2_000_000) for one in PLANTS[:2]])
    assert good(world, capsys, "issue", "--month", str(MONTHS[0]))["minted"] == 4

    with signer_that(honest) as url:
        good(world, capsys, "keys", "create", "authority-2027")
        good(world, capsys, "keys", "external", "grid-a-2027", KEY.address, url)
        listed = {one["name"]: one for one in good(world, capsys, "keys", "list")}
        assert listed["grid-a-2027"] == {"name": "grid-a-2027", "address": KEY.address, "external": url}
        for role, new, old in (
            ("provider", "grid-a-2027", "dev:Grid A"),
            ("authority", "authority-2027", "dev:authority"),
        ):
            good(world, capsys, "roles", "grant", role, new)
            good(world, capsys, "roles", "revoke", role, old)
        world.take_in(MONTHS[1], [on_grid(one, 3_000_000) for one in PLANTS[:2]])
        assert refused(world, capsys, "issue", "--month", str(MONTHS[1])) == "AccessManagedUnauthorized"
        name_keys(world, providers={**world.context.roles.providers, "Grid A": "grid-a-2027"})
        assert refused(world, capsys, "issue", "--month", str(MONTHS[1])) == "AccessManagedUnauthorized"
        name_keys(world, authority="authority-2027")
        issued = good(world, capsys, "issue", "--month", str(MONTHS[1]))
        assert (issued["asked"], issued["minted"]) == (6, 6)
    rpc = world.context.rpc
    sent = [rpc.request("eth_getTransactionByHash", hash_)["from"] for hash_ in issued["transactions"]]
    assert set(sent) == {listed["authority-2027"]["address"].lower()}
    good(world, capsys, "index")
    assert good(world, capsys, "fsck")["passed"]
    assert json.loads((world.home / "roles.json").read_text())["authority"] == "authority-2027"


def test_an_external_signer_that_lies_issues_nothing(world: World, capsys: Capture) -> None:
    """It signs another call with the provider's key: nothing of it is sent, and the month stays as it was."""

    def lying(method: str, params: list[Any]) -> str:
        return honest(method, [{**params[0], "data": params[0]["data"][:-2] + "ff"}])

    world.take_in(MONTHS[0], [on_grid(PLANTS[0], 2_000_000)])
    with signer_that(lying) as url:
        good(world, capsys, "keys", "external", "grid-a-2027", KEY.address, url)
        good(world, capsys, "roles", "grant", "provider", "grid-a-2027")
        name_keys(world, providers={**world.context.roles.providers, "Grid A": "grid-a-2027"})
        status, document = world.json(capsys, "issue", "--month", str(MONTHS[0]))
        assert (status, document["error"]["kind"]) == (1, "BrokenProof")
        assert "did not sign what was asked: data is" in document["error"]["message"]
        assert world.context.rpc.request("eth_getTransactionCount", KEY.address, "latest") == "0x0"
        assert world.context.journal.pending(KEY.address) == []
        name_keys(world, providers={**world.context.roles.providers, "Grid A": "dev:Grid A"})
    assert good(world, capsys, "issue", "--month", str(MONTHS[0]))["minted"] == 2
