"""What a receiver, its name or its network can do to the sender, on real sockets."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gecchain.errors import BadInput
from gecchain.hooking import Answer, Sender, is_public, receiver_url
from tests.conftest import free_port
from tests.hooking.receiver import Call, Receiver, receiving

PRIVATE = [
    *("127.0.0.1", "127.8.9.1", "10.0.0.1", "10.255.255.255", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1"),
    *("fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::", "2001:db8::1"),
    *("", "example.org", "1.2.3"),
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"]


def send(url: str, **options: Any) -> Answer:
    async def once() -> Answer:
        sender = Sender(**{"timeout": 3.0} | options)
        try:
            return await sender.send(url, {"webhook-id": "msg_1", "content-type": "application/json"}, '{"绿":"证"}')
        finally:
            await sender.close()

    return asyncio.run(once())


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_our_own_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_nothing_goes_to_our_own_machine(receiver: Receiver, host: str) -> None:
    url = f"http://{host}:{receiver.port}/hooks"
    answer = send(url)
    assert answer.status == 0
    assert "of no public network" in answer.error
    assert receiver.got == []
    assert send(url, private=True).is_taken or host.startswith("["), "it is the check that stopped it"


def test_nothing_goes_to_our_own_machine_by_ipv6() -> None:
    with socket.socket(socket.AF_INET6) as listening:
        listening.bind(("::1", 0))
        listening.listen()
        listening.settimeout(0.2)
        assert "::1" in send(f"http://[::1]:{listening.getsockname()[1]}/").error
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize("address", ["169.254.169.254", "10.1.2.3", "192.168.0.1", "fd00::1"])
def test_nothing_goes_to_networks_beside_us(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    began = time.monotonic()
    assert "of no public network" in send(f"http://{host}/latest/meta-data/").error
    assert time.monotonic() - began < 2, "it did not try"


@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1", "93.184.216.34"]])
def test_a_name_that_stands_for_our_machine_reaches_nothing(receiver: Receiver, found: list[str]) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return found

    assert "rebind.example is" in send(f"http://rebind.example:{receiver.port}/", resolve=resolve).error
    assert receiver.got == []
    assert asked == ["rebind.example"], "looked up once: what is checked is what is connected to"


def test_a_name_is_not_looked_up_again_for_the_connection(receiver: Receiver) -> None:
    """The connection goes to the address that was checked, whatever the name stands for a moment later."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    url = f"http://moving.example:{receiver.port}/"
    assert send(url, private=True, resolve=lambda _host, _port: next(answers)).is_taken
    assert next(answers) == ["127.0.0.2"]
    assert receiver.got[0].headers["host"] == f"moving.example:{receiver.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    with receiving() as inside:
        receiver.behaviour = lambda call: call.answer(status, location=inside.url)
        answer = send(receiver.url, private=True)
        assert (answer.status, answer.is_taken) == (status, False)
        assert "redirects are not followed" in answer.error
        assert inside.got == []


def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver.url, private=True).is_taken
        assert (len(receiver.got), proxy.got) == (1, [])


def endless(call: Call) -> None:
    call.answered = 200
    call.send_response(200)
    call.send_header("transfer-encoding", "chunked")
    call.end_headers()
    while True:
        call.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def dripping(call: Call) -> None:
    call.send_response(200)
    call.send_header("content-length", "1000000")
    call.end_headers()
    for _drop in range(100):
        call.wfile.write(b"x")
        call.wfile.flush()
        time.sleep(0.1)


def slow_head(call: Call) -> None:
    for _drop in range(100):
        call.wfile.write(b"H")
        call.wfile.flush()
        time.sleep(0.1)


def endless_head(call: Call) -> None:
    call.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        call.wfile.write(b"x-filler: " + b"x" * 65_536 + b"\r\n")


def hints(call: Call) -> None:
    while True:
        call.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
        time.sleep(0.01)


def no_http(call: Call) -> None:
    call.close_connection = True
    call.wfile.write("220 绿证 ESMTP\r\n".encode())


@pytest.mark.parametrize(
    ("behaviour", "status", "taken"),
    [
        (endless, 200, True),
        (dripping, 200, True),
        (slow_head, 0, False),
        (endless_head, 0, False),
        (hints, 0, False),
        (no_http, 0, False),
        (Call.hang, 0, False),
        (Call.drop, 0, False),
    ],
)
def test_whatever_it_answers_the_sender_is_back_in_time(
    receiver: Receiver, behaviour: Any, status: int, taken: bool
) -> None:
    receiver.behaviour = behaviour
    began = time.monotonic()
    answer = send(receiver.url, private=True, timeout=1.0)
    assert time.monotonic() - began < 3
    assert (answer.status, answer.is_taken) == (status, taken)
    assert bool(answer.error) is not taken
    assert len(answer.error) <= 200


def test_a_port_where_nobody_listens_is_said() -> None:
    assert "Connect" in send(f"http://127.0.0.1:{free_port()}/", private=True).error


def test_a_name_that_does_not_exist_is_said() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert "Name or service not known" in send("https://nowhere.example/", resolve=nowhere).error


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    done = threading.Event()

    def hanging(_host: str, _port: int) -> list[str]:
        done.wait(10)
        return []

    began = time.monotonic()
    answer = send("https://slow.example/", resolve=hanging, timeout=0.5)
    done.set()
    assert answer.error == "no answer within 0.5 seconds"
    assert time.monotonic() - began < 3


def test_unicode_goes_as_ascii(receiver: Receiver) -> None:
    url = receiver_url(f"http://例子.测试:{receiver.port}/路径/绿 证?名=值".replace(" ", "%20"), private=True)
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    assert send(url, private=True, resolve=resolve).is_taken
    (got,) = receiver.got
    assert asked == ["xn--fsqu00a.xn--0zwm56d"]
    assert got.headers["host"] == f"xn--fsqu00a.xn--0zwm56d:{receiver.port}"
    assert got.path == "/%E8%B7%AF%E5%BE%84/%E7%BB%BF%20%E8%AF%81?%E5%90%8D=%E5%80%BC"
    assert got.document == {"绿": "证"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("http://example.org/", "no https URL"),
        ("ftp://example.org/", "no https URL"),
        ("file:///etc/passwd", "no https URL"),
        ("https://", "no host"),
        ("https:///x", "no host"),
        ("", "not 1 to 2000"),
        ("https://example.org/" + "x" * 2000, "not 1 to 2000"),
        ("https://a:b@example.org/", "user or password"),
        ("https://example.org/#x", "fragment"),
        ("https://example.org/\r\nX-Evil: 1", "control characters"),
        ("https://example.org:0/", "impossible port"),
        ("https://example.org:99999/", "impossible port"),
        ("https://a..b/", "none that there can be"),
        ("https://" + "a" * 64 + ".org/", "none that there can be"),
        ("https://１２７.０.０.１/", "IDNA"),
        ("https://localhost/", "no public network"),
        ("https://db.internal./", "no public network"),
        ("https://printer/", "no public network"),
        ("https://127.1/", "no public network"),
        ("https://2130706433/", "no public network"),
        ("https://0251.0376.0251.0376/", "Invalid IPv4"),
        ("https://[::1]/", "no public network"),
        ("https://[::ffff:a9fe:a9fe]/", "no public network"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong) as refused:
        receiver_url(text)
    assert refused.value.field == "url"
    assert refused.value.remedy


@pytest.mark.parametrize("text", ["https://example.org", "https://8.8.8.8:8443/a?b=c", "https://xn--.org/x"])
def test_a_url_of_the_internet_stays_as_it_is(text: str) -> None:
    assert receiver_url(text) == text


# TLS


@contextmanager
def secure(folder: Path, name: str) -> Iterator[tuple[Receiver, ssl.SSLContext]]:
    """A receiver with a certificate for a name, and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    trusted = ssl.create_default_context(cafile=str(file))
    with receiving() as receiver:
        plain = receiver.server.socket
        receiver.server.socket = serving.wrap_socket(plain, server_side=True)
        yield receiver, trusted


def test_the_name_of_the_url_is_what_tls_checks(tmp_path: Path) -> None:
    with secure(tmp_path, "hooks.example") as (receiver, trusted):
        options = {"private": True, "resolve": lambda _host, _port: ["127.0.0.1"]}
        assert send(f"https://hooks.example:{receiver.port}/", trusted=trusted, **options).is_taken
        assert "ertificate" in send(f"https://other.example:{receiver.port}/", trusted=trusted, **options).error
        assert "ertificate" in send(f"https://hooks.example:{receiver.port}/", **options).error
        assert len(receiver.got) == 1
