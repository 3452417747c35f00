"""The kernel in NumPy: box by box the same floating operations as `kernel_loops`, bit for bit.

It needs no compiled code, and is the faster start where a few boxes decide. Sums are taken with
`cumsum`, which adds in order; everything else is elementwise or a minimum or maximum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import kernel_loops as k
from .kernel_loops import Search, shortened

Floats = NDArray[np.float64]


def explore(s: Search, limit: int) -> int:
    """Do what `kernel_loops.explore` does."""
    info = s.info
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        node, status = 0, k.FINISHED
        while info[k.TOP] > 0:
            slot = int(info[k.TOP]) - 1
            if node >= limit or s.cancel[0]:
                status = k.CANCELLED if s.cancel[0] else k.PAUSED
                break
            found = _try_to_close(s, slot, node)
            if found in (k.TOUCHES, k.CORNER):
                status = found
                break
            info[k.SKIPS] = 0
            if found == k.FINISHED:
                s.code[node] = k.LEAF
                info[k.TOP] = slot
            else:
                axis = _steepest_axis(s, slot)
                if k.is_deepest(s, slot, axis):
                    status = k.DEEP
                    break
                _halve(s, slot, axis)
                info[k.TOP] = slot + 2
                s.code[node] = axis
            node += 1
        info[k.NODES] = node
    return status


def _tensor(s: Search, slot: int) -> Floats:
    rows, size = int(s.info[k.ROWS]), int(s.info[k.SIZE])
    found: Floats = s.coef[slot * rows * size : (slot + 1) * rows * size]
    return found.reshape(rows, size)


def _try_to_close(s: Search, slot: int, node: int) -> int:
    rows = int(s.info[k.ROWS])
    s.weights[node * rows : (node + 1) * rows] = 0.0
    tensor = _tensor(s, slot)
    low, high = tensor.min(axis=1), tensor.max(axis=1)
    s.scratch[:rows], s.scratch[rows : 2 * rows] = low, high
    s.scratch[2 * rows : 3 * rows] = np.maximum(-low, high)
    single = k.close_single(s, slot, node)
    if single:
        return k.FINISHED if single == 1 else k.TOUCHES
    corner = _find_corner(s, slot, tensor)
    if corner >= 0:
        s.info[k.WHICH] = corner
        return k.CORNER
    if rows > 1 and (_close_pair(s, slot, node) or (rows > 2 and _close_game(s, slot, node))):
        return k.FINISHED
    return k.PAUSED


def _find_corner(s: Search, slot: int, tensor: Floats) -> int:
    if s.info[k.ASKS] <= 0 or s.info[k.SKIPS] & k.SKIP_CORNER:
        return -1
    rows = len(tensor)
    equal = s.senses == k.EQUAL
    low, high = s.scratch[:rows], s.scratch[rows : 2 * rows]
    if (equal & ((low > 0.0) | (high < 0.0))).any():
        return -1
    values = tensor[:, s.corners]
    err = s.err[slot * rows : (slot + 1) * rows, None]
    good = ~((values < -err) | (equal[:, None] & (values > err))).any(axis=0)
    return int(good.argmax()) if good.any() else -1


def _close_pair(s: Search, slot: int, node: int) -> bool:
    rows = int(s.info[k.ROWS])
    for i in range(rows):
        for j in range(rows):
            if i == j or s.senses[i] == k.EQUAL or (s.senses[j] != k.EQUAL and j < i):
                continue
            if _pair_closes(s, slot, node, i, j):
                return True
    return False


def _pair_closes(s: Search, slot: int, node: int, i: int, j: int) -> bool:
    rows = int(s.info[k.ROWS])
    tensor = _tensor(s, slot)
    err_a, err_b = float(s.err[slot * rows + i]), float(s.err[slot * rows + j])
    q = _pair_multiplier(tensor[i] + 2.0 * err_a, tensor[j], free=s.senses[j] == k.EQUAL)
    if abs(q) > k.MULTIPLIER_MAX:
        return False
    room = (err_a + abs(q) * err_b) * 1.000001
    size_a, size_b = float(s.scratch[2 * rows + i]), float(s.scratch[2 * rows + j])
    room += 4.5e-16 * (size_a + abs(q) * size_b)
    if (tensor[i] + q * tensor[j] >= -room).any():
        return False
    s.weights[node * rows + i], s.weights[node * rows + j] = 1.0, q
    return True


def _pair_multiplier(value: Floats, slope: Floats, *, free: bool) -> float:
    ratio = -value / slope
    high = min(1e300, float(np.where(slope > 0.0, ratio, np.inf).min()))
    low = max(-1e300 if free else 0.0, float(np.where(slope < 0.0, ratio, -np.inf).max()))
    if low >= high or ((slope == 0.0) & (value >= 0.0)).any():
        return 1e300
    if high < 1e300:
        q = 0.5 * (low + high) if low > -1e300 else high - 0.5 * abs(high) - 1e-3
    else:
        q = low + 0.5 * abs(low) + 1e-3 if low > -1e300 else 0.0
    short = shortened(q)
    return short if low < short < high else q


def _close_game(s: Search, slot: int, node: int) -> bool:
    rows = int(s.info[k.ROWS])
    point, weight = 3 * rows, 4 * rows
    tensor = _tensor(s, slot)
    extents = s.scratch[2 * rows : 3 * rows]
    s.scratch[point : point + rows] = np.where(s.senses == k.EQUAL, 0.0, -1.0)
    for step in range(k.GAME_STEPS):
        k.game_weights(s, point, weight)
        total = np.zeros(tensor.shape[1])
        for j in range(rows):
            total += s.scratch[weight + j] * tensor[j]
        where = int(total.argmax())
        s.scratch[weight + rows] = total[where]
        if k.reply_closes(s, slot, node, weight):
            return True
        column = tensor[:, where]
        here = np.where(extents > 0.0, column / extents, 0.0)
        way = here - s.scratch[point : point + rows]
        products = s.scratch[weight : weight + rows] * extents * way
        gain, length = float(products.cumsum()[-1]), float((way * way).cumsum()[-1])
        if length <= 0.0 or (step > 0 and gain <= 0.0):
            return False
        part = 1.0 if step == 0 else min(1.0, gain / length)
        s.scratch[point : point + rows] += part * way
    return False


def _steepest_axis(s: Search, slot: int) -> int:
    rows = int(s.info[k.ROWS])
    tensor = _tensor(s, slot)
    spread = s.scratch[rows : 2 * rows] - s.scratch[:rows] + 1e-300
    best, chosen = -1.0, 0
    for axis in range(int(s.info[k.AXES])):
        degree, stride = int(s.degrees[axis]), int(s.strides[axis])
        if degree == 0:
            continue
        lines = tensor.reshape(rows, -1, degree + 1, stride)
        steps = np.abs(lines[:, :, 1:] - lines[:, :, :-1]).reshape(rows, -1)
        total = float((steps.cumsum(axis=1)[:, -1] / spread).cumsum()[-1])
        if total > best:
            best, chosen = total, axis
    return chosen


def _halve(s: Search, slot: int, axis: int) -> None:
    info = s.info
    rows, size, axes = int(info[k.ROWS]), int(info[k.SIZE]), int(info[k.AXES])
    degree, stride = int(s.degrees[axis]), int(s.strides[axis])
    ahead = rows * size
    both = s.coef[slot * ahead : (slot + 2) * ahead]
    upper, lower = both.reshape(2, -1, degree + 1, stride)
    lower[:, 0] = upper[:, 0]
    for r in range(1, degree + 1):
        upper[:, : degree + 1 - r] = 0.5 * (
            upper[:, : degree + 1 - r] + upper[:, 1 : degree + 2 - r]
        )
        lower[:, r] = upper[:, 0]
    at = slot * rows
    err = s.err[at : at + rows] + degree * k.ROUNDING * s.scratch[2 * rows : 3 * rows]
    s.err[at : at + rows] = err
    s.err[at + rows : at + 2 * rows] = err
    first, second = slot * axes, (slot + 1) * axes
    s.level[second : second + axes] = s.level[first : first + axes]
    s.place[second : second + axes] = s.place[first : first + axes]
    s.level[first + axis] += 1
    s.level[second + axis] += 1
    s.place[second + axis] *= 2
    s.place[first + axis] = 2 * s.place[first + axis] + 1
