import pytest
from lucid_rpc import deadline
from lucid_rpc.deadline import MARGIN_S, BudgetSpent, budget, detached, remaining_s, timeout_s


def test_without_a_budget_a_call_gets_its_own_limit() -> None:
    assert remaining_s() is None
    assert timeout_s(3.0) == 3.0


def test_a_call_gets_what_remains_less_a_margin() -> None:
    with budget(1.0):
        assert 0.9 - MARGIN_S < timeout_s(3.0) <= 1.0 - MARGIN_S
        assert timeout_s(0.5) == 0.5
    assert remaining_s() is None


def test_a_budget_only_shrinks() -> None:
    with budget(1.0), budget(10.0):
        assert (remaining_s() or 9) <= 1.0
        with budget(0.2):
            assert (remaining_s() or 9) <= 0.2


def test_when_nothing_remains_the_call_is_not_made() -> None:
    with budget(MARGIN_S / 2), pytest.raises(BudgetSpent):
        timeout_s(3.0)


def test_work_that_outlives_the_call_is_detached_from_its_budget() -> None:
    with budget(0.0):
        with detached():
            assert deadline.timeout_s(3.0) == 3.0
        assert remaining_s() == 0.0
