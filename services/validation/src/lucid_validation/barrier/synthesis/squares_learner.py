"""The second learner: the obligations as sums of squares, the candidate among the unknowns.

For each set `{g_j >= 0}` one identity `claim = s_0 + sum s_j g_j` with sums of squares s_j, and a
common margin, in one semidefinite program. [Prajna2004], [Putinar1993]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lucid_validation.barrier.cases import cases_of
from lucid_validation.barrier.formula import Formula
from lucid_validation.barrier.methods.numeric import Floats
from lucid_validation.barrier.methods.sos_program import monomials, times
from lucid_validation.barrier.polynomial import Exponents, Polynomial, Ring
from lucid_validation.barrier.polynomial import terms as terms_of

from .data import Scene
from .linear_learner import Guess, is_strict
from .template import Template

_BASIS_MAX = 90
_UNKNOWNS_MAX = 14_000

FloatTerms = dict[Exponents, float]


@dataclass(slots=True)
class _Program:
    """Rows of `sum columns = right`, one for each monomial of each identity."""

    rows: dict[tuple[int, Exponents], int] = field(default_factory=dict)
    entries: list[tuple[int, int, float]] = field(default_factory=list)
    grams: list[tuple[int, int]] = field(default_factory=list)
    columns: int = 0

    def put(self, identity: int, terms: FloatTerms, column: int, factor: float = 1.0) -> None:
        for e, q in terms.items():
            row = self.rows.setdefault((identity, e), len(self.rows))
            self.entries.append((row, column, factor * q))


def best_guess(
    scene: Scene, template: Template, rate: float, time_limit_s: float, *, with_exits: bool
) -> Guess | None:
    """Return a guess well inside of what the identities allow, or None: too large, or none found.

    Two programs: the largest margin first, then a point in the middle of what half of it allows.
    """
    sizes = np.maximum(np.maximum(np.abs(scene.box[0]), np.abs(scene.box[1])), 1e-6)
    count = len(template.exponents)
    program = _Program(columns=count + 1)
    if not _claims(program, scene, template, (rate, sizes), with_exits=with_exits):
        return None
    first = _solve(program, count, None, time_limit_s / 2)
    if first is None or first[count] < 1e-5:
        return None
    second = _solve(program, count, float(first[count]) / 2, time_limit_s / 2)
    values = first if second is None else second
    return Guess(values[:count] / _basis_sizes(template, sizes), float(values[count]), rate)


def _basis_sizes(template: Template, sizes: Floats) -> Floats:
    powers = np.array(template.exponents, dtype=float)
    return np.asarray(np.prod(sizes**powers, axis=1))


def _claims(
    program: _Program,
    scene: Scene,
    template: Template,
    how: tuple[float, Floats],
    *,
    with_exits: bool,
) -> bool:
    """Add all identities; False where one is too large."""
    rate, sizes = how
    task, ring, problem = template.task, template.task.ring, template.task.problem
    scales = _basis_sizes(template, sizes)
    basis = [_floats(m, sizes, s) for m, s in zip(template.basis, scales, strict=True)]
    moved = [_image(template, m) - ring.constant(_exact(rate)) * m for m in template.basis]
    flow = [_floats(m, sizes, s) for m, s in zip(moved, scales, strict=True)]
    largest = max((abs(q) for part in flow for q in part.values()), default=1.0)
    flow = [{e: q / largest for e, q in part.items()} for part in flow]
    strict = 0.1 if is_strict(task) or (task.flow == "exponential" and rate) else 0.0
    claims: list[tuple[Sequence[Formula], list[FloatTerms], float, float]] = [
        ([problem.init], basis, -1.0, 1.0),
        ([problem.unsafe], basis, 1.0, 1.0),
        (problem.domain_conjuncts, flow, -1.0, strict),
    ]
    if with_exits:
        claims += [(exit_, basis, 1.0, 1.0) for exit_ in scene.exit_formulas]
    identity = 0
    for formulas, parts, sign, margin in claims:
        for case in cases_of(formulas, ring):
            sets = [(_floats(a.polynomial, sizes), a.sense) for a in case.constraints]
            if not _identity(program, identity, (parts, sign, margin), sets, ring):
                return False
            identity += 1
    return True


def _image(template: Template, monomial: Polynomial) -> Polynomial:
    task = template.task
    if task.is_discrete:
        return task.ring.compose(monomial, task.problem.dynamics)
    return task.ring.lie_derivative(monomial, task.problem.dynamics)


def _exact(rate: float) -> Any:
    from fractions import Fraction

    return Fraction(rate).limit_denominator(1000)


def _floats(polynomial: Polynomial, sizes: Floats, divisor: float = 1.0) -> FloatTerms:
    """Return the polynomial in variables that are multiples of `sizes`."""
    count = len(sizes)
    return {
        e[:count]: float(q) * float(np.prod(sizes ** np.array(e[:count]))) / divisor
        for e, q in terms_of(polynomial).items()
    }


def _identity(
    program: _Program,
    identity: int,
    claim: tuple[list[FloatTerms], float, float],
    sets: Sequence[tuple[FloatTerms, str]],
    ring: Ring,
) -> bool:
    """Add `sign * B - margin * t - s_0 - sum s_j g_j = 0`; False where a basis is too large."""
    parts, sign, margin = claim
    count = len(ring.variables)
    own = max((sum(e) for part in parts for e in part), default=0)
    given = max((sum(e) for terms, _ in sets for e in terms), default=0)
    degree = max(own, min(given, own + 2))
    degree += degree % 2
    for column, part in enumerate(parts):
        program.put(identity, part, column, sign)
    nothing = (0,) * count
    if margin:
        program.put(identity, {nothing: 1.0}, len(parts), -margin)
    multipliers: list[tuple[FloatTerms, str]] = [({nothing: 1.0}, ">="), *sets]
    for terms, sense in multipliers:
        largest = max((abs(q) for q in terms.values()), default=1.0) or 1.0
        scaled = {e: q / largest for e, q in terms.items()}
        room = degree - max((sum(e) for e in terms), default=0)
        if room < 0:
            continue
        if sense == "==":
            for e in monomials([room] * count, room):
                column = program.columns
                program.columns += 1
                program.put(identity, {times(e, g): q for g, q in scaled.items()}, column, -1.0)
            continue
        basis = monomials([room // 2] * count, room // 2)
        if len(basis) > _BASIS_MAX:
            return False
        _gram(program, identity, basis, scaled)
    return program.columns <= _UNKNOWNS_MAX


def _gram(program: _Program, identity: int, basis: list[Exponents], factor: FloatTerms) -> None:
    program.grams.append((program.columns, len(basis)))
    for j, right in enumerate(basis):
        for i in range(j + 1):
            weight = 1.0 if i == j else 2.0
            product = times(basis[i], right)
            terms = {times(product, g): q for g, q in factor.items()}
            program.put(identity, terms, program.columns, -weight)
            program.columns += 1


def _solve(
    program: _Program, count: int, margin: float | None, time_limit_s: float
) -> Floats | None:
    """Return the unknowns; the largest margin, or with `margin` any that has at least this one."""
    import clarabel
    from scipy import sparse

    total = program.columns
    rows, columns, values = zip(*program.entries, strict=True)
    equations = sparse.csc_matrix((values, (rows, columns)), shape=(len(program.rows), total))
    blocks, right = [equations], [np.zeros(len(program.rows))]
    cones: list[Any] = [clarabel.ZeroConeT(len(program.rows))]
    bounds = sparse.identity(count, format="csc")
    bounds.resize((count, total))
    blocks += [bounds, -bounds]
    right += [np.ones(count), np.ones(count)]
    low = 0.0 if margin is None else margin
    cap = sparse.csc_matrix(([1.0, -1.0], ([0, 1], [count, count])), shape=(2, total))
    blocks.append(cap)
    right.append(np.array([1.0, -low]))
    cones.append(clarabel.NonnegativeConeT(2 * count + 2))
    for first, size in program.grams:
        triangle = size * (size + 1) // 2
        inner, outer = np.triu_indices(size)
        order = np.lexsort((inner, outer))
        weights = np.where(inner[order] == outer[order], 1.0, np.sqrt(2.0))
        places = (np.arange(triangle), first + np.arange(triangle))
        blocks.append(sparse.csc_matrix((-weights, places), shape=(triangle, total)))
        right.append(np.zeros(triangle))
        cones.append(clarabel.PSDTriangleConeT(size))
    cost = np.zeros(total)
    cost[count] = -1.0 if margin is None else 0.0
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = max(0.2, time_limit_s)
    settings.max_threads = 1
    stacked = sparse.vstack(blocks).tocsc()
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((total, total)), cost, stacked, np.concatenate(right), cones, settings
    )
    solution = solver.solve()
    found = np.array(solution.x)
    good = str(solution.status) in {"Solved", "AlmostSolved"}
    return found if good and len(found) and np.isfinite(found).all() else None
