"""Witnesses: a point that solves a bad formula, or a segment that must cross a solution."""

from fractions import Fraction
from typing import Any

from lucid_checker.derive import Case, Constraint, Problem
from lucid_checker.document import fields, integer, rational
from lucid_checker.enclosure import Encloser, Unbounded
from lucid_checker.limits import Refused
from lucid_checker.polynomial import evaluate
from lucid_checker.ring import WITH_POLES, Ring
from lucid_checker.univariate import along, positive


def check_witness(witness: Any, cases: list[Case], problem: Problem, path: str) -> None:
    """Accept if the witness shows that the case it names has a solution."""
    kind = witness.get("type") if isinstance(witness, dict) else None
    if kind == "point":
        fields(witness, path, ("type", "case", "values"))
        case = cases[integer(witness["case"], f"{path}.case", 0, len(cases) - 1)]
        point = _point(witness["values"], problem, f"{path}.values")
        for i, constraint in enumerate(case):
            _check_at(constraint, point, problem.ring, f"{path}: constraint {i}")
    elif kind == "segment":
        fields(witness, path, ("type", "case", "equation", "from", "to"))
        case = cases[integer(witness["case"], f"{path}.case", 0, len(cases) - 1)]
        _check_segment(witness, case, problem, path)
    else:
        raise Refused(f"{path}.type: not point or segment")


def check_flow_at(witness: dict[str, Any], problem: Problem, path: str) -> None:
    """Accept if a trajectory goes through the witness: every rate is defined and continuous there.

    On a segment the point is not known: only functions that are defined everywhere may occur.
    """
    ring = problem.ring
    if witness["type"] == "segment":
        if any(ring.functions_of(rate) & WITH_POLES for rate in problem.dynamics.values()):
            raise Refused(f"{path}: the flow may not be defined on the whole segment")
        return
    point = _point(witness["values"], problem, f"{path}.values")
    encloser = Encloser(ring, {i: (x, x) for i, x in enumerate(point)})
    for i, rate in problem.dynamics.items():
        try:
            encloser.natural(rate)
        except Unbounded:
            name = problem.variables[i]
            raise Refused(f"{path}: the rate of {name} is not defined at the point") from None


def _point(values: Any, problem: Problem, path: str) -> list[Fraction]:
    fields(values, path, problem.variables)
    return [rational(values[name], f"{path}.{name}") for name in problem.variables]


def _check_at(constraint: Constraint, point: list[Fraction], ring: Ring, path: str) -> None:
    if constraint.polynomial is not None:
        low = high = evaluate(constraint.polynomial, point)
    else:
        encloser = Encloser(ring, {i: (x, x) for i, x in enumerate(point)})
        try:
            low, high = encloser.natural(constraint.expanded)
        except Unbounded:
            raise Refused(f"{path} is not defined at the point") from None
    if not _holds(constraint.relation, low, high):
        raise Refused(f"{path} does not hold at the point")


def _holds(relation: str, low: Fraction, high: Fraction) -> bool:
    if relation == ">":
        return low > 0
    return low >= 0 if relation == ">=" else low == high == 0


def _check_segment(witness: dict[str, Any], case: Case, problem: Problem, path: str) -> None:
    equations = [i for i, constraint in enumerate(case) if constraint.relation == "=="]
    if equations != [integer(witness["equation"], f"{path}.equation", 0, len(case) - 1)]:
        raise Refused(f"{path}.equation: it is not the one equation of the case")
    start = _point(witness["from"], problem, f"{path}.from")
    end = _point(witness["to"], problem, f"{path}.to")
    equation = case[equations[0]].exact(f"{path}.equation")
    if evaluate(equation, start) * evaluate(equation, end) >= 0:
        raise Refused(f"{path}: the equation has no strictly opposite signs at the two ends")
    for i, constraint in enumerate(case):
        if i == equations[0]:
            continue
        line = along(constraint.exact(f"{path}: constraint {i}"), start, end, problem.work)
        if not positive(line, strict=constraint.relation == ">", work=problem.work):
            raise Refused(f"{path}: constraint {i} does not hold on the whole segment")
