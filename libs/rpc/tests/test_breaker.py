"""The breaker, and one test for each of the ten ways in which pybreaker misleads asyncio."""

import threading
from collections.abc import Iterator

import grpc
import pybreaker
import pytest
from google.protobuf import descriptor_pool
from lucid_rpc.breaker import (
    FAILURE_CODES,
    Breaker,
    BreakerOpen,
    Breakers,
    BreakerSettings,
    Permit,
    method_class_of,
    settle,
)
from lucid_rpc.status import failure_of
from lucid_testkit.clocks import ManualClock

C = grpc.StatusCode
SETTINGS = BreakerSettings(failures_max=5, open_s=10.0, successes_min=2, probes_max=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> Iterator[Breaker]:
    return Breaker("cache", "read", clock.monotonic, SETTINGS)


def call(breaker: Breaker, code: grpc.StatusCode, timeout_s: float = 1.0) -> None:
    settle(breaker, breaker.admit(), code, timeout_s)


def trip(breaker: Breaker) -> None:
    for _ in range(SETTINGS.failures_max):
        call(breaker, C.UNAVAILABLE)
    assert breaker.state == "open"


def test_1_awaited_failures_trip_it(breaker: Breaker) -> None:
    """pybreaker counts the coroutine object as a success; we report outcomes."""
    trip(breaker)
    with pytest.raises(BreakerOpen):
        breaker.admit()


def test_2_and_3_no_lock_is_held_while_a_call_is_awaited(breaker: Breaker) -> None:
    """Between admit and report another thread can use the machine."""
    permit = breaker.admit()
    done = threading.Event()

    def other() -> None:
        breaker.report(breaker.admit(), ok=True)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert done.wait(5)
    thread.join()
    breaker.report(permit, ok=True)


@pytest.mark.parametrize("code", sorted(set(C) - FAILURE_CODES - {C.OK, C.CANCELLED}, key=str))
def test_4_refusals_show_that_the_peer_is_alive(breaker: Breaker, code: grpc.StatusCode) -> None:
    for _ in range(20):
        call(breaker, code)
    assert breaker.state == "closed"


def test_4_a_cancelled_call_does_not_reset_the_count(breaker: Breaker) -> None:
    """An excluded exception would count as a success."""
    for _ in range(4):
        call(breaker, C.UNAVAILABLE)
        call(breaker, C.CANCELLED)
    assert breaker.snapshot().consecutive_failures == 4
    call(breaker, C.UNAVAILABLE)
    assert breaker.state == "open"


def test_5_cancelled_calls_are_no_failures(breaker: Breaker) -> None:
    for _ in range(20):
        call(breaker, C.CANCELLED)
    assert breaker.snapshot().consecutive_failures == 0
    assert breaker.state == "closed"


def test_5_a_caller_in_a_hurry_is_no_failure(breaker: Breaker) -> None:
    for _ in range(20):
        call(breaker, C.DEADLINE_EXCEEDED, timeout_s=0.05)
    assert breaker.state == "closed"
    for _ in range(5):
        call(breaker, C.DEADLINE_EXCEEDED, timeout_s=1.0)
    assert breaker.state == "open"


@pytest.mark.parametrize("code", sorted(FAILURE_CODES, key=str))
def test_6_codes_decide_and_no_class_is_excluded(breaker: Breaker, code: grpc.StatusCode) -> None:
    """`exclude` goes wrong with metaclasses, so it is not used."""
    for _ in range(SETTINGS.failures_max):
        call(breaker, code)
    assert breaker.state == "open"


def test_7_the_failure_that_trips_it_stays_the_callers_own(breaker: Breaker) -> None:
    """Reporting never raises, so the RpcError is not replaced."""
    trip(breaker)


def test_8_half_open_admits_one_probe_at_a_time(breaker: Breaker, clock: ManualClock) -> None:
    trip(breaker)
    clock.advance(SETTINGS.open_s)
    probe = breaker.admit()
    assert probe.is_probe
    for _ in range(20):
        with pytest.raises(BreakerOpen):
            breaker.admit()
    settle(breaker, probe, C.OK, 1.0)
    assert breaker.state == "half-open"
    call(breaker, C.OK)
    assert breaker.state == "closed"
    breaker.admit()
    breaker.admit()


def test_8_a_failed_probe_opens_it_again_for_the_whole_time(
    breaker: Breaker, clock: ManualClock
) -> None:
    trip(breaker)
    clock.advance(SETTINGS.open_s)
    call(breaker, C.UNAVAILABLE)
    assert breaker.state == "open"
    clock.advance(SETTINGS.open_s - 0.1)
    with pytest.raises(BreakerOpen):
        breaker.admit()
    clock.advance(0.1)
    assert breaker.admit().is_probe


def test_8_a_cancelled_probe_gives_its_place_back(breaker: Breaker, clock: ManualClock) -> None:
    trip(breaker)
    clock.advance(SETTINGS.open_s)
    call(breaker, C.CANCELLED)
    assert breaker.state == "half-open"
    assert breaker.admit().is_probe


def test_9_a_step_of_the_wall_clock_changes_nothing(breaker: Breaker, clock: ManualClock) -> None:
    trip(breaker)
    clock.set_now(clock.now().replace(year=2001))
    clock.advance(SETTINGS.open_s)
    assert breaker.admit().is_probe


def test_10_no_listener_runs_on_the_way_of_a_call(breaker: Breaker) -> None:
    """States are read by snapshot; nothing of ours runs under pybreaker's lock."""
    assert vars(breaker)["_machine"].listeners == ()
    trip(breaker)
    state = breaker.snapshot()
    assert (state.peer, state.method_class, state.state) == ("cache", "read", "open")


def test_results_from_before_the_change_of_state_are_dropped(
    breaker: Breaker, clock: ManualClock
) -> None:
    stale = [breaker.admit() for _ in range(3)]
    trip(breaker)
    clock.advance(SETTINGS.open_s)
    probe = breaker.admit()
    for permit in stale:
        settle(breaker, permit, C.UNAVAILABLE, 1.0)
    assert breaker.state == "half-open"
    settle(breaker, probe, C.OK, 1.0)
    call(breaker, C.OK)
    assert breaker.state == "closed"


def test_a_stream_closes_a_half_open_breaker_by_its_first_message(
    breaker: Breaker, clock: ManualClock
) -> None:
    trip(breaker)
    clock.advance(SETTINGS.open_s)
    stream = breaker.admit()
    breaker.succeed_early(stream)
    breaker.succeed_early(stream)
    assert breaker.state == "half-open"
    other = breaker.admit()
    breaker.succeed_early(other)
    assert breaker.state == "closed"
    settle(breaker, other, C.OK, 1.0)
    settle(breaker, stream, C.OK, 1.0)
    assert breaker.state == "closed"


def test_a_probing_stream_that_breaks_later_still_counts(
    breaker: Breaker, clock: ManualClock
) -> None:
    trip(breaker)
    clock.advance(SETTINGS.open_s)
    stream = breaker.admit()
    breaker.succeed_early(stream)
    settle(breaker, stream, C.UNAVAILABLE, 1.0)
    assert breaker.state == "open"


def test_a_refusal_explains_itself(breaker: Breaker, clock: ManualClock) -> None:
    trip(breaker)
    clock.advance(4.0)
    with pytest.raises(BreakerOpen) as caught:
        breaker.admit()
    failure = failure_of(caught.value)
    assert (failure.code, failure.reason) == (C.UNAVAILABLE, "BREAKER_OPEN")
    assert failure.retry_after_s == pytest.approx(6.0)
    assert breaker.snapshot().rejections == 1


def test_peers_and_classes_do_not_trip_one_another(clock: ManualClock) -> None:
    breakers = Breakers(clock.monotonic, SETTINGS)
    trip(breakers.of("cache", "read"))
    assert breakers.of("cache", "read").state == "open"
    assert breakers.of("cache", "write").state == "closed"
    assert breakers.of("vendor", "read").state == "closed"
    clock.advance(3.0)
    states = {one.peer + one.method_class: one for one in breakers.reported(now_s=1000.0)}
    assert states["cacheread"].opened_s == pytest.approx(997.0)
    assert states["vendorread"].opened_s is None
    values = [one.value for one in breakers.samples() if one.name == "lucid.rpc.breaker.state"]
    assert sorted(values) == [0.0, 0.0, 2.0]


def test_the_class_of_a_method_is_declared_with_it() -> None:
    from lucid.vendor.v1 import seed_service_pb2  # noqa: F401  # registers the descriptors

    pool = descriptor_pool.Default()
    service = "/lucid.vendor.v1.SeedService"
    assert method_class_of(f"{service}/GetSeed", is_stream=False, pool=pool) == "read"
    assert method_class_of(f"{service}/CreateSeed", is_stream=False, pool=pool) == "write"
    assert method_class_of(f"{service}/WatchSeed", is_stream=True, pool=pool) == "stream"
    assert method_class_of("/unknown.X/Y", is_stream=False, pool=pool) == "write"


def test_pybreaker_still_has_the_names_that_are_used() -> None:
    assert (pybreaker.STATE_CLOSED, pybreaker.STATE_OPEN) == ("closed", "open")
    assert Permit(0, is_probe=False).has_succeeded is False
