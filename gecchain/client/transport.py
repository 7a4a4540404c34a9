"""HTTP as the registry speaks it: problems become our errors, and what may be asked again is asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx
import orjson

from gecchain.errors import (
    BadInput,
    BrokenProof,
    GecError,
    NotEntitled,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    Unsigned,
)

__all__ = ["NoStream", "Transport"]

_STREAM: Final = "text/event-stream"
_TRIES: Final = 5
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 30.0
_AGAIN: Final = frozenset({429, 502, 503, 504})
_NO_STREAM: Final = frozenset({404, 405, 406, 501, 503})
_SILENT_SECONDS: Final = 45.0  # the registry says something every 15
_FIRST_ERROR: Final = 400
_OURS: Final = 500
_KINDS: Final[Mapping[int, type[GecError]]] = {
    401: Unsigned,
    403: NotEntitled,
    404: NotFound,
    409: Refused,
    429: TooMany,
}


class NoStream(Unavailable):
    """There is no stream to be had here now; pages tell the same."""


class Transport:
    """Requests to one registry. `token` is an API key or a session's; `pause` waits so many seconds."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout: float = 30.0,
        pause: Callable[[float], None] = time.sleep,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = http or httpx.Client(timeout=timeout, trust_env=False)
        self.pause = pause
        self.token = token

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, /, **parameters: Any) -> Any:
        """JSON of a GET; parameters that are None are left out."""
        return self.ask("GET", path, parameters=parameters)

    def post(self, path: str, body: Any, *, key: str = "") -> Any:
        """JSON of a POST. With an Idempotency-Key it is asked again when the connection broke; without, it is not."""
        return self.ask("POST", path, body=body, key=key)

    def items(self, path: str, /, **parameters: Any) -> Iterator[Any]:
        """Items of every page of a list, in order, page by page as they are needed."""
        after = parameters.pop("after", None)
        while True:
            page = self.get(path, after=after, **parameters)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def stream(self, path: str, /, **parameters: Any) -> Iterator[Any]:
        """JSON of each server-sent event as it comes, until the server ends the stream.

        Unavailable if the line breaks or goes silent, NoStream if there is none; what was cut in two is left out.
        """
        heard = False
        timeout = httpx.Timeout(**{**self._http.timeout.as_dict(), "read": _SILENT_SECONDS})
        headers = self._headers("", has_body=False) | {"Accept": _STREAM}
        try:
            with self._http.stream(
                "GET", self.url + path, params=_given(parameters), headers=headers, timeout=timeout
            ) as answer:
                _require_stream(answer)
                for data in _events(answer.iter_lines()):
                    heard = True
                    if data:
                        yield orjson.loads(data)
        except (httpx.HTTPError, orjson.JSONDecodeError) as error:
            silent = isinstance(error, httpx.ReadTimeout) and not heard
            raise (NoStream if silent else Unavailable)(f"the stream of {self.url} broke: {error}") from error

    def ask(
        self, method: str, path: str, *, parameters: Mapping[str, Any] | None = None, body: Any = None, key: str = ""
    ) -> Any:
        """JSON of an answer, None for an empty one. The error tree of `gecchain.errors` for a problem."""
        given = _given(parameters or {})
        content = None if body is None else orjson.dumps(body)
        headers = self._headers(key, has_body=content is not None)
        repeatable = method in ("GET", "DELETE") or bool(key)
        pause = _FIRST_PAUSE
        for left in reversed(range(_TRIES)):
            answer = self._once(method, path, given, content, headers, last=not (left and repeatable))
            if answer is None or (answer.status_code in _AGAIN and left and repeatable):
                self.pause(min(_told_pause(answer, pause), _LONGEST_PAUSE))
                pause *= 2
                continue
            return _read(answer)
        raise AssertionError("the last try returns or raises")

    def _once(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any],
        content: bytes | None,
        headers: Mapping[str, str],
        *,
        last: bool,
    ) -> httpx.Response | None:
        try:
            return self._http.request(
                method, self.url + path, params=parameters, content=content, headers=dict(headers)
            )
        except httpx.HTTPError as error:
            if last:
                raise Unavailable(f"the registry at {self.url} is out of reach: {error}") from error
            return None

    def _headers(self, key: str, *, has_body: bool) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if has_body:
            headers["Content-Type"] = "application/json"
        return headers | ({"Idempotency-Key": key} if key else {})


def _require_stream(answer: httpx.Response) -> None:
    if answer.status_code in _NO_STREAM:
        raise NoStream(f"{answer.url} gives no stream (status {answer.status_code})")
    if answer.status_code >= _FIRST_ERROR:
        answer.read()
        raise problem_error(answer)
    if not answer.headers.get("Content-Type", "").startswith(_STREAM):
        raise NoStream(f"what answers at {answer.url} is no stream of events")


def _events(lines: Iterator[str]) -> Iterator[str]:
    """Data of each event that came whole, and nothing for each comment (WHATWG HTML, section 9.2)."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
        elif line.startswith(":"):
            yield ""


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as text; a list is given once for each of its members, and None is left out."""
    return {
        name: [_text(one) for one in value] if isinstance(value, list | tuple) else _text(value)
        for name, value in parameters.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told_pause(answer: httpx.Response | None, usual: float) -> float:
    told = answer.headers.get("Retry-After", "") if answer is not None else ""
    return float(told) if told.isdigit() else usual


def _read(answer: httpx.Response) -> Any:
    if answer.status_code >= _FIRST_ERROR:
        raise problem_error(answer)
    if not answer.content:
        return None
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise Unavailable(f"what answers at {answer.url} is no registry") from error


def problem_error(answer: httpx.Response) -> GecError:
    """The error that a problem (RFC 9457) tells of."""
    try:
        told = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        told = {}
    if not isinstance(told, dict) or "title" not in told:
        return Unavailable(f"{answer.url} answered with status {answer.status_code} and no problem details")
    message, remedy = str(told.get("detail", told["title"])), str(told.get("remedy", ""))
    kind = _KINDS.get(answer.status_code)
    if kind is TooMany:
        return TooMany(message, after=int(_told_pause(answer, 1)), remedy=remedy)
    if kind in (NotEntitled, Refused):
        return kind(message, remedy=remedy)
    if kind is NotFound:
        return NotFound(message, remedy=remedy)
    if answer.status_code >= _OURS:
        return (Unavailable if answer.status_code in _AGAIN else BrokenProof)(message, remedy=remedy)
    return (Unsigned if kind is Unsigned else BadInput)(
        message, field=str(told.get("field", "")), value=str(told.get("value", "")), remedy=remedy
    )
