"""Expectation values at several noise scales, extrapolated to none, with the price in variance.

Each linear method is a weighted sum of the values, so its standard error is exact in the given
ones; the exponential's is of first order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np
from scipy import optimize

from lucid_coherence.noise.intervals import NORMAL, chance_of_more, student
from lucid_coherence.noise.violations import DataMalformed, NotIdentified
from lucid_coherence.states.batch import RealArray

SCALES_MAX: Final = 100
SCALE_MAX: Final = 1e6
VALUE_MAX: Final = 1e9
CONDITION_MAX: Final = 1e12
"""A fit with columns of unit length and a larger condition number is called singular."""
_FASTEST, _SLOWEST, _GRID = 30.0, 1e-3, 200
_VANISHING = 1e-12


class Extrapolation(Enum):
    """How values at noise scales are continued to scale 0."""

    LINEAR = "straight line"
    POLYNOMIAL = "polynomial of the given order"
    RICHARDSON = "polynomial through every point"
    EXPONENTIAL = "a + b exp(-c x), c > 0"


@dataclass(frozen=True, slots=True)
class Extrapolated:
    """The value at scale 0 and what is known about its error.

    Attributes:
        value: in the unit of the values.
        standard_error: None where neither errors were given nor residuals beyond rounding are left.
        low, high: the 95 % interval; None with the error.
        variance_amplification: variance of the value over the one at the least scale.
        coefficients: the weights of the values, in the order given: exact for linear methods, first
            order for the exponential.
        residual_root_mean_square: of the fit, with degrees of freedom; None without any.
        chance: probability that a true model fits worse; None without given errors.
        degrees: points minus parameters.
        statistics: where the error comes from.
    """

    value: float
    standard_error: float | None
    low: float | None
    high: float | None
    variance_amplification: float
    coefficients: RealArray
    residual_root_mean_square: float | None
    chance: float | None
    degrees: int
    statistics: str


def extrapolate(
    scales: Sequence[float],
    values: Sequence[float],
    standard_errors: Sequence[float],
    method: Extrapolation,
    *,
    order: int = 0,
    asymptote: float | None = None,
) -> Extrapolated:
    """Continue values to noise scale 0 [Temme2017].

    `standard_errors` is empty or one for each value; without them all values count equally, and
    the error comes from the residuals where points are left over. `order` is for POLYNOMIAL,
    `asymptote` fixes a of EXPONENTIAL, which is fitted if None.

    Raises:
        DataMalformed: lengths, numbers that are not finite or out of range, equal scales, or
            fewer points than parameters.
        NotIdentified: the fit is singular, or no exponential decay is seen.
    """
    x, y, errors = _checked(scales, values, standard_errors)
    found = _by_method(x, y, errors, method, order, asymptote)
    given = np.empty_like(x)
    given[np.argsort(scales)] = found.coefficients
    return replace(found, coefficients=given)


def _by_method(
    x: RealArray,
    y: RealArray,
    errors: RealArray | None,
    method: Extrapolation,
    order: int,
    asymptote: float | None,
) -> Extrapolated:
    if method is Extrapolation.EXPONENTIAL:
        return _exponential(x, y, errors, asymptote)
    degree = {
        Extrapolation.LINEAR: 1,
        Extrapolation.RICHARDSON: len(x) - 1,
        Extrapolation.POLYNOMIAL: order,
    }[method]
    if method is Extrapolation.POLYNOMIAL and order < 1:
        raise DataMalformed(
            f"The order is {order}; a polynomial has at least order 1.",
            field="order",
            check="ORDER_RANGE",
            value=order,
        )
    _require_points(len(x), degree + 1)
    # Scaled to [.., 1], or powers of large scales would swamp the first columns.
    design = np.vander(x / x.max(), degree + 1, increasing=True)
    inverse = _weighted_inverse(design, errors)
    solution = inverse @ y
    return _result(float(solution[0]), inverse[0], y - design @ solution, errors, degree + 1)


def _weighted_inverse(design: RealArray, errors: RealArray | None) -> RealArray:
    """Return the matrix that takes values to the parameters of the weighted fit."""
    weights = np.ones(len(design)) if errors is None else errors.min() / errors
    weighted = design * weights[:, None]
    sizes = np.linalg.norm(weighted, axis=0)
    singular = np.linalg.svd(weighted / np.where(sizes > 0, sizes, 1.0), compute_uv=False)
    if not sizes.all() or singular[-1] * CONDITION_MAX < singular[0]:
        raise NotIdentified(
            "The fit is singular: the scales lie too close together for so many parameters.",
            field="scales",
            cause="singular_fit",
            smallest_singular_value=float(singular[-1]),
            maximum_condition=CONDITION_MAX,
        )
    inverse: RealArray = np.linalg.pinv(weighted / sizes, rcond=0.0) * weights / sizes[:, None]
    return inverse


def _exponential(
    x: RealArray, y: RealArray, errors: RealArray | None, asymptote: float | None
) -> Extrapolated:
    """Fit a + b e^{−cx} over every c that the scales could tell; a and b are linear for each c."""
    parameters = 2 if asymptote is not None else 3
    _require_points(len(x), parameters)
    weights = np.ones(len(x)) if errors is None else errors.min() / errors
    target = y - (asymptote or 0.0)

    def columns(rate: float) -> RealArray:
        decay = np.exp(-rate * x)
        return np.stack([decay] if asymptote is not None else [decay, np.ones_like(x)], axis=1)

    def solve(rate: float) -> tuple[RealArray, float]:
        found = np.linalg.lstsq(columns(rate) * weights[:, None], target * weights, rcond=None)[0]
        rest = (columns(rate) @ found - target) * weights
        return found, float(rest @ rest)

    rates = np.geomspace(_SLOWEST, _FASTEST, _GRID) / float(np.ptp(x))
    place = int(np.argmin([solve(float(rate))[1] for rate in rates]))
    if place in {0, _GRID - 1}:
        raise NotIdentified(
            "No exponential decay is seen between the scales: the best rate is at the "
            f"{'slow' if place == 0 else 'fast'} end of what they can tell.",
            field="values",
            cause="rate_too_slow" if place == 0 else "rate_too_fast",
            rate_per_scale=float(rates[place]),
        )
    bounds = (math.log(rates[place - 1]), math.log(rates[place + 1]))
    found = optimize.minimize_scalar(
        lambda log_rate: solve(math.exp(log_rate))[1],
        bounds=bounds,
        method="bounded",
        options={"xatol": 1e-12},
    )
    rate = math.exp(found.x)
    linear, _ = solve(rate)
    slope = -linear[0] * x * np.exp(-rate * x)
    jacobian = np.column_stack([columns(rate), slope])
    inverse = _weighted_inverse(jacobian, errors)
    # The value at 0 is b, or b + a: the sum of the linear parameters' rows.
    coefficients = inverse[: parameters - 1].sum(axis=0)
    value = float(linear.sum()) + (asymptote or 0.0)
    return _result(value, coefficients, target - columns(rate) @ linear, errors, parameters)


def _result(
    value: float,
    coefficients: RealArray,
    residuals: RealArray,
    errors: RealArray | None,
    parameters: int,
) -> Extrapolated:
    degrees = len(residuals) - parameters
    spread = math.sqrt(float(residuals @ residuals) / degrees) if degrees else None
    # In units of the error at the least scale, which comes first.
    relative = np.ones_like(coefficients) if errors is None else errors / errors[0]
    amplification = float((coefficients * relative) @ (coefficients * relative))
    unit, quantile, statistics = _scatter(errors, spread, degrees, abs(value))
    error = None if unit is None else unit * math.sqrt(amplification)
    chance: float | None = None
    if errors is not None and degrees:
        pulls = residuals / errors
        chance = chance_of_more(float(pulls @ pulls), degrees)
    return Extrapolated(
        value=value,
        standard_error=error,
        low=None if error is None else value - quantile * error,
        high=None if error is None else value + quantile * error,
        variance_amplification=amplification,
        coefficients=coefficients,
        residual_root_mean_square=spread,
        chance=chance,
        degrees=degrees,
        statistics=statistics,
    )


def _scatter(
    errors: RealArray | None, spread: float | None, degrees: int, size: float
) -> tuple[float | None, float, str]:
    """Return the error of the first value, the quantile of the interval, and where both are from.

    Residuals that vanish within rounding say that the values were made up or rounded alike, not
    that they are exact: no error is told from them.
    """
    if errors is not None:
        text = "propagated from the given standard errors; normal 95 % interval"
        return float(errors[0]), NORMAL, text
    if spread is None or spread <= _VANISHING * size:
        left = "are left" if spread is None else "are larger than rounding"
        text = f"no standard errors were given and no residuals {left}: none can be stated"
        return None, math.nan, text
    text = f"from the residuals, equal for all values; Student's t, {degrees} degrees of freedom"
    return spread, student(degrees), text


def _checked(
    scales: Sequence[float], values: Sequence[float], standard_errors: Sequence[float]
) -> tuple[RealArray, RealArray, RealArray | None]:
    """Return the data sorted by scale, or refuse them."""
    size = len(scales)
    if size > SCALES_MAX or len(values) != size or len(standard_errors) not in {0, size}:
        raise DataMalformed(
            f"There are {size} scales, {len(values)} values and {len(standard_errors)} standard "
            f"errors; at most {SCALES_MAX}, as many of each, errors or none.",
            field="values",
            check="SAME_LENGTH",
            scales=size,
            values=len(values),
            standard_errors=len(standard_errors),
        )
    for name, numbers, low, high in (
        ("scales", scales, 1 / SCALE_MAX, SCALE_MAX),
        ("values", values, -VALUE_MAX, VALUE_MAX),
        ("standard_errors", standard_errors, 1 / VALUE_MAX**2, VALUE_MAX),
    ):
        for index, number in enumerate(numbers):
            if not low <= number <= high:
                raise DataMalformed(
                    f"{name}[{index}] is {number:.6g}; it lies in [{low:.6g}, {high:.6g}].",
                    field=f"{name}[{index}]",
                    check="NUMBER_RANGE",
                    index=index,
                    value=float(number),
                )
    order = np.argsort(scales)
    x = np.array(scales, dtype=np.float64)[order]
    same = np.flatnonzero(np.diff(x) == 0)
    if len(same):
        raise DataMalformed(
            f"The scale {x[same[0]]:.6g} comes twice; pool its values into one.",
            field="scales",
            check="DUPLICATE_SCALE",
            value=float(x[same[0]]),
        )
    errors = np.array(standard_errors, dtype=np.float64)[order] if len(standard_errors) else None
    return x, np.array(values, dtype=np.float64)[order], errors


def _require_points(count: int, needed: int) -> None:
    if count < max(needed, 2):
        raise DataMalformed(
            f"There are {count} points; this method needs at least {max(needed, 2)}.",
            field="scales",
            check="POINT_COUNT",
            actual=count,
            limit_value=max(needed, 2),
        )
