"""A small service of every kind of call, for tests of what surrounds calls.

Its messages are built at run time, so that no test protos are part of the API.
"""

from collections.abc import Callable
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE: Final = "lucid.testkit.v1.EchoService"

_TEXT: Final = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
_INTEGER: Final = descriptor_pb2.FieldDescriptorProto.TYPE_INT32
_ONE: Final = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL

_METHODS: Final = {
    # name: (request streams, response streams, has no side effects)
    "Say": (False, False, True),
    "Change": (False, False, False),
    "Count": (False, True, True),
    "Sum": (True, False, False),
    "Chat": (True, True, False),
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="lucid/testkit/v1/echo_service.proto", package="lucid.testkit.v1", syntax="proto3"
    )
    echo = file.message_type.add(name="Echo")
    echo.field.add(name="text", number=1, type=_TEXT, label=_ONE)
    echo.field.add(name="count", number=2, type=_INTEGER, label=_ONE)
    service = file.service.add(name="EchoService")
    for name, (requests, responses, is_safe) in _METHODS.items():
        method = service.method.add(
            name=name,
            input_type=".lucid.testkit.v1.Echo",
            output_type=".lucid.testkit.v1.Echo",
            client_streaming=requests,
            server_streaming=responses,
        )
        if is_safe:
            method.options.idempotency_level = descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS
    return file


_POOL: Final = descriptor_pool.Default()
_POOL.AddSerializedFile(_file().SerializeToString())

Echo: Final[Any] = message_factory.GetMessageClass(
    _POOL.FindMessageTypeByName("lucid.testkit.v1.Echo")
)
"""The message of every method: `text` and `count`."""

METHODS: Final = tuple(f"{SERVICE}/{name}" for name in _METHODS)
"""For policies."""


class EchoStub:
    """The client's side."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.Say = _caller(channel, "Say")
        self.Change = _caller(channel, "Change")
        self.Count = _caller(channel, "Count")
        self.Sum = _caller(channel, "Sum")
        self.Chat = _caller(channel, "Chat")


class EchoServicer:
    """Echoes; tests override what they need."""

    async def Say(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return the request."""
        return request

    async def Change(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return the request."""
        return request

    async def Count(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Yield the text `count` times, numbered from 1."""
        for number in range(1, request.count + 1):
            yield Echo(text=request.text, count=number)

    async def Sum(self, requests: Any, context: Any) -> Any:  # noqa: ARG002
        """Return the sum of the counts."""
        return Echo(count=sum([request.count async for request in requests]))

    async def Chat(self, requests: Any, context: Any) -> Any:  # noqa: ARG002
        """Yield each request as it comes."""
        async for request in requests:
            yield request


def add_echo_to_server(servicer: EchoServicer, server: Any) -> None:
    """Register the servicer, as generated code would."""
    handlers = {
        name: _HANDLERS[requests, responses](
            getattr(servicer, name), Echo.FromString, Echo.SerializeToString
        )
        for name, (requests, responses, _) in _METHODS.items()
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))


_HANDLERS: Final[dict[tuple[bool, bool], Callable[..., Any]]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}

_CALLERS: Final = {
    (False, False): "unary_unary",
    (False, True): "unary_stream",
    (True, False): "stream_unary",
    (True, True): "stream_stream",
}


def _caller(channel: grpc.aio.Channel, name: str) -> Any:
    requests, responses, _ = _METHODS[name]
    make = getattr(channel, _CALLERS[requests, responses])
    return make(
        f"/{SERVICE}/{name}",
        request_serializer=Echo.SerializeToString,
        response_deserializer=Echo.FromString,
    )
