"""The pipeline: one interceptor that surrounds every call in a fixed order.

tracing → errors → deadline → admission → authorisation → decoding → field rules → servicer.

Refusals are cheap because they come before decoding. One interceptor instead of eight: the
wrapped handler is built once per method, and unary calls and streams share one path, because gRPC
lets a coroutine write a response stream.
"""

import asyncio
import inspect
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, NoReturn

import grpc
from lucid_telemetry import Telemetry
from lucid_telemetry.interceptors import ServerCall

from lucid_rpc import authorization, deadline
from lucid_rpc.authorization import LOOPBACK, Network, Policy
from lucid_rpc.errors import ErrorTable
from lucid_rpc.interceptors.admission import Admission
from lucid_rpc.interceptors.decoding import Codec, DecodedContext
from lucid_rpc.interceptors.validation import FieldRules
from lucid_rpc.rejections import DeadlineSpent, MethodUnknown, NotYetServed, ServerStopping
from lucid_rpc.status import Failure, trailing_metadata_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Limits of the calls of one server.

    A call without a deadline gets the default of its kind, in seconds. `calls_max` and
    `streams_max` bound the work in progress; further calls are refused with a time to wait.
    """

    unary_default_s: float = 30.0
    stream_default_s: float = 3600.0
    calls_max: int = 256
    streams_max: int = 256


@dataclass(frozen=True, slots=True)
class _Method:
    """One method as the pipeline serves it."""

    name: str
    behaviour: Callable[..., Any]
    codec: Codec
    request_streaming: bool
    response_streaming: bool
    is_known: bool = True

    @property
    def is_stream(self) -> bool:
        return self.request_streaming or self.response_streaming


class Pipeline(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Surrounds every call of one server."""

    def __init__(
        self,
        telemetry: Telemetry,
        errors: ErrorTable,
        policy: Policy,
        *,
        limits: CallLimits | None = None,
        trusted: tuple[Network, ...] = LOOPBACK,
    ) -> None:
        self._telemetry = telemetry
        self._errors = errors
        self._policy = policy
        self._limits = limits if limits is not None else CallLimits()
        # A connection keeps its peer string, so nearly every call finds its caller here.
        self._identify = lru_cache(maxsize=256)(partial(authorization.identify, trusted=trusted))
        self.admission = Admission(
            calls_max=self._limits.calls_max, streams_max=self._limits.streams_max
        )
        self.rules = FieldRules()
        self._handlers: dict[str, Any] = {}
        self._streams: set[asyncio.Task[Any]] = set()
        self._is_draining = False

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Return the surrounded handler of a method (gRPC calls this for each call)."""
        path = handler_call_details.method
        handler = self._handlers.get(path)
        if handler is None:
            original = await continuation(handler_call_details)
            handler = self._surround(path.removeprefix("/"), original)
            if original is not None:  # unknown names are not kept: callers could fill memory
                self._handlers[path] = handler
        return handler

    def drain(self) -> None:
        """End the streams with `SERVER_STOPPING`, so that their clients reconnect elsewhere."""
        self._is_draining = True
        for task in list(self._streams):
            task.cancel()

    def _surround(self, name: str, original: Any) -> Any:
        method = _describe(name, original, self.rules)

        async def serve(request: Any, context: Any) -> bytes | None:
            return await self._serve(method, request, context)

        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[method.request_streaming, method.response_streaming]
        return make(serve, None, None)

    async def _serve(self, method: _Method, request: Any, context: Any) -> bytes | None:
        """Trace one call and turn whatever it raises into a status."""
        metadata = context.invocation_metadata()
        call = ServerCall(self._telemetry, method.name, metadata, known=method.is_known)
        try:
            reply = await self._admitted(method, request, context)
        except asyncio.CancelledError:
            if self._is_draining and method.is_stream:
                failure = self._errors.failure_for(ServerStopping(), method.name)
                call.end(failure.code.name)
                await _abort(context, failure)
            left_s = context.time_remaining()
            call.end("DEADLINE_EXCEEDED" if left_s is not None and left_s <= 0 else "CANCELLED")
            raise
        except grpc.aio.AbortError:  # the servicer chose its own status
            call.end(_code_name(context))
            raise
        except grpc.aio.BaseError:  # the client went away while we wrote
            call.end("CANCELLED")
            raise
        except Exception as error:  # noqa: BLE001  # the boundary: everything becomes a status
            failure = self._errors.failure_for(error, method.name)
            call.end(failure.code.name, error)
            await _abort(context, failure)
        call.end(_code_name(context))
        return reply

    async def _admitted(self, method: _Method, request: Any, context: Any) -> bytes | None:
        """Apply deadline, admission and authorisation, then let the servicer work."""
        given_s = context.time_remaining()
        default_s = self._default_s(method)
        with (
            deadline.budget(default_s if given_s is None else given_s),
            self.admission.admit(is_stream=method.is_stream),
        ):
            noun = authorization.noun_in(context.invocation_metadata())
            caller = self._identify(context.peer(), noun)
            if method.is_known:
                self._policy.check(method.name, caller)
            authorization.enter(caller)
            if given_s is not None:  # gRPC itself cancels the call when its deadline is over
                return await self._work(method, request, context)
            try:
                async with asyncio.timeout(default_s) as scope:
                    return await self._work(method, request, context)
            except TimeoutError:
                if scope.expired():
                    raise DeadlineSpent(default_s) from None
                raise

    async def _work(self, method: _Method, request: Any, context: Any) -> bytes | None:
        if not method.is_stream:
            return await _respond(method, request, context)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # gRPC runs every call in a task
        if self._is_draining:
            raise ServerStopping
        self._streams.add(task)
        try:
            return await _respond(method, request, context)
        finally:
            self._streams.discard(task)

    def _default_s(self, method: _Method) -> float:
        return self._limits.stream_default_s if method.is_stream else self._limits.unary_default_s


async def _respond(method: _Method, request: Any, context: Any) -> bytes | None:
    """Call the servicer with messages and send what it returns, yields or writes."""
    codec = method.codec
    argument = codec.read_all(request) if method.request_streaming else codec.read(request)
    decoded = DecodedContext(context, codec)
    result = method.behaviour(argument, decoded)
    if inspect.isasyncgen(result):
        async with aclosing(result) as messages:
            async for message in messages:
                await decoded.write(message)
        return None
    reply = await result
    if method.response_streaming:
        return None
    return b"" if reply is None else codec.encode(reply)


async def _abort(context: Any, failure: Failure) -> NoReturn:
    await context.abort(failure.code, failure.message, trailing_metadata_of(failure))
    raise AssertionError  # abort always raises


def _code_name(context: Any) -> str:
    code = context.code()
    if isinstance(code, grpc.StatusCode):
        return str(code.name)
    return "OK"


_BEHAVIOURS: Final = {
    (False, False): "unary_unary",
    (False, True): "unary_stream",
    (True, False): "stream_unary",
    (True, True): "stream_stream",
}


def _describe(name: str, original: Any, rules: FieldRules) -> _Method:
    if original is None:
        codec = Codec(bytes, bytes, rules)
        return _Method(name, _refusal(MethodUnknown(name)), codec, True, True, is_known=False)
    streaming = (bool(original.request_streaming), bool(original.response_streaming))
    behaviour = getattr(original, _BEHAVIOURS[streaming])
    if _is_generated_default(behaviour):
        behaviour = _refusal(NotYetServed(name))
    codec = Codec(
        original.request_deserializer or bytes, original.response_serializer or bytes, rules
    )
    return _Method(name, behaviour, codec, *streaming)


def _is_generated_default(behaviour: Any) -> bool:
    """Whether a method is the one that generated code leaves for servicers to override."""
    return str(getattr(behaviour, "__module__", "")).endswith("_pb2_grpc")


def _refusal(error: Exception) -> Callable[..., Any]:
    async def refuse(_request: Any, _context: Any) -> None:
        raise error

    return refuse
