import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import lucid_checker
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.claims import Claim
from lucid_validation.barrier.decide import contradiction
from lucid_validation.barrier.errors import Quarantined
from lucid_validation.barrier.obligation_work import SolverAnswer
from lucid_validation.barrier.verdict import Decision, Undecided, word

Spiral = Callable[..., dict[str, Any]]
Decide = Callable[..., Decision]


def words(decision: Decision) -> dict[str, str]:
    return {name: word(result.verdict) for name, result in decision.obligations.items()}


@pytest.mark.parametrize("flow", ["everywhere", "boundary_strict", "boundary_weak", "exponential"])
def test_a_right_certificate_is_proved_under_every_reading(
    spiral: Spiral, decide: Decide, flow: str
) -> None:
    certificate = {"type": "barrier", "expr": "x**2 + y**2 - 1", "lambda": "-1"}
    decision = decide(spiral(flow_condition=flow, certificate=certificate))
    assert decision.verdict == "PROVED"
    assert decision.safety.implies_safety
    report = lucid_checker.check(
        json.dumps(spiral(flow_condition=flow, certificate=certificate)),
        json.dumps(decision.evidence),
    )
    assert report.accepted
    assert report.implies_safety


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"certificate": {"type": "barrier", "expr": "42"}}, "init"),
        ({"certificate": {"type": "barrier", "expr": "-42"}}, "unsafe"),
        ({"certificate": {"type": "barrier", "expr": "x**2 + y**2 - 0.2"}}, "init"),
        ({"certificate": {"type": "barrier", "expr": "x**2 + y**2 - 4.0000001"}}, "unsafe"),
        ({"dynamics": {"x": "x", "y": "-y"}}, "flow"),
        ({"dynamics": {"x": "-x + y", "y": "-x + 0.001*y"}}, "flow"),
        ({"init": {"and": ["x**2 + y**2 <= 1.0000001"]}}, "init"),
    ],
)
def test_a_wrong_certificate_is_refuted_with_a_checked_witness(
    spiral: Spiral, decide: Decide, changes: dict[str, Any], failing: str
) -> None:
    decision = decide(spiral(**changes))
    assert decision.verdict == "REFUTED"
    assert words(decision)[failing] == "REFUTED"
    assert not decision.safety.implies_safety
    assert lucid_checker.check(
        json.dumps(spiral(**changes)), json.dumps(decision.evidence)
    ).accepted


def test_a_surface_violation_gets_a_segment(spiral: Spiral, decide: Decide) -> None:
    # On the ellipse x^2 + 3y^2 = 1 the flow turns outwards somewhere, and no point of it is simple.
    certificate = {"type": "barrier", "expr": "x**2 + 3*y**2 - 1.01"}
    raw = spiral(
        certificate=certificate,
        dynamics={"x": "3*y", "y": "-x + 0.3*y"},
        flow_condition="boundary_weak",
        init={"and": ["x**2 + y**2 <= 0.01"]},
    )
    decision = decide(raw)
    assert words(decision)["flow"] == "REFUTED"
    assert decision.evidence is not None
    assert decision.evidence["obligations"]["flow"]["witness"]["type"] == "segment"


def test_a_weak_level_set_without_regularity_is_not_safe(decide: Decide) -> None:
    # dB/dt = 0 on B = 0, and yet x' = 1 walks from B < 0 through B = x^3 = 0 to the unsafe side.
    raw = {
        "kind": "continuous",
        "vars": ["x"],
        "dynamics": {"x": "1"},
        "domain": None,
        "init": {"and": ["x <= -1"]},
        "unsafe": {"and": ["x >= 1"]},
        "certificate": {"type": "barrier", "expr": "x**3"},
        "flow_condition": "boundary_weak",
    }
    decision = decide(raw)
    assert decision.verdict == "PROVED"
    assert not decision.safety.implies_safety
    assert decision.safety.missing == "REGULARITY"


def test_a_domain_that_can_be_left_is_not_safe(spiral: Spiral, decide: Decide) -> None:
    small = ["x >= -1.5", "x <= 1.5", "y >= -1.5", "y <= 1.5"]
    kept = decide(spiral(domain=small))
    assert kept.safety.implies_safety
    leaving = spiral(domain=["x >= -0.6", "x <= 0.6"], unsafe={"and": ["x >= 2"]})
    left = decide(leaving)
    assert left.verdict == "PROVED"
    assert left.safety.missing == "DOMAIN_CAN_BE_LEFT"


def test_an_open_domain_cannot_be_closed(spiral: Spiral, decide: Decide) -> None:
    decision = decide(spiral(domain=["x > -9", "x < 9", "y > -9", "y < 9"]))
    assert decision.verdict == "PROVED"
    assert decision.safety.missing == "STRICTNESS"


def test_an_initial_state_outside_of_the_domain_is_not_safe(spiral: Spiral, decide: Decide) -> None:
    decision = decide(spiral(domain=["x >= 0", "x <= 3"]))
    assert decision.safety.missing == "INIT_OUTSIDE_DOMAIN"


def test_cuts_are_proved_one_after_the_other(decide: Decide) -> None:
    raw = {
        "kind": "continuous",
        "vars": ["x", "y"],
        "dynamics": {"x": "y", "y": "y**2"},
        "domain": None,
        "init": {"and": ["x >= 1", "y >= 1"]},
        "unsafe": {"and": ["x < 0"]},
        "certificate": {"type": "invariant", "cuts": ["y >= 0", "x >= 0"]},
        "flow_condition": "invariant",
    }
    decision = decide(raw)
    assert words(decision) == dict.fromkeys(["init", "unsafe", "cut1", "cut2"], "PROVED")
    assert decision.safety.theorem == "differential_cuts"
    swapped = decide({**raw, "certificate": {"type": "invariant", "cuts": ["x >= 0", "y >= 0"]}})
    assert words(swapped)["cut1"] == "REFUTED"


def test_a_disjunctive_cut_that_can_be_left_is_not_guessed(decide: Decide, spiral: Spiral) -> None:
    # Across x = 1 with y > 1 the spiral enters x > 1 and y > 1.
    raw = spiral(
        certificate={"type": "invariant", "cuts": [{"or": ["x <= 1", "y <= 1"]}]},
        flow_condition="invariant",
    )
    result = decide(raw).obligations["cut1"].verdict
    assert isinstance(result, Undecided)
    assert result.reason == "NUMERIC"


@pytest.mark.parametrize("flow", ["discrete_decrease", "discrete_inductive"])
def test_discrete_systems_are_composed(decide: Decide, flow: str) -> None:
    raw = {
        "kind": "discrete",
        "vars": ["x", "y"],
        "dynamics": {"x": "0.5*x + 0.2*y", "y": "-0.2*x + 0.5*y"},
        "domain": None,
        "init": {"and": ["x**2 + y**2 <= 0.5"]},
        "unsafe": {"and": ["x >= 2"]},
        "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
        "flow_condition": flow,
    }
    assert decide(raw).verdict == "PROVED"
    grown = {**raw, "dynamics": {"x": "1.5*x", "y": "0.5*y"}}
    assert words(decide(grown))["flow"] == "REFUTED"


def test_functions_that_do_not_cancel_are_enclosed(decide: Decide) -> None:
    raw = {
        "kind": "continuous",
        "vars": ["a", "w"],
        "dynamics": {"a": "w", "w": "-sin(a) - 0.5*w"},
        "domain": ["a >= -2", "a <= 2", "w >= -3", "w <= 3"],
        "init": {"and": ["a**2 + w**2 <= 0.01"]},
        "unsafe": {"or": ["a >= 1.9", "a <= -1.9"]},
        "certificate": {"type": "barrier", "expr": "w**2/2 + 1 - cos(a) + 0.1*a*w - 0.3"},
        "flow_condition": "boundary_strict",
    }
    assert words(decide(raw))["flow"] == "PROVED"
    decision = decide(
        {**raw, "dynamics": {"a": "w", "w": "-sin(a)/9 + 0.5*w"}, "flow_condition": "everywhere"}
    )
    assert words(decision)["flow"] == "REFUTED"


def test_signs_alone_decide_function_terms_without_margin(spiral: Spiral, decide: Decide) -> None:
    box = ["x >= -3", "x <= 3", "y >= -3", "y <= 3"]
    decision = decide(spiral(domain=box, dynamics={"x": "-x*exp(y)", "y": "-y"}))
    assert words(decision)["flow"] == "PROVED"


def test_nothing_is_proved_when_the_checker_refuses(spiral: Spiral, decide: Decide) -> None:
    decision = decide(spiral(), check=lambda *_: SimpleNamespace(accepted=False))
    assert decision.verdict == "UNDECIDED"
    assert decision.evidence is None


def test_the_checker_sees_each_claim_before_it_is_reported(spiral: Spiral, decide: Decide) -> None:
    seen: list[str] = []
    order: list[str] = []

    def check(problem: str, evidence: str) -> Any:
        seen.extend(json.loads(evidence)["obligations"])
        return lucid_checker.check(problem, evidence)

    decide(spiral(), check=check, on_progress=lambda r: order.append(r.name in seen))
    assert order == [True, True, True]


# Two circles that meet nowhere rationally near: sat only at an irrational point, for a solver.
HARD = {
    "kind": "continuous",
    "vars": ["x", "y"],
    "dynamics": {"x": "y", "y": "x"},
    "domain": None,
    "init": {"and": ["x**2 + y**2 == 2", "x**3 == y + 5", "x*y == 3"]},
    "unsafe": {"and": ["x >= 9"]},
    "certificate": {"type": "barrier", "expr": "x - 8"},
    "flow_condition": "boundary_weak",
}


def test_a_solver_without_evidence_proves_nothing(decide: Decide) -> None:
    decision = decide(HARD, solver=lambda *_: SolverAnswer("unsat"))
    flow = decision.obligations["flow"].verdict
    assert word(flow) == "REFUTED" or isinstance(flow, Undecided)
    for result in decision.obligations.values():
        if isinstance(result.verdict, Undecided):
            assert result.verdict.reason == "SOLVER_CLAIM"
    assert decision.verdict != "PROVED"


def test_a_false_model_of_a_solver_refutes_nothing(spiral: Spiral, decide: Decide) -> None:
    lying = decide(spiral(), solver=lambda *_: SolverAnswer("sat", {"v0": Fraction(7)}))
    assert lying.verdict == "PROVED"


def test_a_claim_against_a_witness_is_quarantined() -> None:
    claim = Claim([], ())
    claim.claims_of_solvers.append("smt: unsat")
    claim.refute(0, {"type": "point", "values": {}}, "falsifier")
    with pytest.raises(Quarantined) as caught:
        contradiction(claim, "flow")
    assert (caught.value.obligation, caught.value.first) == ("flow", "falsifier")


def test_a_spent_budget_decides_nothing_and_says_so(spiral: Spiral, decide: Decide) -> None:
    decision = decide(spiral(), seconds=-1.0)
    assert decision.verdict == "UNDECIDED"
    reasons = {r.verdict.reason for r in decision.obligations.values()}  # type: ignore[union-attr]
    assert reasons == {"TIMEOUT"}


def test_the_same_problem_gets_the_same_evidence(spiral: Spiral, decide: Decide) -> None:
    assert decide(spiral()).evidence == decide(spiral()).evidence


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(shift=st.fractions(-1, 1, max_denominator=16), radius=st.fractions(0, 2, max_denominator=8))
def test_verdicts_on_discs_agree_with_geometry(
    spiral: Spiral, decide: Decide, shift: Fraction, radius: Fraction
) -> None:
    """A disc of radius r around (s, 0) is inside the unit disc exactly if |s| + r <= 1."""
    init = {"and": [f"(x - ({shift}))**2 + y**2 <= ({radius})**2"]}
    found = words(decide(spiral(init=init)))["init"]
    assert found == ("PROVED" if abs(shift) + radius <= 1 else "REFUTED")


def test_names_order_and_labels_change_no_verdict(spiral: Spiral, decide: Decide) -> None:
    for order, flow in itertools.product(
        (["x", "y"], ["y", "x"]), ("everywhere", "boundary_strict")
    ):
        raw = json.loads(
            json.dumps(spiral(vars=order, flow_condition=flow, id="other", expected="invalid"))
            .replace("x", "e2x")
            .replace("ee2xpe", "expe")
            .replace("ee2xpr", "expr")
        )
        assert decide(raw).verdict == "PROVED"


def test_what_stays_open_on_a_box_is_given_as_boxes_with_their_exact_volume(
    spiral: Spiral, decide: Decide
) -> None:
    # B is 0 on unsafe where x is the square root of 2, of which no rational point can tell.
    problem = spiral(
        unsafe={"and": ["x >= 0", "x <= 2", "y >= 0", "y <= 1"]},
        certificate={"type": "barrier", "expr": "(x**2 - 2)**2"},
    )
    verdict = decide(problem).obligations["unsafe"].verdict
    assert isinstance(verdict, Undecided)
    assert verdict.residual is not None
    assert 0 < Fraction(verdict.residual["share"]) < Fraction(1, 100)
    ends = [tuple(map(Fraction, box["x"])) for box in verdict.residual["boxes"]]
    assert any(low**2 <= 2 <= high**2 for low, high in ends)
