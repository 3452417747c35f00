import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_cache.entries.lease import Held, Lease, LeaseDurationInvalid, Leases


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0.001, 10), st.floats(0, 5))))
def test_one_lease_runs_at_a_time_and_tokens_rise(calls: list[tuple[str, float, float]]):
    leases, now, running, tokens = Leases(100), 0.0, dict[str, Lease](), [99]
    for key, duration, pause in calls:
        now += pause
        got = leases.acquire(key, now, duration, 0)
        current = running.get(key)
        if current is not None and now < current.until_s:
            assert got == Held(current.until_s)
        else:
            assert isinstance(got, Lease)
            assert got.token > tokens[-1]
            tokens.append(got.token)
            running[key] = got


def test_a_holder_that_slept_is_refused_once_another_was_granted():
    leases = Leases(1)
    slow = leases.acquire("k", 0.0, 1.0, 0)
    assert isinstance(slow, Lease)
    assert leases.newest("k", slow.token) == slow
    fast = leases.acquire("k", 1.0, 1.0, 0)
    assert isinstance(fast, Lease)
    assert leases.newest("k", slow.token) is None
    assert leases.newest("k", fast.token) == fast


def test_a_late_holder_is_accepted_while_nobody_else_was_granted():
    leases = Leases(1)
    lease = leases.acquire("k", 0.0, 1.0, 0)
    assert isinstance(lease, Lease)
    assert leases.newest("k", lease.token) is not None


def test_a_lease_is_released_once_and_only_by_its_token():
    leases = Leases(1)
    lease = leases.acquire("k", 0.0, 1.0, 0)
    assert isinstance(lease, Lease)
    assert not leases.release("k", lease.token + 1)
    assert leases.release("k", lease.token)
    assert not leases.release("k", lease.token)


def test_a_revoked_lease_stores_nothing_and_blocks_nobody():
    leases = Leases(1)
    lease = leases.acquire("k", 0.0, 100.0, 0)
    leases.revoke("k")
    leases.revoke("unknown")
    assert isinstance(lease, Lease)
    assert leases.newest("k", lease.token) is None
    assert isinstance(leases.acquire("k", 0.0, 1.0, 0), Lease)


def test_ended_leases_are_forgotten_after_their_grace():
    leases = Leases(1)
    leases.acquire("a", 0.0, 1.0, 0)
    leases.acquire("b", 0.0, 5.0, 0)
    assert leases.forget_ended(3.0, 2.0) == 1
    assert len(leases) == 1


@pytest.mark.parametrize("duration_s", [0.0, -1.0, 600.1, float("nan")])
def test_a_duration_out_of_range_is_refused(duration_s: float):
    with pytest.raises(LeaseDurationInvalid):
        Leases(1).acquire("k", 0.0, duration_s, 0)
