"""Seal keys: opened from a PKCS#12 file, or held elsewhere behind the same small interface.

What signs is pyHanko's `Signer`: ours has the key in memory, `pyhanko.sign.pkcs11.PKCS11Signer` asks a hardware module
for each signature, so such a module needs another opening function (`seal_of`) and nothing else.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gecchain.errors import BadInput, NotFound

__all__ = ["Seal", "create_development_seal", "load_certificate", "open_seal", "seal_of"]

_BITS: Final = 3072
_DIGESTS: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_DEVELOPMENT: Final = "gecchain development seal, worth nothing 开发用章，无效"
_WARNING: Final = "FOR DEVELOPMENT ONLY"
_BEGINS, _ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seal:
    """Something that signs, and the certificate that says for whom. `repr` shows no key."""

    signer: Signer
    certificate: asn1.Certificate

    def __repr__(self) -> str:
        return f"Seal({self.name})"

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of the certificate's SHA-256."""
        return hashlib.sha256(self.certificate.dump()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Common name of the certificate's subject."""
        return str(self.certificate.subject.native.get("common_name", ""))

    @property
    def development(self) -> bool:
        """Whether the certificate says of itself that it is for development only."""
        return bool(self.certificate.subject.native.get("organizational_unit_name") == _WARNING)


def seal_of(signer: Signer) -> Seal:
    """The seal of a signer, for instance of one behind PKCS#11. BadInput for a signer without a certificate."""
    if signer.signing_cert is None:
        raise BadInput("The seal's key comes without a certificate.", field="seal", remedy="Bring one along.")
    return Seal(signer, signer.signing_cert)


def open_seal(path: Path, password: str) -> Seal:
    """The seal in a PKCS#12 file. NotFound without the file, BadInput if it does not open or its key is no RSA key.

    RSA signatures of PKCS #1 v1.5 are the same for the same bytes; so are sealed files.
    """
    if not path.is_file():
        raise NotFound(f"There is no seal at {path}.", remedy="Set GEC_SEAL, or make one: gec documents new-seal.")
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode())
    except ValueError as error:
        raise BadInput(
            f"The password does not open {path}, or it is no PKCS#12 file.",
            field="seal",
            remedy="Set GEC_SEAL_PASSWORD_FILE to the file that holds its password.",
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
        raise BadInput(
            f"{path} holds no RSA key with its certificate.",
            field="seal",
            remedy="Use an RSA key of 3072 bits or more.",
        )
    return seal_of(_KeptSigner(key, _of(certificate), [_of(one) for one in chain]))


class _KeptSigner(Signer):
    """Signs with a key that stays opened: opening it anew for each document takes longer than signing."""

    def __init__(self, key: rsa.RSAPrivateKey, own: asn1.Certificate, chain: Sequence[asn1.Certificate]) -> None:
        self._key = key
        known = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        known.register_multiple([own, *chain])
        super().__init__(signing_cert=own, cert_registry=known)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """A signature of PKCS #1 v1.5 over data; zeros as long as one when nothing is to be signed."""
        if dry_run:
            return bytes(self._key.key_size // 8)
        return self._key.sign(data, padding.PKCS1v15(), _DIGESTS[digest_algorithm]())


def _of(certificate: x509.Certificate) -> asn1.Certificate:
    found: asn1.Certificate = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    return found


def create_development_seal(path: Path, password: str) -> Seal:
    """Write a new seal whose certificate says that it is for development. BadInput if there is one."""
    if path.exists():
        raise BadInput(f"{path} exists already.", field="seal", remedy="Seals are never overwritten.")
    key = rsa.generate_private_key(public_exponent=65_537, key_size=_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "gecchain"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _WARNING),
            x509.NameAttribute(NameOID.COMMON_NAME, _DEVELOPMENT),
        ]
    )
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGINS)
        .not_valid_after(_ENDS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    content = pkcs12.serialize_key_and_certificates(
        b"seal", key, certificate, None, BestAvailableEncryption(password.encode())
    )
    _write_secretly(path, content)
    return open_seal(path, password)


def load_certificate(path: Path) -> asn1.Certificate:
    """A certificate from a PEM or DER file, to check seals with. NotFound or BadInput if it is none."""
    if not path.is_file():
        raise NotFound(f"There is no certificate at {path}.")
    content = path.read_bytes()
    try:
        pem = content.lstrip().startswith(b"-----")
        return _of(x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content))
    except ValueError:
        raise BadInput(f"{path} is no certificate.", field="certificate", remedy="Use a PEM or DER file.") from None


def _write_secretly(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.touch(mode=0o600)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
