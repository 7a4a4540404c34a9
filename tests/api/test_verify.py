"""Every verdict, in the API and on the page, and the steps that led to it."""

from typing import Any

import httpx
import pytest

from api import ApiSettings, create_app
from gecchain.rules import number_of
from tests.api.serving import served
from tests.api.story import HYDRO, SUN, WIND, number

AUGUST, OLD = "2026-08", "2023-10"
GOOD = number(WIND, AUGUST, 0)

VERDICTS = {
    "held": (GOOD, "valid", "held", False),
    "traded": (number(WIND, AUGUST, 200), "valid", "held", True),
    "listed": (number(WIND, AUGUST, 2000), "valid", "listed", False),
    "frozen": (number(WIND, AUGUST, 5000), "valid", "frozen", False),
    "retired": (number(WIND, AUGUST, 120), "valid", "retired", True),
    "expired": (number(WIND, OLD, 12), "valid", "expired", False),
    "unknown": (number(WIND, AUGUST, 12_346), "unknown", None, None),
    "malformed": (GOOD[:-2] + "GX", "malformed", None, None),
}


def verify(client: httpx.Client, claim: str) -> dict[str, Any]:
    answer = client.get(f"/v1/verify/{claim}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict(client: httpx.Client, name: str) -> None:
    claim, verdict, status, traded = VERDICTS[name]
    found = verify(client, claim)
    assert (found["verdict"], found["status"], found["traded"]) == (verdict, status, traded)
    assert found["genuine"] is (verdict == "valid")
    assert [step["number"] for step in found["steps"]] == list(range(len(found["steps"])))


@pytest.mark.parametrize("name", VERDICTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_the_same(client: httpx.Client, name: str, language: str) -> None:
    answer = client.get(f"/{language}/verify", params={"q": VERDICTS[name][0]})
    assert answer.status_code == 200
    assert f'data-verdict="{name}"' in answer.text


def test_number_and_hash_lead_to_each_other(client: httpx.Client) -> None:
    by_number = verify(client, GOOD)
    by_hash = verify(client, by_number["hash"])
    assert by_hash["number"] == GOOD
    assert by_hash["verdict"] == "valid"
    assert {step["name"]: step["passed"] for step in by_hash["steps"]}["hash"] is True
    assert verify(client, f"{by_number['hash'].upper().replace('0X', '')}")["number"] == GOOD


def test_every_altered_digit_of_the_fingerprint_is_tampering(client: httpx.Client) -> None:
    known = verify(client, GOOD)["hash"]
    for at in range(2 + 24, 66, 5):
        altered = known[:at] + ("0" if known[at] != "0" else "1") + known[at + 1 :]
        found = verify(client, altered)
        assert found["verdict"] == "tampered"
        assert found["status"] is None
        assert [step["name"] for step in found["steps"] if step["passed"] is False] == ["hash"]


def test_the_hash_of_one_certificate_is_not_that_of_its_neighbour(client: httpx.Client) -> None:
    known = verify(client, GOOD)["hash"]
    neighbour = verify(client, number(WIND, AUGUST, 1))["hash"]
    assert verify(client, neighbour[:26] + known[26:])["verdict"] == "tampered"


def test_reading_and_filing_are_proved(client: httpx.Client) -> None:
    passed = {step["name"]: step["passed"] for step in verify(client, GOOD)["steps"]}
    assert (passed["reading"], passed["filing"]) == (True, True)


def test_an_unknown_batch_is_unknown(client: httpx.Client) -> None:
    found = verify(client, number(SUN, "2026-07", 0))
    assert found["verdict"] == "unknown"
    assert [step["name"] for step in found["steps"] if step["passed"] is False] == ["batch"]


def test_stock_hydro_is_genuine_and_not_tradable(client: httpx.Client) -> None:
    claim = number(HYDRO, AUGUST, 10)
    assert claim.endswith("N")
    assert verify(client, claim)["genuine"]
    assert client.get(f"/v1/certificates/{claim}").json()["tradable"] is False


def test_what_people_paste_is_understood(client: httpx.Client) -> None:
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in GOOD)
    for text in (
        f"  {GOOD.lower()} ",
        full_width,
        f"{GOOD[:17]}-{GOOD[17:]}",
        f"https://gec.example/verify/{GOOD}?x=1",
    ):
        answer = client.get("/zh/verify", params={"q": text})
        assert 'data-verdict="held"' in answer.text


def test_without_a_node_the_chain_step_says_so(client: httpx.Client) -> None:
    found = client.get(f"/v1/verify/{GOOD}", params={"chain": True}).json()
    assert found["steps"][-1]["name"] == "chain"
    assert found["steps"][-1]["passed"] is None
    assert found["verdict"] == "valid"


def test_a_dead_node_does_not_fail_a_verification(settings: ApiSettings) -> None:
    dead = ApiSettings(settings.database_url, settings.deployment_file, rpc_url="http://127.0.0.1:9")
    with served(create_app(dead)) as client:
        found = client.get(f"/v1/verify/{GOOD}", params={"chain": True}).json()
        assert found["verdict"] == "valid"
        assert found["steps"][-1]["passed"] is None
        assert "out of reach" in found["steps"][-1]["detail"]["en"]
        assert client.get(f"/en/verify/{GOOD}").status_code == 200
        health = client.get("/v1/health").json()
        assert (health["status"], health["node"], health["chain_head"]) == ("node-unreachable", "unreachable", None)
        assert health["lag"] == health["last_seen_head"] - health["indexed_block"]


def test_every_certificate_of_a_batch_has_its_number(client: httpx.Client) -> None:
    found = verify(client, GOOD)
    assert number_of(int(found["token_id"])) == GOOD
