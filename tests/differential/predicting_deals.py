"""What `Market` must do with bilateral orders and settlements, from `IMarket`, check by check."""

from collections.abc import Iterable, Sequence

from eth_abi.abi import encode
from eth_hash.auto import keccak

from gecchain.events import NO_ACCOUNT, DealCancelled, DealFilled, Event, Settled, Traded
from gecchain.rules import DealStatus, TradeWay
from tests.differential.chain import CHAIN_ID
from tests.differential.known import Known, require
from tests.differential.operations import Order, Piece, Settling
from tests.differential.people import signed
from tests.differential.predicting_market import require_active
from tests.differential.predicting_ranges import echo, require_sold

__all__ = ["ORDER", "cancel", "digest_of", "fill", "settle"]

EXCHANGE = 6
MOST = 999_999_999
ORDER = "(address,address,uint48,uint64,uint32,uint32,uint32,uint64,address,bool,uint64,uint256)"
_DOMAIN_TYPE = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_ORDER_TYPE = keccak(
    b"Deal(address seller,address buyer,uint48 project,uint64 batch,uint32 start,uint32 end,uint32 quantity,"
    b"uint64 price,address platform,bool paidOnPlatform,uint64 expires,uint256 nonce)"
)


def digest_of(market: str, order: Order) -> bytes:
    """What both sides sign (EIP-712)."""
    names = keccak(b"gecchain Market"), keccak(b"1")
    domain = keccak(encode(["bytes32"] * 3 + ["uint256", "address"], [_DOMAIN_TYPE, *names, CHAIN_ID, market]))
    return keccak(b"\x19\x01" + domain + keccak(_ORDER_TYPE + encode([ORDER], [order])))


def _sold(
    known: Known, ranges: Sequence[Piece], quantity: int, seller: str, buyer: str, price: int, platform: str, way: int
) -> list[Event]:
    """Each range by a trade of its own, `quantity` certificates in all."""

    def one(trial: Known, piece: Piece) -> list[Event]:
        require_sold(trial, *piece, seller)
        number = len(trial.state.trades) + 1
        traded = Traded(number, 0, *piece, seller, buyer, price, platform, int(way))
        return [traded, echo(*piece, seller, buyer)]

    events = known.in_turn(ranges, one, whole=True)
    given = sum(piece.end - piece.start for piece in ranges)
    require(given == quantity, "QuantityNotMet", quantity, given)
    return events


def _require_within(named: Iterable[bool]) -> None:
    for index, inside in enumerate(named):
        require(inside, "RangeOutside", index)


def _status(known: Known, digest: bytes) -> int:
    found = known.state.deals.get("0x" + digest.hex())
    return found.status if found else DealStatus.OPEN


def _named(order: Order, piece: Piece) -> bool:
    batch = piece.batch == order.batch if order.batch else piece.batch >> 16 == order.project
    return batch and (not order.end or (order.start <= piece.start and piece.end <= order.end))


def fill(
    known: Known, caller: str, order: Order, ranges: Sequence[Piece], by_seller: bytes, by_buyer: bytes
) -> list[Event]:
    digest = digest_of(known.addresses["Market"], order)
    status = _status(known, digest)
    require(status == DealStatus.OPEN, "DealIs", digest, status)
    require(known.now < order.expires, "DealExpired", order.expires)
    platform = known.state.accounts.get(order.platform)
    handed_in = platform is not None and platform.platform >= 0 and known.may_act(order.platform, caller)
    require(handed_in, "MayNotAct", order.platform, caller)
    require(order.buyer != order.seller, "BuyerIsSeller", order.buyer)
    for account, signature in ((order.seller, by_seller), (order.buyer, by_buyer)):
        true = signed(known.actor(account), digest)
        require(true and signature == true, "SignatureInvalid", account)
    require(order.quantity, "QuantityZero")
    _require_within(_named(order, piece) for piece in ranges)
    sides = order.seller, order.buyer, order.price, order.platform
    events = _sold(known, ranges, order.quantity, *sides, TradeWay.BILATERAL)
    first = len(known.state.trades) + 1
    last = first + len(ranges) - 1
    return [*events, DealFilled("0x" + digest.hex(), first, last, order.paid_on_platform, order.expires)]


def cancel(known: Known, caller: str, order: Order) -> list[Event]:
    known.require_open(caller)
    sides = [account for account in (order.seller, order.buyer) if known.may_act(account, caller)]
    require(sides, "MayNotAct", order.seller, caller)
    digest = digest_of(known.addresses["Market"], order)
    status = _status(known, digest)
    require(status == DealStatus.OPEN, "DealIs", digest, status)
    return [DealCancelled("0x" + digest.hex(), sides[0])]


def settle(known: Known, caller: str, items: Sequence[Settling]) -> list[Event]:
    known.require_role(caller, EXCHANGE)
    return known.in_turn(items, lambda trial, item: _settled(trial, caller, item), whole=False)


def _settled(known: Known, exchange: str, item: Settling) -> list[Event]:
    require(any(item.contract), "ContractZero")
    key = "0x" + item.contract.hex(), item.project, item.month
    require(key not in known.state.settlements, "SettledAlready", item.contract, item.project, item.month)
    require_active(known, item.buyer)
    filed = known.state.projects.get(item.project)
    seller = filed.owner if filed else NO_ACCOUNT
    require(seller != item.buyer, "BuyerIsSeller", seller)
    energies = item.contract_wh, item.fed_in_wh, item.consumed_wh
    quantity = min(energies) // 1_000_000
    require(0 < quantity <= MOST, "QuantityZero")
    on_grid = (item.project, item.month, 0)
    _require_within((one.batch >> 16, one.batch >> 4 & 0xFFF, one.batch >> 1 & 7) == on_grid for one in item.ranges)
    sides = seller, item.buyer, item.attribute_price, NO_ACCOUNT
    events = _sold(known, item.ranges, quantity, *sides, TradeWay.GREEN_POWER)
    first = len(known.state.trades) + 1
    last = first + len(item.ranges) - 1
    return [*events, Settled(*key, first, last, *energies, item.energy_price, exchange)]
