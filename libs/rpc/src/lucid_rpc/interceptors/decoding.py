"""Decoding on our side of gRPC: garbage becomes INVALID_ARGUMENT, not UNKNOWN with internals.

A deserialiser that raises inside gRPC cannot choose the status, so the server takes the raw bytes
and this module turns them into messages.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from lucid_rpc.interceptors.validation import FieldRules
from lucid_rpc.rejections import MalformedRequest

Decoder = Callable[[bytes], Any]
Encoder = Callable[[Any], bytes]


@dataclass(frozen=True, slots=True)
class Codec:
    """How the messages of one method are read, checked and written."""

    decode: Decoder
    encode: Encoder
    rules: FieldRules

    def read(self, raw: bytes) -> Any:
        """Return the checked message; raises `MalformedRequest` or `FieldsInvalid`."""
        try:
            message = self.decode(raw)
        except DecodeError:
            raise MalformedRequest(_type_name(self.decode)) from None
        self.rules.check(message)
        return message

    async def read_all(self, raws: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        """Yield the checked messages of a request stream."""
        async for raw in raws:
            yield self.read(raw)


class DecodedContext:
    """A servicer context whose `read` and `write` deal in messages; the rest is gRPC's own."""

    __slots__ = ("_codec", "_context")

    def __init__(self, context: Any, codec: Codec) -> None:
        self._context = context
        self._codec = codec

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def read(self) -> Any:
        """Return the next checked message, or `grpc.aio.EOF`."""
        raw = await self._context.read()
        return raw if raw is grpc.aio.EOF else self._codec.read(raw)

    async def write(self, message: Any) -> None:
        """Send one message."""
        await self._context.write(self._codec.encode(message))


def _type_name(decode: Decoder) -> str:
    """Return the full name of the message type whose `FromString` this is."""
    owner = getattr(decode, "__self__", None)
    descriptor = getattr(owner, "DESCRIPTOR", None)
    return str(getattr(descriptor, "full_name", "message"))
