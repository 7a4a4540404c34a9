"""Keys: kept encrypted, never shown, never overwritten."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.errors import BadInput, NotFound
from gecchain.signer import create_keystore, development_signer, open_keystore


def test_a_keystore_opens_with_its_password_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "authority.json"
    address = create_keystore(path, "秘密 password")
    assert open_keystore(path, "秘密 password").address == address
    with pytest.raises(BadInput, match="does not open"):
        open_keystore(path, "other")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    create_keystore(path, "x", development="a")
    before = path.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        create_keystore(path, "x")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"crypto": 1, "version": 3}', b"\xff\xfe", b"null"])
def test_what_is_no_keystore_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        open_keystore(path, "x")
    with pytest.raises(NotFound):
        open_keystore(tmp_path / "none.json", "x")


@settings(max_examples=20, deadline=None)
@given(name=st.text(max_size=20), nonce=st.integers(0, 2**40), data=st.binary(max_size=64))
def test_what_is_signed_names_its_signer(name: str, nonce: int, data: bytes) -> None:
    signer = development_signer(name)
    raw, hash_ = signer.sign(
        {"chainId": 1, "nonce": nonce, "gas": 21_000, "gasPrice": 0, "value": 0, "data": data, "to": signer.address}
    )
    assert Account.recover_transaction(raw) == signer.address
    assert len(bytes.fromhex(hash_[2:])) == 32
    assert signer.address == development_signer(name).address
    key = bytes(signer._account.key).hex()
    assert key not in repr(signer)
    assert key not in str(signer.__dict__)


@settings(max_examples=20, deadline=None)
@given(name=st.text(max_size=20), number=st.integers(0, 2**256 - 1), chain=st.integers(1, 2**40))
def test_typed_data_names_its_signer_for_one_domain(name: str, number: int, chain: int) -> None:
    signer = development_signer(name)
    types = {"Note": [{"name": "number", "type": "uint256"}]}
    domain = {"name": "test", "version": "1", "chainId": chain}
    signature = signer.sign_typed(domain, types, {"number": number})
    assert (len(signature), signature[64] in (27, 28)) == (65, True)
    message = encode_typed_data(domain, types, {"number": number})
    assert Account.recover_message(message, signature=signature) == signer.address
    other = encode_typed_data({**domain, "chainId": chain + 1}, types, {"number": number})
    assert Account.recover_message(other, signature=signature) != signer.address


@pytest.mark.parametrize("number", [-1, 2**256, "x", None, 1.5])
def test_what_is_not_of_the_types_is_not_signed(number: object) -> None:
    with pytest.raises(BadInput, match="cannot be signed"):
        development_signer("a").sign_typed({"name": "t"}, {"Note": [{"name": "n", "type": "uint256"}]}, {"n": number})
