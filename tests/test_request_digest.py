"""The digest that is laid out by hand is the library's, and the key that signed it is found."""

from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain import typed_data
from gecchain.chain.deployment import Deployment
from gecchain.requests import REQUEST_TYPES, Request, SignedRequest, digest_of, domain_of, message_of, signer_of
from gecchain.signer import development_signer

ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda value: "0x" + value.hex())
NUMBERS = {"chain_id": 31_337, "block": 1}
DEPLOYMENT = Deployment(
    **{one.name: NUMBERS.get(one.name, f"0x{place:040x}") for place, one in enumerate(fields(Deployment), 1)}
)
SIGNER = development_signer("digest")


def words(bits: int) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, (1 << bits) - 1), st.sampled_from([0, (1 << bits) - 1]))


REQUESTS = st.builds(Request, ADDRESSES, ADDRESSES, words(256), words(256), words(64), st.binary(max_size=200))


@settings(max_examples=300, deadline=None)
@given(REQUESTS, ADDRESSES, words(64))
def test_the_digest_is_the_library_s(request: Request, relay: str, chain_id: int) -> None:
    deployment = replace(DEPLOYMENT, relay=relay, chain_id=chain_id)
    typed = typed_data.signable(domain_of(deployment), REQUEST_TYPES, message_of(request))
    assert digest_of(request, deployment) == typed_data.digest_of(typed)


@settings(max_examples=50, deadline=None)
@given(REQUESTS, st.integers(0, 63), st.integers(1, 255))
def test_the_signer_is_found_in_both_spellings_and_no_other(request: Request, place: int, change: int) -> None:
    request = replace(request, sender=SIGNER.address.lower())
    signature = SIGNER.sign_typed(domain_of(DEPLOYMENT), REQUEST_TYPES, message_of(request))
    for spelling in (signature, signature[:-1] + bytes([signature[-1] - 27])):
        assert signer_of(SignedRequest(request, spelling), DEPLOYMENT) == request.sender
    other = bytes(byte ^ change if at == place else byte for at, byte in enumerate(signature))
    assert signer_of(SignedRequest(request, other), DEPLOYMENT) != request.sender


def test_what_is_no_signature_is_nobody_s() -> None:
    request = Request(SIGNER.address.lower(), DEPLOYMENT.market, 1, 2, 3, b"")
    for signature in (b"", b"\x1b", bytes(65), b"\xff" * 64 + b"\x1b", bytes(64) + b"\x1b", bytes(66), bytes(32)):
        assert signer_of(SignedRequest(request, signature), DEPLOYMENT) is None
