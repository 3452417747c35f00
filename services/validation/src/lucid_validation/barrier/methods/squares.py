"""An equation that is a sum of squares: on real points every square vanishes by itself.

Where `q = sum c_i s_i^2` with all c_i > 0, `q == 0` means that all s_i are zero, although no s_i is
in the ideal of q. If then a strict constraint L is in the ideal of the s_i and q,
L = sum A_i s_i + Q q, Lagrange's identity gives a certificate without any search:
`L^2 + sum_(i<j) (c_j A_i s_j - c_i A_j s_i)^2 / (c_i c_j)` is a multiple of q. [Stengle1974]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from flint.utils.flint_exceptions import DomainError

from lucid_validation.barrier.cases import Case
from lucid_validation.barrier.ideal import cofactors_of
from lucid_validation.barrier.polynomial import Polynomial, rational, terms

from .evidence import CaseProof, Identity, Term, positivstellensatz

_TERMS_MAX = 60

Squares = list[tuple[Fraction, Polynomial]]


def attempt(case: Case) -> CaseProof | None:
    """Prove a plain case empty by an equation whose squares force a strict constraint to 0."""
    if not case.plain:
        return None
    for j, atom in enumerate(case.constraints):
        if atom.sense != "==" or not 1 < len(atom.polynomial) <= _TERMS_MAX:
            continue
        for sign in (1, -1):
            squares = squares_of(atom.polynomial * sign)
            if squares is not None:
                return _refuted(case, j, sign, squares)
    return None


def squares_of(polynomial: Polynomial) -> Squares | None:
    """Return (c, s) with `polynomial == sum c s^2` and all c > 0, or None where none is found.

    It completes squares, one variable at a time, where the leading coefficient is a constant.
    """
    found: Squares = []
    rest = polynomial
    for variable in range(len(polynomial.degrees())):
        root = _square(rest)
        if root is not None:
            break
        completed = _completed(rest, variable)
        if completed is not None:
            scale, square = completed
            found.append((scale, square))
            rest -= square * square * rational(scale)
    root = _square(rest)
    if root is None:
        return None
    return [*found, root] if len(root[1]) else found


def _square(polynomial: Polynomial) -> tuple[Fraction, Polynomial] | None:
    """Return (c, s) with `polynomial == c s^2` and c > 0."""
    if not len(polynomial):
        return Fraction(1), polynomial
    lead = polynomial.leading_coefficient()
    if lead <= 0:
        return None
    try:
        # With leading coefficient 1 a square has a rational root, if it has any.
        root = (polynomial / lead).sqrt()
    except DomainError:
        return None
    return Fraction(int(lead.p), int(lead.q)), root


def _completed(polynomial: Polynomial, variable: int) -> tuple[Fraction, Polynomial] | None:
    """Return (a, v + b/2a) of `polynomial == a v^2 + b v + c` with a > 0 constant."""
    if polynomial.degrees()[variable] != 2:
        return None
    parts: list[dict[tuple[int, ...], Any]] = [{}, {}, {}]
    for exponents, value in polynomial.to_dict().items():
        power = int(exponents[variable])
        rest = tuple(0 if k == variable else int(e) for k, e in enumerate(exponents))
        parts[power][rest] = value
    context = polynomial.context()
    leading, linear = context.from_dict(parts[2]), context.from_dict(parts[1])
    if not leading.is_constant():
        return None
    (scale,) = terms(leading).values()
    if scale <= 0:
        return None
    generator = context.gens()[variable]
    return scale, generator + linear * rational(1 / (2 * scale))


def _refuted(case: Case, j: int, sign: int, squares: Squares) -> CaseProof | None:
    equation = case.constraints[j].polynomial * sign
    one = equation.context().constant(1)
    roots = [square for _, square in squares]
    targets = [((i, i), a.polynomial) for i, a in enumerate(case.constraints) if a.sense == ">"]
    for strict, target in [((), one), *targets]:
        cofactors = cofactors_of(target, [*roots, equation])
        if cofactors is None:
            continue
        *parts, quotient = cofactors
        multiplier = quotient * quotient * equation - 2 * target * quotient
        for (scale, _), part in zip(squares, parts, strict=True):
            multiplier -= part * part * rational(1 / scale)
        identity = Identity(
            Fraction(1),
            strict,
            tuple(_cross_terms(squares, parts)),
            ((j, multiplier * sign),),
        )
        proof = positivstellensatz(case, identity)
        if proof is not None:
            return proof
    return None


def _cross_terms(squares: Squares, parts: Sequence[Polynomial]) -> list[Term]:
    found = []
    for (first, a), (second, b) in combinations(zip(squares, parts, strict=True), 2):
        (c, s), (d, t) = first, second
        cross = terms(a * t * rational(d) - b * s * rational(c))
        if cross:
            basis = tuple(cross)
            gram = [[cross[e] * cross[f] / (c * d) for f in basis] for e in basis]
            found.append(Term((), basis=basis, gram=gram))
    return found
