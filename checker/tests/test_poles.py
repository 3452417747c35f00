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


def lifted(proof, *facts):
    return {"type": "lift", "terms": ["1/x"], "facts": list(facts), "proof": proof}


def test_a_lifted_pole_of_the_barrier_is_no_safety():
    """x' = 1 goes from -1 to 1 through the pole of B = 1/x, with L = -(1/x)^2 <= 0."""
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x == -1"]}, {"and": ["x >= 1", "x <= 2"]},
        barrier("1/x"), "everywhere",
    )  # fmt: skip
    square = {"basis": [[0, 1]], "matrix": [["1"]]}
    obligations = {
        "init": proved(split({"x": ["-1", "-1"]}, {"x": [0, 0]}, [{"constraint": 1}], "interval")),
        "unsafe": proved(split({"x": ["1", "2"]}, {"x": [0, 1]}, [{"constraint": 2}], "interval")),
        "flow": proved(lifted(psatz([0], [([], square)]))),
    }
    assert verdict(of, obligations).accepted
    report = verdict(of, obligations, {"theorem": "everywhere"})
    assert not report.accepted
    assert "REGULARITY" in report.reasons[0]


def test_a_barrier_that_is_not_defined_on_the_unsafe_set_is_no_safety():
    """x' = -1 goes from 1 to 0, where B = -1/x is not defined."""
    of = problem(
        ["x"], {"x": "-1"}, {"and": ["x == 1"]}, {"and": ["x == 0"]}, barrier("-1/x"), "everywhere"
    )  # fmt: skip
    inverse = {"fact": "inverse", "term": 0}
    obligations = {
        "init": proved(split({"x": ["1", "1"]}, {"x": [0, 0]}, [{"constraint": 1}], "interval")),
        "unsafe": proved(
            lifted(psatz([], [], [(2, [[[0, 0], "1"]]), (0, [[[0, 1], "-1"]])]), inverse)
        ),
        "flow": proved(lifted(psatz([0], [([], {"basis": [[0, 1]], "matrix": [["1"]]})]))),
    }
    assert verdict(of, obligations).accepted
    assert "REGULARITY" in verdict(of, obligations, {"theorem": "everywhere"}).reasons[0]


def test_a_strict_set_that_nobody_leaves_does_not_keep_a_start_on_its_boundary():
    """x' = 1 and {x^2 < 0}: nobody is in it, so nobody leaves it, but x = 0 is no safe start."""
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x == 0"]}, {"and": ["x >= 1"]},
        barrier("x**2", original_invariant="x**2 < 0"), "invariant",
    )  # fmt: skip
    square = {"basis": [[1]], "matrix": [["1"]]}
    entry = {"order": 2, "cofactors": [[], [], []]}
    leave = psatz([0], [([], square)])  # -x^2 > 0
    enter = [
        psatz([1], [([0], "1")]),  # x^2 >= 0 and -x^2 > 0
        psatz([2, 2], [], [(1, [[[0], "4"]])]),  # -x^2 == 0 and 2x > 0
        EMPTY,
    ]
    obligations = {
        "init": proved(psatz([1], [], [(0, [[[1], "-1"]])])),
        "unsafe": proved(
            psatz(
                [],
                [
                    ([1], "1"),
                    ([0], "2"),
                    ([], {"basis": [[0], [1]], "matrix": [["1", "-1"], ["-1", "1"]]}),
                ],
            )
        ),
        "flow": {
            "verdict": "PROVED",
            "proof": {"via": "lie", "atoms": [entry], "cases": [leave] * 4 + enter},
        },
    }
    report = verdict(of, obligations)
    assert report.accepted, report.reasons
    assert "STRICTNESS" in verdict(of, obligations, {"theorem": "positive_invariance"}).reasons[0]


def test_a_domain_with_a_lifted_pole_is_not_kept():
    """x+ = 1 - x leads from 1 to 0, where the domain 1/x >= 1/9 is not defined."""
    of = problem(
        ["x"], {"x": "1 - x"}, {"and": ["x == 1"]}, {"and": ["x >= 5"]},
        barrier("x**2 - x"), "discrete_decrease", ["1/x >= 1/9"], "discrete",
    )  # fmt: skip
    inverse = {"fact": "inverse", "term": 0}
    less = {"basis": [[0], [1]], "matrix": [["1", "-1"], ["-1", "1"]]}
    obligations = {
        "init": proved(psatz([1], [], [(0, [[[1], "-1"]])])),
        "unsafe": proved(psatz([], [([1], "1"), ([0], "1"), ([], less)], coefficient="4")),
        "flow": proved(EMPTY),
    }
    identity = psatz(
        [2],
        [([], "8/9"), ([1], {"basis": [[0, 1]], "matrix": [["1"]]})],
        [(3, [[[0, 0], "1"], [[1, 1], "-1"]])],
    )
    kept = {"type": "lift", "terms": ["1/(1 - x)"], "facts": [inverse], "proof": identity}
    start = split({"x": ["1", "1"]}, {"x": [0, 0]}, [{"constraint": 1}], "interval")
    safety = {
        "theorem": "discrete_decrease",
        "domain": [{"constraint": 0, "proof": {"cases": [kept]}}],
        "start": [{"constraint": 0, "proof": {"cases": [start]}}],
    }
    assert verdict(of, obligations).accepted
    assert "REGULARITY" in verdict(of, obligations, safety).reasons[0]
