"""How streams look on the wire: server-sent events out, JSON lines in and out."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

HEARTBEAT: Final = b": still here\n\n"
RETRY_MS: Final = 1000


class LineTooLong(ValueError):
    """A line of NDJSON exceeds the limit; nothing after it is read."""


def event(name: str, data: Any, *, sequence: int | None = None) -> bytes:
    """Frame one event; `sequence` becomes the id by which a client resumes."""
    head = f"id: {sequence}\n" if sequence is not None else ""
    kind = f"event: {name}\n" if name else ""
    return f"{head}{kind}data: ".encode() + msgspec.json.encode(data) + b"\n\n"


def opening() -> bytes:
    """Frame the first bytes of a stream: how long to wait before reconnecting."""
    return f"retry: {RETRY_MS}\n\n".encode()


def line(member: str, data: Any) -> bytes:
    """Frame one line of an answer: {"result": …} or {"error": …}."""
    return msgspec.json.encode({member: data}) + b"\n"


async def lines_of(chunks: AsyncIterator[bytes], *, line_bytes_max: int) -> AsyncIterator[bytes]:
    """Cut a body into its non-empty lines.

    Raises:
        LineTooLong: a line exceeds `line_bytes_max` bytes.
    """
    pending = b""
    async for chunk in chunks:
        *whole, pending = (pending + chunk).split(b"\n")
        for text in whole:
            if len(text) > line_bytes_max:
                raise LineTooLong
            if text.strip():
                yield text
        if len(pending) > line_bytes_max:
            raise LineTooLong
    if pending.strip():
        yield pending
