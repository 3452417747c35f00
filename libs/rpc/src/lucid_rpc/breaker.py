"""Breakers: pybreaker as the state machine, fed from asyncio by public calls only.

pybreaker's own `@breaker` never trips on coroutines, and `call_async` needs tornado and holds a
thread lock over the await. So: admit → await outside any lock → report the outcome by the public
synchronous `call` of a constant function. Time is monotonic and injected; pybreaker's wall clock is
never consulted, because we never call it while it is open.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc
import pybreaker
from lucid_telemetry.instruments import Sample
from lucid_telemetry.report import ReportedBreaker

from lucid_rpc.status import Failure, Resource, error_of

METHOD_CLASSES: Final = ("read", "write", "stream")

_C: Final = grpc.StatusCode

FAILURE_CODES: Final = frozenset(
    {
        _C.UNAVAILABLE,
        _C.DEADLINE_EXCEEDED,
        _C.INTERNAL,
        _C.UNKNOWN,
        _C.DATA_LOSS,
        _C.RESOURCE_EXHAUSTED,
    }
)
"""Codes that speak against a peer. Every other code but CANCELLED shows that it is alive."""

SHORT_DEADLINE_S: Final = 0.1
"""A caller with less time than this learns nothing about a peer by running out of it."""

PROBE_WAIT_S: Final = 1.0
"""What a caller is told to wait while another call probes a half-open breaker."""

_STATE_VALUES: Final = {
    pybreaker.STATE_CLOSED: 0.0,
    pybreaker.STATE_HALF_OPEN: 1.0,
    pybreaker.STATE_OPEN: 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When a breaker opens and how it closes again.

    `failures_max` failures in a row open it; after `open_s` seconds at most `probes_max` calls at
    a time may probe, and `successes_min` successes in a row close it.
    """

    failures_max: int = 5
    open_s: float = 10.0
    successes_min: int = 2
    probes_max: int = 1


class BreakerOpen(grpc.aio.AioRpcError):  # type: ignore[misc]
    """A call that was refused here because its peer has been failing; nothing was sent."""


@dataclass(slots=True)
class Permit:
    """Leave to make one call. A probe may succeed early; its end then only counts if it failed."""

    epoch: int
    is_probe: bool
    has_succeeded: bool = False


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A breaker as it stands; `opened_s` is the monotonic time of its last opening, or None."""

    peer: str
    method_class: str
    state: str
    consecutive_failures: int
    rejections: int
    opened_s: float | None


class _Failed(Exception):
    """The constant failure that is reported to pybreaker."""


class Breaker:
    """The breaker of one peer and one class of methods. Used in one event loop only."""

    def __init__(
        self,
        peer: str,
        method_class: str,
        monotonic: Callable[[], float],
        settings: BreakerSettings | None = None,
    ) -> None:
        self._settings = settings if settings is not None else BreakerSettings()
        self.peer = peer
        self.method_class = method_class
        self._monotonic = monotonic
        self._machine = pybreaker.CircuitBreaker(
            fail_max=self._settings.failures_max,
            reset_timeout=self._settings.open_s,
            success_threshold=self._settings.successes_min,
            throw_new_error_on_trip=False,
            name=f"{peer}-{method_class}",
        )
        self._epoch = 0
        self._probes = 0
        self._opened_s: float | None = None
        self.rejections = 0

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return str(self._machine.current_state)

    def admit(self) -> Permit:
        """Return leave to make a call; raises `BreakerOpen` when there is none."""
        if self.state == pybreaker.STATE_OPEN:
            wait_s = self._wait_s()
            if wait_s > 0:
                raise self._refusal(wait_s)
            self._machine.half_open()
            self._next_epoch()
        if self.state == pybreaker.STATE_HALF_OPEN:
            if self._probes >= self._settings.probes_max:
                raise self._refusal(PROBE_WAIT_S)
            self._probes += 1
            return Permit(self._epoch, is_probe=True)
        return Permit(self._epoch, is_probe=False)

    def report(self, permit: Permit, *, ok: bool) -> None:
        """Tell how a call ended. Results from before the last change of state are dropped."""
        if permit.epoch != self._epoch or self.state == pybreaker.STATE_OPEN:
            return
        self.release(permit)
        if ok and permit.has_succeeded:
            return

        def outcome() -> None:
            if not ok:
                raise _Failed

        before = self.state
        with suppress(_Failed):
            self._machine.call(outcome)
        if self.state == pybreaker.STATE_OPEN:
            self._opened_s = self._monotonic()
        if self.state != before:
            self._next_epoch()

    def succeed_early(self, permit: Permit) -> None:
        """Tell that a stream delivers; it holds no place of a probe from now on."""
        if not permit.has_succeeded:
            self.report(permit, ok=True)
            permit.has_succeeded = True
            permit.epoch = self._epoch

    def release(self, permit: Permit) -> None:
        """Give leave back without a result: the call was cancelled here, which says nothing."""
        if permit.is_probe and permit.epoch == self._epoch:
            self._probes -= 1
            permit.is_probe = False

    def snapshot(self) -> BreakerState:
        """Return the breaker as it stands."""
        return BreakerState(
            self.peer,
            self.method_class,
            self.state,
            int(self._machine.fail_counter),
            self.rejections,
            self._opened_s,
        )

    def _wait_s(self) -> float:
        """Return the seconds until an open breaker may be probed."""
        opened_s = self._opened_s if self._opened_s is not None else self._monotonic()
        return self._settings.open_s - (self._monotonic() - opened_s)

    def _next_epoch(self) -> None:
        self._epoch += 1
        self._probes = 0

    def _refusal(self, wait_s: float) -> BreakerOpen:
        self.rejections += 1
        failure = Failure(
            code=_C.UNAVAILABLE,
            reason="BREAKER_OPEN",
            domain="rpc.lucid",
            message=f"{self.peer} has been failing; its {self.method_class} calls are held back",
            metadata={"peer": self.peer, "method_class": self.method_class},
            retry_after_s=wait_s,
            resource=Resource("metrics.lucid/Breaker", f"{self.peer}-{self.method_class}"),
        )
        error = error_of(failure)
        return BreakerOpen(
            error.code(),
            error.initial_metadata(),
            error.trailing_metadata(),
            details=error.details(),
        )


def settle(breaker: Breaker, permit: Permit, code: grpc.StatusCode, timeout_s: float) -> None:
    """Report how a call ended by its status code, as the rules say.

    Args:
        breaker: the breaker that gave the permit.
        permit: the leave for this call.
        code: the final status of the call.
        timeout_s: the time that the call was given, in seconds.
    """
    is_short = code is _C.DEADLINE_EXCEEDED and timeout_s < SHORT_DEADLINE_S
    if code is _C.CANCELLED or is_short:
        breaker.release(permit)
    else:
        breaker.report(permit, ok=code not in FAILURE_CODES)


class Breakers:
    """All the breakers of one process."""

    def __init__(
        self, monotonic: Callable[[], float], settings: BreakerSettings | None = None
    ) -> None:
        self._monotonic = monotonic
        self._settings = settings
        self._breakers: dict[tuple[str, str], Breaker] = {}

    def of(self, peer: str, method_class: str) -> Breaker:
        """Return the breaker of a peer and a class of methods; made at its first use."""
        key = (peer, method_class)
        if key not in self._breakers:
            self._breakers[key] = Breaker(peer, method_class, self._monotonic, self._settings)
        return self._breakers[key]

    def snapshot(self) -> list[BreakerState]:
        """Return every breaker as it stands."""
        return [breaker.snapshot() for breaker in self._breakers.values()]

    def reported(self, now_s: float) -> Iterable[ReportedBreaker]:
        """Return the breakers for a report; `now_s` is the Unix time in seconds."""
        mono_s = self._monotonic()
        for one in self.snapshot():
            opened_s = None if one.opened_s is None else now_s - (mono_s - one.opened_s)
            yield ReportedBreaker(
                one.peer, one.method_class, one.state, one.consecutive_failures, opened_s
            )

    def samples(self) -> Iterable[Sample]:
        """Return the states and rejections as samples for the metrics service."""
        for one in self.snapshot():
            attributes = (
                ("lucid.rpc.method_class", one.method_class),
                ("lucid.rpc.peer", one.peer),
            )
            state = _STATE_VALUES[one.state]
            yield Sample("lucid.rpc.breaker.state", "gauge", attributes, state)
            yield Sample("lucid.rpc.breaker.rejections", "counter", attributes, one.rejections)


PROCESS_BREAKERS: Final = Breakers(time.monotonic)
"""The breakers of this process, shared by its channels and reported to the metrics service."""


def method_class_of(path: str, *, is_stream: bool, pool: Any) -> str:
    """Return `read`, `write` or `stream` for a method, from its declared idempotency.

    Args:
        path: `/package.Service/Method`.
        is_stream: whether a side of it streams.
        pool: the descriptor pool; a method that is not in it counts as a write.
    """
    if is_stream:
        return "stream"
    try:
        method = pool.FindMethodByName(path.removeprefix("/").replace("/", "."))
    except KeyError:
        return "write"
    no_side_effects = 1  # google.protobuf.MethodOptions.NO_SIDE_EFFECTS
    return "read" if method.GetOptions().idempotency_level == no_side_effects else "write"
