"""Proofs that a bad formula has no solution; facts about functions that may be used in them."""

from lucid_checker.algebra import Ring
from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.expression import relation
from lucid_checker.formula import Atom, Case, Formula
from lucid_checker.identity import check_identity
from lucid_checker.limits import CASES_MAX, CONSTRAINTS_MAX
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


def check_empty(bad: Formula, proof: Json, problem: Problem) -> None:
    """Accept if `proof` = {"cases": […]} shows that the formula has no solution."""
    check_cases(bad, proof.fields(("cases",))["cases"], problem)


def check_cases(bad: Formula, proofs: Json, problem: Problem) -> None:
    """Accept if there is one sound proof for each case of the formula, in order."""
    cases, entries = problem.cases(bad), proofs.items(CASES_MAX * 2)
    if len(entries) != len(cases):
        raise proofs.refuse(f"{len(entries)} proofs for {len(cases)} cases")
    for case, proof in zip(cases, entries, strict=True):
        kind = proof.tag("type")
        if kind == "lift":
            _check_lift(proof, case, problem)
        elif kind == "empty":
            if proof.fields(("type",)) and not any(map(_constantly_false, case.atoms)):
                raise proof.refuse("no constraint of the case is a false constant")
        else:
            _check_plain(proof, case)


def _check_plain(proof: Json, case: Case) -> None:
    if proof.tag("type") == "positivstellensatz":
        check_identity(proof, case)
    elif proof.tag("type") == "split":
        check_split(proof, case)
    else:
        raise proof.refuse("the type is not positivstellensatz or split")


def _constantly_false(atom: Atom) -> bool:
    value = atom.polynomial.constant()
    if value is None:
        return False
    return {"==": value != 0, ">=": value < 0, ">": value <= 0}[atom.relation]


def _check_lift(proof: Json, case: Case, problem: Problem) -> None:
    """Accept if the case with these terms as variables, and with facts about them, is empty.

    At every solution of the case each term that occurs is defined, and the facts hold for it.
    """
    parts = proof.fields(("type", "terms", "facts", "proof"))
    names, columns = list(case.names), list(case.columns)
    occurring = {k for atom in case.atoms for k in atom.polynomial.opaque()}
    for node in parts["terms"].items(_TERMS_MAX):
        term = problem.expression(node).terms
        found = [k for k in occurring if term == case.ring.generator(k).terms]
        if not found or found[0] in columns:
            raise node.refuse("it is no function that occurs in the case, or it is named twice")
        names.append(node.text())
        columns.append(found[0])
    terms = columns[len(case.columns) :]
    problem.lifted |= {case.ring.term(k)[0] for k in terms}
    nodes = parts["facts"].items(CONSTRAINTS_MAX)
    facts = [atom for node in nodes for atom in _facts(node, terms, case.ring)]
    _check_plain(parts["proof"], Case([*case.atoms, *facts], names, columns, case.ring))


def _facts(node: Json, terms: list[int], ring: Ring) -> list[Atom]:
    """Return what is true of a function wherever it is defined."""
    fact = str(node.tag("fact"))
    parts = node.fields(("fact", "term", *(("other",) * (fact == "circle"))))
    indices = {
        name: terms[parts[name].integer(0, len(terms) - 1)] for name in parts if name != "fact"
    }
    name, a = ring.term(indices["term"])
    if name not in _FACTS.get(fact, {}):
        raise node.refuse(f"this is no fact about {name}")
    if fact == "circle":
        other, argument = ring.term(indices["other"])
        if other != "cos" or argument.terms != a.terms:
            raise node.refuse("circle needs the sine and the cosine of one argument")
        a = ring.generator(indices["other"])
    names = {"s": ring.generator(indices["term"]), "a": a}
    return [relation(text, names, ring, node) for text in _FACTS[fact][name]]
