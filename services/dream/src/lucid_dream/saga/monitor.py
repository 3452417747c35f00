"""The runtime monitor: a proved barrier, watched while the session runs [Sha2001].

Simplex: the programme may do what it likes as long as B(estimate) with the sensor's error stays
below zero; otherwise a simple controller takes over for good, and ramps the stimulus down. The
same happens when the telemetry falls silent. What is delivered never passes the cap.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from lucid_dream.saga.expression import Expression, Interval, enclose, names_of


class Phase(StrEnum):
    """What the monitor lets through."""

    DELIVERING = "delivering"
    PAUSED = "paused"
    RAMPING = "ramping"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Guard:
    """What the monitor knows of the certificate and of the sensor. Built once per session.

    Attributes:
        barrier: B, negative on the safe side, over the model's names, with the cap put in.
        dynamics: Right-hand sides of the states that are not measured, per minute.
        box: Intervals of parameters and disturbances (and first estimates of the states).
        measured: The state that telemetry reports, `a` for arousal.
        sensor_error: Greatest error of a report, in the state's unit.
        silence_s: Session seconds without a report after which the ramp-down starts.
        ramp_s: Seconds from any intensity to zero.
        cap: Greatest permissible intensity, in (0, 1].
        horizon_s: Session seconds after which nothing more is delivered.
    """

    barrier: Expression
    dynamics: Mapping[str, Expression]
    box: Mapping[str, Interval]
    measured: str
    cap: float
    horizon_s: float
    sensor_error: float = 0.02
    silence_s: float = 30.0
    ramp_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Watch:
    """The monitor's state at one moment of session time.

    `estimate` holds an interval per state; `barrier_upper` is the greatest value B can have;
    `delivered_s` is when `delivered` was last decided, so that reports in between cost no ramp.
    """

    phase: Phase
    time_s: float
    heard_s: float
    estimate: Mapping[str, Interval]
    barrier_upper: float
    delivered: float = 0.0
    delivered_s: float = 0.0
    reason: str = ""


def begin(
    guard: Guard, time_s: float = 0.0, estimate: Mapping[str, Interval] | None = None
) -> Watch:
    """Return the watch at the start (or after an interruption, with the last estimate)."""
    names = {guard.measured, *guard.dynamics}
    known = {name: guard.box[name] for name in names} | dict(estimate or {})
    upper = _barrier_upper(guard, known)
    return Watch(Phase.DELIVERING, time_s, time_s, known, upper, delivered_s=time_s)


def hear(guard: Guard, watch: Watch, value: float, time_s: float) -> Watch:
    """Take one report of the measured state at session time `time_s` (never backwards)."""
    at_s = max(watch.time_s, time_s)
    estimate = _advance(guard, watch.estimate, at_s - watch.time_s)
    estimate[guard.measured] = (value - guard.sensor_error, value + guard.sensor_error)
    upper = _barrier_upper(guard, estimate)
    return replace(watch, time_s=at_s, heard_s=at_s, estimate=estimate, barrier_upper=upper)


def predict(guard: Guard, state: Mapping[str, float], step_s: float) -> dict[str, float]:
    """Carry the model's nominal state forward: every parameter in the middle of its box.

    For a session without a sensor: the estimate is then the model's own, and says so.
    """
    current = dict(state)
    middle = {name: ((low + high) / 2,) * 2 for name, (low, high) in guard.box.items()}
    while step_s > 0.0:
        step = min(step_s, 1.0)
        box = middle | {name: (value, value) for name, value in current.items()}
        rates = {name: enclose(rate, box) for name, rate in guard.dynamics.items()}
        for name, (low, high) in rates.items():
            current[name] += step / 60.0 * (low + high) / 2
        step_s -= step
    return current


def nominal_start(guard: Guard) -> dict[str, float]:
    """Return the middle of the states' first box."""
    return {name: sum(guard.box[name]) / 2 for name in guard.dynamics}


def tick(guard: Guard, watch: Watch, wanted: float, time_s: float) -> Watch:
    """Return the watch at `time_s`, with the intensity that may be delivered until the next.

    `wanted` is the programme's intensity. The result's `delivered` is in [0, cap].
    """
    step_s = max(0.0, time_s - watch.time_s)
    at_s = watch.time_s + step_s
    estimate = _advance(guard, watch.estimate, step_s)
    upper = _barrier_upper(guard, estimate)
    watch = replace(watch, time_s=at_s, estimate=estimate, barrier_upper=upper)
    if watch.phase in (Phase.DELIVERING, Phase.PAUSED):
        reason = _alarm(guard, watch)
        if reason:
            watch = replace(watch, phase=Phase.RAMPING, reason=reason)
    since_s = at_s - watch.delivered_s
    return replace(_deliver(guard, watch, wanted, since_s), delivered_s=at_s)


def ramp_down(watch: Watch, reason: str) -> Watch:
    """Start the ramp-down for a reason from outside: stop, revocation, end of the programme."""
    if watch.phase in (Phase.RAMPING, Phase.ENDED):
        return watch
    return replace(watch, phase=Phase.RAMPING, reason=reason)


def pause(watch: Watch) -> Watch:
    """Deliver nothing until resumed; the monitor goes on watching."""
    return replace(watch, phase=Phase.PAUSED) if watch.phase is Phase.DELIVERING else watch


def resume(watch: Watch) -> Watch:
    """Deliver again after a pause."""
    return replace(watch, phase=Phase.DELIVERING) if watch.phase is Phase.PAUSED else watch


def _alarm(guard: Guard, watch: Watch) -> str:
    if not watch.barrier_upper < 0.0:  # not a number is an alarm too
        return "BARRIER_REACHED"
    if watch.time_s - watch.heard_s >= guard.silence_s:
        return "TELEMETRY_SILENT"
    if watch.time_s >= guard.horizon_s:
        return "TIME_IS_UP"
    return ""


def _deliver(guard: Guard, watch: Watch, wanted: float, step_s: float) -> Watch:
    match watch.phase:
        case Phase.DELIVERING:
            return replace(watch, delivered=max(0.0, min(wanted, guard.cap)))
        case Phase.PAUSED:
            return replace(watch, delivered=0.0)
        case Phase.RAMPING:
            left = max(0.0, watch.delivered - guard.cap * step_s / guard.ramp_s)
            phase = Phase.RAMPING if left > 0.0 else Phase.ENDED
            return replace(watch, delivered=left, phase=phase)
        case Phase.ENDED:
            return replace(watch, delivered=0.0)


def _barrier_upper(guard: Guard, estimate: Mapping[str, Interval]) -> float:
    return enclose(guard.barrier, {**guard.box, **estimate})[1]


def _advance(guard: Guard, estimate: Mapping[str, Interval], step_s: float) -> dict[str, Interval]:
    """Carry the states that nobody measures forward by `step_s` with the model's own rates.

    Explicit Euler on both ends in steps of at most 5 s: an estimate, as the sensor is one; the
    proof does not rest on it. The measured state keeps its last report.
    """
    current = dict(estimate)
    hidden = [name for name in guard.dynamics if name != guard.measured]
    while step_s > 0.0 and hidden:
        step = min(step_s, 5.0)
        box = {**guard.box, **current}
        for name in hidden:
            low, high = current[name]
            current[name] = (
                low + step / 60.0 * enclose(guard.dynamics[name], {**box, name: (low, low)})[0],
                high + step / 60.0 * enclose(guard.dynamics[name], {**box, name: (high, high)})[1],
            )
        step_s -= step
    return current


def names_needed(guard: Guard) -> frozenset[str]:
    """Return the names that the barrier needs and the guard has no interval for."""
    known = set(guard.box) | set(guard.dynamics) | {guard.measured}
    return frozenset(names_of(guard.barrier) - known)
