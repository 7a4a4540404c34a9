"""Keys that another program has: asked over JSON-RPC on a real node, and believed nothing by a real liar."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils.crypto import keccak

from gecchain.chain.contracts import creation
from gecchain.chain.rpc import Rpc
from gecchain.chain.writer import Action, Writer
from gecchain.errors import BadInput, BrokenProof, GecError, NotFound, Refused, Unavailable
from gecchain.signer import ExternalSigner, create_external, development_signer, open_key, read_key_file
from gecchain.store.engine import open_engine
from gecchain.store.intake import SqlJournal, migrate
from tests.conftest import free_port

CHAIN_ID = 31337
KEY = Account.from_key(b"\x01" * 32)
OTHER = Account.from_key(b"\x02" * 32)
ASKED: dict[str, Any] = {
    "chainId": CHAIN_ID,
    "nonce": 7,
    "gas": 21_000,
    "gasPrice": 0,
    "value": 0,
    "data": "0x1234",
    "to": OTHER.address,
}
DOMAIN = {"name": "test", "version": "1", "chainId": CHAIN_ID, "verifyingContract": OTHER.address}
TYPES = {
    "Note": [{"name": "lines", "type": "Line[]"}, {"name": "mark", "type": "bytes32"}],
    "Line": [{"name": "number", "type": "uint256"}, {"name": "text", "type": "string"}],
}
NOTE = {"lines": [{"number": 2**200, "text": "绿证"}, {"number": 0, "text": ""}], "mark": b"\x07" * 32}
Answer = Callable[[str, list[Any]], Any]


@contextmanager
def signer_that(answers: Answer) -> Iterator[str]:
    """A server that answers each method with what the function makes of it; a dict with `error` is one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["content-length"])))
            result = answers(call["method"], call["params"])
            word = result if isinstance(result, dict) and "error" in result else {"result": result}
            body = json.dumps({"jsonrpc": "2.0", "id": call["id"], **word}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def asking(answers: Answer) -> Iterator[ExternalSigner]:
    with signer_that(answers) as url:
        signer = ExternalSigner(KEY.address, url)
        yield signer
        signer.close()


def signed(key: Any = KEY, **changes: Any) -> str:
    return "0x" + bytes(key.sign_transaction({**ASKED, **changes}).raw_transaction).hex()


def other_half(raw: str) -> str:
    """The same transaction with the other of its two signatures (EIP-2)."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    fields = rlp.decode(bytes.fromhex(raw[2:]))
    s, v = order - int.from_bytes(fields[8], "big"), int.from_bytes(fields[6], "big")
    turned = CHAIN_ID * 2 + 35 + 1 - (v - CHAIN_ID * 2 - 35)
    return "0x" + rlp.encode([*fields[:6], turned.to_bytes(3, "big").lstrip(b"\0"), fields[7], s.to_bytes(32)]).hex()


def test_a_node_signs_what_we_send(anvil_url: str, tmp_path: Path) -> None:
    """Creating a contract, calling it, two at once: all signed by an account that the node has, mined as asked."""
    engine = open_engine(f"sqlite:///{tmp_path / 'journal.db'}")
    migrate(engine)
    with Rpc(anvil_url) as rpc:
        address = rpc.request("eth_accounts")[3]
        create_external(tmp_path / "keys" / "far.json", address, anvil_url)
        signer = open_key(tmp_path / "keys" / "far.json", lambda: pytest.fail("no password is needed"))
        writer = Writer(rpc, CHAIN_ID, signer, SqlJournal(engine))
        manager = writer.send(Action("creating", "", creation("AccessManager", [signer.address]))).created
        calls = [
            Action.call(f"label {n}", "AccessManager", manager, "labelRole", [n, "绿证"], gas=200_000) for n in (5, 6)
        ]
        receipts = writer.send_all(calls)
        sent = [rpc.request("eth_getTransactionByHash", receipt.transaction) for receipt in receipts]
        assert [(int(one["nonce"], 16), one["from"]) for one in sent] == [(1, address.lower()), (2, address.lower())]
        assert signer.address.lower() == address.lower()
        assert isinstance(signer, ExternalSigner)
        typed = encode_typed_data(DOMAIN, TYPES, NOTE)
        assert Account.recover_message(typed, signature=signer.sign_typed(DOMAIN, TYPES, NOTE)) == signer.address
        text = encode_defunct(text="绿证")
        assert Account.recover_message(text, signature=signer.sign_text("绿证")) == signer.address
        with pytest.raises(BadInput, match="cannot be signed"):
            signer.sign_typed(DOMAIN, TYPES, {**NOTE, "lines": [{"number": -1, "text": ""}]})
        stranger = ExternalSigner(KEY.address, anvil_url)
        with pytest.raises(Refused, match="No Signer available"):
            stranger.sign(ASKED)
        wrong_chain = {**ASKED, "chainId": 1}
        with pytest.raises(Refused, match="chain ID"):
            signer.sign(wrong_chain)
        stranger.close()
        signer.close()
    engine.dispose()


@pytest.mark.parametrize("form", ["hex", "object", "clef"])
def test_what_was_asked_is_taken_in_every_form(form: str) -> None:
    def answer(method: str, params: list[Any]) -> Any:
        if form == "clef" and not method.startswith("account_"):
            return {"error": {"code": -32601, "message": "the method does not exist"}}
        assert params[0]["from"] == KEY.address
        return signed() if form == "hex" else {"raw": signed(), "tx": {"nonce": "0x99"}}

    with asking(answer) as signer:
        assert signer.sign(ASKED) == with_hash(signed())
        assert signer.sign(ASKED)[0] == signed()


def with_hash(raw: str) -> tuple[str, str]:
    return raw, "0x" + keccak(bytes.fromhex(raw[2:])).hex()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: signed(nonce=8), "nonce is 0x08, asked was 0x07"),
        (lambda: signed(OTHER), "signed by"),
        (lambda: signed(data="0x123456"), "data is"),
        (lambda: signed(data="0x"), "data is"),
        (lambda: signed(gas=21_001), "gas is"),
        (lambda: signed(gasPrice=1), "gasPrice is"),
        (lambda: signed(value=1), "value is"),
        (lambda: signed(to=KEY.address), "to is"),
        (lambda: signed(to=""), "to is"),
        (lambda: signed(chainId=1), "not for the chain 31337"),
        (lambda: other_half(signed()), "EIP-2"),
        (lambda: signed() + "00", "no transaction of the kind"),
        (lambda: signed()[:-2], "no transaction of the kind"),
        (lambda: signed()[:-64] + "00" * 32, "signed by"),
        (lambda: "0x", "no transaction of the kind"),
        (lambda: "绿证", "no transaction of the kind"),
        (lambda: None, "no transaction of the kind"),
        (lambda: {"raw": 5}, "no transaction of the kind"),
        (lambda: "0xc0", "no transaction of the kind"),
        (lambda: "0xc9c0c0c0c0c0c0c0c0c0", "no transaction of the kind"),
        (
            lambda: (
                "0x"
                + bytes(
                    KEY.sign_transaction(
                        {
                            **{key: value for key, value in ASKED.items() if key != "gasPrice"},
                            "maxFeePerGas": 0,
                            "maxPriorityFeePerGas": 0,
                            "type": 2,
                        }
                    ).raw_transaction
                ).hex()
            ),
            "no transaction of the kind",
        ),
    ],
)
def test_anything_else_is_not_taken(answer: Callable[[], Any], why: str) -> None:
    with asking(lambda _method, _params: answer()) as signer, pytest.raises(BrokenProof, match="(?s)" + why) as caught:
        signer.sign(ASKED)
    assert "Nothing was sent" in str(caught.value)


def test_messages_of_others_are_not_taken() -> None:
    def answer(method: str, params: list[Any]) -> Any:
        if method == "eth_signTypedData_v4":
            return "0x" + development_signer("x").sign_typed(DOMAIN, TYPES, NOTE).hex()
        return "0x" + bytes(65).hex() if "sign" in method else None

    with asking(answer) as signer:
        for attempt in (lambda: signer.sign_typed(DOMAIN, TYPES, NOTE), lambda: signer.sign_text("a")):
            with pytest.raises(BrokenProof, match="not over what was asked"):
                attempt()


def test_one_that_refuses_or_is_away_is_told() -> None:
    def unwilling(_method: str, _params: list[Any]) -> Any:
        return {"error": {"code": -32000, "message": "Request denied"}}

    with asking(unwilling) as signer, pytest.raises(Refused, match="Request denied"):
        signer.sign(ASKED)
    with (
        asking(lambda *_: {"error": {"code": -32601, "message": "?"}}) as signer,
        pytest.raises(Refused, match="not offer"),
    ):
        signer.sign(ASKED)
    away = ExternalSigner(KEY.address, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match="out of reach"):
        away.sign(ASKED)
    away.close()


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("0x12", "http://127.0.0.1:9000"),
        (KEY.address, "127.0.0.1:9000"),
        (KEY.address, "file:///etc/passwd"),
        (KEY.address, "http://"),
        (KEY.address, "http://[::1"),
        (KEY.address, "http://somebody:secret-word@127.0.0.1:9000"),
        (KEY.address, "http://127.0.0.1:9000/?token=secret-word"),
    ],
)
def test_what_cannot_be_a_signer_is_refused(tmp_path: Path, address: str, url: str) -> None:
    with pytest.raises(BadInput) as caught:
        create_external(tmp_path / "a.json", address, url)
    assert "secret-word" not in str(caught.value) + caught.value.value
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(NotFound):
        read_key_file(path)
    create_external(path, KEY.address.lower(), "http://127.0.0.1:9000")
    assert (read_key_file(path).address, read_key_file(path).external) == (KEY.address, "http://127.0.0.1:9000")
    with pytest.raises(BadInput, match="exists already"):
        create_external(path, KEY.address, "http://127.0.0.1:9000")
    path.write_text('{"address": "0x1", "external": "http://127.0.0.1:9000"}')
    with pytest.raises(GecError):
        open_key(path, lambda: "")
