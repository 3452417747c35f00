"""Depth-first Bernstein branch and bound in scalar loops: the source of the compiled kernel.

Everything is a flat array, nothing is allocated, nothing raises: the code compiles to plain machine
code without a Python runtime. Coefficients are rounded to nearest; each constraint of each box
carries one bound on its total error, which grows by d*u*max|b| when an axis of degree d is halved.
`kernel_arrays` does the same with NumPy, operation by operation, with equal results to the last
bit; only order-free reductions and elementwise operations are used. [Garloff1993], [Smith2012]
"""

from __future__ import annotations

from typing import Any, NamedTuple

# Senses of constraints.
AT_LEAST, ABOVE, EQUAL = 0, 1, 2
# What a call of `explore` ends with.
FINISHED, PAUSED, CORNER, TOUCHES, DEEP, CANCELLED = 0, 1, 2, 3, 4, 5
# Places in `info`.
TOP, NODES, SKIPS, ASKS, WHICH, ROWS, SIZE, AXES, CORNERS, DEPTH_MAX = range(10)
INFO_SIZE = 10
# Bits of info[SKIPS], for the box on top only.
SKIP_TOUCH, SKIP_CORNER = 1, 2
LEAF = -1
LEVEL_MAX = 60  # halvings of one axis: places stay exact in 64 bits
ROUNDING = 1.2e-16  # above 2^-53, with room for the rounding of the bounds themselves
MULTIPLIER_MAX = 1e9
GAME_STEPS = 24
SPLITTER = 8589934593.0  # 2^33 + 1: keeps 20 bits of a float


class Search(NamedTuple):
    """The state of one search; S slots (depth + 2), m constraints, N coefficients each, n axes.

    `coef` (S*m*N) and `err` (S*m): Bernstein coefficients and error bounds; `level` and `place`
    (S*n): axis k of a box is [place, place + 1] / 2^level of the root; `senses` (m), `degrees` (n),
    `strides` (n), `corners`: offsets of the corner coefficients; `scratch` (8*m + 2*(d + 1)^2 for
    the largest degree d); `info`; `code`: the nodes in preorder, an axis or `LEAF`; `weights` (m
    per node): the multipliers of the leaves; `cancel`: non-zero ends the search at the next box.
    """

    coef: Any
    err: Any
    level: Any
    place: Any
    senses: Any
    degrees: Any
    strides: Any
    corners: Any
    scratch: Any
    info: Any
    code: Any
    weights: Any
    cancel: Any


def measure(s: Search, slot: int) -> None:
    """Write minimum, maximum and largest absolute coefficient of each constraint to scratch."""
    rows, size = s.info[ROWS], s.info[SIZE]
    for j in range(rows):
        at = (slot * rows + j) * size
        low = s.coef[at]
        high = low
        for i in range(at + 1, at + size):
            value = s.coef[i]
            low = min(low, value)
            high = max(high, value)
        s.scratch[j] = low
        s.scratch[rows + j] = high
        s.scratch[2 * rows + j] = max(-low, high)


def close_single(s: Search, slot: int, node: int) -> int:
    """Close the box by one constraint: 1 closed, 2 its largest coefficient may be 0, else 0."""
    rows = s.info[ROWS]
    for j in range(rows):
        err = s.err[slot * rows + j]
        sense = s.senses[j]
        if s.scratch[rows + j] < -err or (sense == ABOVE and s.scratch[rows + j] <= -err):
            s.weights[node * rows + j] = 1.0
            return 1
        if sense == EQUAL and s.scratch[j] > err:
            s.weights[node * rows + j] = -1.0
            return 1
    if s.info[SKIPS] & SKIP_TOUCH:
        return 0
    for j in range(rows):
        if s.senses[j] == ABOVE and s.scratch[rows + j] <= s.err[slot * rows + j]:
            s.info[WHICH] = j
            return 2
    return 0


def find_corner(s: Search, slot: int) -> int:
    """Return the first corner where no constraint is surely violated, else -1."""
    rows, size = s.info[ROWS], s.info[SIZE]
    if s.info[ASKS] <= 0 or s.info[SKIPS] & SKIP_CORNER:
        return -1
    for j in range(rows):
        # One look at the bounds spares most boxes the walk over their corners.
        if s.senses[j] == EQUAL and (s.scratch[j] > 0.0 or s.scratch[rows + j] < 0.0):
            return -1
    for c in range(s.info[CORNERS]):
        good = True
        for j in range(rows):
            value = s.coef[(slot * rows + j) * size + s.corners[c]]
            err = s.err[slot * rows + j]
            if value < -err or (s.senses[j] == EQUAL and value > err):
                good = False
                break
        if good:
            return c
    return -1


def shortened(value: float) -> float:
    """Return the value rounded to 20 bits."""
    scaled = value * SPLITTER
    return scaled - (scaled - value)


def pair_multiplier(s: Search, a: int, b: int, slack: float, free: bool) -> float:
    """Return q with a + slack + q*b < 0 in every coefficient (about), or nothing (1e300).

    `a` and `b` are offsets of two constraints; q >= 0 unless `free`. [Smith2012]
    """
    low, high = -1e300, 1e300
    if not free:
        low = 0.0
    for i in range(s.info[SIZE]):
        value, slope = s.coef[a + i] + slack, s.coef[b + i]
        if slope > 0.0:
            high = min(high, -value / slope)
        elif slope < 0.0:
            low = max(low, -value / slope)
        elif value >= 0.0:
            high = -1e300
        if low >= high:
            return 1e300
    if high < 1e300:
        q = high - 0.5 * abs(high) - 1e-3
        if low > -1e300:
            q = 0.5 * (low + high)
    else:
        q = 0.0
        if low > -1e300:
            q = low + 0.5 * abs(low) + 1e-3
    short = shortened(q)
    if low < short < high:
        return short
    return q


def close_pair(s: Search, slot: int, node: int) -> bool:
    """Close the box by p_i + q p_j for an inequality i and any j, if some q does."""
    rows = s.info[ROWS]
    for i in range(rows):
        if s.senses[i] == EQUAL:
            continue
        for j in range(rows):
            if j == i or (s.senses[j] != EQUAL and j < i):
                continue
            if pair_closes(s, slot, node, i, j):
                return True
    return False


def pair_closes(s: Search, slot: int, node: int, i: int, j: int) -> bool:
    """Write the multipliers of a pair that closes the box with its error bounds, if it does."""
    rows, size = s.info[ROWS], s.info[SIZE]
    a, b = (slot * rows + i) * size, (slot * rows + j) * size
    err_a, err_b = s.err[slot * rows + i], s.err[slot * rows + j]
    q = pair_multiplier(s, a, b, 2.0 * err_a, s.senses[j] == EQUAL)
    if abs(q) > MULTIPLIER_MAX:
        return False
    room = (err_a + abs(q) * err_b) * 1.000001
    room += 4.5e-16 * (s.scratch[2 * rows + i] + abs(q) * s.scratch[2 * rows + j])
    for k in range(size):
        if s.coef[a + k] + q * s.coef[b + k] >= -room:
            return False
    s.weights[node * rows + i] = 1.0
    s.weights[node * rows + j] = q
    return True


def game_weights(s: Search, point: int, weight: int) -> None:
    """Write the multipliers that the current point of the game asks for."""
    rows = s.info[ROWS]
    for j in range(rows):
        value = s.scratch[point + j]
        if s.senses[j] != EQUAL:
            value = min(value, 0.0)
        size = s.scratch[2 * rows + j]
        s.scratch[weight + j] = 0.0
        if size > 0.0:
            s.scratch[weight + j] = shortened(-value / size)


def best_reply(s: Search, slot: int, weight: int) -> int:
    """Return where the combination of all constraints is largest; its value goes to scratch."""
    rows, size = s.info[ROWS], s.info[SIZE]
    where, largest = 0, -1e300
    for i in range(size):
        total = 0.0
        for j in range(rows):
            total += s.scratch[weight + j] * s.coef[(slot * rows + j) * size + i]
        if total > largest:
            where, largest = i, total
    s.scratch[weight + rows] = largest
    return where


def reply_closes(s: Search, slot: int, node: int, weight: int) -> bool:
    """Say whether the current multipliers close the box, and record them."""
    rows = s.info[ROWS]
    room, positive = 0.0, False
    for j in range(rows):
        q = abs(s.scratch[weight + j])
        room += q * (s.err[slot * rows + j] * 1.000001)
        room += q * (s.scratch[2 * rows + j] * (ROUNDING * (rows + 2)))
        positive = positive or s.scratch[weight + j] > 0.0
    if not positive or s.scratch[weight + rows] >= -room:
        return False
    for j in range(rows):
        s.weights[node * rows + j] = s.scratch[weight + j]
    return True


def close_game(s: Search, slot: int, node: int) -> bool:
    """Close the box by a combination of all constraints.

    The coefficients at one place are a point of R^m. The box is closed iff the hull of all places
    misses the cone where inequalities are >= 0 and equations 0: walk to the point of the hull that
    is nearest to the cone; the way to it gives the multipliers. [Frank1956]
    """
    rows, size = s.info[ROWS], s.info[SIZE]
    point, weight = 3 * rows, 4 * rows
    for j in range(rows):
        s.scratch[point + j] = -1.0
        if s.senses[j] == EQUAL:
            s.scratch[point + j] = 0.0
    for step in range(GAME_STEPS):
        game_weights(s, point, weight)
        where = best_reply(s, slot, weight)
        if reply_closes(s, slot, node, weight):
            return True
        gain, length = 0.0, 0.0
        for j in range(rows):
            extent = s.scratch[2 * rows + j]
            here = 0.0
            if extent > 0.0:
                here = s.coef[(slot * rows + j) * size + where] / extent
            way = here - s.scratch[point + j]
            gain += s.scratch[weight + j] * extent * way
            length += way * way
        if length <= 0.0 or (step > 0 and gain <= 0.0):
            return False
        part = 1.0
        if step > 0:
            part = min(1.0, gain / length)
        for j in range(rows):
            extent = s.scratch[2 * rows + j]
            here = 0.0
            if extent > 0.0:
                here = s.coef[(slot * rows + j) * size + where] / extent
            s.scratch[point + j] += part * (here - s.scratch[point + j])
    return False


def steepest_axis(s: Search, slot: int) -> int:
    """Return the axis along which the coefficients vary most, relative to their spread."""
    rows, size = s.info[ROWS], s.info[SIZE]
    best, chosen = -1.0, 0
    for k in range(s.info[AXES]):
        if s.degrees[k] == 0:
            continue
        total = 0.0
        for j in range(rows):
            spread = s.scratch[rows + j] - s.scratch[j] + 1e-300
            total += variation(s, (slot * rows + j) * size, k) / spread
        if total > best:
            best, chosen = total, k
    return chosen


def variation(s: Search, at: int, axis: int) -> float:
    """Return the sum of the absolute differences of neighbours along one axis."""
    stride, block = s.strides[axis], s.strides[axis] * (s.degrees[axis] + 1)
    total = 0.0
    for start in range(at, at + s.info[SIZE], block):
        for i in range(start, start + block - stride):
            total += abs(s.coef[i + stride] - s.coef[i])
    return total


def halve(s: Search, slot: int, axis: int) -> None:
    """Put the upper half of a box in its own slot and the lower half in the next one."""
    rows, size = s.info[ROWS], s.info[SIZE]
    stride, degree = s.strides[axis], s.degrees[axis]
    block, ahead = stride * (degree + 1), rows * size
    start = slot * ahead
    for base in range(start, start + ahead, block):
        for i in range(base, base + stride):
            s.coef[i + ahead] = s.coef[i]
        for r in range(1, degree + 1):
            for i in range(base, base + stride * (degree + 1 - r)):
                s.coef[i] = 0.5 * (s.coef[i] + s.coef[i + stride])
            for i in range(base, base + stride):
                s.coef[i + ahead + r * stride] = s.coef[i]
    for j in range(rows):
        err = s.err[slot * rows + j] + degree * ROUNDING * s.scratch[2 * rows + j]
        s.err[slot * rows + j] = err
        s.err[(slot + 1) * rows + j] = err
    axes = s.info[AXES]
    for k in range(axes):
        s.level[(slot + 1) * axes + k] = s.level[slot * axes + k]
        s.place[(slot + 1) * axes + k] = s.place[slot * axes + k]
    upper, lower = slot * axes + axis, (slot + 1) * axes + axis
    s.level[upper] += 1
    s.level[lower] += 1
    s.place[lower] *= 2
    s.place[upper] = 2 * s.place[upper] + 1


def try_to_close(s: Search, slot: int, node: int) -> int:
    """Return what becomes of the box on top: `FINISHED` closed, `PAUSED` open, or a question."""
    rows = s.info[ROWS]
    for j in range(rows):
        s.weights[node * rows + j] = 0.0
    measure(s, slot)
    single = close_single(s, slot, node)
    if single == 1:
        return FINISHED
    if single == 2:
        return TOUCHES
    corner = find_corner(s, slot)
    if corner >= 0:
        s.info[WHICH] = corner
        return CORNER
    if rows > 1 and (close_pair(s, slot, node) or (rows > 2 and close_game(s, slot, node))):
        return FINISHED
    return PAUSED


def is_deepest(s: Search, slot: int, axis: int) -> bool:
    """Say whether a box must not be halved along an axis."""
    axes = s.info[AXES]
    total = 0
    for k in range(axes):
        total += s.level[slot * axes + k]
    deepest: bool = total >= s.info[DEPTH_MAX] or s.level[slot * axes + axis] >= LEVEL_MAX
    return deepest


def explore(s: Search, limit: int) -> int:
    """Work on at most `limit` boxes, depth first, the lower half first; return why it stopped.

    The box that a question (`CORNER`, `TOUCHES`) is about stays on top; `info[WHICH]` says which
    corner or constraint. `DEEP`: the box on top cannot be halved once more.
    """
    node = 0
    status = FINISHED
    while s.info[TOP] > 0:
        slot = s.info[TOP] - 1
        if node >= limit or s.cancel[0] != 0:
            status = PAUSED
            if s.cancel[0] != 0:
                status = CANCELLED
            break
        found = try_to_close(s, slot, node)
        if found in (TOUCHES, CORNER):
            status = found
            break
        s.info[SKIPS] = 0
        if found == FINISHED:
            s.code[node] = LEAF
            s.info[TOP] = slot
            node += 1
            continue
        axis = steepest_axis(s, slot)
        if is_deepest(s, slot, axis):
            status = DEEP
            break
        halve(s, slot, axis)
        s.info[TOP] = slot + 2
        s.code[node] = axis
        node += 1
    s.info[NODES] = node
    return status
