"""Events of one contract by what they name: a case, a batch, a declaration. The node finds them by their topics.

For a single matter's history, where reading every block or asking SQL would be too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gecchain.chain.codec import decode_log, topic_of
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import RpcError
from gecchain.chain.views import Contract
from gecchain.errors import Unavailable
from gecchain.events import Event, Recorded

__all__ = ["logs_of"]

_WORD_HEX: Final = 64


def logs_of(reader: Reader, contract: Contract, kinds: Sequence[type[Event]], *named: int | None) -> list[Recorded]:
    """Events of these kinds (of any, if there are none) in the chain's order, whose indexed fields are `named`.

    `named` are the indexed fields in their order; None stands for any value. Unavailable when the node gives none.
    """
    first = [topic_of(kind.__name__) for kind in kinds] or None
    topics = [first, *(None if value is None else f"0x{value:0{_WORD_HEX}x}" for value in named)]
    query = {"address": getattr(reader.deployment, contract), "topics": topics}
    logs = _between(reader, query, reader.deployment.block, reader.head())
    headers = {block.number: block for block in reader.blocks(sorted({int(log["blockNumber"], 16) for log in logs}))}
    found = []
    for log in sorted(logs, key=lambda log: (int(log["blockNumber"], 16), int(log["logIndex"], 16))):
        block = headers[int(log["blockNumber"], 16)]
        event = decode_log(log["topics"], log["data"])
        if event is not None:
            place = (block.number, int(log["logIndex"], 16), block.hash, log["transactionHash"], block.time)
            found.append(Recorded(*place, event))
    return found


def _between(reader: Reader, query: dict[str, Any], first: int, last: int) -> list[Any]:
    try:
        logs: list[Any] = reader.rpc.request("eth_getLogs", {**query, "fromBlock": hex(first), "toBlock": hex(last)})
    except RpcError as error:
        if first >= last:
            raise Unavailable(f"The node does not give the logs of block {first}: {error.reply}") from error
        middle = (first + last) // 2  # nodes limit the size of an answer
        return _between(reader, query, first, middle) + _between(reader, query, middle + 1, last)
    return logs
