"""The range ledger where no sequence of calls leads by chance: its words of ERC-721, and what only contracts may call.

`Market` and `Cases` never ask for what is refused here; the ledger holds by itself, whatever they do.
"""

from typing import Final

import pytest
from eth_abi.abi import decode

from gecchain.chain.deploying import Role
from gecchain.rules import AccountKind, Month, ProjectKey, ProjectType, Technology
from tests.differential.chain import Done, Refusal
from tests.differential.office import OWNER, Office, papers
from tests.differential.operations import Call, Opened, Order, Piece, Settling
from tests.differential.people import ACCOUNTS, KEYS, STAFF, signed
from tests.differential.predicting_deals import digest_of
from tests.differential.trees import leaf_word

MONTH: Final = Month.of(2026, 1)
NOW: Final = Month.of(2026, 6).begins_at
WIND: Final = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, 42).id
DEEP: Final = ProjectKey(ProjectType.CENTRALISED, Technology.DEEP_SEA_WIND, Month.of(2015, 3), 15, 43).id
COUNT: Final = 10
MOST: Final = 999_999_999
HELD, LISTED, FROZEN, RETIRED = 1, 2, 3, 4
INTERFACES: Final = {0x01FFC9A7, 0x80AC58CD, 0x5B5E139F, 0xB45A3C0E}  # ERC-165, ERC-721, its metadata, ERC-5192
BUYER: Final = ACCOUNTS[7]
PLATFORM: Final = ACCOUNTS[10]
GOVERNANCE: Final = "0x" + "60" * 20
# Keys with the contracts' own roles: an account with code sends nothing by itself (EIP-3607).
STAND_INS: Final = {"Market": (Role.MARKET, ACCOUNTS[8]), "Cases": (Role.CASES, ACCOUNTS[9])}


def batch_of(project: int) -> int:
    return project << 16 | MONTH.index << 4 | 1


@pytest.fixture(params=[WIND, DEEP], ids=["wind", "deep-sea wind"])
def project(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def office() -> Office:
    """Ten certificates of each of two plants."""
    office = Office(NOW)
    office.file([papers(WIND), papers(DEEP)])
    leaves = [leaf_word(one, 0, COUNT * 1_000_000, at) for at, one in enumerate((WIND, DEEP))]
    assert isinstance(office.issue(MONTH.index, leaves), Done)
    for role, key in STAND_INS.values():
        given = office.session.chain.send(Call(GOVERNANCE, "AccessManager", "grantRole", (int(role), key, 0)))
        assert isinstance(given, Done)
    return office


def as_contract(office: Office, contract: str, function: str, *args: object) -> Done | Refusal:
    """A call of the ledger with another contract's rights, past the model."""
    return office.session.chain.send(Call(STAND_INS[contract][1], "Certificates", function, args))


def asked(office: Office, function: str, *args: int | str) -> bytes | None:
    """A view's answer; None where it is refused."""
    try:
        return office.session.chain.ask("Certificates", function, *args)
    except RuntimeError:
        return None


def word(answer: bytes | None) -> int | None:
    return None if answer is None else int.from_bytes(answer[:32], "big")


# What a wallet reads


def test_it_has_its_name_and_symbol(office: Office) -> None:
    said = [decode(["string"], asked(office, name) or b"")[0] for name in ("name", "symbol")]
    assert said == ["Green Electricity Certificate", "GEC"]


@pytest.mark.parametrize("interface", [*sorted(INTERFACES), 0xFFFFFFFF, 0, 0x2309, 0x780E9D63, 0x49064906])
def test_it_says_which_interfaces_it_has(office: Office, interface: int) -> None:
    assert word(asked(office, "supportsInterface", interface << 224)) == (interface in INTERFACES)


def test_nobody_is_approved(office: Office) -> None:
    token = batch_of(WIND) << 32
    assert word(asked(office, "isApprovedForAll", OWNER, BUYER)) == 0
    assert word(asked(office, "getApproved", token)) == 0
    assert asked(office, "getApproved", token + COUNT) is None


@pytest.mark.parametrize("bit", [96, 97, 128, 255])
def test_a_token_id_has_ninety_six_bits(office: Office, bit: int) -> None:
    token = batch_of(WIND) << 32
    assert word(asked(office, "ownerOf", token)) == int(OWNER, 16)
    for function in ("ownerOf", "facts", "tokenURI", "locked", "getApproved"):
        assert asked(office, function, token) is not None
        assert asked(office, function, token | 1 << bit) is None, function


# What only contracts may call


def test_additions_name_their_cases(office: Office, project: int) -> None:
    batch, bases = batch_of(project), [bytes([number]) * 32 for number in (1, 2, 3)]
    for case, basis in enumerate(bases, 7):
        assert isinstance(as_contract(office, "Cases", "add", batch, 2, case, basis), Done)
    read = office.facts(batch << 32 | COUNT - 1)
    assert (read.leaf, read.end) == (project == DEEP, COUNT)
    for at in range(6):
        facts = office.facts(batch << 32 | COUNT + at)
        assert (facts.readings_root, facts.leaf) == ("0x" + bases[at // 2].hex(), 7 + at // 2)
        assert (facts.start, facts.end) == (COUNT + at // 2 * 2, COUNT + at // 2 * 2 + 2)
        assert office.is_genuine(bytes.fromhex(facts.hash[2:]))


@pytest.mark.parametrize("count", [0, MOST - COUNT + 1, MOST, MOST + COUNT, 2**32 - 1 - COUNT])
def test_a_batch_has_a_most_and_an_addition_a_least(office: Office, count: int) -> None:
    found = as_contract(office, "Cases", "add", batch_of(WIND), count, 7, bytes(32))
    assert found == Refusal("RangeEmpty", (COUNT, COUNT + count))


def test_the_most_may_be_added(office: Office) -> None:
    assert isinstance(as_contract(office, "Cases", "add", batch_of(WIND), MOST - COUNT, 7, bytes(32)), Done)
    assert office.facts(batch_of(WIND) << 32 | MOST - 1).leaf == 7


@pytest.mark.parametrize(
    ("contract", "function", "wanted"),
    [
        ("Market", "trade", LISTED),
        ("Market", "unlist", LISTED),
        ("Cases", "undoTrade", HELD),
        ("Cases", "undoRetirement", RETIRED),
    ],
)
def test_each_call_wants_its_state(office: Office, contract: str, function: str, wanted: int) -> None:
    batch = batch_of(WIND)
    assert isinstance(as_contract(office, "Market", "sell", batch, 0, 2, OWNER, BUYER), Done)
    assert isinstance(as_contract(office, "Cases", "doubt", batch, 0, 1, BUYER, 7), Done)
    rest = {"trade": (BUYER,), "unlist": (), "undoTrade": (7,), "undoRetirement": (7,)}[function]
    for start, state in ((0, FROZEN), (1, HELD)):
        found = as_contract(office, contract, function, batch, start, start + 1, *rest)
        assert found == Refusal("StateIs", (batch, start, state)) if state != wanted else isinstance(found, Done)


def test_a_chunk_after_the_last_is_none(office: Office) -> None:
    leaves = [leaf_word(WIND, 0, 1, at) for at in range(256)]
    number = office.commit(MONTH.index + 1, leaves)
    for chunk in (1, 2):
        found = office.call(Role.AUTHORITY, "Certificates", "issue", number, chunk, [], [])
        assert found == Refusal("ChunkOutOfRange", (number, chunk))


# Orders and settlements


@pytest.fixture
def trading(office: Office) -> Office:
    """With a buyer and a platform."""
    buyer = Opened(BUYER, AccountKind.BUYER.value, 0, KEYS[-1], "")
    platform = Opened(PLATFORM, AccountKind.PLATFORM.value, 0, KEYS[-2], "P")
    assert isinstance(office.call(Role.REGISTRAR, "Registry", "openBuyers", [buyer]), Done)
    assert isinstance(office.call(Role.AUTHORITY, "Registry", "openInstitutions", [platform]), Done)
    return office


def filled(office: Office, order: Order, piece: Piece) -> Done | Refusal:
    digest = digest_of(office.session.chain.addresses["Market"], order)
    signatures = signed(STAFF[Role.PROVIDER][0], digest), signed(KEYS[-1], digest)
    found = office.session.perform(Call(KEYS[-2], "Market", "fill", (order, [piece], *signatures)))
    assert found is not None
    return found


def order_for(batch: int, start: int, end: int, quantity: int) -> Order:
    project = batch >> 16
    return Order(OWNER, BUYER, project, batch, start, end, quantity, 450, PLATFORM, True, NOW + 1_000, 1)


@pytest.mark.parametrize(
    ("piece", "named"),
    [
        (Piece(batch_of(WIND), 2, 5), True),
        (Piece(batch_of(WIND), 3, 4), True),
        (Piece(batch_of(WIND), 2, 6), False),
        (Piece(batch_of(WIND), 1, 5), False),
        (Piece(batch_of(WIND), 5, 6), False),
        (Piece(batch_of(DEEP), 2, 5), False),
    ],
)
def test_an_order_names_its_serials(trading: Office, piece: Piece, named: bool) -> None:
    found = filled(trading, order_for(batch_of(WIND), 2, 5, piece.end - piece.start), piece)
    assert isinstance(found, Done) if named else found == Refusal("RangeOutside", (0,))


def settled(office: Office, project: int, piece: Piece, count: int) -> list[str]:
    """Names of the events of settling so many certificates of a project with the buyer."""
    wh = count * 1_000_000
    item = Settling(bytes([7]) * 32, project, MONTH.index, BUYER, wh, wh, wh, 1, 1, (piece,))
    found = office.call(Role.EXCHANGE, "Market", "settle", [item])
    assert isinstance(found, Done)
    return [type(event).__name__ for event in found.events]


def test_a_settlement_is_of_its_project(trading: Office) -> None:
    assert "ItemRefused" in settled(trading, DEEP, Piece(batch_of(WIND), 0, 3), 3)
    assert "ItemRefused" not in settled(trading, WIND, Piece(batch_of(WIND), 0, 3), 3)


def test_a_settlement_may_take_the_most_that_a_batch_has(trading: Office) -> None:
    month = MONTH.index + 1
    assert isinstance(trading.issue(month, [leaf_word(WIND, 0, MOST * 1_000_000, 9)]), Done)
    batch, wh = WIND << 16 | month << 4 | 1, MOST * 1_000_000
    item = Settling(bytes([7]) * 32, WIND, month, BUYER, wh, wh, wh, 1, 1, (Piece(batch, 0, MOST),))
    found = trading.call(Role.EXCHANGE, "Market", "settle", [item])
    assert isinstance(found, Done)
    assert "ItemRefused" not in [type(event).__name__ for event in found.events]
    assert trading.facts(batch << 32).owner == BUYER


# CCER (Q66)


def choose(office: Office, chosen: bool) -> None:
    # OWNER's operator, as `papers` files it.
    call = Call(STAFF[Role.PROVIDER][0], "Registry", "chooseCcer", (DEEP, chosen))
    assert isinstance(office.session.chain.send(call), Done)


def register(office: Office) -> None:
    call = Call(
        STAFF[Role.CCER_REGISTRY][0], "Registry", "registerCcer", (DEEP, MONTH.index, MONTH.index + 1, "CCER-1")
    )
    assert isinstance(office.session.chain.send(call), Done)


def test_a_traded_certificate_is_no_longer_for_ccer(office: Office) -> None:
    batch = batch_of(DEEP)
    assert isinstance(as_contract(office, "Market", "sell", batch, 0, 4, OWNER, OWNER), Done)
    choose(office, True)
    register(office)
    traded, untraded = ((batch, 0, 4), (batch, 4, COUNT))
    assert office.session.chain.send(Call(BUYER, "Certificates", "retireDue", traded)) == Refusal("NotDue", (batch, 0))
    assert isinstance(office.session.chain.send(Call(BUYER, "Certificates", "retireDue", untraded)), Done)


def test_what_is_registered_stays_for_ccer_whatever_is_chosen_later(office: Office) -> None:
    choose(office, True)
    register(office)
    choose(office, False)
    found = as_contract(office, "Market", "sell", batch_of(DEEP), 0, 4, OWNER, BUYER)
    assert found == Refusal("ChosenForCcer", (batch_of(DEEP),))
