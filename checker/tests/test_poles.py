"""Where functions are not defined nothing is claimed: poles of lambda, of B and of the flow."""

import json

import pytest
from goldens import EMPTY, barrier, document, problem, proved, psatz, split
from lucid_checker import check


def verdict(of, obligations, safety=None):
    return check(json.dumps(of), json.dumps(document(of, obligations, safety)))


def test_a_pole_of_lambda_that_cancels_with_one_of_the_barrier_is_no_safety():
    """x' = 1 goes from -1 to 1, where B = 1/x is positive, although L - lambda*B = 0."""
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x == -1"]}, {"and": ["x >= 1", "x <= 2"]},
        barrier("1/x", **{"lambda": "-1/x"}), "exponential",
    )  # fmt: skip
    obligations = {
        "init": proved(split({"x": ["-1", "-1"]}, {"x": [0, 0]}, [{"constraint": 1}], "interval")),
        "unsafe": proved(split({"x": ["1", "2"]}, {"x": [0, 1]}, [{"constraint": 2}], "interval")),
        "flow": proved(EMPTY),
    }
    assert verdict(of, obligations).accepted
    report = verdict(of, obligations, {"theorem": "exponential"})
    assert not report.accepted
    assert not report.implies_safety
    assert "REGULARITY" in report.reasons[0]


@pytest.mark.parametrize(
    ("rate", "accepted"), [("-1", True), ("exp(x)*sin(x)", True), ("tan(x)", False)]
)
def test_lambda_may_be_any_function_without_poles(rate, accepted):
    """x' = 0 keeps B = y <= 0, y' = lambda*y, on x in [0, 1]."""
    of = problem(
        ["x", "y"], {"x": "0", "y": f"({rate})*y"}, {"and": ["y <= -1"]}, {"and": ["y >= 1"]},
        barrier("y", **{"lambda": rate}), "exponential",
    )  # fmt: skip
    obligations = {
        "init": proved(psatz([1], [([0], "1"), ([], "1")])),
        "unsafe": proved(psatz([], [([0], "1"), ([1], "1")])),
        "flow": proved(EMPTY),
    }
    assert verdict(of, obligations, {"theorem": "exponential"}).accepted is accepted


@pytest.mark.parametrize(("rate", "accepted"), [("log(x + 1)", True), ("log(x)", False)])
def test_a_point_where_the_flow_is_not_defined_refutes_no_invariance(rate, accepted):
    """{x <= 0} under x' = 1 is left through x = 0 only if y' is defined there."""
    of = problem(
        ["x", "y"], {"x": "1", "y": rate}, {"and": ["x <= -1"]}, {"and": ["x >= 1"]},
        barrier("x"), "invariant",
    )  # fmt: skip
    witness = {"type": "point", "case": 0, "values": {"x": "0", "y": "0"}}
    report = verdict(of, {"flow": {"verdict": "REFUTED", "witness": witness}})
    assert report.accepted is accepted


@pytest.mark.parametrize(("rate", "accepted"), [("exp(x)", True), ("1/(x**2 - 2)", False)])
def test_a_segment_refutes_only_where_the_flow_is_defined_on_all_of_it(rate, accepted):
    of = problem(
        ["x", "y"], {"x": "1", "y": rate}, {"and": ["x <= 1"]}, {"and": ["x >= 2"]},
        barrier("x**2 - 2"), "invariant",
    )  # fmt: skip
    witness = {
        "type": "segment", "case": 0, "equation": 0,
        "from": {"x": "1", "y": "0"}, "to": {"x": "2", "y": "0"},
    }  # fmt: skip
    report = verdict(of, {"flow": {"verdict": "REFUTED", "witness": witness}})
    assert report.accepted is accepted


def test_a_refuted_conjunct_counts_every_other_conjunct_once():
    """The case of the second conjunct is: the first one open, p == 0, Lp > 0."""
    of = problem(
        ["x", "y"], {"x": "0", "y": "1"}, {"and": ["x == 0", "y == 0"]}, {"and": ["x >= 9"]},
        {"type": "invariant", "cuts": [{"and": ["x <= 1", "y**2 <= 2"]}]}, "invariant",
    )  # fmt: skip
    witness = {
        "conjunct": 1, "type": "segment", "case": 0, "equation": 1,
        "from": {"x": "0", "y": "1"}, "to": {"x": "0", "y": "2"},
    }  # fmt: skip
    assert verdict(of, {"cut1": {"verdict": "REFUTED", "witness": witness}}).accepted
