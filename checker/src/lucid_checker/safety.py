"""Whether proved obligations imply safety: the theorem, and what it needs beyond them.

Each missing part is a reason of the format: DOMAIN_CAN_BE_LEFT, REGULARITY, INIT_OUTSIDE_DOMAIN,
OBLIGATION_NOT_PROVED, STRICTNESS, BAND_IN_DISCRETE_TIME, CONTROLLER, PROBABILISTIC.
"""

from fractions import Fraction

from lucid_checker.algebra import WITH_POLES
from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.formula import Atom, Formula, above, atoms_of, below, both, conjuncts, opposite
from lucid_checker.limits import CONSTRAINTS_MAX
from lucid_checker.obligations import excesses, stepped
from lucid_checker.proof import check_empty

_THEOREMS = {"boundary_strict": "strict_level_set", "boundary_weak": "weak_level_set_regular"}
_FIELDS: dict[str, tuple[str, ...]] = {  # the fields besides its name; all others: domain, start
    "weak_level_set_regular": ("regularity", "domain", "start"),
    "zeroing_cbf": ("selection", "domain", "start"),
    "supermartingale": ("nonnegative",),
    "hybrid": (),
}


def theorem_of(problem: Problem) -> str:
    """Return the name of the theorem that the problem's certificate speaks about."""
    if problem.kind == "hybrid":
        return "hybrid"
    if problem.condition == "invariant":
        return "differential_cuts" if problem.cuts else "positive_invariance"
    return _THEOREMS.get(problem.condition, problem.condition)


def missing(problem: Problem, verdicts: dict[str, str], names: list[str]) -> list[str]:
    """Return why safety does not follow where the evidence does not claim it."""
    reasons = [
        f"OBLIGATION_NOT_PROVED: {name} is not proved."
        for name in names
        if verdicts.get(name) != "PROVED"
    ]
    theorem = theorem_of(problem)
    if theorem == "weak_level_set_regular":
        reasons.append("REGULARITY: no proof that the gradient is not zero on the level set.")
    if theorem == "band" and problem.discrete:
        reasons.append("BAND_IN_DISCRETE_TIME: a step may jump over the band.")
    if theorem == "zeroing_cbf":
        reasons.append("CONTROLLER: no proof that inputs can be chosen continuously.")
    if theorem == "supermartingale":
        reasons.append("PROBABILISTIC: a probability is bounded.")
    elif problem.kind != "hybrid" and conjuncts(problem.modes[0].domain) != []:
        reasons.append("DOMAIN_CAN_BE_LEFT: no proof that trajectories stay in the domain.")
    return reasons or ["OBLIGATION_NOT_PROVED: no theorem is named."]


def check_safety(safety: Json, problem: Problem) -> str:
    """Return the theorem if `safety` proves what it needs; every obligation is proved already."""
    theorem = theorem_of(problem)
    fields = safety.fields(("theorem",), _FIELDS.get(theorem, ("domain", "start")))
    if fields["theorem"].value != theorem:
        raise fields["theorem"].refuse(f"this certificate needs {theorem}")
    if theorem == "supermartingale":
        _check_probability(fields, safety, problem)
    elif theorem != "hybrid":
        _check_premises(theorem, fields, safety, problem)
    _check_poles(safety, problem)
    return theorem


def _check_premises(theorem: str, fields: dict[str, Json], safety: Json, problem: Problem) -> None:
    """Check that trajectories start in the domain and stay in it, and what else there is."""
    atoms = conjuncts(problem.modes[0].domain)
    if atoms is None:
        raise safety.refuse("DOMAIN_CAN_BE_LEFT: the domain is not a conjunction")
    if theorem == "band" and problem.discrete:
        raise safety.refuse("BAND_IN_DISCRETE_TIME: a step may jump over the band")
    if problem.strict and "lie" in problem.ways:
        raise safety.refuse("STRICTNESS: via lie, {B < 0} says nothing about starts on B == 0")
    if theorem in ("weak_level_set_regular", "zeroing_cbf"):
        name, reason, bad = _on_all_space(problem, safety)
        if name not in fields or atoms:
            raise safety.refuse(f"{reason}: it needs {name}, and all space as domain")
        check_empty(bad, fields[name], problem)
    _check_domain(fields.get("domain", Json([], "domain", safety)), atoms, problem)
    _check_start(fields.get("start", Json([], "start", safety)), atoms, problem)


def _check_poles(safety: Json, problem: Problem) -> None:
    """Refuse what may hide a pole, where B could pass from -oo to +oo unseen.

    B = 1/x and lambda = -1/x cancel in L - lambda*B = 0 along x' = 1, for which B changes its sign.
    A lifted 1/x is a number s with s^2 >= 0, so that L = -s^2 <= 0 holds also for B = 1/x.
    """
    if poles := problem.numbers["lambda"].functions() & WITH_POLES:
        raise safety.refuse(f"REGULARITY: lambda is not continuous everywhere: {min(poles)}")
    sets = both(*problem.cuts, *(mode.domain for mode in problem.modes))
    barriers = [b for mode in problem.modes for b in mode.barriers]
    polynomials = [*barriers, *(atom.polynomial for atom in atoms_of(sets))]
    if problem.lifted & WITH_POLES and any(p.functions() & WITH_POLES for p in polynomials):
        raise safety.refuse("REGULARITY: B, a cut or the domain may have a pole that is lifted")


def _on_all_space(problem: Problem, safety: Json) -> tuple[str, str, Formula]:
    """Return the field, the reason and the bad formula of what must hold at every state."""
    barrier = problem.modes[0].barriers[0]
    if problem.condition == "zeroing_cbf":
        return "selection", "CONTROLLER", both(*(Atom(e, ">=") for e in excesses(problem)))
    _need_lipschitz(safety, problem)
    gradient = [barrier.derivative(i) for i in range(len(problem.names))]
    square = problem.ring.sum([part * part for part in gradient])
    return "regularity", "REGULARITY", both(Atom(barrier, "=="), Atom(square, "=="))


def _need_lipschitz(node: Json, problem: Problem) -> None:
    rates = problem.modes[0].dynamics.values()
    if any(rate.functions() & {"sqrt", "abs"} for rate in rates):
        raise node.refuse("REGULARITY: the dynamics may not be Lipschitz")


def _check_probability(fields: dict[str, Json], safety: Json, problem: Problem) -> None:
    """Check that B >= 0 also where a run leaves the domain [Kushner1967]."""
    mode = problem.modes[0]
    if not problem.discrete and mode.barriers[0].functions() & WITH_POLES:
        raise safety.refuse("REGULARITY: B may not have second derivatives everywhere")
    if any(atom.relation == ">" for atom in atoms_of(mode.domain)) and not problem.discrete:
        raise safety.refuse("STRICTNESS: paths may leave a strict domain outside of it")
    needed = problem.discrete and conjuncts(mode.domain) != []
    if needed and "nonnegative" not in fields:
        raise safety.refuse("DOMAIN_CAN_BE_LEFT: a step out of the domain needs B >= 0 there")
    if "nonnegative" in fields:
        check_empty(above(-mode.barriers[0]), fields["nonnegative"], problem)


def _by_constraint(node: Json, needed: list[int], field: str, reason: str) -> dict[int, Json]:
    """Return the entries by their constraint; exactly one for each that is needed."""
    entries: dict[int, Json] = {}
    for entry in node.items(CONSTRAINTS_MAX):
        fields = entry.fields(("constraint", "proof"), (field,))
        index = fields["constraint"].integer(0, CONSTRAINTS_MAX)
        if index in entries or index not in needed:
            raise fields["constraint"].refuse(f"{index} twice, or it needs no entry")
        entries[index] = entry
    if len(entries) != len(needed):
        absent = next(index for index in needed if index not in entries)
        raise node.refuse(f"{reason}: constraint {absent} of the domain has no proof")
    return entries


def _check_domain(node: Json, atoms: list[Atom], problem: Problem) -> None:
    """Check that trajectories with B <= 0 (or with all cuts) stay in the domain."""
    still = problem.parameters
    moving = [i for i, atom in enumerate(atoms) if not atom.polynomial.variables() <= still]
    if not problem.discrete:
        _check_box([atoms[i] for i in moving], problem, node)
    for i, entry in _by_constraint(node, moving, "via", "DOMAIN_CAN_BE_LEFT").items():
        bad = _way_out(atoms[i], entry, problem)
        check_empty(bad, Json(entry.value["proof"], "proof", entry), problem)


def _way_out(atom: Atom, entry: Json, problem: Problem) -> Formula:
    """Return the bad formula of one constraint of the domain."""
    mode = problem.modes[0]
    inside = both(*problem.cuts, *map(below, mode.barriers))
    if problem.discrete:
        entry.fields(("constraint", "proof"))
        return both(mode.within, inside, opposite(stepped(atom, problem)))
    via = entry.fields(("constraint", "via", "proof"))["via"]
    outward = -atom.polynomial.rate(mode.dynamics)
    face = Atom(atom.polynomial, "==")
    if via.value == "face":
        _need_lipschitz(entry, problem)
        return both(mode.within, face, above(outward))
    if via.value == "inside":
        return both(mode.within, inside, face, Atom(outward, ">="))
    raise via.refuse("not face or inside")


def _check_box(atoms: list[Atom], problem: Problem, node: Json) -> None:
    """Accept x >= low, x <= high for different variables, with low < high, nothing strict.

    On a strict constraint the face is outside of the domain, so nothing was proved there.
    """
    bounds: dict[tuple[int, bool], Fraction] = {}
    for atom in atoms:
        p, where = atom.polynomial, sorted(atom.polynomial.variables())
        if len(where) != 1 or p.opaque() or any(sum(exponents) > 1 for exponents in p.terms):
            raise node.refuse("DOMAIN_CAN_BE_LEFT: the domain is not a box")
        if atom.relation != ">=":
            raise node.refuse("STRICTNESS: a domain that is strict or an equation is not closed")
        slope = next(value for exponents, value in p.terms.items() if any(exponents))
        key = (where[0], slope > 0)
        if key in bounds:
            raise node.refuse("DOMAIN_CAN_BE_LEFT: a bound occurs twice")
        bounds[key] = -p.terms.get((0,) * problem.ring.width, Fraction(0)) / slope
    for (variable, lower), value in bounds.items():
        if lower and bounds.get((variable, False), value + 1) <= value:
            raise node.refuse("DOMAIN_CAN_BE_LEFT: the domain has no interior")


def _check_start(node: Json, atoms: list[Atom], problem: Problem) -> None:
    """Check that every initial state is in the domain."""
    init = problem.modes[0].init or both()
    needed = list(range(len(atoms)))
    for i, entry in _by_constraint(node, needed, "proof", "INIT_OUTSIDE_DOMAIN").items():
        bad = both(init, opposite(atoms[i]))
        check_empty(bad, Json(entry.value["proof"], "proof", entry), problem)
