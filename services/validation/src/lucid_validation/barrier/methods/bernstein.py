"""Branch and prune with Bernstein bounds and Lagrange multipliers on each box.

Floats only guide the search: they choose splits, leaves and multipliers. The finished tree is
walked once in exact integers, and only a tree that passes is returned. [Garloff1993], [Munoz2013]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from .enclosing_box import ImpliedBox, implied_box
from .evidence import CaseProof, Json, Witness, point
from .multipliers import Combination, closing_combinations, closing_program
from .tensor import Floats, Integers, halves, halves_exactly, root_coefficients

_CHUNK_FLOATS = 2_000_000
_DEPTH_MAX = 60
_CORNER_VARIABLES_MAX = 6


@dataclass(slots=True)
class _Node:
    """A box of the tree: split along an axis, closed by a combination, or still open."""

    axis: int = -1
    children: tuple[int, int] = (-1, -1)
    leaf: Combination | None = None


@dataclass(slots=True)
class _Search:
    """One case prepared for the search: exact root tensor, senses, and the growing tree."""

    case: Case
    box: ImpliedBox
    used: list[int]
    ranges: list[tuple[Fraction, Fraction]]
    kept: list[int]
    degrees: list[int]
    root: Integers
    senses: list[str]
    nodes: list[_Node] = field(default_factory=list)


def attempt(case: Case, boxes_max: int, budget: Budget) -> CaseProof | Witness | None:
    """Decide a plain case on a bounded box with at most `boxes_max` boxes; None when it cannot."""
    search = _prepare(case)
    if search is None:
        return None
    found = _explore(search, boxes_max, budget)
    if isinstance(found, Witness):
        return found
    if not found or not _confirm(search, budget):
        return None
    return CaseProof(_evidence(search))


def coefficient_count(case: Case) -> int:
    """Return how many Bernstein coefficients one constraint of a plain case has."""
    count = 1
    for degree in _degrees(case):
        count *= degree + 1
    return count


def _degrees(case: Case) -> list[int]:
    everything = [atom.polynomial.degrees() for atom in case.constraints]
    return [max(0, *(int(d[k]) for d in everything)) for k in range(len(case.variables))]


def _prepare(case: Case) -> _Search | None:
    box = implied_box(case)
    every_degree = _degrees(case)
    used = [k for k, degree in enumerate(every_degree) if degree > 0]
    if not used or not box.is_bounded(used):
        return None
    kept = [i for i in range(len(case.constraints)) if i not in box.faces]
    ranges = []
    for k in used:
        low, high = box.range_of(k)
        if low is None or high is None or low > high:
            return None
        ranges.append((low, high))
    if not kept:
        return None
    polynomials = [case.constraints[i].polynomial for i in kept]
    degrees = [max(0, *(int(p.degrees()[k]) for p in polynomials)) for k in used]
    if np.prod([d + 1 for d in degrees]) * len(kept) > 60_000:
        return None
    root = root_coefficients(polynomials, used, degrees, ranges)
    senses = [str(case.constraints[i].sense) for i in kept]
    return _Search(case, box, used, ranges, kept, degrees, root, senses)


def _float_root(search: _Search) -> tuple[Floats, list[Fraction]]:
    """Return the root scaled so that every constraint has largest coefficient 1, and the scales."""
    scales, rows = [], []
    for row in search.root:
        largest = max((abs(value) for value in row.ravel()), default=0) or 1
        scales.append(Fraction(largest))
        rows.append(np.array([float(Fraction(v, largest)) for v in row.ravel()]).reshape(row.shape))
    return np.stack(rows), scales


def _explore(search: _Search, boxes_max: int, budget: Budget) -> bool | Witness:
    """Grow the tree until no box is open (True), a witness appears, or a limit is hit (False)."""
    root, scales = _float_root(search)
    search.nodes = [_Node()]
    pending: list[tuple[Floats, NDArray[np.int64], int]] = [
        (root[None], np.zeros(1, dtype=np.int64), 0)
    ]
    chunk = max(1, _CHUNK_FLOATS // max(1, root.size))
    while pending:
        batch, ids, depth = pending.pop()
        if len(batch) > chunk:
            pending.append((batch[chunk:], ids[chunk:], depth))
            batch, ids = batch[:chunk], ids[:chunk]
        found = _corner_witness(search, batch, ids)
        if found is not None:
            return found
        still = _close(search, batch, ids, scales)
        if not still.any():
            continue
        if depth >= _DEPTH_MAX or len(search.nodes) > boxes_max or budget.remaining() <= 0:
            return False
        pending.extend(_split(search, batch[still], ids[still], depth))
    return True


def _close(
    search: _Search, batch: Floats, ids: NDArray[np.int64], scales: list[Fraction]
) -> NDArray[np.bool_]:
    """Record the leaves of a batch; return which boxes stay open."""
    flat = batch.reshape(len(batch), len(search.senses), -1)
    leaves = closing_combinations(flat, search.senses)
    # The program over all constraints costs a solver call: only worth it while boxes are few.
    if len(search.senses) > 2 and len(search.nodes) < 64:
        for row, leaf in enumerate(leaves):
            if leaf is None:
                leaves[row] = closing_program(flat[row], search.senses)
    still = np.ones(len(batch), dtype=bool)
    for row, leaf in enumerate(leaves):
        if leaf is None:
            continue
        exact = tuple((i, q / scales[i]) for i, q in leaf.weights)
        candidate = Combination(exact, sure=leaf.sure)
        if leaf.sure or _passes(search, candidate, _exact_at(search, int(ids[row]))):
            search.nodes[ids[row]].leaf = candidate
            still[row] = False
    return still


def _split(
    search: _Search, batch: Floats, ids: NDArray[np.int64], depth: int
) -> list[tuple[Floats, NDArray[np.int64], int]]:
    """Halve every box along the axis in which its coefficients vary most."""
    variation = np.zeros((len(batch), len(search.used)))
    spread = np.ptp(batch.reshape(len(batch), len(search.senses), -1), axis=2) + 1e-300
    for k in range(len(search.used)):
        if search.degrees[k] > 0:
            steps = np.abs(np.diff(batch, axis=k + 2))
            sums = steps.reshape(len(batch), len(search.senses), -1).sum(axis=2)
            variation[:, k] = (sums / spread).sum(axis=1)
    choice = np.argmax(variation, axis=1)
    found = []
    for k in np.unique(choice):
        chosen = choice == k
        left, right = halves(batch[chosen], int(k) + 2)
        start = len(search.nodes)
        size = int(chosen.sum())
        search.nodes.extend(_Node() for _ in range(2 * size))
        for place, parent in enumerate(ids[chosen]):
            node = search.nodes[parent]
            node.axis, node.children = int(k), (start + place, start + size + place)
        numbers = np.arange(start, start + 2 * size, dtype=np.int64)
        found.append((np.concatenate([left, right]), numbers, depth + 1))
    return found


def _path_to(search: _Search, target: int) -> list[tuple[int, int]]:
    """Return the (axis, side) steps from the root to a node."""
    parents: dict[int, tuple[int, int, int]] = {}
    for number, node in enumerate(search.nodes):
        if node.axis >= 0:
            for side, child in enumerate(node.children):
                parents[child] = (number, node.axis, side)
    path = []
    while target in parents:
        target, axis, side = parents[target]
        path.append((axis, side))
    return path[::-1]


def _exact_at(search: _Search, target: int) -> Integers:
    tensor = search.root
    for axis, side in _path_to(search, target):
        tensor = halves_exactly(tensor, axis + 1)[side]
    return tensor


def _passes(search: _Search, leaf: Combination, tensor: Integers) -> bool:
    """Check a leaf exactly: the largest coefficient of the combination is negative enough."""
    total: Any = 0
    for i, q in leaf.weights:
        total = total + tensor[i] * q
    largest = max(total.ravel())
    strict = any(search.senses[i] == ">" and q > 0 for i, q in leaf.weights)
    return bool(largest < 0 or (largest == 0 and strict))


def _confirm(search: _Search, budget: Budget) -> bool:
    """Walk the whole tree in exact arithmetic."""
    pending = [(0, search.root)]
    while pending:
        number, tensor = pending.pop()
        node = search.nodes[number]
        if node.leaf is not None:
            if not _passes(search, node.leaf, tensor):
                return False
            continue
        left, right = halves_exactly(tensor, node.axis + 1)
        pending.append((node.children[0], left))
        pending.append((node.children[1], right))
        if budget.remaining() <= 0:
            return False
    return True


def _corner_witness(search: _Search, batch: Floats, ids: NDArray[np.int64]) -> Witness | None:
    """Return a corner of some box that satisfies the whole case exactly, if one is in sight."""
    if "==" in search.senses or len(search.used) > _CORNER_VARIABLES_MAX:
        return None
    corners = batch[
        (slice(None), slice(None), *(slice(None, None, d or None) for d in search.degrees))
    ]
    flat = corners.reshape(len(batch), len(search.senses), -1)
    good = (flat > 1e-12).all(axis=1)
    if not good.any():
        return None
    row, corner = (int(v) for v in np.argwhere(good)[0])
    sides = np.unravel_index(corner, corners.shape[2:])
    ranges = list(search.ranges)
    for axis, half in _path_to(search, int(ids[row])):
        low, high = ranges[axis]
        middle = (low + high) / 2
        ranges[axis] = (low, middle) if half == 0 else (middle, high)
    values = [Fraction(0)] * len(search.case.variables)
    for k, (low, high), side in zip(search.used, ranges, sides, strict=True):
        values[k] = high if side else low
    return point(search.case, values)


def _evidence(search: _Search) -> Json:
    names = search.case.variables
    box, bounds = {}, {}
    for k, (low, high) in zip(search.used, search.ranges, strict=True):
        lower, upper = search.box.lower[k], search.box.upper[k]
        box[names[k]] = [str(low), str(high)]
        bounds[names[k]] = [lower[1] if lower else -1, upper[1] if upper else -1]
    degrees = [0] * len(names)
    for k, degree in zip(search.used, search.degrees, strict=True):
        degrees[k] = degree
    return {
        "type": "split",
        "box": box,
        "bounds": bounds,
        "form": "bernstein",
        "degree": degrees,
        "tree": _tree(search),
    }


def _tree(search: _Search) -> list[Any]:
    found: list[Any] = []
    pending = [0]
    while pending:
        node = search.nodes[pending.pop()]
        if node.leaf is not None:
            found.append(_leaf_json(search, node.leaf))
        else:
            found.append(search.used[node.axis])
            pending.extend(node.children[::-1])
    return found


def _leaf_json(search: _Search, leaf: Combination) -> Json:
    if len(leaf.weights) == 1:
        index, weight = leaf.weights[0]
        only = {"constraint": search.kept[index]}
        return only if weight > 0 else {**only, "sign": -1}
    return {"combination": [[search.kept[i], str(q)] for i, q in leaf.weights]}
