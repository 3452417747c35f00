"""Proofs that a bad formula has no solution; facts about functions that may be used in them."""

from lucid_checker.cases import Case, normal_form
from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.expression import expand, sides
from lucid_checker.formula import Atom, Formula
from lucid_checker.identity import check_identity
from lucid_checker.limits import CASES_MAX, CONSTRAINTS_MAX
from lucid_checker.polynomial import Polynomial, add, as_constant
from lucid_checker.ring import Ring
from lucid_checker.split import check_split

_TERMS_MAX = 16
_FACTS: dict[str, dict[str, tuple[str, ...]]] = {
    # what is true of s = g(a) wherever it is defined; for circle, a is the cosine
    "unit": dict.fromkeys(("sin", "cos", "tanh"), ("1 - s >= 0", "1 + s >= 0")),
    "circle": {"sin": ("s**2 + a**2 - 1 == 0",)},
    "positive": {"exp": ("s > 0",), "sqrt": ("s >= 0",), "abs": ("s >= 0",)},
    "square": {"sqrt": ("s**2 - a == 0",), "abs": ("s**2 - a**2 == 0",)},
    "inverse": {"1/": ("s*a - 1 == 0",)},
    "tangent": {"exp": ("s - 1 - a >= 0",), "log": ("a - 1 - s >= 0",)},
    "slope": dict.fromkeys(("sin", "tanh"), ("a**2 - s**2 >= 0",)),
}


def cases_of(formula: Formula, problem: Problem) -> list[Case]:
    """Return the cases of a formula over the problem's variables."""
    columns = tuple(range(len(problem.names)))
    every = normal_form(formula, problem.work)
    return [Case(atoms, problem.ring, problem.names, columns) for atoms in every]


def check_empty(bad: Formula, proof: Json, problem: Problem) -> None:
    """Accept if `proof` = {"cases": […]} shows that the formula has no solution."""
    check_cases(cases_of(bad, problem), proof.fields(("cases",))["cases"], problem)


def check_cases(cases: list[Case], proofs: Json, problem: Problem) -> None:
    """Accept if there is one sound proof for each case, in order."""
    entries = proofs.items(CASES_MAX * 2)
    if len(entries) != len(cases):
        raise proofs.refuse(f"{len(entries)} proofs for {len(cases)} cases")
    for case, proof in zip(cases, entries, strict=True):
        kind = proof.tag("type")
        if kind == "lift":
            _check_lift(proof, case, problem)
        elif kind in ("positivstellensatz", "split"):
            (check_identity if kind == "positivstellensatz" else check_split)(proof, case)
        elif kind != "empty":
            raise proof.refuse("the type is not positivstellensatz, split, lift or empty")
        elif proof.fields(("type",)) and not any(map(_constantly_false, case.atoms)):
            raise proof.refuse("no constraint of the case is a false constant")


def _constantly_false(atom: Atom) -> bool:
    value = as_constant(atom.polynomial)
    if value is None:
        return False
    return {"==": value != 0, ">=": value < 0, ">": value <= 0}[atom.relation]


def _check_lift(proof: Json, case: Case, problem: Problem) -> None:
    """Accept if the case with these terms as variables, and with facts about them, is empty.

    At every solution of the case each term that occurs is defined, and the facts hold for it.
    """
    parts = proof.fields(("type", "terms", "facts", "proof"))
    ring = case.ring
    names, columns = list(case.names), list(case.columns)
    occurring = {k for atom in case.atoms for k in ring.within(atom.polynomial)}
    for node in parts["terms"].items(_TERMS_MAX):
        term = expand(node.text(), problem.index, ring, node)
        found = [k for k in occurring if term == ring.generator(k)]
        if not found or found[0] in columns:
            raise node.refuse("it is no function that occurs in the case, or it is named twice")
        names.append(node.text())
        columns.append(found[0])
    facts: list[Atom] = []
    terms = columns[len(case.columns) :]
    for node in parts["facts"].items(CONSTRAINTS_MAX):
        facts.extend(_facts(node, terms, problem))
    problem.lifted |= {ring.opaque[k - ring.variables][0] for k in terms}
    lifted = Case([*case.atoms, *facts], ring, names, tuple(columns))
    inner = parts["proof"]
    if inner.tag("type") not in ("positivstellensatz", "split"):
        raise inner.refuse("the type is not positivstellensatz or split")
    (check_split if inner.tag("type") == "split" else check_identity)(inner, lifted)


def _facts(node: Json, terms: list[int], problem: Problem) -> list[Atom]:
    """Return what is true of a function wherever it is defined."""
    ring = problem.ring
    fact = node.tag("fact")
    parts = node.fields(("fact", "term", *(("other",) if fact == "circle" else ())))
    k = terms[parts["term"].integer(0, len(terms) - 1)]
    name, a = ring.opaque[k - ring.variables]
    if fact == "circle":
        other = terms[parts["other"].integer(0, len(terms) - 1)]
        if name != "sin" or ring.opaque[other - ring.variables] != ("cos", a):
            raise node.refuse("circle needs the sine and the cosine of one argument")
        a = ring.generator(other)
    if name not in _FACTS.get(str(fact), {}):
        raise node.refuse(f"this is no fact about {name}")
    return [_fact(text, ring.generator(k), a, ring, node) for text in _FACTS[str(fact)][name]]


def _fact(text: str, s: Polynomial, a: Polynomial, ring: Ring, node: Json) -> Atom:
    """Return the constraint that the text says about s and a."""
    small = Ring(2, 0, ring.work)
    left, right, relation = sides(text, node)
    parts = [expand(side, {"s": 0, "a": 1}, small, node) for side in (left, right)]
    total = [
        ring.times(ring.constant(value), ring.power(s, i), ring.power(a, j))
        for (i, j), value in add(parts[0], parts[1], -1).items()
    ]
    return Atom(ring.sum(total), relation)
