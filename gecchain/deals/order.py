"""The order itself: its fields, its file, what is signed of it, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from gecchain import typed_data
from gecchain.chain.deployment import Deployment
from gecchain.errors import BadInput
from gecchain.proofs import canonical_json
from gecchain.rules import BatchKey, ProjectKey, Range, expires_at
from gecchain.rules.parameters import MAX_CERTIFICATES

__all__ = ["DEAL_TYPES", "Deal", "SignedDeal", "check", "digest_of", "domain_of", "message_of", "parse_deal"]

DEAL_TYPES: Final = {
    "Deal": [
        {"name": name, "type": kind}
        for name, kind in (
            ("seller", "address"),
            ("buyer", "address"),
            ("project", "uint48"),
            ("batch", "uint64"),
            ("start", "uint32"),
            ("end", "uint32"),
            ("quantity", "uint32"),
            ("price", "uint64"),
            ("platform", "address"),
            ("paidOnPlatform", "bool"),
            ("expires", "uint64"),
            ("nonce", "uint256"),
        )
    ]
}
_VERSION: Final = 1
_LARGEST: Final = 1 << 53
_LONGEST_SECONDS: Final = 3 * 366 * 86_400
_LONGEST_FILE: Final = 1 << 16
_FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "account": (r"0x[0-9a-f]{40}", "0x and 40 hexadecimal digits in lower case"),
    "word": (r"0x[0-9a-f]{64}", "0x and 64 hexadecimal digits in lower case"),
    "batch": (r"(0x[0-9a-f]{16})?", "0x and 16 hexadecimal digits in lower case, or empty"),
    "signature": (r"(0x[0-9a-f]{130})?", "0x and 130 hexadecimal digits in lower case, or empty"),
}


@dataclass(frozen=True, slots=True)
class Deal:
    """The order, as `IMarket.Deal`: accounts in lower case, `price` in fen a certificate, `expires` in unix seconds.

    What is sold is the serials `[start, end)` of `batch` if `end` is not 0, else any of the batch if that is not 0,
    else any of the project.
    """

    seller: str
    buyer: str
    project: int
    batch: int
    start: int
    end: int
    quantity: int
    price: int
    platform: str
    paid_on_platform: bool
    expires: int
    nonce: int

    def as_struct(self) -> tuple[Any, ...]:
        """The contract's `Deal`."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class SignedDeal:
    """An order for one market of one chain, with the signatures it has so far (65 bytes, or none)."""

    chain_id: int
    market: str
    deal: Deal
    seller_signature: bytes = b""
    buyer_signature: bytes = b""

    def content(self) -> bytes:
        """The order file: canonical JSON (RFC 8785). Signing again gives the same bytes."""
        deal = self.deal
        order = {
            **asdict(deal),
            "project": ProjectKey.from_id(deal.project).code,
            "batch": f"0x{deal.batch:016x}" if deal.batch else "",
            "nonce": f"0x{deal.nonce:064x}",
        }
        return canonical_json(
            {
                "version": _VERSION,
                "chain_id": self.chain_id,
                "market": self.market,
                "order": order,
                "seller_signature": _hex(self.seller_signature),
                "buyer_signature": _hex(self.buyer_signature),
            }
        )


def domain_of(order: SignedDeal) -> dict[str, Any]:
    """EIP-712 domain of the market that the order is for."""
    return {
        "name": "gecchain Market",
        "version": "1",
        "chainId": order.chain_id,
        "verifyingContract": order.market,
    }


def message_of(deal: Deal) -> dict[str, Any]:
    """What both sides sign, as EIP-712 message of DEAL_TYPES."""
    fields = [field["name"] for field in DEAL_TYPES["Deal"]]
    return dict(zip(fields, deal.as_struct(), strict=True))


def digest_of(order: SignedDeal) -> bytes:
    """What both sides sign: the EIP-712 digest, as `Market.hashOf` gives it."""
    return typed_data.digest_of(typed_data.signable(domain_of(order), DEAL_TYPES, message_of(order.deal)))


def check(order: SignedDeal, deployment: Deployment, now: int) -> None:
    """BadInput, naming the field, for an order that this registry could never carry out. Asks nobody."""
    deal = order.deal
    if (order.chain_id, order.market) != (deployment.chain_id, deployment.market.lower()):
        raise _wrong("market", order.market, "the order is for another registry", "Use the deployment it was made for.")
    if not 0 < deal.quantity <= MAX_CERTIFICATES.value:
        raise _wrong("quantity", str(deal.quantity), "a quantity is 1 to 999,999,999", "")
    if not 0 <= deal.price < _LARGEST:
        raise _wrong("price", str(deal.price), "a price is a whole number of fen", "")
    if deal.seller == deal.buyer:
        raise _wrong("buyer", deal.buyer, "buyer and seller are the same account", "")
    if deal.expires <= now:
        raise _wrong("expires", str(deal.expires), f"the order is void since then; it is {now}", "Make a new one.")
    if deal.expires > now + _LONGEST_SECONDS:
        raise _wrong("expires", str(deal.expires), "an order lasts at most three years", "Choose an earlier day.")
    _check_scope(deal, now)


def _check_scope(deal: Deal, now: int) -> None:
    ProjectKey.from_id(deal.project)
    if not deal.batch:
        if deal.start or deal.end:
            raise _wrong("batch", "", "serials are those of a batch", "Name the batch, or leave the serials 0.")
        return
    batch = BatchKey.from_id(deal.batch)
    if batch.project != deal.project:
        raise _wrong("batch", f"0x{deal.batch:016x}", "the batch is not of the project", "")
    if not batch.tradable:
        raise _wrong("batch", f"0x{deal.batch:016x}", "certificates of this class cannot be traded (Q23)", "")
    if expires_at(batch.month) <= now:
        raise _wrong("batch", f"0x{deal.batch:016x}", "the certificates are past their validity (Q28)", "")
    if (deal.start or deal.end) and deal.quantity > len(Range(deal.start, deal.end)):
        raise _wrong("quantity", str(deal.quantity), f"the serials are only {deal.end - deal.start}", "")


def parse_deal(content: bytes) -> SignedDeal:
    """The order of a file. BadInput names the field that is missing, superfluous or of another form."""
    try:
        read = orjson.loads(content) if len(content) <= _LONGEST_FILE else None
    except orjson.JSONDecodeError as error:
        raise _wrong("file", "", f"this is no order file: {error}", "Make one with gec market offer.") from error
    names = {"version", "chain_id", "market", "order", "seller_signature", "buyer_signature"}
    whole = _object(read, names, "file")
    if _number(whole, "version") != _VERSION:
        raise _wrong("version", str(whole["version"]), "this version of order files is not known", "")
    order = _object(whole["order"], set(Deal.__slots__), "order")
    return SignedDeal(
        chain_id=_number(whole, "chain_id"),
        market=_text(whole, "market", "account"),
        deal=_deal(order),
        seller_signature=bytes.fromhex(_text(whole, "seller_signature", "signature")[2:]),
        buyer_signature=bytes.fromhex(_text(whole, "buyer_signature", "signature")[2:]),
    )


def _deal(order: Mapping[str, Any]) -> Deal:
    if not isinstance(order["project"], str):
        raise _wrong("project", str(order["project"]), "a project is named by its code of 17 characters", "")
    if not isinstance(order["paid_on_platform"], bool):
        raise _wrong("paid_on_platform", str(order["paid_on_platform"]), "this is true or false", "")
    small = {name: _number(order, name) for name in ("start", "end", "quantity")}
    for name, value in small.items():
        if value >= 1 << 32:
            raise _wrong(name, str(value), "this is below 2^32", "")
    return Deal(
        seller=_text(order, "seller", "account"),
        buyer=_text(order, "buyer", "account"),
        project=ProjectKey.parse(order["project"]).id,
        batch=int(_text(order, "batch", "batch") or "0", 16),
        price=_number(order, "price"),
        platform=_text(order, "platform", "account"),
        paid_on_platform=order["paid_on_platform"],
        expires=_number(order, "expires"),
        nonce=int(_text(order, "nonce", "word"), 16),
        **small,
    )


def _hex(signature: bytes) -> str:
    return "0x" + signature.hex() if signature else ""


def _object(read: Any, names: set[str], field: str) -> Mapping[str, Any]:
    if not isinstance(read, dict):
        raise _wrong(field, "", "this is no order file", "Make one with gec market offer.")
    for name in sorted(names ^ set(read)):
        said = "the order lacks it" if name in names else "an order has no such field"
        raise _wrong(name, "", said, "Compare docs/data-formats.md.")
    return read


def _number(read: Mapping[str, Any], name: str) -> int:
    value = read[name]
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise _wrong(name, str(value), "this is no whole number from 0 to 2^53", "")
    return value


def _text(read: Mapping[str, Any], name: str, form: str) -> str:
    value = read[name]
    pattern, said = _FORMS[form]
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise _wrong(name, str(value), f"this is not {said}", "")
    return value


def _wrong(field: str, value: str, message: str, remedy: str) -> BadInput:
    return BadInput(message, field=field, value=value, remedy=remedy)
