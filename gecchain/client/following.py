"""Events for ever, over a line that breaks: caught up by pages, then read as they come (server-sent events).

A stream that ends, or of which nothing is heard any more, leads back to the pages, from the last cursor. Where there
is no stream to be had (the server has no place for one more, a gateway lets none through), pages are asked for
every few seconds instead, and a stream is tried again after some minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gecchain.client.transport import NoStream, Transport
from gecchain.errors import TooMany, Unavailable

__all__ = ["followed"]

PAGE: Final = 500
POLL_SECONDS: Final = 2.0
WITHOUT_STREAM_SECONDS: Final = 300.0
_LONGEST_PAUSE: Final = 30.0


def followed(transport: Transport, *, after: str | None, filters: Mapping[str, Any]) -> Iterator[Any]:
    """Events after a cursor as JSON, without end. An error that asking again does not mend is raised."""
    cursor, pause, no_stream_until = after, POLL_SECONDS, 0.0
    while True:
        try:
            for event in transport.items("/v1/events", after=cursor, limit=PAGE, **filters):
                cursor = event["cursor"]
                yield event
            pause = POLL_SECONDS
            if time.monotonic() >= no_stream_until:
                for event in transport.stream("/v1/events/stream", after=cursor, **filters):
                    cursor = event["cursor"]
                    yield event
        except NoStream:
            no_stream_until = time.monotonic() + WITHOUT_STREAM_SECONDS
        except (Unavailable, TooMany):
            pause = min(pause * 2, _LONGEST_PAUSE)
        transport.pause(pause)
