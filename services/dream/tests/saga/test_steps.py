"""The saga's order, its turning points and its compensations, as laws over whole histories."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_dream.saga.history import (
    ATTEMPTS_MAX,
    COMPENSABLE,
    LOST_ATTEMPTS_MAX,
    Direction,
    Finish,
    Perform,
    Record,
    Result,
    Step,
    backoff_s,
)
from lucid_dream.saga.states import TERMINAL, Mode, SessionState
from lucid_dream.saga.steps import BASIC_STEPS, FULL_STEPS, decide, idempotency_key, mode_of

DO, UNDO = Direction.DO, Direction.UNDO
ACTIONS_MAX = 200

modes = st.sampled_from(Mode)
results = st.sampled_from([Result.DONE] * 6 + [r for r in Result if r is not Result.DONE])
choices = st.lists(results, max_size=60)


def run(mode: Mode, answer: Callable[[Perform], Result]) -> tuple[list[Record], Finish]:
    """Play a saga against a world that answers each action; fails if it never ends."""
    history: list[Record] = []
    for _ in range(ACTIONS_MAX):
        action = decide(mode, history)
        if isinstance(action, Finish):
            return history, action
        result = answer(action)
        reason = "" if result is Result.DONE else "BECAUSE"
        history.append(Record(action.direction, action.step, result, reason))
    raise AssertionError("the saga does not end")


def world(answers: list[Result]) -> Callable[[Perform], Result]:
    """Answer with the drawn results in order, then always with DONE."""
    left = iter(answers)
    return lambda action: next(left, Result.DONE)


def done(history: list[Record], direction: Direction) -> list[Step]:
    return [r.step for r in history if r.direction is direction and r.result is Result.DONE]


def test_a_full_session_takes_every_step_in_order_and_completes() -> None:
    history, end = run(Mode.FULL, world([]))
    assert tuple(r.step for r in history) == FULL_STEPS
    assert end == Finish(SessionState.COMPLETED)


def test_a_basic_session_never_touches_vendor_or_carrier() -> None:
    history, end = run(Mode.BASIC, world([]))
    assert tuple(r.step for r in history) == BASIC_STEPS
    assert not {Step.RESERVE, Step.CARRIER, Step.SETTLE} & {r.step for r in history}
    assert end.state is SessionState.COMPLETED


@given(mode=modes, answers=choices)
def test_every_saga_ends_in_a_terminal_state(mode: Mode, answers: list[Result]) -> None:
    _, end = run(mode, world(answers))
    assert end.state in TERMINAL


@given(mode=modes, answers=choices)
def test_compensations_are_exactly_the_steps_that_took_place_in_reverse(
    mode: Mode, answers: list[Result]
) -> None:
    history, end = run(mode, world(answers))
    undone = done(history, UNDO)
    took_place = [
        s
        for s in dict.fromkeys(r.step for r in history if r.direction is DO)
        if s in COMPENSABLE
        and any(
            r.step is s and r.direction is DO and r.result in (Result.DONE, Result.UNAVAILABLE)
            for r in history
        )
    ]
    assert undone == [s for s in reversed(took_place) if s in undone]
    assert len(undone) == len(set(undone))
    if end.state in (SessionState.REJECTED, SessionState.DEFERRED, SessionState.COMPENSATED):
        surely = set(done(history, DO)) & COMPENSABLE
        assert surely <= set(undone) <= set(took_place)
    if end.state is SessionState.COMPLETED:
        assert not set(undone) & set(done(history, DO))


@given(mode=modes, answers=choices)
def test_nothing_runs_without_consent_readiness_and_certificate(
    mode: Mode, answers: list[Result]
) -> None:
    history, _ = run(mode, world(answers))
    if any(r.step is Step.RUN for r in history):
        before = done(history[: [r.step for r in history].index(Step.RUN)], DO)
        assert {Step.CONSENT, Step.READINESS, Step.CERTIFY, Step.SCHEDULE} <= set(before)


@given(mode=modes, answers=choices)
def test_a_step_that_is_done_is_never_done_again(mode: Mode, answers: list[Result]) -> None:
    history, _ = run(mode, world(answers))
    for direction in Direction:
        steps = done(history, direction)
        assert len(steps) == len(set(steps))


@given(mode=modes, answers=choices)
def test_a_recorded_history_replays_as_a_list(mode: Mode, answers: list[Result]) -> None:
    history, end = run(mode, world(answers))
    for length, record in enumerate(history):
        action = decide(mode, history[:length])
        assert isinstance(action, Perform)
        assert (action.direction, action.step) == (record.direction, record.step)
    assert decide(mode, history) == end


@given(lost=st.sampled_from([Step.CONSENT, Step.READINESS, Step.CERTIFY, Step.OPEN, Step.SCHEDULE]))
def test_consent_readiness_and_certificate_never_degrade(lost: Step) -> None:
    _, end = run(
        Mode.FULL,
        lambda a: Result.UNAVAILABLE if (a.direction, a.step) == (DO, lost) else Result.DONE,
    )
    assert end.state is SessionState.REJECTED


def test_an_unreachable_vendor_turns_the_session_basic_and_the_reservation_is_released() -> None:
    history, end = run(
        Mode.FULL,
        lambda a: (
            Result.UNAVAILABLE if (a.direction, a.step) == (DO, Step.RESERVE) else Result.DONE
        ),
    )
    assert mode_of(Mode.FULL, history) is Mode.BASIC
    assert Step.SETTLE not in {r.step for r in history}
    assert done(history, UNDO) == [Step.RESERVE]
    assert end.state is SessionState.COMPLETED


def test_a_coherence_service_that_stays_down_costs_the_carrier_and_little_time() -> None:
    history, end = run(
        Mode.FULL, lambda a: Result.UNAVAILABLE if a.step is Step.CARRIER else Result.DONE
    )
    assert sum(r.step is Step.CARRIER for r in history) == 1 + LOST_ATTEMPTS_MAX
    assert mode_of(Mode.FULL, history) is Mode.FULL
    assert Step.SETTLE in done(history, DO)
    assert end.state is SessionState.COMPLETED


def test_settling_is_tried_again_and_then_reversed_and_left_to_an_operator() -> None:
    history, end = run(
        Mode.FULL,
        lambda a: Result.UNAVAILABLE if (a.direction, a.step) == (DO, Step.SETTLE) else Result.DONE,
    )
    tries = [r for r in history if r.step is Step.SETTLE and r.direction is DO]
    assert len(tries) == ATTEMPTS_MAX
    assert done(history, UNDO) == [Step.SETTLE]
    assert end.state is SessionState.FAILED_NEEDS_OPERATOR


def test_a_vendor_that_comes_back_is_settled_once() -> None:
    tries = iter([Result.UNAVAILABLE, Result.UNAVAILABLE, Result.DONE])
    history, end = run(Mode.FULL, lambda a: next(tries) if a.step is Step.SETTLE else Result.DONE)
    assert end.state is SessionState.COMPLETED
    assert not done(history, UNDO)
    assert [r.result for r in history if r.step is Step.SETTLE].count(Result.DONE) == 1


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (Result.ABORTED, SessionState.ABORTED_SAFE),
        (Result.STOPPED, SessionState.COMPENSATED),
        (Result.FAILED, SessionState.FAILED_NEEDS_OPERATOR),
    ],
)
def test_a_run_that_is_cut_short_is_undone_and_unsettled(
    ending: Result, state: SessionState
) -> None:
    history, end = run(Mode.FULL, lambda a: ending if a.step is Step.RUN else Result.DONE)
    assert end == Finish(state, "BECAUSE")
    assert Step.SETTLE not in {r.step for r in history}
    assert done(history, UNDO) == [Step.SCHEDULE, Step.CARRIER, Step.RESERVE]


def test_a_compensation_that_never_succeeds_asks_for_an_operator() -> None:
    def answer(action: Perform) -> Result:
        if action.direction is UNDO:
            return Result.UNAVAILABLE
        return Result.STOPPED if action.step is Step.CERTIFY else Result.DONE

    history, end = run(Mode.FULL, answer)
    assert end == Finish(SessionState.FAILED_NEEDS_OPERATOR, "UNDO_RESERVE_FAILED")
    assert sum(r.direction is UNDO for r in history) == ATTEMPTS_MAX


def test_keys_differ_by_step_and_direction_and_not_by_attempt() -> None:
    keys = {idempotency_key("s1", step, d) for step in Step for d in Direction}
    assert len(keys) == 2 * len(Step)


@settings(max_examples=30)
@given(attempt=st.integers(0, 100))
def test_back_off_grows_and_is_bounded(attempt: int) -> None:
    assert 0.0 <= backoff_s(attempt) <= backoff_s(attempt + 1) <= 60.0
