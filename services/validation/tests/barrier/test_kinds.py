import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import lucid_checker
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.kinds import expected_growth
from lucid_validation.barrier.noise import Finite, Normal, Uniform, expectation
from lucid_validation.barrier.polynomial import Ring, terms
from lucid_validation.barrier.problem import Barrier, parse_problem
from lucid_validation.barrier.verdict import Decision, word

Raw = dict[str, Any]
# One right problem of each kind, small enough to be seen through.
EXAMPLES: dict[str, Raw] = json.loads((Path(__file__).parent / "kinds.json").read_text())
BAND = EXAMPLES["band"]
ZEROING = EXAMPLES["zeroing_cbf"]
FINITE_HORIZON = EXAMPLES["finite_horizon"]
VECTOR = EXAMPLES["vector"]
K_INDUCTIVE = EXAMPLES["k_inductive"]
SUPERMARTINGALE = EXAMPLES["supermartingale"]
DIFFUSION = EXAMPLES["diffusion"]
HYBRID = EXAMPLES["hybrid"]


def changed(raw: Raw, **changes: Any) -> Raw:
    """Return the problem with fields replaced."""
    return {**raw, **changes}


def certified(raw: Raw, **changes: Any) -> Raw:
    """Return the problem with fields of its certificate replaced."""
    return {**raw, "certificate": {**raw["certificate"], **changes}}


Decide = Callable[..., Decision]
PROBABILISTIC = ("supermartingale", "diffusion")


def words(decision: Decision) -> dict[str, str]:
    return {name: word(result.verdict) for name, result in decision.obligations.items()}


@pytest.mark.parametrize(("name", "raw"), EXAMPLES.items(), ids=EXAMPLES)
def test_a_right_certificate_is_proved_and_the_checker_agrees(
    decide: Decide, name: str, raw: Raw
) -> None:
    decision = decide(raw)
    assert decision.verdict == "PROVED"
    assert decision.safety.implies_safety is (name not in PROBABILISTIC)
    assert decision.safety.evidence is not None
    report = lucid_checker.check(json.dumps(raw), json.dumps(decision.evidence))
    assert report.accepted
    assert report.implies_safety is decision.safety.implies_safety


WRONG: list[tuple[Raw, str]] = [
    (certified(BAND, expr="-x - 1"), "init"),
    (changed(BAND, dynamics={"x": "x"}), "flow"),
    (changed(ZEROING, inputs={"names": ["u"], "vertices": [["2"], ["3"]]}), "flow"),
    (changed(FINITE_HORIZON, horizon="5"), "unsafe"),
    (changed(FINITE_HORIZON, dynamics={"x": "2", "t": "1"}), "flow"),
    (certified(VECTOR, matrix=[["-2", "0"], ["1", "-2"]]), "flow1"),
    (changed(VECTOR, init={"and": ["x <= 0", "y <= 3"]}), "init"),
    (certified(K_INDUCTIVE, k=1), "flow"),
    (changed(K_INDUCTIVE, init={"and": ["x <= 1/2", "y <= 2"]}), "init"),
    (certified(SUPERMARTINGALE, drift="1/200"), "flow"),
    (certified(SUPERMARTINGALE, gamma="1/200"), "init"),
    (certified(SUPERMARTINGALE, expr="x**2 - 1/100"), "nonnegative"),
    (certified(SUPERMARTINGALE, expr="x**2/2"), "unsafe"),
    (certified(DIFFUSION, drift="1/100"), "flow"),
    (certified(HYBRID, exprs={"on": "x - 2", "off": "x - 1/100"}), "jump1"),
    (certified(HYBRID, exprs={"on": "x - 4", "off": "x - 2"}), "unsafe.on"),
    (certified(HYBRID, exprs={"on": "-x - 2", "off": "x - 1"}), "flow.on"),
]


@pytest.mark.parametrize(
    ("raw", "failing"), WRONG, ids=[f"{i}-{w[1]}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_certificate_is_refuted_with_a_checked_witness(
    decide: Decide, raw: Raw, failing: str
) -> None:
    decision = decide(raw)
    assert decision.verdict == "REFUTED"
    assert words(decision)[failing] == "REFUTED"
    assert not decision.safety.implies_safety
    assert decision.safety.probability_bound is None
    assert lucid_checker.check(json.dumps(raw), json.dumps(decision.evidence)).accepted


def test_a_band_in_discrete_time_proves_nothing_about_safety(decide: Decide) -> None:
    # On the band [0, 1] the map -4x does not let B = x grow, and yet one step from -1 ends at 4.
    raw = changed(
        BAND, kind="discrete", dynamics={"x": "-4*x"}, init={"and": ["x >= -1", "x <= 0"]},
        certificate={"type": "barrier", "expr": "x", "band": "1"},
    )  # fmt: skip
    decision = decide(raw)
    assert decision.verdict == "PROVED"
    assert not decision.safety.implies_safety
    assert decision.safety.missing == "BAND_IN_DISCRETE_TIME"
    problem = parse_problem(raw)
    start = Fraction(-1)
    end = sum(q * start ** e[0] for e, q in terms(problem.dynamics["x"]).items())
    assert end == 4  # unsafe: x >= 2


def test_inputs_on_a_bounded_domain_leave_the_controller_open(decide: Decide) -> None:
    decision = decide(changed(ZEROING, domain=["x >= -5", "x <= 5"]))
    assert decision.verdict == "PROVED"
    assert decision.safety.missing == "CONTROLLER"


def test_inputs_that_only_just_suffice_leave_the_controller_open(decide: Decide) -> None:
    # x' = u x^2: at x = 0 no input makes dB/dt + B strictly negative if B is 0 there.
    raw = changed(ZEROING, dynamics={"x": "-x + u*x", "u": "0"}, unsafe={"and": ["x >= 1"]})
    raw = certified(raw, expr="x", **{"lambda": "-1"})
    decision = decide(raw)
    assert decision.verdict == "PROVED"
    assert decision.safety.missing == "CONTROLLER"


def test_a_probability_is_claimed_only_for_what_is_proved(decide: Decide) -> None:
    decision = decide(SUPERMARTINGALE)
    assert (decision.safety.missing, decision.safety.probability_bound) == (
        "PROBABILISTIC",
        "11/100",
    )
    assert decide(DIFFUSION).safety.probability_bound == "3/100"
    opened = changed(DIFFUSION, domain=["x > -3", "x < 3", "y > -3", "y < 3"])
    assert decide(opened).safety.missing == "STRICTNESS"
    # B is negative outside of the domain, where a step may land.
    jumping = certified(
        changed(SUPERMARTINGALE, domain=["x >= -2", "x <= 2"]), expr="x**2 + (4 - x**2)*x**4/100"
    )
    assert decide(jumping).safety.probability_bound is None


def test_a_bound_above_one_says_one(decide: Decide) -> None:
    assert decide(changed(SUPERMARTINGALE, horizon=1000)).safety.probability_bound == "1"


def test_a_domain_of_a_finite_horizon_counts_up_to_the_horizon_only(decide: Decide) -> None:
    kept = changed(FINITE_HORIZON, domain=["x >= -1", "t >= -1", "t <= 3"],
                   init={"and": ["x <= 0", "x >= -1"]})  # fmt: skip
    assert decide(kept).safety.implies_safety
    ended = changed(kept, domain=["x >= -1", "t >= -1", "t <= 1"])
    assert decide(ended).safety.missing == "DOMAIN_CAN_BE_LEFT"


def test_a_rate_with_a_pole_proves_nothing_for_modes(decide: Decide) -> None:
    modes = [{"name": "only", "dynamics": {"x": "1"}, "init": {"and": ["x <= -1"]},
              "unsafe": {"and": ["x >= 1"]}}]  # fmt: skip
    certificate = {"type": "modes", "exprs": {"only": "1/x"}, "lambda": "-1/x"}
    raw = changed(
        HYBRID, modes=modes, transitions=[], certificate=certificate, flow_condition="exponential"
    )
    assert not decide(raw).safety.implies_safety


fractions = st.fractions(-3, 3, max_denominator=4)


@given(st.lists(fractions, min_size=2, max_size=2), st.integers(0, 6))
def test_moments_of_two_values_are_their_mean(values: list[Fraction], order: int) -> None:
    law = Finite(tuple((value, Fraction(1, 2)) for value in values))
    assert law.moment(order) == sum(value**order for value in values) / 2


def test_moments_are_the_known_ones() -> None:
    assert [Normal(Fraction(0), Fraction(2)).moment(n) for n in range(7)] == [
        1,
        0,
        2,
        0,
        12,
        0,
        120,
    ]
    assert [Uniform(Fraction(0), Fraction(1)).moment(n) for n in range(4)] == [
        1, Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)]  # fmt: skip


@given(fractions, fractions, st.integers(0, 3), st.integers(0, 3))
def test_expectation_is_the_mean_over_all_outcomes(
    low: Fraction, high: Fraction, first: int, second: int
) -> None:
    ring = Ring(["x", "v", "w"])
    x, v, w = ring.generators
    laws = {"v": Finite(((low, Fraction(1, 3)), (high, Fraction(2, 3)))),
            "w": Finite(((low, Fraction(1)),))}  # fmt: skip
    polynomial = (x + v) ** first * (v - 2 * w + x * w) ** second
    direct = [ring.substitute(polynomial, {1: value, 2: low}) for value in (low, high)]
    assert expectation(polynomial, laws, ring) == (direct[0] + 2 * direct[1]) / 3


def test_the_generator_has_the_second_order_term() -> None:
    problem = parse_problem(DIFFUSION)
    assert isinstance(problem.certificate, Barrier)
    x, y = problem.ring.generators
    # L = -2x^2 - 2y^2; half of g_k g_l d2B/dx_k dx_l summed: (1/100 + 1/100 + x^2/100).
    expected = -2 * x**2 - 2 * y**2 + (2 + x**2) / 100
    assert expected_growth(problem, problem.certificate.polynomial) == expected
