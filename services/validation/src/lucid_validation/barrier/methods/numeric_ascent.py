"""Maximise the smallest slack from many points at once, staying on the equations. Guides only.

`max t` with `g_i(x) - t = s_i >= 0`, `h_j(x) = 0` and the bounds, by a primal-dual interior-point
method for all points side by side: Newton steps on the perturbed optimality conditions
`lambda_i s_i = m` with m to zero, made steps of ascent where the curvature has the wrong sign. It
converges fast into lenses far too thin for first-order methods. [Nocedal2006, ch. 19]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .numeric import Floats
from .numeric_region import Region

_STEP = 1e-5
_LOOK_EVERY = 3
_TO_EDGE = 0.995
_SMALLEST = 1e-13


@dataclass(slots=True)
class _State:
    """Points x (s, n), their level t (s,), and the functions at x.

    Slacks and their multipliers have shape (s, m), those of the bounds (s, n), of equations (s, q).
    """

    x: Floats
    t: Floats
    slack: Floats
    weight: Floats
    below: Floats
    above: Floats
    values: Floats
    slopes: Floats
    normal_weight: Floats

    def take(self, rows: NDArray[np.bool_], new: tuple[Floats, ...]) -> None:
        """Replace all but the multipliers of the equations, in the order of the fields."""
        for name, value in zip(self.__slots__, new, strict=False):
            getattr(self, name)[rows] = value[rows]


@dataclass(frozen=True, slots=True)
class _Move:
    x: Floats
    t: Floats
    slack: Floats
    weight: Floats
    below: Floats
    above: Floats


def climb(region: Region, points: Floats, rounds: int = 18) -> Iterator[Floats]:
    """Yield for every point the best on its way up, in between as soon as some slack is positive.

    Points without finite values are left out.
    """
    if not region.inequalities or not len(points):
        yield points
        return
    with np.errstate(all="ignore"):
        state = _begin(region, points)
        best, height = state.x.copy(), region.height(state.x, state.values, state.slopes)
        for number in range(1, rounds + 1 if len(best) else 1):
            _advance(region, state)
            merit = region.height(state.x, state.values, state.slopes)
            better = merit > height
            best = np.where(better[:, None], state.x, best)
            height = np.where(better, merit, height)
            if number % _LOOK_EVERY == 0 and number < rounds and (height > 0).any():
                yield best[height > 0]
            if number >= _LOOK_EVERY and _is_hopeless(region, state).all():
                break
    yield best


def _is_hopeless(region: Region, state: _State) -> NDArray[np.bool_]:
    """Say for each point whether even its duality gap leaves the level that it nears negative."""
    m = region.inequalities
    bound = state.t + (state.weight * state.slack).sum(axis=1)
    bound += (np.nan_to_num(state.below * (state.x - region.lower))).sum(axis=1)
    bound += (np.nan_to_num(state.above * (region.upper - state.x))).sum(axis=1)
    gap = np.abs(state.values[:, :m] - state.t[:, None] - state.slack).max(axis=1)
    off = np.abs(state.values[:, m:]).sum(axis=1)
    return np.asarray(bound < -10 * (gap + off))


def _begin(region: Region, points: Floats) -> _State:
    m = region.inequalities
    room = np.minimum(region.upper - region.lower, 2.0)
    x = np.clip(points, region.lower + 1e-3 * room, region.upper - 1e-3 * room)
    values, slopes = region.model.both(x)
    sound = np.isfinite(values).all(axis=1) & np.isfinite(slopes).all(axis=(1, 2))
    x, values, slopes = x[sound], values[sound], slopes[sound]
    least = values[:, :m].min(axis=1)
    t = least - np.clip(0.3 * np.abs(least), 1e-3, 1.0)
    slack = values[:, :m] - t[:, None]
    width = 1.0 / (1.0 / slack).sum(axis=1, keepdims=True)
    weight = width / slack
    below, above = width / (x - region.lower), width / (region.upper - x)
    normal_weight = _normal_weight(weight, slopes, m)
    return _State(x, t, slack, weight, below, above, values.copy(), slopes.copy(), normal_weight)


def _normal_weight(weight: Floats, slopes: Floats, m: int) -> Floats:
    """Return the multipliers of the equations that leave the least slope along them."""
    if slopes.shape[1] == m:
        return np.zeros((len(weight), 0))
    ascent = np.einsum("sk,skn->sn", weight, slopes[:, :m])
    return np.asarray(-np.einsum("sn,snq->sq", ascent, np.linalg.pinv(slopes[:, m:])))


def _advance(region: Region, state: _State) -> None:
    """Take one step from every point; those that would lose their values stay."""
    m = region.inequalities
    width = np.maximum(0.15 * (state.weight * state.slack).mean(axis=1), _SMALLEST)
    move = _newton(region, state, width)
    length = np.sqrt((move.x * move.x).sum(axis=1))
    reach = 0.5 * (1 + np.sqrt((state.x * state.x).sum(axis=1)))
    primal = np.minimum(1.0, reach / (length + 1e-300))
    primal = np.minimum(primal, _room(state.slack, move.slack))
    primal = np.minimum(primal, _room(state.x - region.lower, move.x))
    primal = np.minimum(primal, _room(region.upper - state.x, -move.x))[:, None]
    dual = _room(state.weight, move.weight)
    dual = np.minimum(dual, _room(state.below, move.below))
    dual = np.minimum(dual, _room(state.above, move.above))[:, None]
    x = state.x + primal * move.x
    values, slopes = region.model.both(x)
    t = state.t + primal[:, 0] * move.t
    slack = np.maximum(state.slack + primal * move.slack, values[:, :m] - t[:, None])
    weight = state.weight + dual * move.weight
    below, above = state.below + dual * move.below, state.above + dual * move.above
    sound = np.isfinite(slack).all(axis=1) & np.isfinite(weight).all(axis=1)
    sound &= np.isfinite(values).all(axis=1) & np.isfinite(slopes).all(axis=(1, 2))
    state.take(sound, (x, t, slack, weight, below, above, values, slopes))
    state.normal_weight = _normal_weight(state.weight, state.slopes, m)


def _room(here: Floats, move: Floats) -> Floats:
    """Return the part of a move that keeps all of `here` positive."""
    ratio = np.where(move < 0, -_TO_EDGE * here / np.where(move < 0, move, -1.0), 1.0)
    return np.asarray(np.minimum(1.0, ratio.min(axis=1, initial=1.0)))


def _newton(region: Region, state: _State, width: Floats) -> _Move:
    m, mu = region.inequalities, width[:, None]
    slopes, normals = state.slopes[:, :m], state.slopes[:, m:]
    low, high = state.x - region.lower, region.upper - state.x
    stiff = state.weight / state.slack
    total = stiff.sum(axis=1)
    gap = state.values[:, :m] - state.t[:, None] - state.slack
    pull = mu / state.slack - stiff * gap
    lean = np.einsum("sk,skn->sn", stiff, slopes)
    rest = 1 - pull.sum(axis=1)
    force = np.einsum("sk,skn->sn", pull, slopes) + mu / low - mu / high
    force = force + lean * (rest / total)[:, None]
    matrix = np.einsum("sk,ski,skj->sij", stiff, slopes, slopes)
    matrix -= np.einsum("si,sj->sij", lean, lean) / total[:, None, None]
    matrix -= _hessian(region, state)
    index = np.arange(state.x.shape[1])
    matrix[:, index, index] += state.below / low + state.above / high
    dx = _solve(region, matrix, force, normals, state.values[:, m:])
    along = np.einsum("skn,sn->sk", slopes, dx)
    dt = (rest + (stiff * along).sum(axis=1)) / total
    ds = along - dt[:, None] + gap
    dw = mu / state.slack - state.weight - stiff * ds
    return _Move(
        dx,
        dt,
        ds,
        dw,
        mu / low - state.below - state.below / low * dx,
        mu / high - state.above + state.above / high * dx,
    )


def _solve(region: Region, matrix: Floats, force: Floats, normals: Floats, off: Floats) -> Floats:
    """Return the step: uphill for the slacks along the equations, straight onto them across."""
    fixed = region.lower == region.upper
    matrix[:, fixed, :] = 0.0
    matrix[:, :, fixed] = 0.0
    matrix[:, fixed, fixed] = 1.0
    force[:, fixed] = 0.0
    across = None
    if region.equations:
        inverse = np.linalg.pinv(normals)
        across = -np.einsum("snq,sq->sn", inverse, off)
        tangent = np.eye(matrix.shape[1]) - inverse @ normals
        force = force - np.einsum("sij,sj->si", matrix, across)
        force = np.einsum("sij,sj->si", tangent, force)
        matrix = tangent @ matrix @ tangent
    lost = ~(np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(force).all(axis=1))
    matrix[lost], force[lost] = np.eye(matrix.shape[1]), 0.0
    size, axes = np.linalg.eigh(matrix)
    # A direction of the wrong or of no curvature is followed as far as its size says.
    size = np.maximum(np.abs(size), 1e-14 * np.abs(size).max(axis=1, keepdims=True) + 1e-9)
    step = np.einsum("sij,sj->si", axes, np.einsum("sji,sj->si", axes, force) / size)
    if across is not None:
        step = np.einsum("sij,sj->si", tangent, step) + across
    step[lost] = 0.0
    return np.asarray(step)


def _hessian(region: Region, state: _State) -> Floats:
    """Return the Hessian of the weighted sum of all functions, by differences of gradients."""
    count, n = state.x.shape
    weights = np.hstack([state.weight, state.normal_weight])
    slope = np.einsum("sk,skn->sn", weights, state.slopes)
    width = _STEP * (1 + np.abs(state.x))
    moved = state.x[:, None, :] + width[:, None, :] * np.eye(n)
    _, slopes = region.model.both(moved.reshape(count * n, n))
    there = np.einsum("sk,sakn->san", weights, slopes.reshape(count, n, -1, n))
    found = (there - slope[:, None, :]) / width[:, :, None]
    both = 0.5 * (found + found.transpose(0, 2, 1))
    return np.asarray(np.nan_to_num(both, posinf=0.0, neginf=0.0))
