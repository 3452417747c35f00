"""Proofs and witnesses of docs/evidence-format.md in words, with the numbers that are in them.

Texts are marked: what stands between backticks is mathematics in the grammar of problems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import cos, exp, log, sin, sqrt, tan, tanh
from typing import Any

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import INVERSE, Polynomial, Ring, terms

from .polynomial_text import atom_text, decimal_text, terms_text

Json = Mapping[str, Any]
_FORMS = {
    "bernstein": "Bernstein form",
    "interval": "interval enclosure",
    "mean_value": "mean value form",
    "taylor": "Taylor model in Bernstein form",
}
_FACTS = {
    "unit": "it stays in [-1, 1]",
    "circle": "sin^2 + cos^2 = 1",
    "positive": "it is not negative",
    "square": "its square is known",
    "inverse": "it is a reciprocal",
    "tangent": "it lies above, or log below, its tangent",
    "slope": "its size is at most that of its argument",
}
_FLOAT = {"sin": sin, "cos": cos, "tan": tan, "exp": exp, "log": log, "sqrt": sqrt, "tanh": tanh}
_SHOWN_MAX = 160
_CASES_MAX = 12


def proof_words(proof: Json, ring: Ring) -> list[str]:
    """Return how an obligation was proved, one sentence or more for each part."""
    if "conjuncts" in proof:
        found = []
        for number, part in enumerate(proof["conjuncts"], start=1):
            found += [f"Conjunct {number}. {text}" for text in proof_words(part, ring)]
        return found
    cases = list(case_words(proof["cases"], ring))
    via = proof.get("via")
    return cases if via is None else [_via_words(str(via), proof, ring), *cases]


def _via_words(via: str, proof: Json, ring: Ring) -> str:
    match via:
        case "cofactor" | "equation":
            values = {tuple(e): Fraction(q) for e, q in proof["cofactor"]}
            text = terms_text(values, ring)
            shown = f" `{text}`" if len(text) <= _SHOWN_MAX else f" of {len(values)} terms"
            both = " in both directions" if via == "equation" else ""
            return f"Invariance by the cofactor K ={shown}: dp/dt is bounded by K*p{both}."
        case "strict_boundary":
            return "Invariance by a strict boundary: where p = 0 the flow points inwards."
        case "lie":
            orders = ", ".join(str(atom["order"]) for atom in proof["atoms"])
            return (
                "Invariance by the criterion of Liu, Zhan and Zhao [Liu2011]; further derivatives "
                f"vanish where those up to order {orders} do, by ideal membership with cofactors."
            )
        case _:
            return f"Invariance via {via}."


def case_words(proofs: Sequence[Json], ring: Ring) -> Iterator[str]:
    """Yield a sentence for each case; many cases of the same sort are counted together."""
    if not proofs:
        yield "There is nothing to exclude: the bad formula has no case."
    for number, proof in enumerate(proofs[:_CASES_MAX], start=1):
        head = f"Case {number} of {len(proofs)}: " if len(proofs) > 1 else ""
        yield head + _one_case(proof, ring)
    rest = Counter(str(proof["type"]) for proof in proofs[_CASES_MAX:])
    if rest:
        parts = ", ".join(f"{count} by {kind}" for kind, count in sorted(rest.items()))
        yield f"The other {sum(rest.values())} cases: {parts}."


def _one_case(proof: Json, ring: Ring) -> str:
    match proof["type"]:
        case "empty":
            return "a constraint is a false constant."
        case "positivstellensatz":
            return _identity_words(proof)
        case "split":
            return _split_words(proof, ring)
        case "lift":
            facts = sorted({str(fact["fact"]) for fact in proof["facts"]})
            known = "; ".join(f"{name}: {_FACTS.get(name, 'a fact')}" for name in facts)
            count = len(proof["terms"])
            said = f"{count} function {'term' if count == 1 else 'terms'} taken as variables"
            return f"{said}, of which is known ({known or 'nothing'}); then {_inner(proof, ring)}"
        case other:
            return f"a proof of type {other}."


def _inner(proof: Json, ring: Ring) -> str:
    return _one_case(proof["proof"], ring)


def _identity_words(proof: Json) -> str:
    strict = proof.get("strict") or {}
    terms_given, ideal = proof.get("terms") or [], proof.get("ideal") or []
    grams = [len(term["gram"]["basis"]) for term in terms_given if "gram" in term]
    plain = len(terms_given) - len(grams)
    parts = []
    if plain:
        parts.append(
            f"{plain} {_plural(plain, 'product')} of constraints with rational multipliers"
        )
    if grams:
        sizes = ", ".join(f"{size}x{size}" for size in grams)
        parts.append(
            f"{len(grams)} {_plural(len(grams), 'sum')} of squares (Gram matrices {sizes})"
        )
    if ideal:
        parts.append(f"{len(ideal)} {_plural(len(ideal), 'multiple')} of equations")
    factors = strict.get("factors") or []
    positive = f"the positive {_names(factors)}" if factors else "a positive constant"
    used = sorted({i for term in terms_given for i in term["factors"]} | set(factors))
    used_text = f"; of the constraints it uses {_names(used)}" if used else ""
    said = " and ".join(parts) or "nothing else"
    return (
        f"an exact polynomial identity [Stengle1974]: {positive}, plus {said}, is zero"
        f"{used_text}, so the constraints have no common solution."
    )


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _names(places: Sequence[int]) -> str:
    return ", ".join(f"g{place + 1}" for place in places)


def _split_words(proof: Json, ring: Ring) -> str:
    leaves = [node for node in proof["tree"] if not isinstance(node, int)]
    depth = _depth(proof["tree"])
    combined = sum("combination" in leaf for leaf in leaves)
    single = Counter(leaf["constraint"] for leaf in leaves if "constraint" in leaf)
    form = _FORMS.get(str(proof["form"]), str(proof["form"]))
    ranges = ", ".join(
        f"{name} in [{_end(low)}, {_end(high)}]" for name, (low, high) in _box(proof, ring)
    )
    order = f" of order {proof['order']}" if "order" in proof else ""
    count = len(leaves)
    parts = [f"{_names([i])} on {n} of them" for i, n in sorted(single.items())]
    if combined:
        parts.append(f"a combination with positive multipliers on {combined} of them")
    box = ranges or "of no variable"
    if count == 1:
        sign = "a combination with positive multipliers" if combined else _names(list(single))
        return f"the {form}{order} of {sign} has the wrong sign on the whole box {box}."
    return (
        f"the box {box} is halved into {count} parts, {depth} {_plural(depth, 'cut')} deep at "
        f"most; the {form}{order} shows that no part has a solution: {', '.join(parts)}."
    )


def _end(value: str) -> str:
    return value if len(value) <= 12 else f"about {decimal_text(Fraction(value))}"


def _box(proof: Json, ring: Ring) -> list[tuple[str, Sequence[str]]]:
    return [(name, proof["box"][name]) for name in ring.variables if name in proof["box"]]


def _depth(tree: Sequence[Any]) -> int:
    """Return how many halvings lie above the deepest leaf of a preorder list."""
    deepest, open_levels = 0, [0]
    for node in tree:
        level = open_levels.pop()
        if isinstance(node, int):
            open_levels += [level + 1, level + 1]
        deepest = max(deepest, level)
    return deepest


def constraint_words(case: Case) -> list[str]:
    """Return the constraints of a case, named g1, g2, ...; long ones by their size."""
    found = []
    for number, atom in enumerate(case.constraints, start=1):
        text = atom_text(atom, case.ring)
        if len(text) > _SHOWN_MAX:
            count, degree = len(atom.polynomial), int(atom.polynomial.total_degree())
            found.append(f"g{number}: {count} terms of degree {degree}, `g{number} {atom.sense} 0`")
        else:
            found.append(f"g{number}: `{text}`")
    return found


def witness_words(witness: Json, case: Case) -> list[str]:
    """Return where an obligation fails, and what every constraint of the case is there."""
    if witness["type"] == "segment":
        return _segment_words(witness, case)
    values = _values(witness["values"], case)
    found = [f"It fails at {_point(witness['values'])}."]
    for number, atom in enumerate(case.constraints, start=1):
        exact = exact_value(atom.polynomial, values, case.ring)
        if exact is None:
            near = float_value(atom.polynomial, values, case.ring)
            shown = f"about {near:.6g} (shown by rational enclosures)"
        else:
            shown = _short(exact)
        found.append(f"g{number} is {shown} there, so `g{number} {atom.sense} 0` holds.")
    return found


def _short(value: Fraction) -> str:
    """Return a rational exactly, with a decimal where it is not whole."""
    text = str(value)
    if value.denominator == 1 and len(text) <= 12:
        return text
    exact = text if len(text) <= 90 else f"a fraction of {len(text)} characters"
    return f"{exact}, about {decimal_text(value)},"


def _point(values: Mapping[str, str]) -> str:
    exact = ", ".join(f"`{name} = {value}`" for name, value in values.items())
    if all(Fraction(value).denominator == 1 for value in values.values()):
        return exact
    near = ", ".join(f"{name} = {decimal_text(Fraction(v))}" for name, v in values.items())
    return f"{exact} (about {near})"


def _segment_words(witness: Json, case: Case) -> list[str]:
    ends = [_values(witness[end], case) for end in ("from", "to")]
    atom = case.constraints[witness["equation"]]
    signs = [exact_value(atom.polynomial, values, case.ring) for values in ends]
    name = f"g{witness['equation'] + 1}"
    found = [f"It fails between {_point(witness['from'])} and {_point(witness['to'])}."]
    if None not in signs:
        low, high = (decimal_text(sign) for sign in signs if sign is not None)
        found.append(
            f"{name} is {low} at one end and {high} at the other, so it is zero in between, and "
            "every other constraint holds on the whole segment."
        )
    return found


def _values(given: Mapping[str, str], case: Case) -> list[Fraction]:
    return [Fraction(given.get(name, "0")) for name in case.variables]


def exact_value(polynomial: Polynomial, values: Sequence[Fraction], ring: Ring) -> Fraction | None:
    """Return the value at a point, or None where a function has no rational value."""
    total = Fraction(0)
    for exponents, coefficient in terms(polynomial).items():
        product = coefficient
        for place, power in enumerate(exponents):
            if power:
                base = _exact_base(place, values, ring)
                if base is None:
                    return None
                product *= base**power
        total += product
    return total


def _exact_base(place: int, values: Sequence[Fraction], ring: Ring) -> Fraction | None:
    if place < len(values):
        return values[place]
    function, argument = ring.opaque_terms[place - len(values)]
    inner = exact_value(argument, values, ring)
    if inner is None:
        return None
    if function == "abs":
        return abs(inner)
    return 1 / inner if function == INVERSE and inner else None


def float_value(polynomial: Polynomial, values: Sequence[Fraction], ring: Ring) -> float:
    """Return the value at a point in floating point, functions included."""
    bases = [float(value) for value in values]
    total = 0.0
    for exponents, coefficient in terms(polynomial).items():
        product = float(coefficient)
        for place, power in enumerate(exponents):
            if power:
                base = bases[place] if place < len(bases) else _float_base(place, values, ring)
                product *= base**power
        total += product
    return total


def _float_base(place: int, values: Sequence[Fraction], ring: Ring) -> float:
    function, argument = ring.opaque_terms[place - len(values)]
    inner = float_value(argument, values, ring)
    if function == INVERSE:
        return 1 / inner if inner else float("nan")
    if function == "abs":
        return abs(inner)
    try:
        return _FLOAT[function](inner)
    except (ValueError, OverflowError):
        return float("nan")
