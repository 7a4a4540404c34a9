"""The evidence room on a disk and in memory: round trips, damage, kills, labels, and who may read."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest
from eth_account import Account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.errors import BadInput, EvidenceDamaged, NotEntitled, NotFound, Unavailable, Unsigned
from gecchain.evidence import (
    LONGEST_VALIDITY,
    Condition,
    EvidenceRoom,
    Label,
    Request,
    authorization,
    parse_authorization,
    parse_digest,
    require_entitled,
    signable,
    signer_of,
)
from gecchain.proofs import canonical_json, document_hash, keccak256

OWNER, AGENT, OTHER = ("0x" + digits * 20 for digits in ("0a", "1b", "2c"))
CHAIN, NOW = 20_300, 1_790_000_000
KEY = Account.from_key(keccak256(b"a key of these tests"))
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BYTES = st.one_of(st.binary(min_size=1, max_size=200), st.just(b"\0" * ((1 << 20) + 1)), st.just(b"ab" * (1 << 19)))


@dataclass(frozen=True)
class Place:
    """A room and its folder as fsspec sees it."""

    url: str

    @property
    def room(self) -> EvidenceRoom:
        return EvidenceRoom(self.url)

    @property
    def _at(self) -> tuple[Any, str]:
        fs, root = fsspec.core.url_to_fs(self.url)
        return fs, str(root)

    def path(self, digest: bytes, ending: str = "") -> str:
        name = digest.hex()
        return f"{self._at[1]}/{name[:2]}/{name[2:4]}/{name}{ending}"

    def overwrite(self, path: str, content: bytes) -> None:
        self._at[0].pipe_file(path, content)

    def remove(self, path: str) -> None:
        self._at[0].rm_file(path)

    def everything(self) -> dict[str, tuple[bytes, Any]]:
        """Bytes and time of writing of each file but the lock."""
        fs, root = self._at
        paths = [path for path in fs.find(root) if not path.endswith("/lock")] if fs.exists(root) else []
        return {path: (fs.cat_file(path), fs.modified(path)) for path in paths}


@pytest.fixture(params=["disk", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(str(tmp_path / "evidence") if request.param == "disk" else f"memory://{uuid4().hex}/evidence")


@pytest.fixture
def disk(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "evidence"))


def put(place: Place, content: bytes, name: str = "sheet.pdf", **more: Any) -> Label:
    return place.room.put(io.BytesIO(content), name=name, **{"account": OWNER, **more})


def conditions(place: Place) -> dict[bytes, Condition]:
    return {one.digest: one.condition for one in place.room.check()}


# Round trips


@MANY
@given(content=BYTES)
def test_what_goes_in_comes_out_by_the_hash_of_its_bytes(place: Place, content: bytes) -> None:
    label = put(place, content)
    assert label.digest == keccak256(content) == document_hash(content)
    assert (label.size, label.name, label.media_type) == (len(content), "sheet.pdf", "application/pdf")
    assert b"".join(place.room.get(label.digest)) == content
    assert place.room.has(label.digest)
    assert place.room.label(label.digest) == place.room.verify(label.digest) == label
    assert parse_digest(label.hex) == label.digest


@MANY
@given(content=BYTES)
def test_the_same_again_changes_nothing(place: Place, content: bytes) -> None:
    first = put(place, content, readers=[AGENT])
    before = place.everything()
    assert put(place, content, "other.txt", readers=[AGENT.upper().replace("X", "x")]) == first
    assert put(place, content) == first
    assert place.everything() == before


def test_the_list_is_what_was_put(place: Place) -> None:
    assert (list(place.room.list()), conditions(place)) == ([], {})
    labels = [put(place, str(number).encode(), f"{number}.csv") for number in range(20)]
    assert list(place.room.list()) == sorted(labels, key=lambda label: label.digest)
    assert conditions(place) == {label.digest: Condition.WHOLE for label in labels}


def test_who_hands_the_same_in_later_may_read_it_too(place: Place) -> None:
    first = put(place, b"settlement sheet", readers=[AGENT])
    second = put(place, b"settlement sheet", "renamed.bin", account=OTHER)
    assert second == replace(first, readers=frozenset({OWNER, AGENT, OTHER}))
    assert place.room.label(first.digest) == second


def test_handing_in_at_the_same_time_loses_no_reader(disk: Place) -> None:
    accounts = [f"0x{number:040x}" for number in range(1, 25)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda account: put(disk, b"same bytes", account=account), accounts))
    (label,) = disk.room.list()
    assert label.readers == set(accounts)


def test_a_label_is_canonical_json(place: Place) -> None:
    label = put(place, b"x", "表.csv", readers=[AGENT, OTHER])
    fs, _root = fsspec.core.url_to_fs(place.url)
    content = fs.cat_file(place.path(label.digest, ".json"))
    assert content == canonical_json(label.document())
    assert label.document() == {
        "digest": label.hex,
        "handed_in_by": OWNER,
        "media_type": "text/csv",
        "name": "表.csv",
        "readers": [OWNER, AGENT, OTHER],
        "size": 1,
        "version": 1,
    }


@MANY
@given(name=st.text(max_size=300))
def test_no_name_is_a_path_or_deceives(place: Place, name: str) -> None:
    label = put(place, b"named " + name.encode("utf-8", "replace"), name)
    assert 1 <= len(label.name) <= 120
    assert label.name.isprintable()
    assert not set(label.name) & set("/\\")
    assert place.room.label(label.digest) == label


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\books\\sheet.xlsx", "sheet.xlsx"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
        ("..", "evidence"),
        ("", "evidence"),
    ],
)
def test_names_as_they_are_kept(disk: Place, given_name: str, kept: str) -> None:
    assert put(disk, b"x", given_name).name == kept


# What is refused


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"account": "0x12"}, "account"),
        ({"account": "authority"}, "account"),
        ({"readers": ["0xnone"]}, "reader"),
        ({"media_type": "text/html\r\nX: y"}, "media_type"),
        ({"content": b""}, "file"),
    ],
)
def test_what_cannot_be_kept_is_refused(place: Place, more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        put(place, **{"content": b"x", **more})
    assert (refused.value.field, bool(refused.value.remedy)) == (field, True)
    assert place.everything() == {}


def test_the_limit_is_a_limit(place: Place) -> None:
    small = EvidenceRoom(place.url, size_limit=1000)
    small.put(io.BytesIO(b"x" * 1000), name="a", account=OWNER)
    before = place.everything()
    with pytest.raises(BadInput, match="larger than 1,000 bytes"):
        small.put(io.BytesIO(b"x" * 1001), name="a", account=OWNER)
    assert place.everything() == before


@pytest.mark.parametrize("url", ["nope://x", "dask://no-package-for-this"])
def test_a_url_that_nothing_speaks_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        EvidenceRoom(url)
    assert (refused.value.field, bool(refused.value.remedy)) == ("evidence_url", True)


def test_a_place_that_is_no_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    room = EvidenceRoom(str(tmp_path / "file" / "evidence"))
    with pytest.raises(Unavailable) as away:
        room.put(io.BytesIO(b"x"), name="a", account=OWNER)
    assert str(tmp_path) not in str(away.value)


def test_what_is_not_there_is_not_found(place: Place) -> None:
    digest = keccak256(b"never handed in")
    assert not place.room.has(digest)
    with pytest.raises(NotFound):
        place.room.label(digest)
    with pytest.raises(NotFound):
        next(place.room.get(digest))


def test_memory_is_bounded(disk: Place) -> None:
    class Endless(io.RawIOBase):
        left = 48

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return bytes([self.left]) * size if self.left >= 0 else b""

    tracemalloc.start()
    try:
        label = disk.room.put(Endless(), name="large.bin", account=OWNER)  # type: ignore[arg-type]
        assert sum(len(piece) for piece in disk.room.get(label.digest)) == label.size == 48 << 20
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


# Damage


@MANY
@given(content=BYTES, data=st.data())
def test_damaged_bytes_never_come_out_whole(place: Place, content: bytes, data: st.DataObject) -> None:
    label = put(place, content)
    damaged = data.draw(damage(content))
    place.overwrite(place.path(label.digest), damaged)
    came_out: list[bytes] = []
    with pytest.raises(EvidenceDamaged) as found:
        came_out.extend(place.room.get(label.digest))
    assert found.value.where == label.hex
    assert len(b"".join(came_out)) < len(content)
    assert conditions(place)[label.digest] is Condition.DAMAGED
    put(place, content)
    assert b"".join(place.room.get(label.digest)) == content


def damage(content: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(content) - 1)
    flipped = st.builds(
        lambda at, bit: content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :], places, st.integers(0, 7)
    )
    cut = places.map(lambda at: content[:at])
    longer = st.binary(min_size=1, max_size=5).map(lambda more: content + more)
    return st.one_of(flipped, cut, longer)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content.replace(OWNER.encode(), OTHER.encode(), 1),
        lambda content: content + b"\n",
        lambda content: content.replace(b'"size":1', b'"size":"1"'),
        lambda content: b"[]",
        lambda content: b"\xff",
    ],
)
def test_a_damaged_label_gives_nothing_out(place: Place, spoil: Callable[[bytes], bytes]) -> None:
    label = put(place, b"x")
    place.overwrite(place.path(label.digest, ".json"), spoil(label.content()))
    with pytest.raises(EvidenceDamaged):
        next(place.room.get(label.digest))
    assert conditions(place) == {label.digest: Condition.DAMAGED}


def test_a_check_names_what_is_missing_and_the_same_file_heals_it(place: Place) -> None:
    whole, missing, bare = (put(place, name) for name in (b"whole", b"missing", b"bare"))
    place.remove(place.path(missing.digest))
    place.remove(place.path(bare.digest, ".json"))
    assert conditions(place) == {
        whole.digest: Condition.WHOLE,
        missing.digest: Condition.MISSING,
        bare.digest: Condition.UNLABELLED,
    }
    assert not place.room.has(missing.digest)
    assert not place.room.has(bare.digest)
    with pytest.raises(EvidenceDamaged):
        next(place.room.get(missing.digest))
    put(place, b"missing")
    put(place, b"bare")
    assert set(conditions(place).values()) == {Condition.WHOLE}


# Kills


TAKING = """
import sys
from gecchain.evidence import EvidenceRoom
EvidenceRoom(sys.argv[1]).put(sys.stdin.buffer, name="sheet.pdf", account="0x" + "0a" * 20)
"""


def test_a_kill_in_the_middle_leaves_no_half_file(disk: Place) -> None:
    content = os.urandom(6 << 20)
    taking = subprocess.Popen([sys.executable, "-c", TAKING, disk.url], stdin=subprocess.PIPE)
    assert taking.stdin is not None
    taking.stdin.write(content[: 4 << 20])
    taking.stdin.flush()
    partial = next(appearing(Path(disk.url) / "incoming", 1 << 20))
    taking.send_signal(signal.SIGKILL)
    taking.stdin.close()
    taking.wait(10)
    assert partial.exists()
    assert (list(disk.room.list()), conditions(disk)) == ([], {})
    assert not disk.room.has(keccak256(content))
    label = put(disk, content)
    assert (conditions(disk), b"".join(disk.room.get(label.digest))) == ({label.digest: Condition.WHOLE}, content)


def appearing(folder: Path, size: int) -> Iterator[Path]:
    """The partial file, once it has that many bytes; AssertionError after ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        yield from (file for file in folder.glob("*.partial") if file.stat().st_size >= size)
        time.sleep(0.005)
    raise AssertionError("nothing came in")


def test_what_a_kill_left_behind_is_swept_after_a_day(disk: Place) -> None:
    incoming = Path(disk.url) / "incoming"
    incoming.mkdir(parents=True)
    old, new = incoming / "old.partial", incoming / "new.partial"
    for file, age in ((old, 90_000), (new, 80_000)):
        file.write_bytes(b"half")
        os.utime(file, (time.time() - age,) * 2)
    put(disk, b"x")
    assert list(incoming.iterdir()) == [new]


def test_a_stream_that_breaks_leaves_nothing(place: Place) -> None:
    class Breaking(io.RawIOBase):
        pieces = 2

        def read(self, size: int = -1) -> bytes:
            self.pieces -= 1
            if self.pieces < 0:
                raise ConnectionResetError("gone")
            return b"x" * size

    with pytest.raises(Unavailable):
        place.room.put(Breaking(), name="a", account=OWNER)  # type: ignore[arg-type]
    assert place.everything() == {}


# Who may read


DIGEST = keccak256(b"evidence")
LABEL = Label.of("sheet.pdf", "", OWNER, [AGENT]).measured(DIGEST, 8)


@dataclass(frozen=True)
class Register:
    """Who acts for whom, as a registry would answer it."""

    operators: dict[str, str]
    offices: frozenset[str] = frozenset()

    def acts_for(self, key: str, account: str) -> bool:
        return self.operators.get(account) == key

    def is_office(self, key: str) -> bool:
        return key in self.offices


def request(evidence: bytes = DIGEST, chain_id: int = CHAIN, expires: int = NOW + 60) -> Request:
    signature = bytes(KEY.sign_message(signable(evidence, chain_id, expires)).signature)
    return Request(evidence, chain_id, expires, signature)


def signer(asked: Request) -> str:
    return signer_of(asked, evidence=DIGEST, chain_id=CHAIN, now=NOW)


@given(st.integers(NOW + 1, NOW + LONGEST_VALIDITY))
def test_a_signed_request_names_its_signer_through_the_header(expires: int) -> None:
    asked = request(expires=expires)
    assert parse_authorization(authorization(asked)) == asked
    assert signer(asked) == KEY.address.lower()


@pytest.mark.parametrize(
    "asked",
    [
        request(evidence=keccak256(b"another")),
        request(chain_id=CHAIN + 1),
        request(expires=NOW),
        request(expires=NOW + LONGEST_VALIDITY + 1),
        replace(request(), signature=b"\0" * 65),
        replace(request(), signature=request().signature[:64] + b"\x09"),
        replace(request(), signature=request().signature[:64]),
    ],
)
def test_what_was_not_signed_for_this_is_unsigned(asked: Request) -> None:
    with pytest.raises(Unsigned) as refused:
        signer(asked)
    assert "EIP-712" in refused.value.remedy


@given(st.integers(0, 64), st.integers(1, 255))
def test_another_signature_is_not_this_signer(at: int, change: int) -> None:
    good = request()
    spoiled = bytearray(good.signature)
    spoiled[at] ^= change
    try:
        found = signer(replace(good, signature=bytes(spoiled)))
    except Unsigned:
        return
    # 27 and 0 (28 and 1) are two ways of writing the same.
    assert found != KEY.address.lower() or (at == 64 and spoiled[at] in (0, 1))


def test_another_expiry_than_the_signed_one_is_another_signer() -> None:
    assert signer(replace(request(), expires=NOW + 61)) != KEY.address.lower()


@given(st.one_of(st.none(), st.text(), st.text().map("GEC ".__add__), st.binary().map(lambda raw: b64(raw))))
def test_any_header_is_read_or_refused(header: str | None) -> None:
    with pytest.raises(Unsigned):
        parse_authorization(header)


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"chainId":true,"evidence":"0x%s","expires":1,"signature":"0x%s"}' % (b"0" * 64, b"0" * 130),
        b'{"chainId":1,"evidence":"0x%s","expires":1e3,"signature":"0x%s"}' % (b"0" * 64, b"0" * 130),
        b'{"chainId":1,"evidence":"0x%s","expires":-1,"signature":"0x%s"}' % (b"0" * 64, b"0" * 130),
        b'{"chainId":1,"evidence":"0x%s","expires":1,"signature":"0x%s"}' % (b"0" * 63, b"0" * 130),
        b'{"chainId":1,"evidence":7,"expires":1,"signature":[]}',
    ],
)
def test_a_request_has_exactly_its_shape(content: bytes) -> None:
    with pytest.raises(Unsigned):
        parse_authorization(b64(content))


def b64(raw: bytes) -> str:
    return "GEC " + base64.urlsafe_b64encode(raw).decode()


@pytest.mark.parametrize("account", [OWNER, AGENT])
def test_the_operator_of_a_named_account_may_read(account: str) -> None:
    require_entitled("0xkey", LABEL, Register({account: "0xkey"}))


def test_the_offices_may_read_without_being_named() -> None:
    require_entitled("0xkey", LABEL, Register({}, frozenset({"0xkey"})))


@pytest.mark.parametrize("register", [Register({}), Register({OTHER: "0xkey"}), Register({OWNER: "0xother"})])
def test_nobody_else_may_read(register: Register) -> None:
    with pytest.raises(NotEntitled):
        require_entitled("0xkey", LABEL, register)


def test_an_account_is_no_key() -> None:
    """The address of an account is public and nobody's key: it entitles to nothing by itself."""
    with pytest.raises(NotEntitled):
        require_entitled(OWNER, LABEL, Register({OWNER: "0xkey"}))
