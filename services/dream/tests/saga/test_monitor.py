"""The monitor takes over in time, for good, and never lets more through than the cap."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.expression import parse_expression
from lucid_dream.saga.monitor import (
    Guard,
    Phase,
    Watch,
    begin,
    hear,
    names_needed,
    pause,
    ramp_down,
    resume,
    tick,
)

GUARD = Guard(
    barrier=parse_expression("a**2 + h**2/4 - 0.63"),
    dynamics={"h": parse_expression("0.1*(a - h)")},
    box={"a": (0.0, 0.3), "h": (0.0, 0.3)},
    measured="a",
    cap=0.8,
    horizon_s=660.0,
)

events = st.lists(
    st.tuples(
        st.sampled_from(["hear", "tick", "pause", "resume", "stop"]),
        st.floats(0.0, 1.0),
        st.floats(0.0, 40.0),
    ),
    max_size=40,
)


def play(played: list[tuple[str, float, float]]) -> list[Watch]:
    watch = begin(GUARD)
    seen = []
    for kind, value, step_s in played:
        at_s = watch.time_s + step_s
        match kind:
            case "hear":
                watch = tick(GUARD, hear(GUARD, watch, value, at_s), value, at_s)
            case "pause":
                watch = tick(GUARD, pause(watch), value, at_s)
            case "resume":
                watch = tick(GUARD, resume(watch), value, at_s)
            case "stop":
                watch = tick(GUARD, ramp_down(watch, "STOPPED"), value, at_s)
            case _:
                watch = tick(GUARD, watch, value, at_s)
        seen.append(watch)
    return seen


@given(events)
def test_what_is_delivered_never_exceeds_the_cap(played: list[tuple[str, float, float]]) -> None:
    assert all(0.0 <= w.delivered <= GUARD.cap for w in play(played))


@given(events)
def test_a_ramp_down_is_never_taken_back(played: list[tuple[str, float, float]]) -> None:
    order = (Phase.DELIVERING, Phase.PAUSED, Phase.RAMPING, Phase.ENDED)
    over = False
    last = GUARD.cap
    for watch in play(played):
        if over:
            assert watch.phase in (Phase.RAMPING, Phase.ENDED)
            assert watch.delivered <= last
        over = over or order.index(watch.phase) >= 2
        last = watch.delivered


@given(events)
def test_nothing_is_delivered_while_the_barrier_is_reached(
    played: list[tuple[str, float, float]],
) -> None:
    for watch in play(played):
        if watch.barrier_upper >= 0.0:
            assert watch.phase in (Phase.RAMPING, Phase.ENDED) or watch.delivered == 0.0


def test_the_sensors_error_counts_against_the_session() -> None:
    # 0.79**2 < 0.63 < 0.81**2: the report itself is safe, the report with its error is not.
    watch = tick(GUARD, hear(GUARD, begin(GUARD), 0.785, 1.0), 0.5, 1.0)
    assert watch.phase is Phase.ENDED
    assert watch.reason == "BARRIER_REACHED"
    exact = replace(GUARD, sensor_error=0.0, box={"a": (0.0, 0.1), "h": (0.0, 0.1)})
    assert tick(exact, hear(exact, begin(exact), 0.785, 1.0), 0.5, 1.0).phase is Phase.DELIVERING


def test_thirty_silent_seconds_end_the_session() -> None:
    watch = tick(GUARD, hear(GUARD, begin(GUARD), 0.1, 10.0), 0.5, 39.9)
    assert watch.phase is Phase.DELIVERING
    watch = tick(GUARD, watch, 0.5, 40.0)
    assert (watch.phase, watch.reason) == (Phase.RAMPING, "TELEMETRY_SILENT")


def test_the_ramp_takes_its_time_and_ends() -> None:
    watch = tick(GUARD, hear(GUARD, begin(GUARD), 0.1, 1.0), 0.8, 1.0)
    watch = ramp_down(watch, "STOPPED")
    levels = []
    for second in range(2, 40):
        watch = tick(GUARD, watch, 0.8, float(second))
        levels.append(watch.delivered)
    assert levels == sorted(levels, reverse=True)
    assert watch.phase is Phase.ENDED
    assert 25 <= sum(level > 0.0 for level in levels) <= 30


def test_reports_do_not_hold_up_the_ramp() -> None:
    watch = tick(GUARD, hear(GUARD, begin(GUARD), 0.1, 1.0), 0.8, 1.0)
    watch = ramp_down(watch, "STOPPED")
    seconds = 1
    while watch.phase is not Phase.ENDED:
        seconds += 1
        assert seconds < 40
        watch = tick(GUARD, hear(GUARD, watch, 0.1, float(seconds)), 0.8, float(seconds))


def test_a_pause_delivers_nothing_and_still_watches() -> None:
    paused = tick(GUARD, pause(hear(GUARD, begin(GUARD), 0.1, 1.0)), 0.5, 2.0)
    assert (paused.phase, paused.delivered) == (Phase.PAUSED, 0.0)
    alarmed = tick(GUARD, hear(GUARD, paused, 0.9, 3.0), 0.5, 3.0)
    assert alarmed.phase in (Phase.RAMPING, Phase.ENDED)
    assert tick(GUARD, resume(paused), 0.5, 3.0).delivered == 0.5


def test_a_state_nobody_measures_follows_the_model() -> None:
    watch = hear(GUARD, begin(GUARD, estimate={"h": (0.0, 0.0)}), 0.5, 0.0)
    for second in range(1, 601):
        watch = hear(GUARD, watch, 0.5, float(second))
    low, high = watch.estimate["h"]
    # h' = (a - h)/10 per minute from 0 for 10 minutes: 0.5*(1 - exp(-1)) = 0.316.
    assert low <= 0.316 <= high
    assert high - low < 0.05


def test_a_session_that_outlives_its_budget_is_ramped_down() -> None:
    watch = hear(GUARD, begin(GUARD), 0.1, 659.0)
    assert tick(GUARD, watch, 0.5, 660.0).reason == "TIME_IS_UP"


def test_a_name_without_an_interval_is_found_beforehand() -> None:
    assert names_needed(GUARD) == frozenset()
    strange = replace(GUARD, barrier=parse_expression("a + zz"))
    assert names_needed(strange) == {"zz"}
