"""Evidence in the documented form, built only when exact arithmetic confirms it.

`positivstellensatz` checks the polynomial identity and every Gram matrix here, before anything
leaves the method; `point` and `segment` evaluate exactly. [Stengle1974], [Putinar1993]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, Polynomial, fraction, rational, terms

from .sos_definite import Matrix, is_positive_semidefinite

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseProof:
    """The case has no solution; `proof` is the evidence."""

    proof: Json


@dataclass(frozen=True, slots=True)
class Witness:
    """The case has a solution; `witness` is the evidence without its case number."""

    witness: Json


@dataclass(frozen=True, slots=True)
class Term:
    """`prod(p_i) * coefficient` or `prod(p_i) * z^T G z` with z the monomials of `basis`."""

    factors: tuple[int, ...]
    coefficient: Fraction | None = None
    basis: tuple[Exponents, ...] = ()
    gram: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A candidate: `coefficient * prod(strict) + sum(terms) + sum(ideal) = 0`."""

    coefficient: Fraction
    strict: tuple[int, ...]
    terms: tuple[Term, ...]
    ideal: tuple[tuple[int, Polynomial], ...] = ()


def positivstellensatz(case: Case, identity: Identity) -> CaseProof | None:
    """Return the proof if the identity holds exactly and every part has its sign, else None."""
    senses = [atom.sense for atom in case.constraints]
    if identity.coefficient <= 0 or any(senses[i] != ">" for i in identity.strict):
        return None
    if any(not _has_sign(term) for term in identity.terms):
        return None
    if any(senses[i] == "==" for term in identity.terms for i in term.factors):
        return None
    if any(senses[j] != "==" for j, _ in identity.ideal):
        return None
    return CaseProof(_to_json(identity)) if len(total_of(case, identity)) == 0 else None


def total_of(case: Case, identity: Identity) -> Polynomial:
    """Return the left-hand side of an identity; it is right when this is zero."""
    polynomials = [atom.polynomial for atom in case.constraints]
    context = case.ring.plain_context
    scale = context.constant(rational(identity.coefficient))
    total = scale * _product(polynomials, identity.strict, context)
    for term in identity.terms:
        total += _product(polynomials, term.factors, context) * _value(term, context)
    for j, multiplier in identity.ideal:
        total += polynomials[j] * multiplier
    return total


def _has_sign(term: Term) -> bool:
    if term.gram is not None:
        return is_positive_semidefinite(term.gram)
    return term.coefficient is not None and term.coefficient >= 0


def _product(polynomials: Sequence[Polynomial], factors: Sequence[int], context: Any) -> Polynomial:
    result = context.constant(1)
    for i in factors:
        result *= polynomials[i]
    return result


def _value(term: Term, context: Any) -> Polynomial:
    if term.gram is None:
        return context.constant(rational(term.coefficient or 0))
    found: dict[Exponents, Any] = {}
    for a, row in zip(term.basis, term.gram, strict=True):
        for b, value in zip(term.basis, row, strict=True):
            if value:
                exponents = tuple(i + j for i, j in zip(a, b, strict=True))
                found[exponents] = found.get(exponents, rational(0)) + rational(value)
    return context.from_dict(found)


def _to_json(identity: Identity) -> Json:
    return {
        "type": "positivstellensatz",
        "strict": {"coefficient": str(identity.coefficient), "factors": list(identity.strict)},
        "terms": [_term_json(term) for term in identity.terms],
        "ideal": [
            {"constraint": j, "polynomial": polynomial_json(multiplier)}
            for j, multiplier in identity.ideal
        ],
    }


def _term_json(term: Term) -> Json:
    if term.gram is None:
        return {"factors": list(term.factors), "coefficient": str(term.coefficient)}
    matrix = [[str(value) for value in row] for row in term.gram]
    return {
        "factors": list(term.factors),
        "gram": {"basis": [list(e) for e in term.basis], "matrix": matrix},
    }


def identity_from_json(proof: Json, case: Case) -> Identity:
    """Return the identity that a positivstellensatz proof writes down."""
    context = case.ring.plain_context
    found = []
    for term in proof["terms"]:
        factors = tuple(term["factors"])
        if "gram" in term:
            matrix = [[Fraction(q) for q in row] for row in term["gram"]["matrix"]]
            basis = tuple(tuple(e) for e in term["gram"]["basis"])
            found.append(Term(factors, basis=basis, gram=matrix))
        else:
            found.append(Term(factors, coefficient=Fraction(term["coefficient"])))
    ideal = tuple(
        (
            entry["constraint"],
            context.from_dict({tuple(e): rational(Fraction(q)) for e, q in entry["polynomial"]}),
        )
        for entry in proof["ideal"]
    )
    strict = proof["strict"]
    return Identity(Fraction(strict["coefficient"]), tuple(strict["factors"]), tuple(found), ideal)


def polynomial_json(polynomial: Polynomial) -> list[list[Any]]:
    """Return a polynomial as `[[exponents, rational], ...]`."""
    return [[list(e), str(value)] for e, value in terms(polynomial).items()]


def holds_at(case: Case, values: Sequence[Fraction]) -> bool:
    """Say whether a plain case holds exactly at a rational point, in the order of variables."""
    point = [rational(value) for value in values]
    for atom in case.constraints:
        value = atom.polynomial(*point)
        if value < 0 or (atom.sense == ">" and value == 0) or (atom.sense == "==" and value != 0):
            return False
    return True


def point(case: Case, values: Sequence[Fraction]) -> Witness | None:
    """Return the witness if the point satisfies a plain case exactly, else None."""
    if not holds_at(case, values):
        return None
    return Witness({"type": "point", "values": values_json(case, values)})


def values_json(case: Case, values: Sequence[Fraction]) -> dict[str, str]:
    """Return variable -> rational text."""
    return {name: str(value) for name, value in zip(case.variables, values, strict=True)}


def evaluate(polynomial: Polynomial, values: Sequence[Fraction]) -> Fraction:
    """Return the exact value at a rational point."""
    return fraction(polynomial(*[rational(value) for value in values]))


def with_case(witness: Json, index: int) -> Json:
    """Return the witness with the number of the case it satisfies."""
    return {**witness, "case": index}
