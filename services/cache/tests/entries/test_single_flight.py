from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from lucid_cache.entries.entry import Entry
from lucid_cache.entries.lease import Held, Lease, Leases
from lucid_cache.entries.single_flight import (
    ComeBack,
    Compute,
    Found,
    LookAgain,
    Wait,
    next_step,
)

LEASE = Lease("k", 1, 10.0, 0)


def test_a_winner_looks_again_before_it_computes():
    arguments = {"now_s": 0.0, "give_up_at_s": 0.0}
    assert next_step(None, LEASE, has_looked_again=False, **arguments) == LookAgain(LEASE)
    assert next_step(None, LEASE, has_looked_again=True, **arguments) == Compute(LEASE)


def test_a_value_that_is_there_is_taken_and_a_won_lease_given_back(
    entry_of: Callable[..., Entry],
):
    entry = entry_of()
    arguments = {"has_looked_again": True, "now_s": 0.0, "give_up_at_s": 0.0}
    assert next_step(entry, LEASE, **arguments) == Found(entry, LEASE)
    assert next_step(entry, Held(1.0), **arguments) == Found(entry, None)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_a_loser_waits_no_longer_than_the_lease_or_its_patience(
    now_s: float, until_s: float, give_up_at_s: float
):
    step = next_step(
        None, Held(until_s), has_looked_again=False, now_s=now_s, give_up_at_s=give_up_at_s
    )
    if give_up_at_s <= now_s:
        assert step == ComeBack(max(until_s - now_s, 0.0))
    else:
        assert isinstance(step, Wait)
        assert 0 <= step.seconds <= give_up_at_s - now_s
        assert step.seconds <= max(until_s - now_s, 0.0)


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 4))
def test_in_every_order_of_steps_one_value_is_computed_once(order: list[int], callers: int):
    """Each caller: look, ask for the lease, step; a computation ends by a store and a release."""
    leases, stored, computed = Leases(1), False, 0
    state: list[tuple[str, Lease | None, bool]] = [("look", None, False)] * callers
    for turn in [*(number % callers for number in order), *list(range(callers)) * 8]:
        phase, lease, seen = state[turn]
        if phase == "look":
            state[turn] = ("ask", lease, stored)
        elif phase == "ask":
            asked = lease or leases.acquire("k", 0.0, 60.0, 0)
            has_looked_again = lease is not None
            if seen:
                if isinstance(asked, Lease):
                    leases.release("k", asked.token)
                state[turn] = ("done", None, True)
            else:
                match next_step(
                    None, asked, has_looked_again=has_looked_again, now_s=0.0, give_up_at_s=1.0
                ):
                    case LookAgain(won):
                        state[turn] = ("look", won, False)
                    case Compute(won):
                        state[turn] = ("compute", won, False)
                    case _:
                        state[turn] = ("look", None, False)
        elif phase == "compute":
            assert lease is not None
            computed += 1
            stored = True
            leases.release("k", lease.token)
            state[turn] = ("done", None, True)
    assert computed == 1
    assert all(phase == "done" for phase, _, _ in state)
