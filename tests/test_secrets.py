"""Neither a key nor a password shows: not in words about them, not in errors or their traces, not in what is logged."""

from __future__ import annotations

import logging
import os
import pprint
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from eth_account import Account

from gecchain.config import Settings, load_settings
from gecchain.errors import BadInput, GecError, without_password
from gecchain.signer import KeystoreSigner, create_keystore, development_signer, open_keystore
from gecchain.store import connected, open_engine

KEY = os.urandom(32)
PASSWORD = "correct-horse-battery"
SECRETS = (KEY.hex(), str(int.from_bytes(KEY, "big")), repr(KEY)[2:-1], PASSWORD)
TRANSACTION = {"chainId": 1, "nonce": 0, "gas": 21_000, "gasPrice": 0, "value": 0, "data": "0x", "to": "0x" + "00" * 20}


def assert_hidden(*texts: str) -> None:
    for text in texts:
        for secret in SECRETS:
            assert secret not in text


def signer_here() -> KeystoreSigner:
    return KeystoreSigner(Account.from_key(KEY))


def shown(thing: object) -> list[str]:
    return [repr(thing), str(thing), f"{thing:}", pprint.pformat(getattr(thing, "__dict__", {})), ascii([thing])]


def test_a_signer_shows_its_address_alone() -> None:
    signer = signer_here()
    assert_hidden(*shown(signer), str(signer._account), repr(signer._account))
    assert signer.address in repr(signer)


@pytest.mark.parametrize(
    "fail",
    [
        lambda signer: signer.sign({**TRANSACTION, "nonce": -1}),
        lambda signer: signer.sign({**TRANSACTION, "to": "nowhere"}),
        lambda signer: signer.sign({}),
        lambda signer: signer.sign_typed({"name": "t"}, {"N": [{"name": "n", "type": "uint256"}]}, {"n": -1}),
        lambda signer: signer.sign_text(None),
    ],
)
def test_errors_and_traces_of_signing_hide_the_key(
    fail: Callable[[KeystoreSigner], object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    try:
        fail(signer_here())
    except Exception as error:
        logging.getLogger(__name__).exception("it failed with %r", error)
        with_locals = traceback.TracebackException.from_exception(error, capture_locals=True)
        ours = [frame for frame in with_locals.stack if "gecchain" in frame.filename]
        assert_hidden(str(error), repr(error), "".join(traceback.format_exception(error)), caplog.text)
        assert_hidden(*(str(frame.locals) for frame in ours))
    else:
        pytest.fail("it was signed")


def test_a_password_that_does_not_open_is_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "a.json"
    create_keystore(path, "another", development="a")
    with pytest.raises(BadInput) as caught:
        open_keystore(path, PASSWORD)
    assert_hidden("".join(traceback.format_exception(caught.value)), caplog.text, path.read_text())
    key = bytes(development_signer("a")._account.key).hex()
    assert key not in path.read_text()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://gec:{PASSWORD}@127.0.0.1:1/registry",
        f"postgresql://gec:{PASSWORD}@[::1]:1/registry",
        f"postgresql+psycopg://:{PASSWORD}@127.0.0.1:1/registry",
        f"mysql://gec:{PASSWORD}@127.0.0.1/registry",
        f"gec://gec:{PASSWORD}@127.0.0.1:port/registry",
        f"postgresql+psycopg://gec:{PASSWORD}@@127.0.0.1:1/x",
    ],
)
def test_passwords_of_databases_are_hidden(url: str) -> None:
    settings = Settings(database_url=url, desk_url=url, intake_url=url)
    assert_hidden(*shown(settings)[:3], str([settings]), without_password(url))
    assert "registry" in repr(settings) or url.endswith("/x")
    with pytest.raises(GecError) as caught:
        connect(url)
    assert_hidden("".join(traceback.format_exception(caught.value)), caught.value.__dict__.get("value", ""))


def connect(url: str) -> None:
    engine = open_engine(url)
    assert_hidden(repr(engine))
    with connected(engine):
        pass


def test_wrong_settings_are_told_without_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEC_WEBHOOK_PRIVATE", f"postgresql://gec:{PASSWORD}@x/y")
    with pytest.raises(BadInput) as caught:
        load_settings()
    assert_hidden(str(caught.value), caught.value.value)
    assert caught.value.field == "GEC_WEBHOOK_PRIVATE"


def test_no_key_is_in_the_environment_of_a_command(tmp_path: Path) -> None:
    """Of the process that opens a key, and of those that it would start: the password is in a file, the key nowhere."""
    home, password = tmp_path / "home", tmp_path / "password"
    password.write_text(PASSWORD)
    create_keystore(home / "keys" / "a.json", PASSWORD, development="a")
    code = (
        "import os\n"
        "from gecchain.cli.context import Context\nfrom gecchain.cli.screen import Screen\n"
        "from gecchain.config import load_settings\n"
        "context = Context(load_settings(), Screen(json=True))\n"
        "signer = context.signer('a')\n"
        "print(signer, context.__dict__, context.settings, dict(os.environ), open('/proc/self/environ').read())\n"
    )
    variables = {**os.environ, "GEC_HOME": str(home), "GEC_PASSWORD_FILE": str(password)}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    key = bytes(development_signer("a")._account.key).hex()
    assert development_signer("a").address in done.stdout
    assert key not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
