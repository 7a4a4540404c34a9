"""The chain as it is read: blocks, events in order, and the contracts' own answers. Holds no key and sends nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import TracebackType
from typing import Any, Final, Self

from gecchain.chain.codec import decode_log
from gecchain.chain.deployment import Deployment
from gecchain.chain.lookup import ask
from gecchain.chain.portions import portions
from gecchain.chain.rpc import Call, Rpc, RpcError, TooLong
from gecchain.chain.views import Facts, SegmentAt, View, answer_of, data_of
from gecchain.errors import BrokenProof, NotFound, Unavailable
from gecchain.events import Recorded

__all__ = ["Block", "Reader", "Span"]

_REVERTED: Final = 3  # JSON-RPC error code of a call that the contract refused
# What is in memory at once, whatever the chain. Logs as JSON take 0.03 bytes a gas, long reasons and refused leaves
# up to 0.25; in Python several times that.
_MOST_BYTES: Final = 8 << 20
_MOST_GAS: Final = 32_000_000
_MOST_BLOCKS: Final = 64
_FEW_EVENTS: Final = 5_000
_MANY_EVENTS: Final = 20_000
_HELD: Final = 16


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header as far as anybody here needs it; `time` in UTC seconds, `gas` that its transactions used."""

    number: int
    hash: str
    parent: str
    time: int
    gas: int


class Reader:
    """Reads one deployment through a node. Unavailable when the node is out of reach or behind."""

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        self.rpc = rpc
        self.deployment = deployment
        self._addresses = {
            "relay": deployment.relay,
            "registry": deployment.registry,
            "readings": deployment.readings,
            "certificates": deployment.certificates,
            "market": deployment.market,
            "declarations": deployment.declarations,
            "cases": deployment.cases,
        }

    @classmethod
    def at(cls, url: str, deployment: Deployment) -> Self:
        """A reader with a connection of its own."""
        return cls(Rpc(url), deployment)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connection back."""
        self.rpc.close()

    # Blocks and events

    def require_chain(self) -> None:
        """BrokenProof if the node follows another chain than the deployment's."""
        found = int(self._request("eth_chainId"), 16)
        if found != self.deployment.chain_id:
            raise BrokenProof(f"The node follows chain {found}, not {self.deployment.chain_id}.", where=self.rpc.url)

    def head(self) -> int:
        """Number of the newest block."""
        return int(self._request("eth_blockNumber"), 16)

    def blocks(self, numbers: Iterable[int]) -> list[Block]:
        """Headers in the order asked for. Unavailable if the node does not have one of them (yet, or any more)."""
        wanted = list(numbers)
        answers = self._batch([Call("eth_getBlockByNumber", (hex(number), False)) for number in wanted])
        return [self._block(number, answer) for number, answer in zip(wanted, answers, strict=True)]

    def events(self, first: int, last: int) -> list[tuple[Block, list[Recorded]]]:
        """Blocks from `first` on that have events, each with its own, and the last block of them even without.

        That is `last`, or an earlier one where the node's answer would have more than 8 MB, or more than the node gives
        at once. For blocks that are final: a reorganisation meanwhile shows as Unavailable where the hashes differ.
        """
        found, last = self._logs_from(first, last)
        logs: defaultdict[int, list[Any]] = defaultdict(list)
        for log in found:
            logs[int(log["blockNumber"], 16)].append(log)
        headers = self.blocks(sorted({*logs, last}))
        return [(header, self._recorded(header, logs.pop(header.number, []))) for header in headers]

    def events_of(self, headers: Sequence[Block]) -> Iterator[tuple[Block, list[Recorded]]]:
        """Events of exactly these blocks, asked for by their hashes, so that a reorganisation cannot mix in."""
        addresses = list(self._addresses.values())
        for some in portions(headers, attrgetter("gas"), _MOST_GAS, _MOST_BLOCKS):
            calls = [Call("eth_getLogs", ({"address": addresses, "blockHash": header.hash},)) for header in some]
            answers = self._batch(calls)
            for place, header in enumerate(some):
                recorded = self._recorded(header, answers[place])
                answers[place] = None
                yield header, recorded

    def _logs_from(self, first: int, last: int) -> tuple[list[Any], int]:
        """Logs of `first` up to `last` or an earlier block, and which one that is."""
        while True:
            query = {"address": list(self._addresses.values()), "fromBlock": hex(first), "toBlock": hex(last)}
            try:
                return self.rpc.request("eth_getLogs", query, most=None if first == last else _MOST_BYTES), last
            except TooLong:
                pass
            except RpcError as error:
                if first == last:
                    raise Unavailable(f"The node does not give the logs of block {first}: {error.reply}") from error
            last = (first + last) // 2

    def _recorded(self, header: Block, logs: list[Any]) -> list[Recorded]:
        found = []
        for log in sorted(logs, key=lambda log: int(log["logIndex"], 16)):
            if log["blockHash"] != header.hash or log.get("removed"):
                raise Unavailable(f"Block {header.number} was replaced while it was read.", remedy="Try again.")
            event = decode_log(log["topics"], log["data"])
            if event is not None:
                place = (header.number, int(log["logIndex"], 16), header.hash, log["transactionHash"], header.time)
                found.append(Recorded(*place, event))
        return found

    def _block(self, number: int, answer: Any) -> Block:
        if answer is None:
            raise Unavailable(f"The node has no block {number}.", remedy="Is it still catching up?")
        time, gas = int(answer["timestamp"], 16), int(answer["gasUsed"], 16)
        return Block(int(answer["number"], 16), answer["hash"], answer["parentHash"], time, gas)

    # The contracts' answers

    def view(self, view: View, *, block: int | str = "latest") -> tuple[Any, ...]:
        """One answer. NotFound where the contract refuses the question, Unavailable where the node does."""
        return self.views([view], block=block)[0]

    def views(self, views: Sequence[View], *, block: int | str = "latest") -> list[tuple[Any, ...]]:
        """Answers in the order of the questions, all as of one block."""
        at = hex(block) if isinstance(block, int) else block
        questions = [(self._addresses[view.contract], data_of(view)) for view in views]
        results = ask(self.rpc, self.deployment.lookup, questions, at)
        return [answer_of(view, self._answered(view, result)) for view, result in zip(views, results, strict=True)]

    def facts(self, token_id: int) -> Facts:
        """Facts of a certificate; NotFound if it was never issued."""
        return Facts.of(self.view(View("certificates", "facts", (token_id,)))[0])

    def additions_of(self, batch: int) -> tuple[tuple[str, int, int, int, bytes], ...]:
        """`(holder, start, end, case, basis)` of what decided cases added to a batch, in order (Q95)."""
        found: tuple[tuple[str, int, int, int, bytes], ...] = self.view(View("certificates", "additionsOf", (batch,)))[
            0
        ]
        return found

    def verify(self, certificate_hash: bytes) -> tuple[bool, Facts | None]:
        """Whether the hash is an issued certificate's (I10), and the facts of the certificate that it names."""
        genuine, struct = self.view(View("certificates", "verify", (certificate_hash,)))
        return genuine, Facts.of(struct) if struct[0] else None

    def owner_of(self, token_id: int) -> str:
        """The holder; NotFound for a certificate that was never issued or has ended."""
        return str(self.view(View("certificates", "ownerOf", (token_id,)))[0])

    def segment_at(self, batch: int, serial: int) -> SegmentAt:
        """The segment that holds a serial; NotFound if the batch has no such certificate."""
        return SegmentAt(*self.view(View("certificates", "segmentAt", (batch, serial))))

    def balance_of(self, account: str) -> int:
        """Certificates that an account holds."""
        return int(self.view(View("certificates", "balanceOf", (account,)))[0])

    def lane_of(self, project: int, electricity: int) -> int:
        """The lane word of a project and electricity (see `gecchain.rules.carry.Lane.unpack`)."""
        return int(self.view(View("registry", "laneOf", (project, electricity)))[0])

    def commitment(self, number: int) -> tuple[Any, ...]:
        """`(root, evidence, provider, month, leaves, replaced_by, declared, approvals, total_wh)`, or zeros."""
        struct: tuple[Any, ...] = self.view(View("readings", "commitment", (number,)))[0]
        return struct

    def listing(self, number: int) -> tuple[int, int, int, int, int]:
        """`(batch, start, end, price, platforms)` of what is still on offer; zeros if nothing is."""
        struct: tuple[int, int, int, int, int] = self.view(View("market", "listingOf", (number,)))[0]
        return struct

    # The node

    def _request(self, method: str, *params: Any) -> Any:
        try:
            return self.rpc.request(method, *params)
        except RpcError as error:
            raise Unavailable(f"The node refuses {method}: {error.reply}") from error

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        results = self.rpc.batch(calls)
        for result in results:
            if isinstance(result, RpcError):
                raise Unavailable(f"The node refuses a request: {result.reply}") from result
        return results

    def _answered(self, view: View, result: bytes | RpcError) -> bytes:
        if isinstance(result, RpcError):
            if result.data or result.code == _REVERTED:
                raise NotFound(f"{view.function}{view.args} does not exist on the chain.") from result
            raise Unavailable(f"The node does not answer {view.function}: {result.reply}") from result
        if not result:
            raise NotFound(f"There is no contract at {self._addresses[view.contract]}.", remedy="Check the deployment.")
        return result


class Span:
    """How many `blocks` to ask for at once, at most so many: more while they hold little, fewer when they hold much.

    An answer that was cut short had to be asked for twice, so after one there is no growing for a while.
    """

    def __init__(self, most: int) -> None:
        self.blocks = 1
        self._most = most
        self._held = 0

    def learn(self, asked: int, covered: int, events: int) -> None:
        """Of `asked` blocks the answer `covered` so many, with so many events."""
        if covered < asked:
            self.blocks, self._held = max(covered, 1), _HELD
        elif events > _MANY_EVENTS:
            self.blocks = max(covered // 2, 1)
        elif self._held:
            self._held -= 1
        elif events < _FEW_EVENTS:
            self.blocks = min(self.blocks * 2, self._most)
