"""Signed requests: what a holder, platform, exchange or office wants done, signed by its key, for anybody to send.

A request is one call of one contract, EIP-712 typed data for the Relay (decision 14). Its digest is its name: the
chain does it once however often it is handed in or sent.
"""

from gecchain.requests.calls import CALLS, ShownCall, call_of, describe
from gecchain.requests.endings import Ending
from gecchain.requests.request import (
    MOST_GAS,
    REQUEST_TYPES,
    Request,
    SignedRequest,
    check,
    digest_of,
    document_of,
    domain_of,
    message_of,
    parse_request,
    signer_of,
)

__all__ = [
    "CALLS",
    "MOST_GAS",
    "REQUEST_TYPES",
    "Ending",
    "Request",
    "ShownCall",
    "SignedRequest",
    "call_of",
    "check",
    "describe",
    "digest_of",
    "document_of",
    "domain_of",
    "message_of",
    "parse_request",
    "signer_of",
]
