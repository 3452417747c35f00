"""Engine and checker derive the same cases from the same problem, and share no code for it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lucid_checker.derive import Problem
from lucid_checker.limits import Refused, Work
from lucid_checker.obligations import obligations as checked_obligations
from lucid_validation.barrier.conditions import Emptiness, obligations
from lucid_validation.barrier.errors import ProblemInvalid, Unsupported
from lucid_validation.barrier.polynomial import terms
from lucid_validation.barrier.problem import parse_problem

HERE = Path(__file__).parent
# Every kind, and every seventh problem of the large corpus.
PUBLIC = json.loads((HERE / "problems" / "barrier.json").read_text())[::7]
KINDS = [
    problem
    for file in sorted((HERE / "kinds").glob("*.json"))
    for problem in json.loads(file.read_text())
    if "kind" in problem
]


def constraint(atom: Any, names: int) -> tuple[str, dict[tuple[int, ...], Fraction]]:
    polynomial = {e[:names]: value for e, value in atom.polynomial.terms.items()}
    return atom.relation, polynomial


def derived(atom: Any) -> tuple[str, dict[tuple[int, ...], Fraction]]:
    polynomial = {
        tuple(map(int, e)): Fraction(value) for e, value in terms(atom.polynomial).items()
    }
    return atom.sense, polynomial


@pytest.mark.parametrize("raw", [*PUBLIC, *KINDS], ids=lambda raw: raw["id"])
def test_both_derive_the_same_cases_in_the_same_order(raw: dict[str, Any]) -> None:
    try:
        engine = obligations(parse_problem(raw))
    except (ProblemInvalid, Unsupported):
        with pytest.raises(Refused):
            Problem(raw, Work())
        return
    problem = Problem(raw, Work())
    expected = checked_obligations(problem)
    assert {obligation.name for obligation in engine} == expected.keys()
    for obligation in engine:
        if not isinstance(obligation, Emptiness):
            continue
        cases = problem.cases(expected[obligation.name].bad)
        assert len(cases) == len(obligation.cases)
        for case, other in zip(cases, obligation.cases, strict=True):
            if other.plain:
                ours = [constraint(atom, len(problem.names)) for atom in case.atoms]
                assert ours == [derived(atom) for atom in other.constraints]
            else:
                relations = [atom.sense for atom in other.constraints]
                assert [atom.relation for atom in case.atoms] == relations
