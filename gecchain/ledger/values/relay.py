"""Requests that were relayed."""

from dataclasses import dataclass

__all__ = ["RelayedRequest"]


@dataclass(frozen=True, slots=True)
class RelayedRequest:
    """What became of a signed request; `request` is its EIP-712 digest, `contract` the address that it called.

    `reason` is the contract's error as 0x hex, at most 1,024 bytes of it; empty (`0x`) for one that is `done`.
    """

    request: str
    signer: str
    contract: str
    done: bool
    reason: str
    position: int
