"""Which methods try a case, in what order, and why: a plain list that can be shown before it runs.

Cheap exact methods come first; searches come with small effort, then again with a large one.
The first exact answer wins. The plan depends only on the structure of the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from .claims import claims_of
from .conditions import Case, Obligation, obligations
from .methods.bernstein import coefficient_count
from .methods.enclosing_box import implied_box
from .problem import Problem

METHOD_SET_VERSION = "4"
# Attempts of these stages take long enough to be worth a process of their own.
SEARCHES = range(5, 9)
STAGES = range(10)

Method = Literal[
    "algebra", "linear", "bernstein", "sos", "falsifier", "interval", "smt", "substitution"
]


@dataclass(frozen=True, slots=True)
class Step:
    """One attempt: a method with an effort (its own unit), and why it is in the plan."""

    stage: int
    method: Method
    effort: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of the plan of one obligation, for people."""

    obligation: str
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What the plan looks at: `solvable` says that an equation may fix a variable."""

    plain: bool
    bounded: bool
    coefficients: int
    solvable: bool
    constraints: int


def shape_of(case: Case) -> Shape:
    """Return the structure of a case that decides its plan."""
    polynomials = [atom.polynomial for atom in case.constraints]
    if not case.plain:
        return Shape(False, False, 0, False, len(polynomials))
    used = [k for k in range(len(case.variables)) if any(p.degrees()[k] > 0 for p in polynomials)]
    equation = any(atom.sense == "==" for atom in case.constraints)
    return Shape(
        True,
        implied_box(case).is_bounded(used),
        coefficient_count(case),
        equation or any(p == -q for p, q in combinations(polynomials, 2)),
        len(polynomials),
    )


def plan(shape: Shape) -> list[Step]:
    """Return the steps for a case, in order of their stage."""
    if not shape.plain:
        return [
            Step(2, "falsifier", 1, "function terms: search for a point, confirm by enclosures"),
            Step(3, "interval", 500, "function terms: enclose them on boxes"),
            Step(8, "interval", 20_000, "function terms: more boxes"),
        ]
    steps = [Step(0, "algebra", 0, "constants, signs and exact division cost nothing")]
    combination = "a rational combination of the constraints, by simplex"
    steps.append(Step(5 if shape.bounded else 1, "linear", 1, combination))
    if shape.solvable:
        steps.append(Step(3, "substitution", 1, "an equation fixes a variable exactly"))
    steps.append(Step(3, "falsifier", 1, "a counterexample is the cheapest exact answer"))
    if shape.bounded and shape.coefficients <= 20_000:
        per_box = shape.coefficients * shape.constraints
        small, large = 400_000 // per_box, 30_000_000 // per_box
        reason = "the constraints give a bounded box"
        steps.append(Step(2, "bernstein", max(20, min(300, small // 4)), reason))
        steps.append(Step(4, "bernstein", max(60, min(3_000, small)), reason + ": more boxes"))
        steps.append(Step(8, "bernstein", max(300, min(40_000, large)), reason + ": many boxes"))
    elif shape.bounded:
        reason = "a bounded box in too many variables for Bernstein tensors"
        steps.append(Step(4, "interval", 400, reason))
    why = "sums of squares need no bounded domain" if not shape.bounded else "smooth margins"
    steps.append(Step(5, "sos", 0, why))
    steps.append(Step(6, "falsifier", 2, "optimise the smallest slack from the best starts"))
    steps.append(Step(7, "sos", 1, why + ": multipliers of higher degree"))
    steps.append(Step(9, "smt", 1, "a solver may find an algebraic model"))
    return sorted(steps, key=lambda step: step.stage)


def explain(problem: Problem) -> list[PlannedStep]:
    """Return the ordered plan of a problem without running it."""
    found: dict[tuple[int, str, str, str], None] = {}
    for obligation in obligations(problem):
        for case in _cases_of(obligation, problem):
            for step in plan(shape_of(case)):
                found[step.stage, obligation.name, step.method, step.reason] = None
    ordered = sorted(found, key=lambda entry: entry[0])
    return [PlannedStep(name, method, reason) for _, name, method, reason in ordered]


def _cases_of(obligation: Obligation, problem: Problem) -> Iterator[Case]:
    for claim in claims_of(obligation, problem):
        yield from claim.refutable
        for alternative in claim.alternatives:
            yield from alternative.cases
