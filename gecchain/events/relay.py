"""What became of requests that were signed and handed to the relay (ERC-2771)."""

from dataclasses import dataclass

__all__ = ["Relayed"]


@dataclass(frozen=True, slots=True)
class Relayed:
    """A request is used up; `request` is its EIP-712 digest, `from_` its signer, `to` the contract called.

    `done`: the call went through, and its events stand before this one in the transaction. Otherwise `reason` is the
    contract's error (the first 1,024 bytes; none when its gas ran out).
    """

    request: str
    from_: str
    to: str
    done: bool
    reason: str
