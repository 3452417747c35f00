"""Witnesses: a point that solves a bad formula, or a segment that must cross a solution."""

from fractions import Fraction

from lucid_checker.algebra import WITH_POLES
from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.enclosure import Encloser
from lucid_checker.formula import Case
from lucid_checker.functions import Unbounded
from lucid_checker.univariate import along, positive, value


def read_witness(witness: Json, more: tuple[str, ...] = ()) -> dict[str, Json]:
    """Return the fields of a witness, with these further ones."""
    if witness.tag("type") not in ("point", "segment"):
        raise witness.refuse("the type is not point or segment")
    own = ("values",) if witness.tag("type") == "point" else ("equation", "from", "to")
    return witness.fields(("type", "case", *own, *more))


def check_witness(witness: Json, fields: dict[str, Json], cases: list[Case]) -> None:
    """Accept if the witness shows that the case it names has a solution."""
    case = cases[fields["case"].integer(0, len(cases) - 1)]
    if "values" not in fields:
        _check_segment(witness, fields, case)
        return
    encloser = _encloser(fields["values"], case)
    for i, atom in enumerate(case.atoms):
        try:
            low, high = encloser.natural(atom.polynomial)
        except Unbounded:
            raise witness.refuse(f"constraint {i} is not defined at the point") from None
        if not {">": low > 0, ">=": low >= 0, "==": low == high == 0}[atom.relation]:
            raise witness.refuse(f"constraint {i} does not hold at the point")


def check_flow_at(witness: Json, fields: dict[str, Json], problem: Problem) -> None:
    """Accept if a trajectory goes through the witness: every rate is defined and continuous there.

    On a segment the point is not known: only functions that are defined everywhere may occur.
    """
    rates = problem.modes[0].dynamics
    if "values" not in fields:
        if any(rate.functions() & WITH_POLES for rate in rates.values()):
            raise witness.refuse("the flow may not be defined on the whole segment")
        return
    encloser = _encloser(fields["values"], problem.case())
    for i, rate in rates.items():
        try:
            encloser.natural(rate)
        except Unbounded:
            name = problem.names[i]
            raise witness.refuse(f"the rate of {name} is not defined at the point") from None


def _encloser(values: Json, case: Case) -> Encloser:
    """Return what encloses functions, and evaluates polynomials exactly, at a point."""
    point = _read_point(values, case)
    return Encloser(case.ring, {i: (x, x) for i, x in enumerate(point)})


def _read_point(values: Json, case: Case) -> list[Fraction]:
    fields = values.fields(case.names)
    return [fields[name].rational() for name in case.names]


def _check_segment(witness: Json, fields: dict[str, Json], case: Case) -> None:
    equations = [i for i, atom in enumerate(case.atoms) if atom.relation == "=="]
    if equations != [case.index(fields["equation"])]:
        raise fields["equation"].refuse("it is not the one equation of the case")
    ends = [_read_point(fields[name], case) for name in ("from", "to")]
    for i, atom in enumerate(case.atoms):
        line = along(case.exact(i, witness), ends[0], ends[1])
        if i == equations[0]:
            if value(line, 0) * value(line, 1) >= 0:
                raise witness.refuse("the equation has no strictly opposite signs at the two ends")
        elif not positive(line, strict=atom.relation == ">", work=case.ring.work):
            raise witness.refuse(f"constraint {i} does not hold on the whole segment")
