"""Webhooks on their way out, after the Standard Webhooks specification (https://www.standardwebhooks.com).

The one room that connects to addresses that strangers name: every connection is made to an address that was checked.
It holds no key of the chain and reads no chain: what it tells is what the index has.
"""

from gecchain.hooking.backoff import WAITS, wait_after
from gecchain.hooking.messages import (
    Message,
    event_message,
    notice_message,
    signed_headers,
    test_message,
)
from gecchain.hooking.receivers import is_public, receiver_url
from gecchain.hooking.sending import Answer, Sender
from gecchain.hooking.worker import Tally, Worker

__all__ = [
    "WAITS",
    "Answer",
    "Message",
    "Sender",
    "Tally",
    "Worker",
    "event_message",
    "is_public",
    "notice_message",
    "receiver_url",
    "signed_headers",
    "test_message",
    "wait_after",
]
