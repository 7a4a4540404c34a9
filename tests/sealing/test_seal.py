"""The seal: valid for pyHanko and poppler, over every byte, the same every time, and honest about development."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12

from gecchain.documents import SEAL_BOX, Press
from gecchain.errors import BadInput, GecError, NotFound
from gecchain.sealing import (
    Seal,
    apply_seal,
    attached_file,
    check_seal,
    create_development_seal,
    load_certificate,
    open_seal,
)

TIME = 1_790_000_000
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "another")])


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return create_development_seal(tmp_path_factory.mktemp("seal") / "seal.p12", "secret")


@pytest.fixture(scope="session")
def plain() -> bytes:
    """A page of the press: any PDF can be sealed."""
    return Press("https://gec.example").stamp("一页", "0" * 16, TIME)


@pytest.fixture(scope="session")
def sealed(seal: Seal, plain: bytes) -> bytes:
    return apply_seal(plain, seal, TIME, stamp=plain, box=SEAL_BOX)


def test_it_holds_over_the_whole_file(seal: Seal, sealed: bytes) -> None:
    found = check_seal(sealed, [seal.certificate])
    assert found is not None
    assert (found.intact, found.whole, found.trusted) == (True, True, True)
    assert found.fingerprint == seal.fingerprint
    assert found.moment == datetime.fromtimestamp(TIME, UTC)


def test_poppler_says_the_same(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    said = subprocess.run(["pdfsig", str(path)], check=True, capture_output=True, text=True).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "FOR DEVELOPMENT ONLY" in said


def test_what_was_there_before_stays(plain: bytes, sealed: bytes) -> None:
    assert sealed.startswith(plain)


def test_the_sealed_file_is_pdf_a_still(plain: bytes, sealed: bytes) -> None:
    """What veraPDF found (scripts/pdfa.sh): each object begins on a line of its own (ISO 19005-3, 6.1.9)."""
    added = sealed[len(plain) :]
    objects = [match.start() for match in re.finditer(rb"[0-9]+ [0-9]+ obj\b", added)]
    assert objects
    assert all(sealed[len(plain) + at - 1 : len(plain) + at] == b"\n" for at in objects)


def test_the_same_file_and_seal_give_the_same_bytes(seal: Seal, plain: bytes, sealed: bytes) -> None:
    assert apply_seal(plain, seal, TIME, stamp=plain, box=SEAL_BOX) == sealed
    assert apply_seal(plain, seal, TIME + 1, stamp=plain, box=SEAL_BOX) != sealed


def passes(content: bytes, certificate: asn1.Certificate) -> bool:
    try:
        found = check_seal(content, [certificate])
    except GecError:
        return False
    return found is not None and found.good and found.trusted


@pytest.mark.parametrize("seed", range(24))
def test_a_single_altered_byte_is_found(seal: Seal, sealed: bytes, seed: int) -> None:
    random = Random(seed)
    at = random.randrange(len(sealed))
    changed = bytearray(sealed)
    changed[at] ^= random.randint(1, 255)
    hexadecimal = b"0123456789abcdefABCDEF"
    signature = range(sealed.index(b"/Contents <") + 11, sealed.index(b">", sealed.index(b"/Contents <")))
    if at in signature and changed[at] in hexadecimal and int(chr(changed[at]), 16) == int(chr(sealed[at]), 16):
        return  # a hex digit in the other case is the same digit
    if at in signature and set(sealed[at : signature.stop]) == {ord("0")}:
        return  # filling behind the signature is no part of it; the bytes as a whole are compared elsewhere
    assert not passes(bytes(changed), seal.certificate)


@pytest.mark.parametrize("more", [b"\n", b"%%EOF\n", b"\n1 0 obj <<>> endobj\n"])
def test_nothing_can_be_added(seal: Seal, sealed: bytes, more: bytes) -> None:
    assert not passes(sealed + more, seal.certificate)


def test_a_second_seal_is_refused(seal: Seal, sealed: bytes) -> None:
    with pytest.raises(BadInput, match="sealed already"):
        apply_seal(sealed, seal, TIME, stamp=sealed, box=SEAL_BOX)


def test_another_seal_is_not_trusted(sealed: bytes, tmp_path: Path) -> None:
    other = create_development_seal(tmp_path / "other.p12", "x")
    found = check_seal(sealed, [other.certificate])
    assert found is not None
    assert found.good
    assert not found.trusted


def test_a_file_without_a_seal_has_none(plain: bytes) -> None:
    assert check_seal(plain) is None


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"{}", b"%PDF-1.7\nstartxref\n9\n%%EOF\n", bytes(100)])
def test_what_is_no_pdf_is_told(content: bytes) -> None:
    with pytest.raises(BadInput):
        check_seal(content)
    with pytest.raises(BadInput):
        attached_file(content, "document.json")


def test_a_development_seal_says_that_it_is_one(seal: Seal) -> None:
    assert seal.development
    assert "worth nothing" in seal.name
    assert "secret" not in repr(seal)


def test_seals_are_not_overwritten(tmp_path: Path) -> None:
    create_development_seal(tmp_path / "seal.p12", "x")
    assert (tmp_path / "seal.p12").stat().st_mode & 0o077 == 0
    with pytest.raises(BadInput, match="exists"):
        create_development_seal(tmp_path / "seal.p12", "x")


def test_what_does_not_open_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no seal"):
        open_seal(tmp_path / "none.p12", "x")
    create_development_seal(tmp_path / "seal.p12", "right")
    with pytest.raises(BadInput, match="does not open"):
        open_seal(tmp_path / "seal.p12", "wrong")
    (tmp_path / "junk.p12").write_bytes(b"junk")
    with pytest.raises(BadInput, match="does not open"):
        open_seal(tmp_path / "junk.p12", "x")


def test_only_rsa_gives_the_same_bytes_again(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    own = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    (tmp_path / "ec.p12").write_bytes(pkcs12.serialize_key_and_certificates(None, key, own, None, NoEncryption()))
    with pytest.raises(BadInput, match="RSA"):
        open_seal(tmp_path / "ec.p12", "")
    (tmp_path / "own.crt").write_bytes(own.public_bytes(Encoding.PEM))
    assert load_certificate(tmp_path / "own.crt").subject.native == {"common_name": "another"}
    (tmp_path / "bad.crt").write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(BadInput, match="no certificate"):
        load_certificate(tmp_path / "bad.crt")
