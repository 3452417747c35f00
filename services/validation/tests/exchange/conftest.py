import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import lucid_checker
import pytest
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.problem import parse_problem

PROBLEMS = Path(__file__).resolve().parents[4] / "tests/conformance/problems"
DISC: dict[str, Any] = {
    "id": "disc",
    "kind": "continuous",
    "vars": ["x", "y"],
    "parameters": [],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "domain": None,
    "init": {"and": ["x**2 + y**2 <= 1/4"]},
    "unsafe": {"or": ["x >= 2", {"and": ["y > 2", "x > 0.5"]}]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
    "flow_condition": "everywhere",
}


@pytest.fixture
def disc() -> dict[str, Any]:
    """A linear focus in a disc, with a certificate that holds."""
    return copy.deepcopy(DISC)


@pytest.fixture(scope="session")
def corpus() -> list[dict[str, Any]]:
    """Published problems that have a certificate."""
    decidable = {"barrier", "invariant"}
    return [
        entry
        for entry in json.loads((PROBLEMS / "barrier.json").read_text())
        if (entry.get("certificate") or {}).get("type") in decidable
    ]


@pytest.fixture(scope="session")
def known() -> dict[tuple[str, str], str]:
    """Obligations of published problems whose status is known: (problem, obligation) to status."""
    rows = json.loads((PROBLEMS / "known_obligations.json").read_text())
    return {(problem, obligation): status for problem, obligation, status in rows}


class Decided(NamedTuple):
    """A problem object, the engine's evidence, and the independent checker's answer."""

    raw: dict[str, Any]
    evidence: dict[str, Any]
    report: lucid_checker.Report


@pytest.fixture(scope="session")
def decided() -> Callable[[dict[str, Any]], Decided]:
    """Decide a problem within a few seconds, and check what came out."""

    def run(raw: dict[str, Any]) -> Decided:
        budget = Budget(time.monotonic, time.monotonic() + 20)
        decision = decide_problem(parse_problem(raw), budget=budget, check=lucid_checker.check)
        assert decision.evidence is not None
        text = json.dumps(decision.evidence)
        report = lucid_checker.check(json.dumps(raw), text)
        assert report.accepted
        return Decided(raw, json.loads(text), report)

    return run


EXAMPLES = (
    *("disc", "strict", "cuts", "functions", "box", "refuted", "discrete", "band", "zeroing_cbf"),
    *("finite_horizon", "vector", "k_inductive", "supermartingale", "diffusion", "hybrid"),
)


@pytest.fixture(scope="session", params=EXAMPLES)
def example(request: pytest.FixtureRequest, decided: Callable[..., Decided]) -> Decided:
    """A decided problem of each kind."""
    return decided(examples()[request.param])


def examples() -> dict[str, dict[str, Any]]:
    """One problem of each kind that is small enough to be decided at once, by name."""
    kinds = Path(__file__).resolve().parents[1] / "barrier/kinds.json"
    cuts = {
        "type": "invariant",
        "cuts": [{"and": ["x**2 + y**2 < 1"]}, {"and": ["x < 1", "y < 1"]}],
    }
    functions = {"init": {"and": ["sin(x)**2 + y**2 <= 1/4", "abs(x) <= 1/4"]}}
    return {
        "disc": DISC,
        "strict": DISC | {"flow_condition": "boundary_strict"},
        "cuts": DISC | {"certificate": cuts, "flow_condition": "invariant"},
        "functions": DISC | functions,
        "box": DISC | {"domain": ["x >= -3", "x <= 3", "y >= -3", "y <= 3"], "parameters": []},
        "refuted": DISC | {"certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1/8"}},
        "discrete": DISC
        | {
            "kind": "discrete",
            "dynamics": {"x": "x/2", "y": "-y/2"},
            "flow_condition": "discrete_decrease",
        },
        **json.loads(kinds.read_text()),
    }
