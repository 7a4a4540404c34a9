"""JSON-RPC over one pooled connection: the single door to a node, for reader and writer alike.

Plain HTTP and orjson instead of a client library: the bulk paths move thousands of requests a second, and formatting
each answer into objects would cost more than the node does. Every request of ours may be repeated (a signed transaction
too: it has one nonce), so a dropped connection or an overloaded proxy is tried again before anybody hears of it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx
import orjson

from gecchain.chain.portions import portions
from gecchain.errors import GecError, Unavailable

__all__ = ["Call", "Rpc", "RpcError", "TooLong"]

_BATCH: Final = 200
_LARGEST_BODY: Final = 1 << 20
_PAUSES: Final = (0.1, 0.3, 1.0)
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
# What nodes say when a block comes, or state is thrown away, between the beginning and the end of an answer.
_BEHIND: Final = ("BlockOutOfRange", "header not found", "missing trie node")
_DROPPED: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


class RpcError(GecError):
    """The node answered with an error. `code` and `data` are its own; `data` is hex revert data or empty."""

    def __init__(self, method: str, code: int, message: str, data: str) -> None:
        super().__init__(f"the node refused {method}: {message}")
        self.code = code
        self.reply = message
        self.data = data


class TooLong(GecError):
    """The answer has more bytes than whoever asked wants at once."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """What came back over HTTP."""

    status: int
    kind: str
    content: bytearray


@dataclass(frozen=True, slots=True)
class Call:
    """One request: method and positional parameters."""

    method: str
    params: Sequence[Any] = ()


class Rpc:
    """A node at `url`. Requests are sent as they are; Unavailable when it cannot be reached or answers nonsense."""

    def __init__(self, url: str, *, timeout: float = 60.0) -> None:
        self.url = url
        self._http = httpx.Client(timeout=timeout, headers={"content-type": "application/json"}, trust_env=False)
        self._ids = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def request(self, method: str, *params: Any, most: int | None = None) -> Any:
        """Result of one request. RpcError when the node refuses it, TooLong after `most` bytes of the answer."""
        body = self._body(Call(method, params))
        return self._result(method, body, self._post(body, most))

    def batch(self, calls: Sequence[Call]) -> list[Any | RpcError]:
        """Results in the order of the calls; a refused call gives its RpcError as a value, the others still count."""
        results: list[Any | RpcError] = []
        # Nodes refuse bodies of more than a few megabytes.
        for some in portions(calls, _length_of, _LARGEST_BODY, _BATCH):
            results.extend(self._some(some))
        return results

    def _some(self, calls: Sequence[Call]) -> list[Any | RpcError]:
        """One batch; what the node refuses because a block came in between, it is asked again."""
        results = self._once(calls)
        for pause in _PAUSES:
            behind = [at for at, result in enumerate(results) if isinstance(result, RpcError) and _is_behind(result)]
            if not behind:
                break
            time.sleep(pause)
            for at, result in zip(behind, self._once([calls[at] for at in behind]), strict=True):
                results[at] = result
        return results

    def _once(self, calls: Sequence[Call]) -> list[Any | RpcError]:
        bodies = [self._body(call) for call in calls]
        answers = self._post(bodies)
        if not isinstance(answers, list):
            raise Unavailable(f"the node at {self.url} does not answer batches")
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        results: list[Any | RpcError] = []
        for call, body in zip(calls, bodies, strict=True):
            try:
                results.append(self._result(call.method, body, by_id.get(body["id"])))
            except RpcError as error:
                results.append(error)
        return results

    def _body(self, call: Call) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": call.method, "params": list(call.params)}

    def _post(self, body: Any, most: int | None = None) -> Any:
        content = orjson.dumps(body)
        for pause in _PAUSES:
            reply = self._try(content, most)
            if reply is not None and not _is_busy(reply):
                return self._parsed(reply)
            time.sleep(pause)
        last = self._try(content, most)
        if last is None:
            raise self._away("it closes the connection")
        return self._parsed(last)

    def _try(self, content: bytes, most: int | None) -> _Reply | None:
        """The answer, or None when the connection broke before it was complete."""
        found = bytearray()
        try:
            with self._http.stream("POST", self.url, content=content) as response:
                for part in response.iter_bytes():
                    found += part
                    if most is not None and len(found) > most:
                        raise TooLong(f"the node at {self.url} answers with more than {most:,} bytes")
                return _Reply(response.status_code, response.headers.get("content-type", ""), found)
        except _DROPPED:
            return None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(str(error)) from error

    def _parsed(self, reply: _Reply) -> Any:
        try:
            return orjson.loads(reply.content)
        except orjson.JSONDecodeError as error:
            raise Unavailable(
                f"what answers at {self.url} is no JSON-RPC node (HTTP status {reply.status})",
                remedy="Set --rpc or GEC_RPC_URL to the node's address.",
            ) from error

    def _result(self, method: str, body: dict[str, Any], answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise Unavailable(f"the node at {self.url} did not answer {method} with JSON-RPC")
        error = answer.get("error")
        if isinstance(error, dict):
            raise _refused(method, error)
        if answer.get("id") != body["id"] or "result" not in answer:
            raise Unavailable(f"the node at {self.url} left {method} unanswered")
        return answer["result"]

    def _away(self, why: str) -> Unavailable:
        return Unavailable(
            f"the node at {self.url} is out of reach: {why}",
            remedy="Start it (gec chain), or set --rpc or GEC_RPC_URL.",
        )


def _length_of(call: Call) -> int:
    return sum(map(_length, call.params))


def _length(part: Any) -> int:
    """About how many bytes a parameter takes: the long ones are hex text, alone or as a field."""
    return sum(map(_length, part.values())) if isinstance(part, dict) else len(part) if isinstance(part, str) else 0


def _is_behind(error: RpcError) -> bool:
    """Whether the node lost sight of the block that it was asked about while it answered."""
    return any(word in error.reply for word in _BEHIND)


def _is_busy(reply: _Reply) -> bool:
    """Whether a proxy answered instead of the node; a node that refuses says so in JSON, whatever the status."""
    return reply.status in _BUSY and "json" not in reply.kind


def _refused(method: str, error: dict[str, Any]) -> RpcError:
    data, code = error.get("data"), error.get("code")
    if isinstance(data, dict):
        data = data.get("data")
    words = data if isinstance(data, str) else ""
    return RpcError(method, code if isinstance(code, int) else 0, str(error.get("message", "")), words)
