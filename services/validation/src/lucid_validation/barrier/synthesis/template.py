"""The candidates: all polynomials up to a degree, around a middle; and their values at points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lucid_validation.barrier.methods.numeric import Family, Floats, family_of
from lucid_validation.barrier.methods.sos_program import monomials
from lucid_validation.barrier.polynomial import Exponents, Polynomial, rational, terms

from .task import Task

Point = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """`sum c_i m_i(x - middle)` with the monomials m_i of `exponents`.

    The middle is an equilibrium where there is a rational one: at it the rate of every candidate
    is zero, which coefficients that are rounded one by one must not disturb.
    """

    task: Task
    exponents: tuple[Exponents, ...]
    middle: Point
    basis: tuple[Polynomial, ...]
    monomials: Family
    field: Family

    def values(self, points: Floats) -> Floats:
        """Return the monomials at points (points, variables), shape (points, monomials)."""
        return self.monomials.values(points - self._offset())

    def images(self, points: Floats) -> Floats:
        """Return their Lie derivatives, or in discrete time their values one step later."""
        field = self.field.values(points)
        if self.task.is_discrete:
            return self.values(field)
        slopes = self.monomials.gradients(points - self._offset())
        return np.asarray(np.einsum("pmv,pv->pm", slopes, field))

    def polynomial(self, coefficients: Sequence[Fraction]) -> Polynomial:
        """Return the exact candidate."""
        total = self.task.ring.constant(0)
        for coefficient, monomial in zip(coefficients, self.basis, strict=True):
            if coefficient:
                total += monomial * rational(coefficient)
        return total

    def _offset(self) -> Floats:
        return np.array([float(value) for value in self.middle])


def template_of(task: Task, degree: int, middle: Point) -> Template:
    """Return the template of a total degree around a middle."""
    ring, count = task.ring, len(task.ring.variables)
    exponents = tuple(monomials([degree] * count, degree))
    shifted = [g - ring.constant(m) for g, m in zip(ring.generators, middle, strict=False)]
    plain, basis = [], []
    for e in exponents:
        own, moved = ring.constant(1), ring.constant(1)
        for k, power in enumerate(e):
            own *= ring.generators[k] ** power
            moved *= shifted[k] ** power
        plain.append(own)
        basis.append(moved)
    field = [task.problem.dynamics[name] for name in ring.variables]
    return Template(
        task,
        exponents,
        middle,
        tuple(basis),
        family_of(plain, count, scaled=False),
        family_of(field, count, scaled=False),
    )


def middle_of(task: Task, lower: Floats, upper: Floats) -> Point:
    """Return a rational equilibrium in the box where B must not grow at all, else the origin.

    A guess by Newton steps from the middle of the box and from 0, confirmed exactly.
    """
    names = task.ring.variables
    if task.flow not in {"everywhere", "discrete_decrease"}:
        return (Fraction(0),) * len(names)
    family = family_of([task.problem.dynamics[n] for n in names], len(names), scaled=False)
    for start in (np.zeros(len(names)), (lower + upper) / 2):
        at = start.astype(float)
        for _ in range(30):
            value, slope = family.both(at[None, :])
            force, matrix = value[0], slope[0]
            if task.is_discrete:
                force, matrix = force - at, matrix - np.eye(len(names))
            step = np.linalg.lstsq(matrix, force, rcond=None)[0]
            at = at - step
            if not np.isfinite(at).all() or np.abs(step).max() < 1e-13:
                break
        if not np.isfinite(at).all() or (at < lower - 1e-9).any() or (at > upper + 1e-9).any():
            continue
        point = tuple(Fraction(float(v)).limit_denominator(1000) for v in at)
        if _is_still(task, point):
            return point
    return (Fraction(0),) * len(names)


def _is_still(task: Task, point: Point) -> bool:
    places = dict(enumerate(point))
    for place, name in enumerate(task.ring.variables):
        value = terms(task.ring.substitute(task.problem.dynamics[name], places))
        wanted = point[place] if task.is_discrete else Fraction(0)
        if sum(value.values(), Fraction(0)) != wanted:
            return False
    return True


def text_of(polynomial: Polynomial, names: Sequence[str]) -> str:
    """Return the polynomial as the text of an expression, highest degree first."""
    parts: list[str] = []
    for exponents, value in sorted(terms(polynomial).items(), key=_order):
        factors = [
            name if power == 1 else f"{name}**{power}"
            for name, power in zip(names, exponents, strict=False)
            if power
        ]
        size = abs(value)
        number = [str(size) if size.denominator == 1 else f"({size})"]
        text = "*".join(([] if size == 1 and factors else number) + factors)
        sign = "-" if value < 0 else "+"
        parts.append(f"{sign} {text}" if parts else ("-" if value < 0 else "") + text)
    return " ".join(parts) or "0"


def _order(item: tuple[Exponents, Fraction]) -> tuple[int, tuple[int, ...]]:
    return -sum(item[0]), tuple(-k for k in item[0])
