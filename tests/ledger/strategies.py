"""Random events of every kind, for tests of shapes; they make no sense together."""

from hypothesis import strategies as st

from gecchain.chain.codec import SIGNATURES
from gecchain.events import EVENTS, Claim, Event, Serials

__all__ = ["addresses", "events", "words"]


def hexes(size: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=size, max_size=size).map(lambda raw: "0x" + raw.hex())


addresses = hexes(20)
words = hexes(32)
texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
KINDS: dict[str, st.SearchStrategy[object]] = {
    "address": addresses,
    "bytes32": words,
    "bytes": st.binary(max_size=70).map(lambda raw: "0x" + raw.hex()),
    "bool": st.booleans(),
    "string": texts,
    "uint256[]": st.lists(st.integers(0, 2**256 - 1), max_size=5).map(tuple),
    "(uint32,uint32)[]": st.lists(
        st.builds(Serials, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=4
    ).map(tuple),
    "(string,uint8,uint16,uint16,string)": st.builds(
        Claim, texts, st.integers(0, 255), st.integers(0, 65535), st.integers(0, 65535), texts
    ),
}


def of_kind(kind: str) -> st.SearchStrategy[object]:
    if kind in KINDS:
        return KINDS[kind]
    if kind.startswith("int"):
        limit = 2 ** (int(kind.removeprefix("int")) - 1)
        return st.integers(-limit, limit - 1)
    return st.integers(0, 2 ** int(kind.removeprefix("uint")) - 1)


def events() -> st.SearchStrategy[Event]:
    every: list[st.SearchStrategy[Event]] = [
        st.builds(EVENTS[name], *(of_kind(kind) for kind, _indexed in signature))
        for name, signature in SIGNATURES.items()
    ]
    return st.one_of(every)
