"""JSON-RPC over one pooled connection: the single door to a node, for reader and writer alike.

Plain HTTP and orjson instead of a client library: the bulk paths move thousands of requests a second, and formatting
each answer into objects would cost more than the node does.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from gecchain.errors import GecError, Unavailable

__all__ = ["Call", "Rpc", "RpcError"]

_BATCH = 200


class RpcError(GecError):
    """The node answered with an error. `code` and `data` are its own; `data` is hex revert data or empty."""

    def __init__(self, method: str, code: int, message: str, data: str) -> None:
        super().__init__(f"the node refused {method}: {message}")
        self.code = code
        self.reply = message
        self.data = data


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

    def request(self, method: str, *params: Any) -> Any:
        """Result of one request. RpcError when the node refuses it."""
        answer = self._post(self._body(Call(method, params)))
        if not isinstance(answer, dict):
            raise Unavailable(f"the node at {self.url} did not answer {method} with JSON-RPC")
        return _result(method, answer)

    def batch(self, calls: Sequence[Call]) -> list[Any | RpcError]:
        """Results in the order of the calls; a refused call gives its RpcError as a value, the others still count."""
        results: list[Any | RpcError] = []
        for first in range(0, len(calls), _BATCH):
            results.extend(self._some(calls[first : first + _BATCH]))
        return results

    def _some(self, calls: Sequence[Call]) -> list[Any | RpcError]:
        bodies = [self._body(call) for call in calls]
        answers = self._post(bodies)
        if not isinstance(answers, list):
            raise Unavailable(f"the node at {self.url} does not answer batches")
        by_id = {answer.get("id"): answer for answer in answers}
        results: list[Any | RpcError] = []
        for call, body in zip(calls, bodies, strict=True):
            answer = by_id.get(body["id"])
            if answer is None:
                raise Unavailable(f"the node at {self.url} left a request of a batch unanswered")
            try:
                results.append(_result(call.method, answer))
            except RpcError as error:
                results.append(error)
        return results

    def _body(self, call: Call) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": call.method, "params": list(call.params)}

    def _post(self, body: Any) -> Any:
        try:
            response = self._http.post(self.url, content=orjson.dumps(body))
            return orjson.loads(response.content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"the node at {self.url} is out of reach: {error}", remedy="Is it running?") from error
        except orjson.JSONDecodeError as error:
            raise Unavailable(f"what answers at {self.url} is no JSON-RPC node") from error


def _result(method: str, answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    data = error.get("data")
    if isinstance(data, dict):
        data = data.get("data")
    return _raise(method, error, data if isinstance(data, str) else "")


def _raise(method: str, error: dict[str, Any], data: str) -> Any:
    raise RpcError(method, int(error.get("code", 0)), str(error.get("message", "")), data)
