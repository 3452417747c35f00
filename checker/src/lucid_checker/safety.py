"""Whether proved obligations imply safety: the theorem, and what it needs beyond them.

Each missing part is a reason of the format: DOMAIN_CAN_BE_LEFT, REGULARITY, INIT_OUTSIDE_DOMAIN,
OBLIGATION_NOT_PROVED, STRICTNESS.
"""

from typing import Any

from lucid_checker.derive import Problem, lambda_of
from lucid_checker.document import fields, integer, items
from lucid_checker.formula import Atom, Formula, both, conjuncts, opposite
from lucid_checker.limits import CONSTRAINTS_MAX, Refused
from lucid_checker.polynomial import Polynomial, negate
from lucid_checker.proof import check_empty
from lucid_checker.ring import WITH_POLES

_THEOREMS = {
    "everywhere": "everywhere",
    "boundary_strict": "strict_level_set",
    "boundary_weak": "weak_level_set_regular",
    "exponential": "exponential",
    "discrete_decrease": "discrete_decrease",
    "discrete_inductive": "discrete_inductive",
    "invariant": "positive_invariance",
}


def theorem_of(problem: Problem) -> str:
    """Return the name of the theorem that the problem's certificate speaks about."""
    return "differential_cuts" if problem.barrier is None else _THEOREMS[problem.condition]


def missing(problem: Problem, verdicts: dict[str, str], names: list[str]) -> list[str]:
    """Return why safety does not follow where the evidence does not claim it."""
    reasons = [
        f"OBLIGATION_NOT_PROVED: {name} is not proved."
        for name in names
        if verdicts.get(name) != "PROVED"
    ]
    atoms = conjuncts(problem.domain)
    if problem.condition == "boundary_weak":
        reasons.append("REGULARITY: no proof that the gradient is not zero on the level set.")
    if atoms != []:
        reasons.append("DOMAIN_CAN_BE_LEFT: no proof that trajectories stay in the domain.")
    return reasons or ["OBLIGATION_NOT_PROVED: no theorem is named."]


def check_safety(safety: Any, problem: Problem, path: str) -> str:
    """Return the theorem if `safety` proves what it needs; every obligation is proved already."""
    fields(safety, path, ("theorem",), ("domain", "start", "regularity"))
    theorem = theorem_of(problem)
    if safety["theorem"] != theorem:
        raise Refused(f"{path}.theorem: this certificate needs {theorem}")
    atoms = conjuncts(problem.domain)
    if atoms is None:
        raise Refused(f"{path}: DOMAIN_CAN_BE_LEFT: the domain is not a conjunction")
    if (theorem == "weak_level_set_regular") != ("regularity" in safety):
        raise Refused(f"{path}.regularity: REGULARITY: a weak level set, and only it, needs this")
    if theorem == "weak_level_set_regular":
        _check_regularity(safety["regularity"], problem, atoms, f"{path}.regularity")
    if theorem == "exponential":
        _need_continuous_lambda(problem, path)
    _check_domain(safety.get("domain", []), atoms, problem, f"{path}.domain")
    _check_start(safety.get("start", []), atoms, problem, f"{path}.start")
    return theorem


def _check_regularity(proof: Any, problem: Problem, atoms: list[Atom], path: str) -> None:
    barrier, ring = problem.barrier, problem.ring
    if atoms or barrier is None:
        raise Refused(f"{path}: DOMAIN_CAN_BE_LEFT: a weak level set needs all space as domain")
    _need_lipschitz(problem, path)
    gradient = [ring.derivative(barrier, i) for i in range(len(problem.variables))]
    square = ring.sum([ring.times(part, part) for part in gradient])
    check_empty(both(Atom(barrier, "=="), Atom(square, "==")), proof, problem, path)


def _need_lipschitz(problem: Problem, path: str) -> None:
    functions = {f for rate in problem.dynamics.values() for f in problem.ring.functions_of(rate)}
    if functions & {"sqrt", "abs"}:
        raise Refused(f"{path}: REGULARITY: the dynamics may not be Lipschitz")


def _need_continuous_lambda(problem: Problem, path: str) -> None:
    """Refuse a lambda that may have a pole, where B could pass from -oo to +oo unseen.

    B = 1/x and lambda = -1/x cancel in L - lambda*B = 0 along x' = 1, for which B changes its sign.
    """
    poles = problem.ring.functions_of(lambda_of(problem)) & WITH_POLES
    if poles:
        raise Refused(f"{path}: REGULARITY: lambda is not continuous everywhere: {min(poles)}")


def _by_constraint(value: Any, needed: list[int], path: str, reason: str) -> dict[int, Any]:
    """Return the entries by their constraint; exactly one for each that is needed."""
    entries: dict[int, Any] = {}
    for i, entry in enumerate(items(value, path, CONSTRAINTS_MAX)):
        fields(entry, f"{path}[{i}]", ("constraint", "proof"), ("via",))
        index = integer(entry["constraint"], f"{path}[{i}].constraint", 0, CONSTRAINTS_MAX)
        if index in entries or index not in needed:
            raise Refused(f"{path}[{i}].constraint: {index} twice, or it needs no entry")
        entries[index] = entry
    if len(entries) != len(needed):
        absent = next(index for index in needed if index not in entries)
        raise Refused(f"{path}: {reason}: constraint {absent} of the domain has no proof")
    return entries


def _check_domain(value: Any, atoms: list[Atom], problem: Problem, path: str) -> None:
    """Check that trajectories with B <= 0 (or with all cuts) stay in the domain."""
    moving = [
        i
        for i, atom in enumerate(atoms)
        if not problem.ring.variables_of(atom.polynomial) <= problem.parameters
    ]
    if problem.kind == "continuous":
        _check_box([atoms[i] for i in moving], problem, path)
    entries = _by_constraint(value, moving, path, "DOMAIN_CAN_BE_LEFT")
    for i in moving:
        where, entry = f"{path}[{list(entries).index(i)}]", entries[i]
        bad = _way_out(atoms[i], entry, problem, where)
        check_empty(bad, entry["proof"], problem, f"{where}.proof")


def _way_out(atom: Atom, entry: dict[str, Any], problem: Problem, path: str) -> Formula:
    """Return the bad formula of one constraint of the domain."""
    inside: Formula = both(*problem.cuts)
    if problem.barrier is not None:
        inside = Atom(negate(problem.barrier), ">=")
    if problem.kind == "discrete":
        fields(entry, path, ("constraint", "proof"))
        landed = Atom(problem.next(atom.polynomial), atom.relation)
        return both(problem.domain, inside, opposite(landed))
    fields(entry, path, ("constraint", "via", "proof"))
    outward: Polynomial = negate(problem.rate(atom.polynomial))
    face = Atom(atom.polynomial, "==")
    if entry["via"] == "face":
        _need_lipschitz(problem, path)
        return both(problem.domain, face, Atom(outward, ">"))
    if entry["via"] == "inside":
        return both(problem.domain, inside, face, Atom(outward, ">="))
    raise Refused(f"{path}.via: not face or inside")


def _check_box(atoms: list[Atom], problem: Problem, path: str) -> None:
    """Accept x >= low, x <= high for different variables, with low < high, nothing strict.

    On a strict constraint the face is outside of the domain, so nothing was proved there.
    """
    bounds: dict[tuple[int, bool], Any] = {}
    for atom in atoms:
        where = sorted(problem.ring.variables_of(atom.polynomial))
        plain = problem.ring.plain(atom.polynomial)
        if len(where) != 1 or plain is None or any(sum(exponents) > 1 for exponents in plain):
            raise Refused(f"{path}: DOMAIN_CAN_BE_LEFT: the domain is not a box")
        if atom.relation != ">=":
            raise Refused(
                f"{path}: STRICTNESS: a domain that is strict or an equation is not closed"
            )
        slope = next(value for exponents, value in plain.items() if any(exponents))
        key = (where[0], slope > 0)
        if key in bounds:
            raise Refused(f"{path}: DOMAIN_CAN_BE_LEFT: a bound occurs twice")
        bounds[key] = -plain.get((0,) * len(problem.variables), 0) / slope
    for (variable, lower), value in bounds.items():
        if lower and bounds.get((variable, False), value + 1) <= value:
            raise Refused(f"{path}: DOMAIN_CAN_BE_LEFT: the domain has no interior")


def _check_start(value: Any, atoms: list[Atom], problem: Problem, path: str) -> None:
    """Check that every initial state is in the domain."""
    needed = list(range(len(atoms)))
    entries = _by_constraint(value, needed, path, "INIT_OUTSIDE_DOMAIN")
    for i, atom in enumerate(atoms):
        where = f"{path}[{list(entries).index(i)}]"
        fields(entries[i], where, ("constraint", "proof"))
        check_empty(
            both(problem.init, opposite(atom)), entries[i]["proof"], problem, where + ".proof"
        )
