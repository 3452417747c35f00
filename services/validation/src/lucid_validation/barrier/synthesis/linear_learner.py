"""The first learner: a linear program over points, with the largest margin. [Kapinski2014]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_validation.barrier.methods.numeric import Floats

from .data import Points
from .task import Task

_RATES = (-1.0, -0.25, -4.0, 0.0, 1.0, -0.05, 0.25, -16.0, 4.0)
_FACTORS = (0.5, 0.9, 1.0, 0.0, 0.25)


@dataclass(frozen=True, slots=True)
class Guess:
    """Coefficients with a margin above 0 and the rate (lambda or factor) that they belong to."""

    coefficients: Floats
    margin: float
    rate: float


def rates_of(task: Task) -> tuple[float, ...]:
    """Return the numbers r to try in `image - r * B <= 0`.

    That is the condition itself for most kinds. For STRICT_LEVEL_SET and DISCRETE_INDUCTIVE it is
    a stronger one that is linear in B: with a strict margin it implies theirs (r >= 0 for maps).
    """
    match task.flow:
        case "everywhere":
            return (0.0,)
        case "discrete_decrease":
            return (1.0,)
        case "discrete_inductive":
            return _FACTORS
        case _:
            return _RATES if task.rate is None else (float(task.rate),)


def is_strict(task: Task) -> bool:
    """Say whether the flow condition needs a margin everywhere, also where nothing moves."""
    return task.flow in {"boundary_strict", "discrete_inductive"}


def best_guess(
    points: Points, rates: tuple[float, ...], time_limit_s: float, *, with_exits: bool
) -> Guess | None:
    """Return the guess of the largest margin over the rates; None where no program has an answer.

    A margin of about 0 means that no candidate separates these points.
    """
    found: Guess | None = None
    for rate in rates:
        guess = _guess(points, rate, time_limit_s / len(rates), with_exits=with_exits)
        if guess is not None and (found is None or guess.margin > found.margin * 1.05):
            found = guess
    return found


def _guess(points: Points, rate: float, time_limit_s: float, *, with_exits: bool) -> Guess | None:
    from scipy.optimize import linprog

    scales = points.scales()
    rows, weights = [], []
    roles = ("init", "unsafe", "exit") if with_exits else ("init", "unsafe")
    for role in roles:
        sign = 1.0 if role == "init" else -1.0
        rows.append(sign * points.values[role] / scales)
        weights.append(np.ones(len(points.values[role])))
    flow = (points.images - rate * points.values["flow"]) / scales
    sizes = np.linalg.norm(flow, axis=1)
    largest = max(float(sizes.max(initial=0.0)), 1e-12)
    rows.append(flow / largest)
    # Where nothing moves B cannot decrease: the margin vanishes there, faster than the flow does.
    task = points.template.task
    least = 0.1 if is_strict(task) else 0.01 if task.flow == "exponential" and rate else 0.0
    weights.append(np.maximum(least, (sizes / largest) ** 2))
    matrix = np.hstack([np.concatenate(rows), np.concatenate(weights)[:, None]])
    count = matrix.shape[1] - 1
    cost = np.zeros(count + 1)
    cost[-1] = -1.0
    options: Any = {"time_limit": max(0.2, time_limit_s)}
    result = linprog(
        cost,
        A_ub=matrix,
        b_ub=np.zeros(len(matrix)),
        bounds=[(-1.0, 1.0)] * count + [(0.0, 1.0)],
        method="highs",
        options=options,
    )
    if result.x is None or not np.isfinite(result.x).all():
        return None
    return Guess(np.asarray(result.x[:-1]) / scales, float(result.x[-1]), rate)
