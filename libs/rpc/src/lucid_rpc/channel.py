"""Channels: one per peer, and every call on it has a deadline, a trace, a caller and a breaker.

The channel wraps gRPC's own instead of using its client interceptors: those make a task for each
call and a second object for each stream, and cannot see the end of a stream that nobody reads to
its end. The breaker sits outside the retries of the service config, so one logical call is one
report and one span.
"""

from collections.abc import Callable
from importlib import resources
from typing import Any, Final, Self

import grpc
from google.protobuf import descriptor_pool
from lucid_runtime.addresses import Address, parse_address
from lucid_telemetry import current
from lucid_telemetry.interceptors import ClientCall

from lucid_rpc import deadline
from lucid_rpc.authorization import CALLER_KEY
from lucid_rpc.breaker import PROCESS_BREAKERS, Breaker, Breakers, Permit, method_class_of, settle
from lucid_rpc.server import MESSAGE_BYTES_MAX, METADATA_BYTES_ABSOLUTE_MAX, METADATA_BYTES_MAX
from lucid_rpc.status import Failure, error_of

UNARY_TIMEOUT_S: Final = 10.0
STREAM_TIMEOUT_S: Final = 3600.0
RECONNECT_MIN_MS: Final = 200
RECONNECT_MAX_MS: Final = 2_000
KEEPALIVE_MS: Final = 60_000
KEEPALIVE_TIMEOUT_MS: Final = 20_000


def service_config(service: str) -> str:
    """Return the service config (JSON) that the authors of an API keep beside its protos."""
    folder = resources.files("lucid") / service / "v1"
    return (folder / f"{service}_grpc_service_config.json").read_text("utf-8")


def connect(
    address: Address | str,
    *,
    service: str,
    caller: str | None,
    config: str | None = None,
    breakers: Breakers | None = None,
    unary_timeout_s: float = UNARY_TIMEOUT_S,
) -> grpc.aio.Channel:
    """Return a channel to a peer. It connects at the first call; close it at the end.

    Args:
        address: where the peer listens.
        service: the peer's noun, such as `validation`; names its config and its breakers.
        caller: our own noun, sent as `x-lucid-caller`; None is the operator.
        config: service config as JSON; left out, the one beside the peer's protos.
        breakers: where the breakers live; left out, those of this process.
        unary_timeout_s: limit of a unary call that names none, in seconds.
    """
    where = parse_address(address) if isinstance(address, str) else address
    options = (
        ("grpc.service_config", service_config(service) if config is None else config),
        ("grpc.enable_retries", 1),
        # gRPC's own limit is two minutes: a restarted peer would be missed for as long.
        ("grpc.initial_reconnect_backoff_ms", RECONNECT_MIN_MS),
        ("grpc.max_reconnect_backoff_ms", RECONNECT_MAX_MS),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
        ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
        ("grpc.max_metadata_size", METADATA_BYTES_MAX),
        ("grpc.absolute_max_metadata_size", METADATA_BYTES_ABSOLUTE_MAX),
        # Separate channels, even to one address, so that one peer's connection is its own.
        ("grpc.use_local_subchannel_pool", 1),
    )
    inner = grpc.aio.insecure_channel(str(where), options=options)
    return Channel(
        inner,
        peer=service,
        address=(where.host, where.port),
        caller=caller,
        breakers=breakers if breakers is not None else PROCESS_BREAKERS,
        unary_timeout_s=unary_timeout_s,
    )


class Channel(grpc.aio.Channel):  # type: ignore[misc]
    """A gRPC channel whose every call is bounded, traced, identified and guarded."""

    def __init__(
        self,
        inner: grpc.aio.Channel,
        *,
        peer: str,
        address: tuple[str, int],
        caller: str | None,
        breakers: Breakers,
        unary_timeout_s: float,
    ) -> None:
        self._inner = inner
        self._peer = peer
        self._address = address
        self._identity = () if caller is None else ((CALLER_KEY, caller),)
        self._breakers = breakers
        self._unary_timeout_s = unary_timeout_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        """Close the connection; calls in progress get `grace` seconds."""
        await self._inner.close(grace)

    def get_state(self, try_to_connect: bool = False) -> Any:
        """Return the state of the connection."""
        return self._inner.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: Any) -> None:
        """Return when the state is another one."""
        await self._inner.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Return when connected."""
        await self._inner.channel_ready()

    def unary_unary(self, method: str, *args: Any, **options: Any) -> Any:
        """Return the callable of a unary method."""
        return self._guard(self._inner.unary_unary(method, *args, **options), method, "unary")

    def unary_stream(self, method: str, *args: Any, **options: Any) -> Any:
        """Return the callable of a method that streams responses."""
        return self._guard(self._inner.unary_stream(method, *args, **options), method, "responses")

    def stream_unary(self, method: str, *args: Any, **options: Any) -> Any:
        """Return the callable of a method that streams requests."""
        return self._guard(self._inner.stream_unary(method, *args, **options), method, "requests")

    def stream_stream(self, method: str, *args: Any, **options: Any) -> Any:
        """Return the callable of a method that streams both ways."""
        return self._guard(self._inner.stream_stream(method, *args, **options), method, "responses")

    def _guard(self, call: Callable[..., Any], path: str, kind: str) -> Callable[..., Any]:
        """Return `call` with a deadline, a trace, an identity and a breaker.

        `kind` says what streams: `unary` (nothing), `requests`, or `responses` (or both).
        """
        method = path.removeprefix("/")
        is_stream = kind != "unary"
        method_class = method_class_of(path, is_stream=is_stream, pool=descriptor_pool.Default())
        limit_s = STREAM_TIMEOUT_S if is_stream else self._unary_timeout_s
        breaker = self._breakers.of(self._peer, method_class)

        def guarded(
            request: Any = None,
            timeout: float | None = None,
            metadata: Any = None,
            **options: Any,
        ) -> Any:
            given_s = _timeout_s(limit_s if timeout is None else timeout, method)
            permit = breaker.admit()
            traced = ClientCall(current(), method, self._address)
            headers = (*(metadata or ()), *self._identity, *traced.headers)
            try:
                started = call(request, timeout=given_s, metadata=headers, **options)
            except BaseException:  # a closed channel: nothing was sent
                breaker.release(permit)
                traced.end("CANCELLED")
                raise
            started.add_done_callback(_on_done(traced, breaker, permit, given_s))
            if permit.is_probe and kind == "responses":
                return _Probe(started, breaker, permit)
            return started

        return guarded


def _timeout_s(limit_s: float, method: str) -> float:
    """Return the timeout of a call; raises DEADLINE_EXCEEDED when no time is left to send it."""
    try:
        return deadline.timeout_s(limit_s)
    except deadline.BudgetSpent:
        raise error_of(
            Failure(
                code=grpc.StatusCode.DEADLINE_EXCEEDED,
                reason="DEADLINE_EXCEEDED",
                domain="rpc.lucid",
                message=f"no time is left to call {method}",
                metadata={"method": method},
            )
        ) from None


def _on_done(
    traced: ClientCall, breaker: Breaker, permit: Permit, timeout_s: float
) -> Callable[[Any], None]:
    """Return what ends the span and reports to the breaker when a call is over."""

    def done(call: Any) -> None:
        code = _code_of(call)
        traced.end(code.name)
        settle(breaker, permit, code, timeout_s)

    return done


def _code_of(call: Any) -> grpc.StatusCode:
    """Return the status of a finished call. Its coroutine never waits, since it is finished."""
    status = call.code()
    try:
        status.send(None)
    except StopIteration as finished:
        return finished.value
    finally:
        status.close()
    return grpc.StatusCode.UNKNOWN


class _Probe:
    """A stream that probes a half-open breaker: its first message is its success.

    A stream may live for hours, so its end is too late to close a breaker. Streams of a closed
    breaker report at their end instead: there a first message must not erase the failures before.
    """

    def __init__(self, call: Any, breaker: Breaker, permit: Permit) -> None:
        self._call = call
        self._breaker = breaker
        self._permit = permit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    async def __aiter__(self) -> Any:
        async for message in self._call:
            self._breaker.succeed_early(self._permit)
            yield message

    async def read(self) -> Any:
        """Return the next message, or `grpc.aio.EOF`."""
        message = await self._call.read()
        if message is not grpc.aio.EOF:
            self._breaker.succeed_early(self._permit)
        return message
