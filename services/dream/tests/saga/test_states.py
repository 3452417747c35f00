"""Which state may follow which."""

from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.states import CHAIN, TERMINAL, SessionState, may_follow

states = st.sampled_from(SessionState)


@given(before=st.sampled_from(sorted(TERMINAL)), after=states)
def test_a_terminal_state_is_never_left(before: SessionState, after: SessionState) -> None:
    assert not may_follow(before, after)


@given(before=states, after=states)
def test_no_two_states_follow_each_other_both_ways(
    before: SessionState, after: SessionState
) -> None:
    assert not (may_follow(before, after) and may_follow(after, before))


@given(before=st.sampled_from(CHAIN), after=st.sampled_from(CHAIN))
def test_the_chain_only_goes_forward(before: SessionState, after: SessionState) -> None:
    forward = CHAIN.index(before) < CHAIN.index(after)
    assert may_follow(before, after) is forward


def test_compensating_ends_outside_the_chain() -> None:
    following = {s for s in SessionState if may_follow(SessionState.COMPENSATING, s)}
    assert following == TERMINAL - {SessionState.COMPLETED}
