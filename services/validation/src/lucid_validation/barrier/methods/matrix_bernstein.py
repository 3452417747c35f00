"""Quadratic forms whose coefficients are polynomials in a few boxed variables.

With y in a box and z = (1, x), a constraint q = z'M(y)z is negative for all x where -M(y) is
positive semidefinite on the box; it is, where every Bernstein coefficient of the matrix polynomial
is. The Bernstein polynomials are products of the box's own constraints, so that this is an
identity of Positivstellensatz form with one small Gram matrix for each coefficient [Scherer2006].
One constraint is tried alone, then two with a constant weight: a tube around a moving centre and a
set that it must not touch are of that kind, in any number of x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from math import comb, lcm

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.cases import Case
from lucid_validation.barrier.polynomial import Exponents, terms
from lucid_validation.barrier.short_numbers import short_between

from .enclosing_box import ImpliedBox, implied_box
from .evidence import CaseProof, Identity, Term, positivstellensatz
from .quadratic import best_weight, least_values
from .sos_definite import Matrix
from .tensor import Integers, conversion

BOXED_MAX = 3
FREE_MAX = 30
COEFFICIENTS_MAX = 160
_DEGREE_MAX = 60
_PAIRS_MAX = 12
_WIDTHS = (Fraction(1, 10), Fraction(1, 1000), Fraction(1, 10**6))

Floats = NDArray[np.float64]
Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """The boxed variables with their faces, the free ones, and the basis (1, x)."""

    case: Case
    boxed: tuple[int, ...]
    lower: tuple[tuple[Fraction, int], ...]
    upper: tuple[tuple[Fraction, int], ...]
    free: tuple[int, ...]
    basis: tuple[Exponents, ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """A constraint as z'M(y)z: the coefficients of M by exponents of the boxed variables."""

    index: int
    sense: str
    powers: dict[Index, Matrix]


def attempt(case: Case, elevation: int) -> CaseProof | None:
    """Prove a plain case empty with Bernstein degrees raised by `elevation`, or return None."""
    setting = _setting_of(case) if case.plain else None
    if setting is None:
        return None
    forms = [form for i in range(len(case.constraints)) if (form := _form(setting, i)) is not None]
    for group in _groups(forms):
        proof = _by_group(setting, group, elevation)
        if proof is not None:
            return proof
    return None


def applies(case: Case) -> bool:
    """Say whether the case has boxed variables of high degree and free ones of low degree."""
    return case.plain and _setting_of(case) is not None


def _groups(forms: Sequence[_Form]) -> Iterator[tuple[_Form, ...]]:
    yield from ((form,) for form in forms)
    yield from list(permutations(forms, 2))[:_PAIRS_MAX]


def _setting_of(case: Case) -> _Setting | None:
    box = implied_box(case)
    degrees = [atom.polynomial.degrees() for atom in case.constraints]
    used = [k for k in range(len(case.variables)) if any(d[k] > 0 for d in degrees)]
    choices = [k for k in used if _has_faces(case, box, k)]
    choices.sort(key=lambda k: -max(int(d[k]) for d in degrees))
    for count in range(1, min(BOXED_MAX, len(choices)) + 1):
        boxed = tuple(choices[:count])
        free = tuple(k for k in used if k not in boxed)
        if 0 < len(free) <= FREE_MAX and _is_quadratic(case, free):
            lower = tuple(bound for k in boxed if (bound := box.lower[k]) is not None)
            upper = tuple(bound for k in boxed if (bound := box.upper[k]) is not None)
            width = len(case.variables)
            basis = tuple(tuple(int(k == v) for k in range(width)) for v in (-1, *free))
            return _Setting(case, boxed, lower, upper, free, basis)
    return None


def _has_faces(case: Case, box: ImpliedBox, variable: int) -> bool:
    """Say whether both bounds come from constraints affine in this variable alone."""
    low, high = box.lower[variable], box.upper[variable]
    if low is None or high is None or not low[0] < high[0]:
        return False
    return all(
        index in box.faces and case.constraints[index].sense != "==" for _, index in (low, high)
    )


def _is_quadratic(case: Case, free: tuple[int, ...]) -> bool:
    """Say whether some constraint has a free variable, and none more than two of them at once."""
    most = max(
        sum(int(e[k]) for k in free) for atom in case.constraints for e in atom.polynomial.to_dict()
    )
    return 1 <= most <= 2


def _form(setting: _Setting, index: int) -> _Form | None:
    atom = setting.case.constraints[index]
    place = {variable: row for row, variable in enumerate(setting.free, start=1)}
    size = len(place) + 1
    powers: dict[Index, Matrix] = {}
    for exponents, value in terms(atom.polynomial).items():
        rows = [place[k] for k in setting.free for _ in range(exponents[k])]
        i, j = [0, 0, *rows][-2:]
        key = tuple(exponents[k] for k in setting.boxed)
        matrix = powers.setdefault(key, [[Fraction(0)] * size for _ in range(size)])
        matrix[i][j] += value / 2
        matrix[j][i] += value / 2
    if atom.sense == "==" or all(not any(row[1:]) for m in powers.values() for row in m):
        return None
    return _Form(index, atom.sense, powers)


def _by_group(setting: _Setting, group: tuple[_Form, ...], elevation: int) -> CaseProof | None:
    axes = range(len(setting.boxed))
    degrees = [max(key[a] for form in group for key in form.powers) + elevation for a in axes]
    if max(degrees) > _DEGREE_MAX or np.prod([d + 1 for d in degrees]) > COEFFICIENTS_MAX:
        return None
    parts = [_bernstein(setting, form, degrees) for form in group]
    stacks = [_floats(*part) for part in parts]
    if not all(np.isfinite(stack).all() for stack in stacks):
        return None
    for weight in _weights(stacks):
        total = stacks[0] if weight is None else stacks[0] + float(weight) * stacks[1]
        least = float(least_values(-total).min())
        constant = Fraction(0)
        if least > 0:
            constant = short_between(Fraction(least) / 4, Fraction(least) / 2) or Fraction(0)
        places = product(*(range(d + 1) for d in degrees))
        grams = {k: _gram(parts, k, weight or Fraction(0), constant) for k in places}
        proof = _proof(setting, group, (weight, constant), _terms(setting, grams, degrees))
        if proof is not None:
            return proof
    return None


def _floats(tensor: Integers, denominator: int) -> Floats:
    size = tensor.shape[-1]
    flat = [[[q / denominator for q in row] for row in m] for m in tensor.reshape(-1, size, size)]
    return np.array(flat, dtype=np.float64)


def _weights(stacks: Sequence[Floats]) -> Iterator[Fraction | None]:
    """Yield the weights of the second form that are worth an exact attempt; None where alone."""
    if len(stacks) == 1:
        # Semidefinite may be enough, so the threshold leaves room for rounding.
        scale = np.abs(stacks[0]).max()
        if np.linalg.eigvalsh(stacks[0])[:, -1].max() <= 1e-9 * scale:
            yield None
        return
    one, other = stacks
    scale = float(np.abs(one).max() / max(float(np.abs(other).max()), 1e-300))
    weight = best_weight(one, other * scale) * scale
    if weight > 0:
        exact = Fraction(weight)
        for width in _WIDTHS:
            near = short_between(exact * (1 - width), exact * (1 + width))
            if near is not None:
                yield near


def _bernstein(setting: _Setting, form: _Form, degrees: Sequence[int]) -> tuple[Integers, int]:
    """Return the exact Bernstein coefficients of M on the box: integers over one denominator.

    The shape is (d_1 + 1, ..., n, n), n the length of (1, x).
    """
    size = len(setting.free) + 1
    denominator = lcm(*(q.denominator for m in form.powers.values() for row in m for q in row))
    tensor = np.full([*(d + 1 for d in degrees), size, size], 0, dtype=object)
    for powers, matrix in form.powers.items():
        tensor[powers] = [[int(q * denominator) for q in row] for row in matrix]
    for axis, degree in enumerate(degrees):
        table, scale = conversion(degree, setting.lower[axis][0], setting.upper[axis][0])
        tensor = np.moveaxis(np.tensordot(table, tensor, axes=(1, axis)), 0, axis)
        denominator *= scale
    return tensor, denominator


def _gram(
    parts: Sequence[tuple[Integers, int]], place: Index, weight: Fraction, constant: Fraction
) -> Matrix:
    """Return -(M_1 + w M_2) - constant at one Bernstein coefficient."""
    factors = [f / d for f, (_, d) in zip((Fraction(1), weight), parts, strict=False)]
    size = range(parts[0][0].shape[-1])
    gram = [
        [
            -sum(
                (f * m[(*place, i, j)] for f, (m, _) in zip(factors, parts, strict=True)),
                Fraction(0),
            )
            for j in size
        ]
        for i in size
    ]
    gram[0][0] -= constant
    return gram


def _terms(setting: _Setting, grams: dict[Index, Matrix], degrees: Sequence[int]) -> list[Term]:
    """Return the Bernstein polynomials times their Gram matrices, over the faces' own scales."""
    found = []
    for place, gram in grams.items():
        if not any(any(row) for row in gram):
            continue
        factors: list[int] = []
        scale = Fraction(1)
        for axis, (k, degree) in enumerate(zip(place, degrees, strict=True)):
            (low, below), (high, above) = setting.lower[axis], setting.upper[axis]
            variable = setting.boxed[axis]
            factors += [below] * k + [above] * (degree - k)
            scale *= comb(degree, k) / (high - low) ** degree
            scale /= _slope(setting, below, variable) ** k
            scale /= (-_slope(setting, above, variable)) ** (degree - k)
        scaled = [[scale * value for value in row] for row in gram]
        found.append(Term(tuple(factors), basis=setting.basis, gram=scaled))
    return found


def _slope(setting: _Setting, index: int, variable: int) -> Fraction:
    found = terms(setting.case.constraints[index].polynomial)
    return next(value for exponents, value in found.items() if exponents[variable] == 1)


def _proof(
    setting: _Setting,
    group: tuple[_Form, ...],
    numbers: tuple[Fraction | None, Fraction],
    squares: list[Term],
) -> CaseProof | None:
    """Return the identity constant + q1 + w q2 + squares = 0, if it is exact and has its signs."""
    weight, constant = numbers
    first = group[0]
    strict: tuple[int, ...] = ()
    parts = list(squares)
    if constant > 0:
        coefficient = constant
        parts.append(Term((first.index,), coefficient=Fraction(1)))
    elif first.sense == ">":
        coefficient, strict = Fraction(1), (first.index,)
    else:
        return None
    if weight is not None:
        parts.append(Term((group[1].index,), coefficient=weight))
    return positivstellensatz(setting.case, Identity(coefficient, strict, tuple(parts)))
