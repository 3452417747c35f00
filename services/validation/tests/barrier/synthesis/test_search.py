"""Certificates are found for systems that have one, and never where a start reaches unsafe."""

from __future__ import annotations

import json
import time
from typing import Any

import lucid_checker
import pytest
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.errors import ProblemInvalid
from lucid_validation.barrier.synthesis.outcome import Outcome, Progress
from lucid_validation.barrier.synthesis.search import Tools, synthesise
from lucid_validation.barrier.synthesis.task import read_task

XY, XYZ = ["x", "y"], ["x", "y", "z"]
SIX = ["a", "b", "c", "d", "e", "f"]
LINEAR_SIX = ["-a + b", "-b + c/2", "-c + d/2", "-d - e/2", "-e + d/2", "-f + a/4"]
CUBIC_SIX = ["-a - a**3 + b", "-b - a", "-c - c**3 + d", "-d - c", "-e - e**3 + f", "-f - e"]
WIDE = ["x >= -3", "x <= 3", "y >= -3", "y <= 3"]
NARROW = ["x >= -3/2", "x <= 3/2", "y >= -3/2", "y <= 3/2"]


def ball(names: list[str], centre: tuple[str, ...], square: str) -> str:
    parts = (f"({name} - ({c}))**2" for name, c in zip(names, centre, strict=True))
    return " + ".join(parts) + f" <= {square}"


def around_zero(names: list[str], square: str) -> str:
    return ball(names, ("0",) * len(names), square)


def system(
    names: list[str],
    rates: list[str],
    sets: tuple[str, Any],
    flow: str,
    domain: list[str] | None = None,
) -> dict[str, Any]:
    init, unsafe = sets
    return {
        "kind": "discrete" if flow.startswith("discrete") else "continuous",
        "vars": names,
        "dynamics": dict(zip(names, rates, strict=True)),
        "domain": domain,
        "init": init,
        "unsafe": unsafe,
        "flow_condition": flow,
    }


def search(problem: dict[str, Any], degree: int, seconds: float = 20.0) -> Outcome:
    heard: list[Progress] = []
    budget = Budget(time.monotonic, time.monotonic() + seconds)
    tools = Tools(budget, lucid_checker.check, None, 0, heard.append)
    outcome = synthesise(read_task(problem, degree), tools)
    assert heard or outcome.result == "IMPOSSIBLE"
    return outcome


OSCILLATOR = ["y", "-x + x**3/3 - y"]
FROM_PRAJNA = (ball(XY, ("3/2", "0"), "1/4"), ball(XY, ("-1", "-1"), "4/25"))
FOUND = {
    "oscillator of Prajna and Jadbabaie": (
        system(XY, OSCILLATOR, FROM_PRAJNA, "everywhere"),
        4,
    ),
    "oscillator under the exponential condition": (
        system(XY, OSCILLATOR, FROM_PRAJNA, "exponential", WIDE),
        4,
    ),
    "Van der Pol, time reversed": (
        system(
            XY,
            ["-y", "x - (1 - x**2)*y"],
            (around_zero(XY, "1/4"), {"and": ["x >= 7/5", *NARROW]}),
            "boundary_strict",
            NARROW,
        ),
        4,
    ),
    "linear cascade": (
        system(XYZ, ["-x + y", "-y + z", "-z"], (around_zero(XYZ, "1/4"), "x >= 2"), "everywhere"),
        2,
    ),
    "cubic damping": (
        system(
            XYZ,
            ["-x**3 + y", "-y**3 - x + z", "-z**3 - y"],
            (around_zero(XYZ, "1"), "x**2 + y**2 + z**2 >= 4"),
            "everywhere",
        ),
        2,
    ),
    "six linear states": (
        system(SIX, LINEAR_SIX, (around_zero(SIX, "1/4"), "a + f >= 5"), "everywhere"),
        2,
    ),
    "six cubic states": (
        system(SIX, CUBIC_SIX, (around_zero(SIX, "1"), "a**2 + c**2 + e**2 >= 9"), "everywhere"),
        2,
    ),
    "linear map": (
        system(
            XY, ["x/2 + y/4", "-x/4 + y/2"], (around_zero(XY, "1"), "x >= 2"), "discrete_decrease"
        ),
        2,
    ),
    "quadratic map": (
        system(
            XY,
            ["x/2 + y**2/8", "y/2 - x*y/8"],
            (around_zero(XY, "1"), "x**2 + y**2 >= 4"),
            "discrete_inductive",
            WIDE,
        ),
        4,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_certificate_is_found_and_its_evidence_is_accepted(name: str) -> None:
    problem, degree = FOUND[name]
    outcome = search(problem, degree)
    assert outcome.result == "FOUND", outcome.reason
    assert outcome.candidate is not None
    decision = outcome.candidate.decision
    assert decision.verdict == "PROVED"
    report = lucid_checker.check(
        json.dumps(outcome.candidate.problem), json.dumps(decision.evidence)
    )
    assert report.accepted, report.reasons
    assert report.implies_safety == decision.safety.implies_safety


def test_a_state_that_is_initial_and_unsafe_is_named() -> None:
    problem = system(XY, ["-x", "-y"], (around_zero(XY, "1"), "x >= 1/2"), "everywhere")
    outcome = search(problem, 4)
    assert outcome.result == "IMPOSSIBLE"
    assert outcome.witness is not None
    assert outcome.candidate is None


@pytest.mark.parametrize("flow", ["everywhere", "exponential", "boundary_strict"])
@pytest.mark.parametrize("domain", [None, WIDE], ids=["all of space", "a box"])
def test_no_certificate_claims_safety_where_runs_reach_unsafe(
    flow: str, domain: list[str] | None
) -> None:
    problem = system(XY, ["1", "-y"], (around_zero(XY, "1/4"), "x >= 2"), flow, domain)
    outcome = search(problem, 4, seconds=2.0)
    candidate = outcome.candidate
    assert candidate is None or not candidate.decision.safety.implies_safety


@pytest.mark.parametrize("flow", ["discrete_decrease", "discrete_inductive"])
def test_no_certificate_is_proved_where_a_map_reaches_unsafe(flow: str) -> None:
    problem = system(XY, ["x + 1/4", "y/2"], (around_zero(XY, "1/4"), "x >= 2"), flow)
    outcome = search(problem, 4, seconds=2.0)
    assert outcome.result != "FOUND"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vars": [f"x{i}" for i in range(7)]}, "vars"),
        ({"dynamics": {"x": "sin(x)", "y": "-y"}}, "dynamics.x"),
        ({"flow_condition": "boundary_weak"}, "flow_condition"),
        ({"kind": "hybrid"}, "kind"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_with_its_field(
    change: dict[str, Any], field: str
) -> None:
    problem = system(XY, ["-x", "-y"], (around_zero(XY, "1"), "x >= 2"), "everywhere")
    with pytest.raises(ProblemInvalid) as caught:
        read_task({**problem, **change}, 4)
    assert caught.value.field == field
