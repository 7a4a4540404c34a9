"""What the differential tests say to the contracts and hear of them, kept, to be said again to contracts with a fault.

What the tests say is fixed by their seeds and by what they hear. As long as contracts with a fault answer as those
without do, the tests would say the same to them and notice nothing; so the model, which takes most of the time, need
not run again. It agreed to every answer of the tape when that was made. Where an answer is another, `Replay` asks
whether the model would have minded: it does not look at the order of one call's events, nor at what rights are told.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pyrevm import EVM, BlockEnv

from gecchain.chain.codec import decode_log
from tests.differential.chain import Chain, Refusal, refusal_of

__all__ = ["Difference", "Replay", "Tape", "recording", "thinned"]

_OUTPUT: Final = re.compile(r"output: 0x([0-9a-f]*)")
_GAS: Final = 300_000_000
"""More than any message of a tape needs of quickly compiled contracts; a loop without end is over in seconds."""
_SILENT: Final = ("Guardian", "AccessManager")


class Heard(NamedTuple):
    """What came of a message: whether it went through, what it answered or was reverted with, and its log."""

    done: bool
    answer: bytes
    log: tuple[tuple[str, tuple[str, ...], bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Deployed:
    """A new chain at a time. The chains of a tape are numbered from 0."""

    members: Any
    time: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A chain's clock is set."""

    chain: int
    time: int


@dataclass(frozen=True, slots=True)
class Said:
    """A message to a contract, and what was heard."""

    chain: int
    caller: str
    to: str
    data: bytes
    static: bool
    heard: Heard


Tape = list[Deployed | Clock | Said]


class Difference(Exception):
    """Contracts answer otherwise than on the tape. Only some tests look at all of a certificate's facts."""

    def __init__(self, said: Said, heard: Heard, *, is_of_facts: bool) -> None:
        super().__init__(f"{said}\n  now: {heard}")
        self.is_of_facts = is_of_facts


def thinned(tape: Tape) -> Tape:
    """Without the questions that were answered in the same way when they were asked before."""
    known: dict[tuple[str, bytes], Heard] = {}
    kept: Tape = []
    for entry in tape:
        if isinstance(entry, Said) and entry.static:
            if known.get((entry.to, entry.data)) == entry.heard:
                continue
            known[entry.to, entry.data] = entry.heard
        kept.append(entry)
    return kept


@dataclass(slots=True)
class _Recorder:
    """In a chain's EVM's place."""

    evm: EVM
    number: int
    tape: Tape

    @property
    def result(self) -> Any:
        return self.evm.result

    def set_block_env(self, env: BlockEnv) -> None:
        self.tape.append(Clock(self.number, int(env.timestamp)))
        self.evm.set_block_env(env)

    def message_call(self, caller: str, to: str, data: bytes, *, is_static: bool = False) -> bytes:
        try:
            answer: bytes = self.evm.message_call(caller, to, data, is_static=is_static)
        except RuntimeError as error:
            self.tape.append(Said(self.number, caller, to, data, is_static, _refused(error)))
            raise
        self.tape.append(Said(self.number, caller, to, data, is_static, _done(self.evm, answer, is_static)))
        return answer


def _refused(error: RuntimeError) -> Heard:
    found = _OUTPUT.search(str(error))
    return Heard(False, bytes.fromhex(found[1]) if found else b"halted")


def _done(evm: EVM, answer: bytes, static: bool) -> Heard:
    logs = () if static or evm.result is None else evm.result.logs
    return Heard(True, bytes(answer), tuple((log.address, tuple(log.topics), bytes(log.data[1])) for log in logs))


@contextmanager
def recording(tape: Tape) -> Iterator[None]:
    """Chains that are deployed within are recorded."""
    original, count = Chain.__post_init__, 0

    def deploy(self: Chain) -> None:
        nonlocal count
        tape.append(Deployed(self.members, self.time))
        original(self)
        self._evm = _Recorder(self._evm, count, tape)  # type: ignore[assignment]
        count += 1

    Chain.__post_init__ = deploy  # type: ignore[method-assign]
    try:
        yield
    finally:
        Chain.__post_init__ = original  # type: ignore[method-assign]


@dataclass(slots=True)
class Replay:
    """A tape said to the contracts at hand."""

    chains: list[Chain] = field(default_factory=list)

    def run(self, tape: Tape) -> None:
        """Difference where the model would have minded."""
        for entry in tape:
            if isinstance(entry, Said):
                heard = self._say(entry)
                if heard != entry.heard and self._minds(entry, heard):
                    certificates = self.chains[entry.chain].addresses["Certificates"]
                    raise Difference(entry, heard, is_of_facts=entry.static and entry.to == certificates)
            elif isinstance(entry, Clock):
                chain = self.chains[entry.chain]
                chain.wait(entry.time - chain.time)
            else:
                self.chains.append(Chain(entry.members, entry.time))

    def _say(self, said: Said) -> Heard:
        chain = self.chains[said.chain]
        # Signers of calls choose the gas for them, and the relay wants to have more.
        gas = None if said.to == chain.addresses["Relay"] else _GAS
        evm = chain._evm
        try:
            answer = evm.message_call(said.caller, said.to, said.data, gas=gas, is_static=said.static)
        except RuntimeError as error:
            return _refused(error)
        return _done(evm, answer, said.static)

    def _minds(self, said: Said, heard: Heard) -> bool:
        before, addresses = said.heard, self.chains[said.chain].addresses
        if before.done != heard.done:
            return True
        if not heard.done:
            # Of a whole handful of signed calls that is refused only the error's name is looked at.
            by_name = said.to == addresses["Relay"]
            one, other = _refusal(before), _refusal(heard)
            return one.name != other.name if by_name else one != other
        silent = frozenset(addresses[name] for name in _SILENT)
        return before.answer != heard.answer or _events(before, silent) != _events(heard, silent)


def _refusal(heard: Heard) -> Refusal:
    return refusal_of(heard.answer)


def _events(heard: Heard, silent: frozenset[str]) -> Counter[Any]:
    told = (
        decode_log(topics, "0x" + data.hex()) for address, topics, data in heard.log if address.lower() not in silent
    )
    return Counter(event for event in told if event is not None)
