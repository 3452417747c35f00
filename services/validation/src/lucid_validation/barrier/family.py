"""Many certificates for one system: the same dynamics and sets, N coefficient vectors of B.

Everything that does not depend on the coefficients is done once and exactly: the obligations of
every monomial, and their Bernstein coefficients. A member is then one row of a matrix product, and
one call of the compiled kernel searches all members. Verdicts rest on bounds, not on luck: the
error of the product is bounded a priori and carried through the search [Higham2002], so PROVED
is proved; REFUTED is a corner of a box where every constraint exceeds its error bound, so the exact
constraints are positive there. Evidence for any member is written, and confirmed, on request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cases import Case, Emptiness, make_case
from .certificate import Barrier
from .conditions import obligations
from .errors import Unsupported
from .methods import bernstein, kernel_native
from .methods import kernel_loops as k
from .methods.bernstein import Frame
from .methods.enclosing_box import implied_box
from .methods.evidence import Json, point, with_case
from .methods.kernel import SENSES, Exploration, Root, begin, prepare
from .methods.kernel_batches import SURE_CORNER, sure_corner
from .methods.tensor import exact_coefficients
from .polynomial import Exponents, Polynomial, rational
from .problem import Problem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.int8]

UNDECIDED, PROVED, REFUTED = 0, 1, 2
BOXES_MAX = 256
_UNIT = 2.0**-53
_CHUNK = 8_192  # members at a time: their roots stay in the cache


@dataclass(frozen=True, slots=True)
class _Lines:
    """One case of one obligation as a linear function of the coefficients.

    `matrix` (M + 1, m*N): Bernstein coefficients of the m constraints `kept`, for each monomial
    and for what does not depend on B (last row); `largest` (M + 1, m): their largest absolute
    values. `why` names the constraints that give the ends of `ranges`.
    """

    used: tuple[int, ...]
    ranges: tuple[tuple[Fraction, Fraction], ...]
    why: tuple[tuple[int, int], ...]
    kept: tuple[int, ...]
    degrees: tuple[int, ...]
    senses: tuple[int, ...]
    matrix: Floats
    largest: Floats

    def roots(self, with_one: Floats) -> Floats:
        """Return roots and error bounds, (N, m*N + m), of members (N, M + 1), the last entry 1."""
        rows = len(self.senses)
        size = self.matrix.shape[1]
        found = np.empty((len(with_one), size + rows))
        np.matmul(with_one, self.matrix, out=found[:, :size])
        # Each entry was rounded once; M + 1 products and sums follow, in any order, fused or not.
        gamma = 1.01 * (len(self.matrix) + 3) * _UNIT
        found[:, size:] = gamma * (np.abs(with_one) @ self.largest) + 1e-300
        return found

    def root(self, row: Floats) -> Root:
        """Return one row of `roots` as the root of a search."""
        rows = len(self.senses)
        shape = (rows, *(d + 1 for d in self.degrees))
        return Root(row[:-rows].reshape(shape), row[-rows:].copy(), self.senses)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """`words` (N, obligations): `PROVED`, `REFUTED` or `UNDECIDED`, columns named by `names`."""

    names: tuple[str, ...]
    words: Words


class Family:
    """Decides members of one family. Not for two threads at a time."""

    def __init__(self, problem: Problem, monomials: Sequence[Exponents]) -> None:
        """Prepare a problem whose barrier's monomials are `monomials`; its own B does not matter.

        Raises `Unsupported` where the obligations are not plain, bounded, claims of emptiness that
        depend on B linearly.
        """
        if not isinstance(problem.certificate, Barrier):
            raise Unsupported("a family needs one barrier function")
        self._problem = problem
        self.monomials = tuple(tuple(e) for e in monomials)
        self._native = kernel_native.load()
        basis = [_obligations_of(problem, self._polynomial([e], [1.0])) for e in self.monomials]
        constant = _obligations_of(problem, problem.ring.constant(0))
        self.names = tuple(obligation.name for obligation in constant)
        values = [Fraction(7 + 3 * place, 16 + place) for place in range(len(self.monomials))]
        probe = _obligations_of(problem, self._polynomial(self.monomials, values))
        self._lines: list[list[_Lines]] = []
        for place, obligation in enumerate(constant):
            self._lines.append([])
            for number in range(len(obligation.cases)):
                cases = [found[place].cases[number] for found in [*basis, constant]]
                _check_linear(cases, probe[place].cases[number], values)
                self._lines[-1].append(_lines(cases))

    def decide(self, coefficients: Floats) -> Verdicts:
        """Return the verdicts of members with `coefficients` (N, M); each double counts exactly."""
        rows = np.asarray(coefficients, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.monomials) or not np.isfinite(rows).all():
            raise ValueError(f"finite coefficients of shape (N, {len(self.monomials)}) are needed")
        with_one = np.hstack([rows, np.ones((len(rows), 1))])
        words = np.zeros((len(rows), len(self.names)), dtype=np.int8)
        for start in range(0, len(rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            for place, cases in enumerate(self._lines):
                words[part, place] = self._decide_obligation(cases, with_one[part])
        return Verdicts(self.names, words)

    def member(self, coefficients: Sequence[float] | Floats) -> Problem:
        """Return the problem of one member. Its text and hash are the family's, not its own."""
        polynomial = self._polynomial(self.monomials, [float(c) for c in coefficients])
        return _with_barrier(self._problem, polynomial)

    def expression(self, coefficients: Sequence[float] | Floats) -> str:
        """Return B of one member as text that reads back exactly."""
        names = self._problem.variables
        parts = []
        for exponents, value in zip(self.monomials, coefficients, strict=True):
            exact = Fraction(float(value))
            factors = [f"({exact.numerator}/{exact.denominator})"]
            factors += [f"{n}**{e}" for n, e in zip(names, exponents, strict=True) if e]
            parts.append("*".join(factors))
        return " + ".join(parts)

    def evidence(self, coefficients: Sequence[float] | Floats) -> dict[str, Json]:
        """Return the entries of one member's evidence; an undecided obligation has none.

        The same searches run once more and keep their trees; a point is confirmed exactly.
        """
        with_one = np.append(np.asarray(coefficients, dtype=np.float64), 1.0)[None]
        found = {}
        member = _emptiness(self.member(with_one[0, :-1]))
        for obligation, cases in zip(member, self._lines, strict=True):
            entry = _entry(obligation, cases, with_one)
            if entry is not None:
                found[obligation.name] = entry
        return found

    def _polynomial(
        self, monomials: Sequence[Exponents], values: Sequence[float | Fraction]
    ) -> Polynomial:
        ring = self._problem.ring
        slots = (0,) * (len(ring.generators) - len(ring.variables))
        pairs = zip(monomials, values, strict=True)
        return ring.context.from_dict({(*e, *slots): rational(Fraction(v)) for e, v in pairs})

    def _decide_obligation(self, cases: Sequence[_Lines], with_one: Floats) -> Words:
        every = np.stack([self._decide_case(lines, with_one) for lines in cases])
        words = np.full(len(with_one), UNDECIDED, dtype=np.int8)
        words[(every == PROVED).all(axis=0)] = PROVED
        words[(every == REFUTED).any(axis=0)] = REFUTED
        return words

    def _decide_case(self, lines: _Lines, with_one: Floats) -> Words:
        """Return the words of every member for one case."""
        roots = lines.roots(with_one)
        answers = np.zeros((len(roots), 2 + 2 * len(lines.degrees)), dtype=np.int64)
        if self._native is not None:
            search = prepare(lines.root(np.zeros(roots.shape[1])), nodes=BOXES_MAX)
            self._native.explore_many(search, roots, answers, BOXES_MAX)
        else:
            answers[:, 0] = [_explored(lines.root(row))[0] for row in roots]
        words = np.full(len(roots), UNDECIDED, dtype=np.int8)
        words[answers[:, 0] == k.FINISHED] = PROVED
        words[answers[:, 0] == SURE_CORNER] = REFUTED
        return words


def _explored(root: Root) -> tuple[int, Exploration]:
    """Do for one member what the compiled kernel does for all of them."""
    exploration = begin(root)
    exploration.search.info[k.ASKS] = 1
    while exploration.done < BOXES_MAX:
        status = exploration.advance(BOXES_MAX - exploration.done)
        if status == k.CORNER:
            corner = sure_corner(exploration.search)
            if corner >= 0:
                exploration.search.info[k.WHICH] = corner
                return SURE_CORNER, exploration
            exploration.decline(status)
        elif status != k.PAUSED:
            return status, exploration
    return k.PAUSED, exploration


def _with_barrier(problem: Problem, polynomial: Polynomial) -> Problem:
    if not isinstance(problem.certificate, Barrier):
        raise Unsupported("a family needs one barrier function")
    return replace(problem, certificate=replace(problem.certificate, polynomial=polynomial))


def _emptiness(problem: Problem) -> list[Emptiness]:
    found = []
    for obligation in obligations(problem):
        if not isinstance(obligation, Emptiness):
            raise Unsupported(f"{obligation.name} is no claim of emptiness")
        found.append(obligation)
    return found


def _obligations_of(problem: Problem, polynomial: Polynomial) -> list[Emptiness]:
    return _emptiness(_with_barrier(problem, polynomial))


def _check_linear(cases: Sequence[Case], probe: Case, values: Sequence[Fraction]) -> None:
    """Compare the constraints of one member with the sum over the monomials, exactly."""
    *basis, constant = cases
    if not all(case.plain for case in (*cases, probe)):
        raise Unsupported("a family needs polynomial obligations")
    for i, atom in enumerate(constant.constraints):
        total = atom.polynomial
        for case, value in zip(basis, values, strict=True):
            total += (case.constraints[i].polynomial - atom.polynomial) * rational(value)
        if total != probe.constraints[i].polynomial:
            raise Unsupported("the obligations do not depend on B linearly")


def _lines(cases: Sequence[Case]) -> _Lines:
    """Return one case as a linear function; `cases` for each monomial as B, then for B = 0."""
    *basis, constant = cases
    places = [
        i
        for i, atom in enumerate(constant.constraints)
        if all(case.constraints[i].polynomial == atom.polynomial for case in basis)
    ]
    sets = [constant.constraints[i] for i in places]
    box = implied_box(make_case(sets, constant.ring))
    # A corner of the box lies on its faces: a strict face is not left to the box.
    dropped = {places[f] for f in box.faces if sets[f].sense == ">="}
    kept = tuple(i for i in range(len(constant.constraints)) if i not in dropped)
    used, ranges, why = [], [], []
    degrees = _degrees(cases, kept)
    for variable, degree in enumerate(degrees):
        lower, upper = box.lower[variable], box.upper[variable]
        if degree == 0:
            continue
        if lower is None or upper is None or lower[0] > upper[0]:
            raise Unsupported("a family needs bounded sets")
        used.append(variable)
        ranges.append((lower[0], upper[0]))
        why.append((places[lower[1]], places[upper[1]]))
    shape = tuple(degrees[v] for v in used)
    tensor = _tensor(cases, kept, (used, shape, ranges))
    senses = tuple(SENSES[constant.constraints[i].sense] for i in kept)
    largest = np.ascontiguousarray(np.abs(tensor).max(axis=2))
    matrix = np.ascontiguousarray(tensor.reshape(len(cases), -1))
    return _Lines(tuple(used), tuple(ranges), tuple(why), kept, shape, senses, matrix, largest)


def _degrees(cases: Sequence[Case], kept: Sequence[int]) -> list[int]:
    every = [case.constraints[i].polynomial.degrees() for case in cases for i in kept]
    return [max(0, *(int(degree) for degree in column)) for column in zip(*every, strict=True)]


def _tensor(cases: Sequence[Case], kept: Sequence[int], frame: tuple[Any, Any, Any]) -> Floats:
    """Return the coefficients (M + 1, m, N), each rounded once from its exact value."""
    used, degrees, ranges = frame
    constant = cases[-1]
    found = []
    for case in cases:
        rows = []
        for i in kept:
            polynomial = case.constraints[i].polynomial
            if case is not constant:
                polynomial = polynomial - constant.constraints[i].polynomial
            exact, denominator = exact_coefficients(polynomial, used, degrees, ranges)
            rows.append([value / denominator for value in exact.ravel()])
        found.append(rows)
    return np.array(found)


def _entry(obligation: Emptiness, cases: Sequence[_Lines], with_one: Floats) -> Json | None:
    proofs = []
    for number, (case, lines) in enumerate(zip(obligation.cases, cases, strict=True)):
        status, exploration = _explored(lines.root(lines.roots(with_one)[0]))
        plain = (0,) * len(lines.kept)
        frame = Frame(
            *(case, lines.used, lines.ranges, lines.why, lines.kept, lines.degrees, plain)
        )
        if status == SURE_CORNER:
            found = point(case, bernstein.values_at(frame, exploration.corner()[0]))
            if found is not None:
                return {"verdict": "REFUTED", "witness": with_case(found.witness, number)}
        elif status == k.FINISHED:
            tree = bernstein.evidence(frame, exploration.codes, exploration.weights)
            proofs.append(tree)
    if len(proofs) < len(obligation.cases):
        return None
    return {"verdict": "PROVED", "proof": {"cases": proofs}}
