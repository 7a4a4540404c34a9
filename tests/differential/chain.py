"""The contracts in an EVM within this process, deployed by the product's own deployment code.

No node, no keys and no blocks to wait for: a call is a function call, the clock is an assignment.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_hash.auto import keccak
from pyrevm import EVM, BlockEnv, CfgEnv, Env

from gecchain.chain.codec import decode_log
from gecchain.chain.contracts import NAMES, artifact
from gecchain.chain.deploying import Role, deploy, grants
from gecchain.chain.writer import Action, Receipt
from gecchain.events import Event
from tests.differential.operations import Call

__all__ = ["BASE_URI", "CHAIN_ID", "Chain", "Done", "Refusal", "errors_of", "name_of", "reason_of", "words"]

CHAIN_ID: Final = 86_2026
CODE_BYTES = 24_576
"""The largest contract that can be deployed (EIP-170)."""
BASE_URI: Final = "https://example.org/c/"
_GOVERNANCE: Final = "0x" + "60" * 20
_REVERT: Final = re.compile(r"output: 0x([0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Done:
    """A call that went through: the events in the order of the log, and the returned bytes."""

    events: tuple[Event, ...]
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was reverted: the custom error's name, and its values in order."""

    name: str
    values: tuple[Any, ...] = ()


def _canonical(part: dict[str, Any]) -> str:
    kind = str(part["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_canonical, part['components']))}){kind.removeprefix('tuple')}"


@cache
def _functions(contract: str) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Name -> selector and types; of overloaded functions also by their signature."""
    found = {}
    for item in artifact(contract).abi:
        if item["type"] == "function":
            types = tuple(_canonical(part) for part in item["inputs"])  # type: ignore[arg-type]
            signature = f"{item['name']}({','.join(types)})"
            found[item["name"]] = found[signature] = keccak(signature.encode())[:4], types
    return found


@cache
def errors_of(contract: str) -> dict[bytes, tuple[str, tuple[str, ...]]]:
    """Selector -> name and types of the custom errors in a contract's ABI."""
    found = {}
    for item in artifact(contract).abi:
        if item["type"] == "error":
            types = tuple(_canonical(part) for part in item["inputs"])  # type: ignore[arg-type]
            found[keccak(f"{item['name']}({','.join(types)})".encode())[:4]] = item["name"], types
    return found


@cache
def _errors() -> dict[bytes, tuple[str, tuple[str, ...]]]:
    return {code: error for name in NAMES for code, error in errors_of(name).items()}


@cache
def _codes() -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Name -> selector and types of the errors that an item of a call with many may be refused for."""
    contracts = ("Certificates", "Market")
    return {name: (code, types) for one in contracts for code, (name, types) in errors_of(one).items()}


def reason_of(name: str, values: Sequence[Any]) -> str:
    """An error as `ItemRefused` tells it, ABI-encoded, in hex."""
    code, types = _codes()[name]
    return "0x" + (code + encode(types, values)).hex()


def name_of(reason: str) -> str:
    """The name of the error that `ItemRefused` tells."""
    return _errors()[bytes.fromhex(reason[2:10])][0]


def words(data: bytes) -> list[int]:
    """Words of 32 bytes as integers; bytes after the last whole word are left out."""
    return [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data) - 31, 32)]


def _word(value: int | str) -> bytes:
    return value.to_bytes(32, "big") if isinstance(value, int) else bytes(12) + bytes.fromhex(value[2:])


def _refusal(error: RuntimeError) -> Refusal:
    found = _REVERT.search(str(error))
    data = bytes.fromhex(found[1]) if found else b""
    if data[:4] not in _errors():
        return Refusal(f"no custom error: {error}")
    name, types = _errors()[data[:4]]
    return Refusal(name, tuple(decode(types, data[4:])))


@dataclass(slots=True)
class _Governance:
    """What `deploy` needs of a writer and of a node, both of them this EVM; it notes what was sent."""

    evm: EVM
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    sender: str = _GOVERNANCE

    def request(self, method: str) -> str:
        return {"eth_blockNumber": "0x0", "eth_chainId": hex(CHAIN_ID)}[method]

    def send(self, action: Action) -> Receipt:
        self.sent.append((action.to, bytes.fromhex(action.data.removeprefix("0x"))))
        return Receipt("", "", 0, 0, _sent(self.evm, *self.sent[-1]), [])

    def send_all(self, actions: Iterable[Action]) -> list[Receipt]:
        return [self.send(action) for action in actions]


def _sent(evm: EVM, to: str, data: bytes) -> str:
    """Governance's call, or its creation of a contract, whose address comes back."""
    if not to:
        return str(evm.deploy(_GOVERNANCE, data)).lower()
    evm.message_call(_GOVERNANCE, to, data)
    return ""


def _new() -> EVM:
    return EVM(env=Env(cfg=CfgEnv(chain_id=CHAIN_ID, limit_contract_code_size=CODE_BYTES)), spec_id="SHANGHAI")


@cache
def _deployed(
    members: tuple[tuple[Role, Sequence[str]], ...],
) -> tuple[Mapping[str, str], tuple[tuple[str, bytes], ...]]:
    """The contracts' addresses and everything that governance sends, the same for every new chain."""
    governance: Any = _Governance(_new())
    made = deploy(governance, governance, BASE_URI)
    governance.send_all(grants(made, dict(members)))
    addresses = {
        "Relay": made.relay,
        "Registry": made.registry,
        "Readings": made.readings,
        "Certificates": made.certificates,
        "Market": made.market,
        "Declarations": made.declarations,
        "Cases": made.cases,
        "Guardian": made.guardian,
        "AccessManager": made.access_manager,
    }
    return addresses, tuple(governance.sent)


@dataclass(slots=True)
class Chain:
    """All contracts with their rights. `members` says who has which role; `time` is unix seconds."""

    members: Mapping[Role, Sequence[str]]
    time: int
    addresses: Mapping[str, str] = field(init=False)
    _evm: EVM = field(init=False)
    _silent: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._evm = _new()
        self.addresses, sent = _deployed(tuple(self.members.items()))
        # What the guardian and the AccessManager log is about rights, and no event of the registry.
        self._silent = frozenset(self.addresses[name] for name in ("Guardian", "AccessManager"))
        for to, data in sent:
            _sent(self._evm, to, data)
        self.wait(0)

    def wait(self, seconds: int) -> None:
        """Let the clock go on."""
        self.time += seconds
        self._evm.set_block_env(BlockEnv(number=1, timestamp=self.time))

    def send(self, call: Call) -> Done | Refusal:
        """Run a call; reverted ones leave no trace."""
        selector, types = _functions(call.contract)[call.function]
        data = selector + encode(types, call.args)
        try:
            answer = self._evm.message_call(call.caller, self.addresses[call.contract], data)
        except RuntimeError as error:
            return _refusal(error)
        return Done(tuple(self._logged()), answer)

    def _logged(self) -> Iterable[Event]:
        result = self._evm.result
        for log in result.logs if result is not None else ():
            if log.address.lower() in self._silent:
                continue
            event = decode_log(log.topics, "0x" + log.data[1].hex())
            if event is not None:
                yield event

    def ask(self, contract: str, function: str, *args: int | str) -> bytes:
        """A view's answer as bytes; arguments are integers and addresses, as are words."""
        selector = _functions(contract)[function][0]
        data = selector + b"".join(map(_word, args))
        answer: bytes = self._evm.message_call(_GOVERNANCE, self.addresses[contract], data, is_static=True)
        return answer
