"""The clockwork of a run: silence, compressed time, stops, and going on after an interruption."""

from typing import Any

import pytest
from lucid.dream.v1 import dream_service_pb2, session_pb2
from lucid_dream.basic_seed import certified_for
from lucid_dream.live import Live
from lucid_dream.run import STEP_MAX_S, _Run
from lucid_dream.saga.history import Result
from lucid_dream.sessions import Stored
from lucid_testkit.clocks import ManualClock


def stored(**fields: Any) -> Stored:
    from fractions import Fraction

    seed = certified_for(Fraction(8, 10))
    assert seed is not None
    message = session_pb2.Session(**fields)
    message.duration.FromSeconds(600)
    return Stored("s1", "u1", message, seed.as_message(), {"cap": "0.8", "problem": seed.problem})


def tick(run: _Run, clock: ManualClock, seconds: float, arousal: float | None = 0.1) -> None:
    clock.advance(seconds)
    if arousal is not None:
        run.live.hear(dream_service_pb2.Telemetry(arousal_estimate=arousal))
    run.tick("", paused=False)


def test_thirty_silent_seconds_end_a_session_by_the_ramp_down() -> None:
    clock = ManualClock()
    run = _Run(stored(), Live(), clock)
    for _ in range(100):
        tick(run, clock, 1.0)
    assert run.progress.watch.delivered > 0.0
    for _ in range(29):
        tick(run, clock, 1.0, arousal=None)
    assert not run.progress.watch.reason
    for _ in range(60):
        tick(run, clock, 1.0, arousal=None)
    assert run.is_over
    assert (run.outcome().result, run.outcome().reason) == (Result.ABORTED, "TELEMETRY_SILENT")


def test_a_session_in_real_time_completes() -> None:
    clock = ManualClock()
    run = _Run(stored(), Live(), clock)
    ticks = 0
    while not run.is_over:
        tick(run, clock, 1.0)
        ticks += 1
        assert ticks <= 600
    assert ticks == 600
    assert run.outcome().result is Result.DONE
    assert 0.0 < run.progress.max_intensity <= 0.8


def test_compressed_time_waits_for_a_slow_client() -> None:
    clock = ManualClock()
    run = _Run(stored(time_compression=1000.0), Live(), clock)
    tick(run, clock, 1.0)
    for _ in range(5):
        tick(run, clock, 1.0, arousal=None)
    assert run.progress.time_s <= 2 * STEP_MAX_S
    assert not run.progress.watch.reason


@pytest.mark.parametrize("unattended", [True, False])
def test_a_stop_ramps_down_within_the_ramp(unattended: bool) -> None:
    clock = ManualClock()
    run = _Run(stored(unattended=unattended), Live(), clock)
    for _ in range(100):
        tick(run, clock, 1.0)
    seconds = 0
    while not run.is_over:
        clock.advance(1.0)
        run.live.hear(dream_service_pb2.Telemetry(arousal_estimate=0.1))
        run.tick("STOPPED_BY_USER", paused=False)
        seconds += 1
        assert seconds <= 31
    assert run.outcome().reason == "STOPPED_BY_USER"


def test_an_interrupted_run_goes_on_where_it_was_saved() -> None:
    clock = ManualClock()
    session = stored()
    first = _Run(session, Live(), clock)
    for _ in range(200):
        tick(first, clock, 1.0)
    first.write_to(session)
    second = _Run(session, Live(), clock)
    assert second.progress.time_s == pytest.approx(200.0)
    assert second.progress.ticks == 200
    assert second.progress.watch.estimate.keys() == first.progress.watch.estimate.keys()
    tick(second, clock, 1.0)
    assert second.progress.watch.delivered == pytest.approx(first.progress.watch.delivered, abs=0.1)


def test_a_ramp_down_survives_an_interruption() -> None:
    clock = ManualClock()
    session = stored()
    first = _Run(session, Live(), clock)
    for _ in range(100):
        tick(first, clock, 1.0)
    tick(first, clock, 1.0, arousal=0.99)
    first.write_to(session)
    second = _Run(session, Live(), clock)
    tick(second, clock, 1.0)
    assert second.is_over
    assert second.outcome().reason == "BARRIER_REACHED"
