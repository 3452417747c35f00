"""Where a conjunction may have a solution: quasi-random starts, restoration, ascent. Guides only.

Restoration moves many points at once towards {inequalities >= margin, equations = 0} by damped
Gauss-Newton steps. The ascent (`numeric_ascent`) then maximises the smallest slack.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lucid_validation.barrier.budget import Budget

from .numeric import Floats, halton
from .numeric_ascent import climb
from .numeric_region import Region

_STARTS = 256
_KEPT = 24
_FIRST = 6
_SECOND = 12
_CONFIRMED = 6
_MARGIN = 1e-3
_BISECTIONS = 24
_WIDTHS = (0.25, 1, 4)


def starts(region: Region, seed: int, count: int = _STARTS) -> Floats:
    """Return `count` quasi-random points within the bounds, heavy-tailed where there is none."""
    lower, upper = region.lower, region.upper
    unit = halton(count, len(lower), 17 + 1000 * seed)
    has_low, has_high = np.isfinite(lower), np.isfinite(upper)
    low, high = np.where(has_low, lower, 0.0), np.where(has_high, upper, 0.0)
    both = has_low & has_high
    points = low + unit * (high - low)
    if not both.all():
        # Unbounded directions: heavy tails of several sizes, so that far and near both get points.
        size = np.array([0.5, 2.0, 10.0, 60.0])[np.arange(count) % 4, None]
        wide = np.tan(np.pi * (unit - 0.5) * 0.97) * size
        one_sided = np.where(has_low, low + np.abs(wide), high - np.abs(wide))
        points = np.where(both, points, np.where(has_low | has_high, one_sided, wide))
    points[0] = np.where(both, 0.5 * (low + high), 0.0)
    points[1] = 0.0
    points[:2] = region.clip(points[:2])
    return np.asarray(points)


def candidates(region: Region, effort: int, budget: Budget, seed: int) -> Iterator[Floats]:
    """Yield batches of float points (k, variables), each the most promising first.

    `effort` 0 starts with fewer points and does not climb; 2 starts with more and climbs from more.
    """
    wide = _WIDTHS[effort]
    points = starts(region, seed, int(_STARTS * wide))
    best = _promising(region, points, int(_KEPT * wide))
    if region.equations:
        best = np.concatenate([best[: len(best) // 2], crossings(region, points, len(best) // 2)])
    else:
        yield best[:3]
    best = _best(region, restore(region, best, _MARGIN), len(best))
    yield best[:3]
    if effort == 0:
        return
    climbers = _apart(best)
    first = 0
    for size in (_FIRST, _SECOND if effort < 2 else len(climbers)):
        for climbed in climb(region, climbers[first : first + size]):
            if budget.remaining() <= 0:
                return
            yield _best(region, climbed, len(climbed) if effort >= 2 else _CONFIRMED)
        first += size


def crossings(region: Region, points: Floats, count: int) -> Floats:
    """Return up to `count` points of the first surface, by bisection between its two sides.

    Newton steps are slow where the surface is a small body far inside of the bounds.
    """
    with np.errstate(all="ignore"):
        values = region.model.values(points)
    height = values[:, region.inequalities]
    above, below = points[height > 0], points[height < 0]
    if not len(above) or not len(below):
        return points[:0]
    slack = region.smallest(values)
    few, many = (above, below) if len(above) < len(below) else (below, above)
    side = height < 0 if len(above) < len(below) else height > 0
    first = many[np.argsort(-slack[side], kind="stable")[:count]]
    apart = ((first[:, None, :] - few[None, :, :]) ** 2).sum(axis=2)
    last = few[apart.argmin(axis=1)]
    sign = np.sign(height[side][0])
    for _ in range(_BISECTIONS):
        middle = 0.5 * (first + last)
        with np.errstate(all="ignore"):
            same = region.model.values(middle)[:, region.inequalities] * sign > 0
        first = np.where(same[:, None], middle, first)
        last = np.where(same[:, None], last, middle)
    return np.asarray(0.5 * (first + last))


def _promising(region: Region, points: Floats, count: int) -> Floats:
    """Return the points of largest merit, then those nearest to a solution by first order.

    Where nothing is bounded, values say little about distances: far from a surface they are huge.
    """
    by_value = np.argsort(-region.merit(points), kind="stable")
    if np.isfinite(region.lower).all() and np.isfinite(region.upper).all():
        return np.asarray(points[by_value[:count]])
    with np.errstate(all="ignore"):
        values, slopes = region.model.both(points)
        distance = values / (np.sqrt((slopes * slopes).sum(axis=2)) + 1e-12)
        distance /= 1.0 + np.sqrt((points * points).sum(axis=1, keepdims=True))
    by_distance = np.argsort(-region.roughly(distance), kind="stable")
    half = by_value[: count // 2]
    others = by_distance[~np.isin(by_distance, half)]
    return np.asarray(points[np.concatenate([half, others[: count - len(half)]])])


def _best(region: Region, points: Floats, count: int) -> Floats:
    with np.errstate(all="ignore"):
        height = region.height(points, *region.model.both(points))
    return np.asarray(points[np.argsort(-height, kind="stable")[:count]])


def _apart(points: Floats) -> Floats:
    """Return the points without those that restoration brought to the same place."""
    kept: list[Floats] = []
    for point in points:
        scale = 1e-3 * (1 + float(np.abs(point).max(initial=0.0)))
        if all(float(np.abs(point - other).max(initial=0.0)) > scale for other in kept):
            kept.append(point)
    return np.array(kept)


def restore(region: Region, points: Floats, margin: float, rounds: int = 8) -> Floats:
    """Damped Gauss-Newton steps onto {inequalities >= margin, equations = 0}, for all points."""
    m = region.inequalities
    with np.errstate(all="ignore"):
        for _ in range(rounds):
            values, slopes = region.model.both(points)
            violation = -values
            violation[:, :m] = np.maximum(margin - values[:, :m], 0.0)
            off = np.abs(violation).max(axis=1, initial=0.0) > 1e-15
            if not off.any() or not np.isfinite(slopes).all():
                break
            active = np.ones(values.shape)
            active[:, :m] = violation[:, :m] > 0
            slopes = slopes * active[:, :, None]
            step = _least_step(slopes, violation)
            outwards = ((points <= region.lower) & (step < 0)) | (
                (points >= region.upper) & (step > 0)
            )
            if outwards.any():
                step = _least_step(slopes * ~outwards[:, None, :], violation)
            points = region.clip(points + step)
    return np.asarray(points)


def _least_step(slopes: Floats, violation: Floats) -> Floats:
    """Return the shortest steps that undo the violations to first order."""
    scale = np.sqrt((slopes * slopes).sum(axis=2)) + 1e-12
    rows = slopes / scale[:, :, None]
    gram = rows @ rows.transpose(0, 2, 1) + 1e-9 * np.eye(rows.shape[1])
    step = np.linalg.solve(gram, (violation / scale)[:, :, None])
    return np.asarray((rows.transpose(0, 2, 1) @ step)[:, :, 0])
