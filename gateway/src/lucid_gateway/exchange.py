"""One HTTP exchange as plain data, so that everything but `app` can be tested without a server."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

JSON = "application/json"
NDJSON = "application/x-ndjson"
EVENT_STREAM = "text/event-stream"
HTML = "text/html; charset=utf-8"
PROBLEM = "application/problem+json"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: header names are in lower case, `path` is decoded.

    An encoded slash in a path therefore counts as a slash: no identifier holds one.
    `chunks()` gives the body as it arrives; `disconnected()` returns when the client is gone.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    chunks: Callable[[], AsyncIterator[bytes]]
    disconnected: Callable[[], Awaitable[None]]

    def header(self, name: str) -> str:
        """Return a header's value, or "" without it."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    content_type: str = JSON
    body: bytes = b""
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class StreamReply:
    """An answer that is sent as it comes.

    `close()` ends what feeds it; whoever sends the answer calls it once, sent or not.
    """

    content_type: str
    chunks: AsyncIterator[bytes]
    close: Callable[[], None]
    status: int = 200
    headers: Headers = field(default=())
