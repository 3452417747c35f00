"""Which steps try a case, in what order, and why: a plain list that can be shown before it runs.

Which steps fit a case follows from its structure. Their order, and what they are expected to cost,
come from recorded runs: `portfolio_table` has, for each class of cases, the order that decides most
for the least time. The first exact answer wins. The plan depends only on the structure of the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Literal

from .claims import claims_of
from .conditions import Case, Obligation, obligations
from .methods import matrix_bernstein
from .methods.bernstein import coefficient_count
from .methods.enclosing_box import implied_box
from .portfolio_table import ORDERS
from .problem import Problem

METHOD_SET_VERSION = "6"

Method = Literal[
    "algebra",
    "quadratic",
    "matrix_bernstein",
    "linear",
    "bernstein",
    "sos",
    "falsifier",
    "interval",
    "smt",
    "substitution",
    "lift",
    "univariate",
    "taylor",
]
# A step that is expected to take longer is worth a process of its own where there are cores.
LONG_S = 0.1
# Share and seconds of the cheap exact steps, which are tried before anything is recorded, and of a
# step that was never recorded for a class of cases.
_FIRST = frozenset({"algebra", "quadratic", "matrix_bernstein"})
_OF_FIRST, _OF_UNKNOWN = (0.3, 0.0005), (0.1, 0.3)


@dataclass(frozen=True, slots=True)
class Step:
    """One attempt: a method with an effort (its own unit), and why it is in the plan.

    `stage` counts from 0 in the order of the plan. `share` in [0, 1] and `seconds` of CPU time are
    what recorded runs of such cases, undecided by the steps before it, make us expect. A step
    with a `limit_s` is stopped after that time, lest one bad guess costs more than all other steps;
    then it comes `again` at the end, without a limit.
    """

    stage: int
    method: Method
    level: str
    effort: int
    reason: str
    share: float = 0.0
    seconds: float = 0.0
    limit_s: float | None = None
    again: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is worth running beside others."""
        return (self.again or self.seconds >= LONG_S) and self.method != "smt"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of the plan of one obligation, for people."""

    obligation: str
    method: str
    reason: str
    share: float
    seconds: float

    @property
    def recorded(self) -> bool:
        """Whether recorded runs stand behind its share and seconds."""
        return (self.share, self.seconds) != _OF_UNKNOWN


@dataclass(frozen=True, slots=True)
class Shape:
    """What the plan looks at.

    `solvable` says that an equation may fix a variable; `coefficients` counts those of one
    Bernstein tensor; `variables` those that occur; `degree` is the largest of a constraint.
    `is_form` says that some variables occur at most quadratically, and that the others are boxed.
    """

    plain: bool
    bounded: bool
    coefficients: int
    solvable: bool
    constraints: int
    variables: int = 2
    degree: int = 2
    is_form: bool = False

    @property
    def name(self) -> str:
        """The class of cases that share an order of steps."""
        if not self.plain:
            return "functions"
        if self.degree <= 1:
            return "linear"
        where = "box" if self.bounded else "free"
        what = "surface" if self.solvable else "region"
        monomials = comb(self.variables + self.degree, self.variables)
        size = next((s for s, most in _SIZES if monomials <= most), "huge")
        return f"{where} {what} {size}"


_SIZES = (("small", 15), ("medium", 70), ("large", 330))


def shape_of(case: Case) -> Shape:
    """Return the structure of a case that decides its plan."""
    polynomials = [atom.polynomial for atom in case.constraints]
    if not case.plain:
        return Shape(False, False, 0, False, len(polynomials))
    degrees = [polynomial.degrees() for polynomial in polynomials]
    used = [k for k in range(len(case.variables)) if any(d[k] > 0 for d in degrees)]
    equation = any(atom.sense == "==" for atom in case.constraints)
    bounded = implied_box(case).is_bounded(used)
    degree = max((0, *(int(p.total_degree()) for p in polynomials)))
    return Shape(
        True,
        bounded,
        coefficient_count(case),
        equation or any(p == -q for p, q in combinations(polynomials, 2)),
        len(polynomials),
        len(used),
        degree,
        not bounded and degree > 2 and matrix_bernstein.applies(case),
    )


def plan(shape: Shape) -> list[Step]:
    """Return the steps for a case, in the order in which they are tried."""
    recorded = {
        (method, level): (place, share, seconds)
        for place, (method, level, share, seconds) in enumerate(ORDERS.get(shape.name, ()))
    }
    steps = list(_candidates(shape))
    last = len(recorded)

    def place(number: int) -> tuple[bool, int, int]:
        step = steps[number]
        if step.method in _FIRST:
            return (False, -1, number)
        found = recorded.get((step.method, step.level))
        return (step.method == "smt", found[0] if found else last, number)

    placed = []
    for number in sorted(range(len(steps)), key=place):
        step = steps[number]
        unknown = (0, *(_OF_FIRST if step.method in _FIRST else _OF_UNKNOWN))
        _, share, seconds = recorded.get((step.method, step.level), unknown)
        placed.append(replace(step, share=share, seconds=seconds))
    limited = [
        replace(step, limit_s=limit_of(step.method, step.level, step.seconds))
        for step in _look_first(placed)
    ]
    again = [
        replace(step, limit_s=None, again=True) for step in limited if step.limit_s is not None
    ]
    solver = [step for step in limited if step.method == "smt"]
    searches = [step for step in limited if step.method != "smt"]
    return [replace(step, stage=stage) for stage, step in enumerate([*searches, *again, *solver])]


def limit_of(method: str, level: str, seconds: float) -> float | None:
    """Return after how many seconds a step is stopped at first, None for those that are not."""
    if method not in _MAY_TAKE_LONG or level == "large":
        return None
    return max(_LIMIT_LEAST_S, _LIMIT_FACTOR * seconds)


def _look_first(steps: list[Step]) -> list[Step]:
    """Return the steps with a short search for a counterexample before the first costly one.

    Records hold few thin violations, and on one of those a long search runs to its end in vain.
    """
    look = next((s for s in steps if (s.method, s.level) == _LOOK), None)
    first = next((i for i, step in enumerate(steps) if _is_costly(step)), len(steps))
    if look is None or look in steps[:first]:
        return steps
    rest = [step for step in steps[first:] if step is not look]
    return [*steps[:first], look, *rest]


# Methods whose time is hard to foresee; the others have their own bounds.
_MAY_TAKE_LONG = frozenset({"linear", "sos", "lift", "univariate", "substitution"})
_LIMIT_LEAST_S, _LIMIT_FACTOR = 0.1, 5.0
_LOOK = ("falsifier", "small")
_COSTLY_S = 0.02


def _is_costly(step: Step) -> bool:
    return step.method not in _FIRST and (step.level == "large" or step.seconds >= _COSTLY_S)


def expected_seconds(steps: list[Step]) -> float:
    """Return the CPU seconds that a case of this plan is expected to take."""
    total, reached = 0.0, 1.0
    for step in steps:
        total += reached * step.seconds
        reached *= 1.0 - step.share
    return total


def _candidates(shape: Shape) -> Iterator[Step]:
    """Yield the steps that fit, cheap exact ones first, searches by rising effort."""
    if not shape.plain:
        yield Step(0, "falsifier", "small", 1, "function terms: search, confirm by enclosures")
        yield Step(0, "lift", "small", 0, "function terms as variables with what is known of them")
        yield Step(0, "taylor", "small", 400, "function terms: Taylor models on cells")
        yield Step(0, "interval", "small", 500, "function terms: enclose them on boxes")
        yield Step(0, "taylor", "large", 6_000, "function terms: Taylor models on more cells")
        yield Step(0, "interval", "large", 20_000, "function terms: more boxes")
        yield Step(
            0, "lift", "large", 1, "function terms as variables: multipliers of higher degree"
        )
        return
    yield Step(0, "algebra", "small", 0, "constants, signs and exact division cost nothing")
    if shape.is_form:
        why = "a quadratic form in the unbounded variables, polynomial in the boxed ones"
        yield Step(0, "matrix_bernstein", "small", 0, why)
        yield Step(0, "matrix_bernstein", "large", 6, why + ": higher degree")
    if shape.degree == 2 and shape.constraints > 1:
        yield Step(0, "quadratic", "small", 0, "two constraints of degree two decide exactly")
    if shape.bounded:
        yield from _boxed(shape)
    yield Step(0, "linear", "small", 1, "a rational combination of the constraints, by simplex")
    if shape.solvable:
        yield Step(0, "substitution", "small", 1, "an equation fixes a variable exactly")
    yield Step(0, "falsifier", "glance", 0, "a glance may find a plain counterexample")
    yield Step(0, "falsifier", "small", 1, "a counterexample is the cheapest exact answer")
    if shape.solvable and not shape.bounded:
        yield Step(0, "univariate", "small", 1, "lines meet a surface however far away it is")
    why = "smooth margins" if shape.bounded else "sums of squares need no bounded domain"
    yield Step(0, "sos", "small", 0, why)
    yield Step(0, "linear", "large", 2, "a rational combination with more squares, by simplex")
    yield Step(0, "falsifier", "large", 2, "optimise the smallest slack from the best starts")
    yield Step(0, "sos", "large", 1, why + ": multipliers of higher degree")
    yield Step(0, "smt", "small", 1, "a solver may find an algebraic model")


def _boxed(shape: Shape) -> Iterator[Step]:
    if shape.coefficients > 20_000:
        reason = "a bounded box in too many variables for Bernstein tensors"
        yield Step(0, "interval", "small", 400, reason)
        return
    reason = "the constraints give a bounded box"
    per_box = shape.coefficients * shape.constraints
    small, large = 400_000 // per_box, 30_000_000 // per_box
    yield Step(0, "bernstein", "small", max(20, min(300, small // 4)), reason)
    yield Step(0, "bernstein", "medium", max(60, min(3_000, small)), reason + ": more boxes")
    yield Step(0, "bernstein", "large", max(300, min(40_000, large)), reason + ": many boxes")


def explain(problem: Problem) -> list[PlannedStep]:
    """Return the ordered plan of a problem without running it."""
    found: dict[tuple[int, str, str, str], Step] = {}
    for obligation in obligations(problem):
        for case in _cases_of(obligation, problem):
            for step in (s for s in plan(shape_of(case)) if not s.again):
                found.setdefault((step.stage, obligation.name, step.method, step.reason), step)
    ordered = sorted(found, key=lambda entry: entry[0])
    return [
        PlannedStep(name, method, reason, found[key].share, found[key].seconds)
        for key in ordered
        for _, name, method, reason in (key,)
    ]


def _cases_of(obligation: Obligation, problem: Problem) -> Iterator[Case]:
    for claim in claims_of(obligation, problem):
        yield from claim.refutable
        for alternative in claim.alternatives:
            yield from alternative.cases
