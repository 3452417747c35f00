import copy
import json
from pathlib import Path
from typing import Any

import pytest

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
