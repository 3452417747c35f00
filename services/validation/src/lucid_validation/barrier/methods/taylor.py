"""Branch and prune for cases with function terms: Taylor models on cells, then the kernel.

On a cell every constraint becomes a polynomial with a remainder, which the kernel takes as one
more error of that constraint. A cell that is not closed in some dozens of boxes is halved and
expanded anew. The receiver expands on every leaf by itself, so every leaf is closed here in the
same way once more, with some of the remainder to spare, before its cell counts. [Makino2003]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, Ring, rational

from . import bernstein
from . import kernel_loops as k
from .enclosing_box import ImpliedBox, implied_box
from .evidence import CaseProof, Witness
from .falsifier_confirm import confirmed
from .kernel import Exploration, Mode, Root, begin
from .kernel_batches import sure_corner
from .taylor_model import Forms, Model, TaylorModels
from .tensor import float_root

# Remainders count this often: the receiver's models differ a little from ours.
_SPARE = 1.5
# Higher orders need fewer boxes, and cost the receiver more than they save.
_ORDER = 4
_CELL_BOXES = 96
_DEPTH_MAX = 40
_VARIABLES_MAX = 10
_FLOATS_MAX = 30_000
_ASKS_MAX = 12
_UNIT = (Fraction(-1), Fraction(1))

Ranges = dict[int, tuple[Fraction, Fraction]]


@dataclass(slots=True)
class _Search:
    case: Case
    box: ImpliedBox
    used: tuple[int, ...]
    kept: tuple[int, ...]
    order: int
    mode: Mode
    forms: Forms
    sums: dict[Any, Polynomial] = field(default_factory=dict)
    nodes: list[Any] = field(default_factory=list)
    boxes: int = 0
    asks: int = _ASKS_MAX


@dataclass(frozen=True, slots=True)
class _Cell:
    ranges: Ranges
    depth: int


def attempt(
    case: Case, boxes_max: int, budget: Budget, mode: Mode = "auto"
) -> CaseProof | Witness | None:
    """Decide a case with function terms on a bounded box, with at most about `boxes_max` boxes."""
    search = _prepare(case, mode)
    if search is None:
        return None
    whole = {v: _range(search.box, v) for v in search.used}
    pending = [_Cell(whole, 0)]
    while pending:
        cell = pending.pop()
        if budget.remaining() <= 0 or search.boxes > boxes_max or cell.depth > _DEPTH_MAX:
            return None
        found = _close(search, cell, boxes_max, budget)
        if isinstance(found, Witness):
            return found
        if isinstance(found, int):
            search.nodes.append(found)
            low, high = cell.ranges[found]
            middle = (low + high) / 2
            pending.append(_Cell({**cell.ranges, found: (middle, high)}, cell.depth + 1))
            pending.append(_Cell({**cell.ranges, found: (low, middle)}, cell.depth + 1))
    return CaseProof(_evidence(search, whole))


def _prepare(case: Case, mode: Mode) -> _Search | None:
    ring = case.ring
    nothing = Atom(ring.constant(1), ">=")
    plain = tuple(a if ring.is_plain(a.polynomial) else nothing for a in case.constraints)
    box = implied_box(Case(plain, ring, plain=True))
    used = tuple(v for v in range(len(ring.variables)) if _occurs(case, v))
    kept = tuple(i for i in range(len(case.constraints)) if i not in box.faces)
    if not 0 < len(used) <= _VARIABLES_MAX or not kept or not box.is_bounded(list(used)):
        return None
    if any(low > high for low, high in (_range(box, v) for v in used)):
        return None
    order = _ORDER if len(used) <= 4 else _ORDER - 1
    return _Search(case, box, used, kept, order, mode, Forms(ring))


def _range(box: ImpliedBox, variable: int) -> tuple[Fraction, Fraction]:
    low, high = box.range_of(variable)
    return (low, high) if low is not None and high is not None else (Fraction(1), Fraction(0))


def _occurs(case: Case, variable: int) -> bool:
    """Say whether a variable occurs in a case, function arguments included."""
    return any(variable in _variables(case.ring, a.polynomial) for a in case.constraints)


def _variables(ring: Ring, polynomial: Polynomial) -> set[int]:
    degrees, count = polynomial.degrees(), len(ring.variables)
    found = {v for v in range(count) if degrees[v] > 0}
    for slot, (_, argument) in enumerate(ring.opaque_terms):
        if degrees[count + slot] > 0:
            found |= _variables(ring, argument)
    return found


def _close(search: _Search, cell: _Cell, boxes_max: int, budget: Budget) -> int | Witness | None:
    """Close a cell and record its tree (None), or return a witness or the variable to halve."""
    ring = search.case.ring
    ranges = [cell.ranges.get(v) for v in range(len(ring.variables))]
    search.boxes += 1
    models = TaylorModels(search.forms, ranges, search.order)
    found: list[Model | None] = []
    for i in search.kept:
        in_time = budget.remaining() > 0
        found.append(models.of(search.case.constraints[i].polynomial) if in_time else None)
    widest = max(search.used, key=lambda v: cell.ranges[v][1] - cell.ranges[v][0])
    useful = [j for j, model in enumerate(found) if model is not None]
    prepared = _root(search, [(search.kept[j], found[j]) for j in useful])
    if prepared is None:
        return widest
    frame, root, degrees = prepared
    exploration = begin(root, mode=search.mode)
    # Few corners are worth a look: most lie where the remainders leave a doubt.
    exploration.search.info[k.ASKS] = 4 if len(useful) == len(found) else 0
    status = _explore(search, exploration, cell, min(_CELL_BOXES, boxes_max - search.boxes))
    search.boxes += exploration.done
    if isinstance(status, Witness):
        return status
    if status == k.FINISHED and _is_closed_again(search, frame, exploration, cell):
        search.nodes.extend(bernstein.tree(frame, exploration.codes, exploration.weights))
        return None
    return _most_curved(search.used, root, degrees) if degrees else widest


def _root(
    search: _Search, models: list[tuple[int, Model | None]]
) -> tuple[bernstein.Frame, Root, tuple[int, ...]] | None:
    """Return the cell's constraints for the kernel; None where they say nothing or are too large.

    The kernel's axes are all variables in use, so that its tree continues the cell's.
    """
    known = [(i, model) for i, model in models if model is not None]
    if not known:
        return None
    every = [model.polynomial.degrees() for _, model in known]
    degrees = tuple(max(0, *(int(d[v]) for d in every)) for v in search.used)
    if not any(degrees) or prod(d + 1 for d in degrees) * len(known) > _FLOATS_MAX:
        return None
    sides = [_UNIT] * len(search.used)
    polynomials = [model.polynomial for _, model in known]
    converted = float_root(polynomials, search.used, degrees, sides, error_max=1e-9)
    if converted is None:
        return None
    tensor, errors, exponents = converted
    spare = np.array([_SPARE * model.remainder for _, model in known])
    errors = errors + np.ldexp(spare, -np.array(exponents)) * (1 + 1e-12)
    # A bound of exactly zero is out of reach of a remainder: strictness closes nothing here.
    senses = tuple(
        k.EQUAL if search.case.constraints[i].sense == "==" else k.AT_LEAST for i, _ in known
    )
    places = tuple(i for i, _ in known)
    frame = bernstein.Frame(
        *(search.case, search.used, tuple(sides), (), places, degrees, exponents)
    )
    return frame, Root(tensor, errors, senses), degrees


def _is_closed_again(
    search: _Search, frame: bernstein.Frame, exploration: Exploration, cell: _Cell
) -> bool:
    """Expand on every leaf as the receiver will: by itself, and in its own degree.

    The kernel's forms are all of one degree, and a form of higher degree is tighter.
    """
    pending = [cell.ranges]
    for codes, weights in zip(exploration.codes, exploration.weights, strict=True):
        for code, row in zip(codes.tolist(), weights, strict=True):
            ranges = pending.pop()
            if code == k.LEAF:
                if not _is_negative(search, _combination(search, frame, row), ranges):
                    return False
                continue
            variable = search.used[code]
            low, high = ranges[variable]
            middle = (low + high) / 2
            pending.append({**ranges, variable: (middle, high)})
            pending.append({**ranges, variable: (low, middle)})
    return True


def _combination(search: _Search, frame: bernstein.Frame, row: Any) -> Polynomial:
    """Return the sum that a leaf's multipliers stand for, the same object for the same leaf."""
    mark = (frame.kept, frame.exponents, row.tobytes())
    if mark not in search.sums:
        total = search.case.ring.constant(0)
        for i, exponent, weight in zip(frame.kept, frame.exponents, row.tolist(), strict=True):
            if weight:
                exact = Fraction(weight) / Fraction(2) ** exponent
                total = total + search.case.constraints[i].polynomial * rational(exact)
        search.sums[mark] = total
    return search.sums[mark]


def _is_negative(search: _Search, polynomial: Polynomial, ranges: Ranges) -> bool:
    """Say whether the Taylor model of a form on a box is negative by its Bernstein form."""
    every = [ranges.get(v) for v in range(len(search.case.ring.variables))]
    model = TaylorModels(search.forms, every, search.order).of(polynomial)
    if model is None:
        return False
    degrees = tuple(max(0, int(model.polynomial.degrees()[v])) for v in search.used)
    sides = [_UNIT] * len(search.used)
    converted = float_root([model.polynomial], search.used, degrees, sides, error_max=1e-9)
    if converted is None:
        return False
    tensor, errors, (exponent,) = converted
    spare = float(np.ldexp(_SPARE * model.remainder, -exponent))
    return float(tensor.max()) + float(errors[0]) + spare < 0.0


def _explore(
    search: _Search, exploration: Exploration, cell: _Cell, boxes_max: int
) -> int | Witness:
    while True:
        status = exploration.advance(boxes_max - exploration.done)
        if status == k.CORNER:
            exploration.decline(status)
            exploration.search.info[k.ASKS] -= 1
            witness = _witness(search, exploration, cell)
            if witness is not None:
                return witness
        elif status != k.PAUSED or exploration.done >= boxes_max:
            return status


def _witness(search: _Search, exploration: Exploration, cell: _Cell) -> Witness | None:
    """Return a corner of the box on top where no remainder leaves a doubt, or a point beside it."""
    which = sure_corner(exploration.search) if search.asks > 0 else -1
    if which < 0:
        return None
    search.asks -= 1
    exploration.search.info[k.WHICH] = which
    corner, middle = exploration.corner()
    for part in (Fraction(0), Fraction(1, 2**20), Fraction(1, 8)):
        values = [Fraction(0)] * len(search.case.ring.variables)
        for variable, c, m in zip(search.used, corner, middle, strict=True):
            low, high = cell.ranges[variable]
            values[variable] = low + (high - low) * (c + (m - c) * part)
        found = confirmed(search.case, values)
        if found is not None:
            return found
    return None


def _most_curved(used: tuple[int, ...], root: Root, degrees: tuple[int, ...]) -> int:
    """Return the variable along which the constraints bend most."""
    bends = []
    for axis, degree in enumerate(degrees):
        steps = np.diff(root.tensor, n=2, axis=axis + 1) if degree >= 2 else np.zeros(1)
        bends.append(float(np.abs(steps).max()) * degree * degree)
    return used[int(np.argmax(bends))]


def _evidence(search: _Search, whole: Ranges) -> dict[str, Any]:
    names = search.case.ring.variables
    box, bounds = {}, {}
    for v in search.used:
        lower, upper = search.box.lower[v], search.box.upper[v]
        box[names[v]] = [str(whole[v][0]), str(whole[v][1])]
        bounds[names[v]] = [lower[1] if lower else -1, upper[1] if upper else -1]
    return {
        "type": "split",
        "box": box,
        "bounds": bounds,
        "form": "taylor",
        "order": search.order,
        "tree": search.nodes,
    }
