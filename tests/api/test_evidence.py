"""Evidence over HTTP: who gets the file, who does not and why, on a real store, a real node and real signatures."""

import base64
import io
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import HealthCheck, given
from hypothesis import settings as chance
from hypothesis import strategies as st

from api import ApiSettings, create_app
from api.standing import OFFICES
from gecchain.chain.contracts import calldata, creation
from gecchain.chain.deploying import Role
from gecchain.chain.deployment import save_deployment
from gecchain.chain.rpc import Rpc
from gecchain.events import AccountFrozen, AccountOpened, OperatorChanged
from gecchain.evidence import EvidenceRoom, Label, Request, authorization, signable
from gecchain.proofs import keccak256
from gecchain.store import migrate, open_engine
from tests.api.serving import served
from tests.api.story import DEPLOYMENT, Story, address, index
from tests.conftest import anvil_program, free_port, wait_for_node

CHAIN = 31_337
FILE = bytes(range(256)) * 8192 + "结算单".encode()
NAME = '结算 "2026-08"\u202e.html'


def key(name: str) -> LocalAccount:
    found: LocalAccount = Account.from_key(keccak256(f"{name}, a key of these tests".encode()))
    return found


OWNER, AGENT, STRANGER, FORMER = (key(name) for name in ("owner", "agent", "stranger", "former"))
AUTHORITY, CENTRE, PROVIDER = (key(name) for name in ("authority", "centre", "provider"))
HOLDS = {AUTHORITY: Role.AUTHORITY, CENTRE: Role.INFO_CENTRE, PROVIDER: Role.PROVIDER}
ACCOUNTS = {OWNER: address(101), AGENT: address(102), STRANGER: address(103)}


@dataclass(frozen=True)
class Desk:
    """A served API with its room, and one file in it that the owner handed in and the agent is named with."""

    client: httpx.Client
    room: EvidenceRoom
    folder: Path
    label: Label

    @property
    def path(self) -> str:
        return f"/v1/evidence/{self.label.hex}"

    def get(self, who: LocalAccount, method: str = "GET", **headers: str) -> httpx.Response:
        return self.client.request(method, self.path, headers={"Authorization": signed(who, self.label), **headers})


def signed(who: LocalAccount, label: Label, chain_id: int = CHAIN, seconds: int = 60) -> str:
    expires = int(time.time()) + seconds
    signature = bytes(who.sign_message(signable(label.digest, chain_id, expires)).signature)
    return authorization(Request(label.digest, chain_id, expires, signature))


def tell() -> Story:
    story = Story()
    story.log(
        AccountOpened(ACCOUNTS[OWNER], 1, 15, FORMER.address.lower(), "示例风电有限公司"),
        AccountOpened(ACCOUNTS[AGENT], 4, 15, AGENT.address.lower(), "示例代理有限公司"),
        AccountOpened(ACCOUNTS[STRANGER], 2, 15, STRANGER.address.lower(), "示例制造有限公司"),
    )
    story.log(OperatorChanged(ACCOUNTS[OWNER], OWNER.address.lower()), AccountFrozen(ACCOUNTS[OWNER], True, "有代理"))
    return story


@pytest.fixture(scope="module")
def chain() -> Iterator[tuple[str, str]]:
    """Address of a node, and of an AccessManager on it that gave the offices and a provider their roles."""
    port = free_port()
    words = ["--silent", "--port", str(port), "--base-fee", "0", "--gas-price", "0"]
    process = subprocess.Popen([anvil_program(), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for_node(url, process)
        yield url, access_manager(url)
    finally:
        process.terminate()
        process.wait(30)


def access_manager(url: str) -> str:
    with Rpc(url) as rpc:
        governance = rpc.request("eth_accounts")[0]

        def send(**transaction: Any) -> Any:
            sent = rpc.request("eth_sendTransaction", {"from": governance, "gas": hex(10_000_000), **transaction})
            receipt = None
            deadline = time.monotonic() + 60
            while receipt is None and time.monotonic() < deadline:
                receipt = rpc.request("eth_getTransactionReceipt", sent)
            assert receipt is not None
            assert receipt["status"] == "0x1"
            return receipt["contractAddress"]

        manager = str(send(data=creation("AccessManager", [governance])))
        for member, role in HOLDS.items():
            send(to=manager, data=calldata("AccessManager", "grantRole", [int(role), member.address, 0]))
        return manager


@pytest.fixture(scope="module")
def office(chain: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> ApiSettings:
    folder = tmp_path_factory.mktemp("evidence")
    url = f"sqlite:///{folder / 'store.db'}"
    engine = open_engine(url)
    migrate(engine)
    index(engine, tell())
    engine.dispose()
    save_deployment(folder / "deployment.json", replace(DEPLOYMENT, chain_id=CHAIN, access_manager=chain[1]))
    return ApiSettings(url, folder / "deployment.json", rpc_url=chain[0], evidence_url=str(folder / "room"))


@pytest.fixture(scope="module")
def desk(office: ApiSettings) -> Iterator[Desk]:
    room = EvidenceRoom(office.evidence_url)
    label = room.put(io.BytesIO(FILE), name=NAME, account=ACCOUNTS[OWNER], readers=[ACCOUNTS[AGENT]])
    with served(create_app(office)) as client:
        yield Desk(client, room, Path(office.evidence_url), label)


def problem(answer: httpx.Response, status: int, kind: str) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (found["status"], found["type"]) == (status, f"/docs#problem-{kind}")
    assert answer.headers["content-security-policy"]
    return found


@pytest.mark.parametrize("who", [OWNER, AGENT, AUTHORITY, CENTRE], ids=["owner", "agent", "authority", "centre"])
def test_who_may_gets_the_file(desk: Desk, who: LocalAccount) -> None:
    answer = desk.get(who)
    assert (answer.status_code, answer.content == FILE) == (200, True)


def test_the_file_is_to_be_saved_and_never_shown(desk: Desk) -> None:
    headers = desk.get(OWNER).headers
    assert headers["content-type"].partition(";")[0] == "text/html"
    assert headers["content-disposition"] == (
        "attachment; filename=\"__ _2026-08_.html\"; filename*=UTF-8''%E7%BB%93%E7%AE%97%20%222026-08%22.html"
    )
    assert (headers["etag"], headers["content-length"]) == (f'"{desk.label.hex}"', str(len(FILE)))
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-cache"
    assert headers["x-indexed-block"] == "2"


def test_head_says_the_same_without_the_file(desk: Desk) -> None:
    whole, head = desk.get(OWNER), desk.get(OWNER, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    volatile = {"date", "ratelimit-remaining", "ratelimit-reset"}
    assert {name: value for name, value in head.headers.items() if name not in volatile} == {
        name: value for name, value in whole.headers.items() if name not in volatile
    }
    assert desk.client.head(desk.path).status_code == 401


def test_what_is_known_is_not_sent_again(desk: Desk) -> None:
    tag = f'"{desk.label.hex}"'
    answer = desk.get(OWNER, **{"If-None-Match": f'"x", W/{tag}'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert desk.get(OWNER, **{"If-None-Match": '"x"'}).status_code == 200
    assert desk.get(STRANGER, **{"If-None-Match": tag}).status_code == 403


@pytest.mark.parametrize("who", [STRANGER, FORMER, PROVIDER], ids=["stranger", "former operator", "provider"])
def test_who_may_not_is_told_so(desk: Desk, who: LocalAccount) -> None:
    found = problem(desk.get(who), 403, "not-entitled")
    assert who.address.lower() in found["detail"]
    assert found["remedy"]


def test_without_a_signature_one_is_told_how_to_sign(desk: Desk) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "GEC x"}, {"Authorization": "GEC"}):
        answer = desk.client.get(desk.path, headers=headers)
        assert "EvidenceRequest(bytes32 evidence,uint256 expires)" in problem(answer, 401, "unsigned")["remedy"]
        assert answer.headers["www-authenticate"] == "GEC"


@pytest.mark.parametrize(("chain_id", "seconds"), [(CHAIN + 1, 60), (CHAIN, -1), (CHAIN, 700)])
def test_a_signature_for_something_else_is_none(desk: Desk, chain_id: int, seconds: int) -> None:
    header = signed(OWNER, desk.label, chain_id, seconds)
    problem(desk.client.get(desk.path, headers={"Authorization": header}), 401, "unsigned")


def test_a_signature_for_one_file_opens_no_other(desk: Desk) -> None:
    other = desk.room.put(io.BytesIO(b"another"), name="b", account=ACCOUNTS[OWNER])
    header = signed(OWNER, other)
    problem(desk.client.get(desk.path, headers={"Authorization": header}), 401, "unsigned")
    body = json.loads(base64.urlsafe_b64decode(header.removeprefix("GEC ") + "=="))
    body["evidence"] = desk.label.hex
    forged = "GEC " + base64.urlsafe_b64encode(json.dumps(body).encode()).decode()
    problem(desk.client.get(desk.path, headers={"Authorization": forged}), 403, "not-entitled")


def test_the_same_request_may_be_sent_again(desk: Desk) -> None:
    headers = {"Authorization": signed(OWNER, desk.label)}
    assert [desk.client.get(desk.path, headers=headers).status_code for _ in range(2)] == [200, 200]


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    never = desk.label.measured(keccak256(b"never handed in"), 1)
    headers = {"Authorization": signed(OWNER, never)}
    problem(desk.client.get(f"/v1/evidence/{never.hex}", headers=headers), 404, "not-found")
    assert problem(desk.client.get("/v1/evidence/0x12"), 400, "bad-input")["field"] == "hash"


def test_a_damaged_file_is_never_handed_out(desk: Desk) -> None:
    label = desk.room.put(io.BytesIO(b"x" * 3_000_000), name="c", account=ACCOUNTS[OWNER])
    path = desk.folder / label.hex[2:4] / label.hex[4:6] / label.hex[2:]
    for spoilt in (b"x" * 2_999_999 + b"y", b"", b"x" * 3_000_001):
        path.write_bytes(spoilt)
        answer = desk.client.get(f"/v1/evidence/{label.hex}", headers={"Authorization": signed(OWNER, label)})
        assert label.hex in problem(answer, 500, "evidence-damaged")["detail"]
    path.unlink()
    answer = desk.client.get(f"/v1/evidence/{label.hex}", headers={"Authorization": signed(OWNER, label)})
    assert str(desk.folder) not in str(problem(answer, 500, "evidence-damaged"))


def test_many_read_at_once(desk: Desk) -> None:
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(desk.get(OWNER).content == FILE)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 12


def test_without_a_node_an_office_waits_and_a_party_does_not(office: ApiSettings, desk: Desk) -> None:
    away = replace(office, rpc_url="http://127.0.0.1:9")
    for settings in (away, replace(office, rpc_url=None)):
        with served(create_app(settings)) as client:
            there = replace(desk, client=client)
            assert there.get(OWNER).content == FILE
            problem(there.get(AUTHORITY), 503, "unavailable")


def test_without_a_room_there_is_no_evidence(office: ApiSettings, desk: Desk) -> None:
    with served(create_app(replace(office, evidence_url=""))) as client:
        problem(replace(desk, client=client).get(OWNER), 404, "not-found")


def test_the_format_is_in_the_reference(desk: Desk) -> None:
    document = desk.client.get("/openapi.json").json()
    scheme = document["components"]["securitySchemes"]["SignedRequest"]
    assert (scheme["in"], scheme["name"]) == ("header", "Authorization")
    assert "EvidenceRequest(bytes32 evidence,uint256 expires)" in scheme["description"]
    operation = document["paths"]["/v1/evidence/{hash}"]["get"]
    assert operation["security"] == [{"SignedRequest": []}]
    assert list(operation["responses"]["200"]["content"]) == ["application/octet-stream"]
    page = desk.client.get("/en/docs").text
    assert "/v1/evidence/{hash}" in page
    for link in re.findall(r'<p class="soft">200: <a href="#([^"]+)"', page):
        assert f'id="{link}"' in page


def test_the_offices_are_those_of_the_access_manager() -> None:
    assert OFFICES == (Role.AUTHORITY, Role.INFO_CENTRE)


@chance(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.booleans())
def test_no_header_is_our_fault(desk: Desk, raw: bytes, encoded: bool) -> None:
    value = base64.urlsafe_b64encode(raw) if encoded else bytes(byte for byte in raw if byte >= 32 and byte != 127)
    answer = desk.client.get(desk.path, headers={b"Authorization": (b"GEC " + value).strip()})
    problem(answer, 401, "unsigned")
