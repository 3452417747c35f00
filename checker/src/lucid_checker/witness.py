"""Witnesses: a point that solves a bad formula, or a segment that must cross a solution."""

from collections.abc import Sequence
from fractions import Fraction

from lucid_checker.cases import Case
from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.enclosure import Encloser
from lucid_checker.functions import Interval, Unbounded
from lucid_checker.polynomial import Polynomial, evaluate
from lucid_checker.ring import WITH_POLES, Ring
from lucid_checker.univariate import along, positive


def read_witness(witness: Json, more: tuple[str, ...] = ()) -> dict[str, Json]:
    """Return the fields of a witness, with these further ones."""
    kind = witness.tag("type")
    if kind not in ("point", "segment"):
        raise witness.refuse("the type is not point or segment")
    own = ("values",) if kind == "point" else ("equation", "from", "to")
    return witness.fields(("type", "case", *own, *more))


def check_witness(witness: Json, fields: dict[str, Json], cases: list[Case]) -> None:
    """Accept if the witness shows that the case it names has a solution."""
    case = cases[fields["case"].integer(0, len(cases) - 1)]
    if fields["type"].value == "segment":
        _check_segment(witness, fields, case)
        return
    point = read_point(fields["values"], case.names)
    for i, atom in enumerate(case.atoms):
        try:
            low, high = value_at(atom.polynomial, point, case.ring)
        except Unbounded:
            raise witness.refuse(f"constraint {i} is not defined at the point") from None
        holds = {">": low > 0, ">=": low >= 0, "==": low == high == 0}
        if not holds[atom.relation]:
            raise witness.refuse(f"constraint {i} does not hold at the point")


def check_flow_at(witness: Json, fields: dict[str, Json], problem: Problem) -> None:
    """Accept if a trajectory goes through the witness: every rate is defined and continuous there.

    On a segment the point is not known: only functions that are defined everywhere may occur.
    """
    ring, dynamics = problem.ring, problem.modes[0].dynamics
    if "values" not in fields:
        if any(ring.functions_of(rate) & WITH_POLES for rate in dynamics.values()):
            raise witness.refuse("the flow may not be defined on the whole segment")
        return
    point = read_point(fields["values"], problem.names)
    for i, rate in dynamics.items():
        try:
            value_at(rate, point, ring)
        except Unbounded:
            name = problem.names[i]
            raise witness.refuse(f"the rate of {name} is not defined at the point") from None


def read_point(values: Json, names: Sequence[str]) -> list[Fraction]:
    """Return one rational for each name."""
    fields = values.fields(names)
    return [fields[name].rational() for name in names]


def value_at(polynomial: Polynomial, point: list[Fraction], ring: Ring) -> Interval:
    """Return the exact value, or an enclosure where elementary functions occur."""
    plain = ring.plain(polynomial, range(ring.variables))
    if plain is None:
        return Encloser(ring, {i: (x, x) for i, x in enumerate(point)}).natural(polynomial)
    return (evaluate(plain, point),) * 2


def _check_segment(witness: Json, fields: dict[str, Json], case: Case) -> None:
    equations = [i for i, atom in enumerate(case.atoms) if atom.relation == "=="]
    if equations != [case.index(fields["equation"])]:
        raise fields["equation"].refuse("it is not the one equation of the case")
    start, end = (read_point(fields[name], case.names) for name in ("from", "to"))
    equation = case.exact(equations[0], fields["equation"])
    if evaluate(equation, start) * evaluate(equation, end) >= 0:
        raise witness.refuse("the equation has no strictly opposite signs at the two ends")
    for i, atom in enumerate(case.atoms):
        if i == equations[0]:
            continue
        line = along(case.exact(i, witness), start, end, case.ring.work)
        if not positive(line, strict=atom.relation == ">", work=case.ring.work):
            raise witness.refuse(f"constraint {i} does not hold on the whole segment")
