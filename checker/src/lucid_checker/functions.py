"""Rational enclosures, with proven bounds, of elementary functions and their Taylor coefficients.

An interval is a pair (low, high) of Fractions. Long numbers are rounded outwards. Functions are
computed with integers at a fixed scale 2**-PRECISION, every step rounded outwards, every series
closed with a bound of its rest. [Moore1966] [Brent2010]
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from math import factorial, isqrt, prod

from lucid_checker.algebra import RECIPROCAL, number_power

Interval = tuple[Fraction, Fraction]
PRECISION = 192
_ONE = 1 << PRECISION
_LONG_BITS = 1024
_ARGUMENT_BITS_MAX = 64  # |x| < 2**64 for sin, cos, tan
_EXP_ARGUMENT_MAX = 4096


class Unbounded(Exception):
    """There is no finite enclosure on this box."""


def outward(low: Fraction, high: Fraction) -> Interval:
    """Return an interval that holds [low, high], with shorter numbers where they became long."""
    if low == high:
        return low, high  # a point stays exact
    if max(low.denominator.bit_length(), high.denominator.bit_length()) > _LONG_BITS:
        low, high = Fraction(_floor(low, 512), 1 << 512), Fraction(-_floor(-high, 512), 1 << 512)
    if max(low.numerator.bit_length(), high.numerator.bit_length()) > 16 * _LONG_BITS:
        raise Unbounded
    return low, high


def _floor(x: Fraction, bits: int) -> int:
    return (x.numerator << bits) // x.denominator


def product(a: Interval, b: Interval) -> Interval:
    """Return the product of two intervals."""
    if a[0] >= 0 and b[0] >= 0:
        return outward(a[0] * b[0], a[1] * b[1])
    ends = [x * y for x in a for y in b]
    return outward(min(ends), max(ends))


def raised(a: Interval, exponent: int) -> Interval:
    """Return a ** exponent; an even power is never negative."""
    low, high = number_power(a[0], exponent), number_power(a[1], exponent)
    if exponent % 2 or a[0] >= 0:
        return outward(low, high)
    return outward(high, low) if a[1] <= 0 else outward(Fraction(0), max(low, high))


def scaled(a: Interval, factor: Fraction | int) -> Interval:
    """Return factor * a."""
    low, high = sorted((a[0] * factor, a[1] * factor))
    return outward(low, high)


def enclose_function(name: str, x: Interval) -> Interval:
    """Return an enclosure of the function on the interval.

    Raises:
        Unbounded: the function is not defined and finite on all of it.
    """
    low, high = x
    if name == RECIPROCAL:
        if low <= 0 <= high:
            raise Unbounded
        return 1 / high, 1 / low
    if name == "abs":
        return (max(low, -high, Fraction(0)), max(-low, high))
    if name in ("sin", "cos"):
        return _wave(low, high, shift=name == "cos")
    if name == "tan":
        return _tangent(low, high)
    increasing: dict[str, Callable[[Fraction], Interval]]
    increasing = {"exp": exponential, "log": logarithm, "sqrt": root, "tanh": hyperbolic_tangent}
    return increasing[name](low)[0], increasing[name](high)[1]


def coefficients(name: str, x: Interval, order: int) -> list[Interval]:
    """Return enclosures of g(x), g'(x), g''(x)/2!, …, for all points of the interval.

    tan and tanh by t' = 1 + t^2 and 1 - t^2, the others by their known derivatives. [Moore1966]
    """
    value = enclose_function(name, x)
    if name == "sqrt":
        other = enclose_function(RECIPROCAL, value)
    elif name in ("sin", "cos"):
        other = enclose_function("cos" if name == "sin" else "sin", x)
    else:
        other = enclose_function(RECIPROCAL, x) if name in ("log", "abs") else value
    result = [value]
    for i in range(1, order + 1):
        if name not in ("tan", "tanh"):
            result.append(_coefficient(name, value, other, i))
            continue
        pairs = [product(result[j], result[i - 1 - j]) for j in range(i)]
        square = sum((p[0] for p in pairs), Fraction()), sum((p[1] for p in pairs), Fraction())
        low, high = scaled(square, Fraction(1 if name == "tan" else -1, i))
        result.append((low + 1, high + 1) if i == 1 else (low, high))
    return result


def _coefficient(name: str, value: Interval, other: Interval, i: int) -> Interval:
    match name:
        case "exp":
            return scaled(value, Fraction(1, factorial(i)))
        case "sin" | "cos":
            sign = -1 if i % 4 in ((2, 3) if name == "sin" else (1, 2)) else 1
            return scaled(other if i % 2 else value, Fraction(sign, factorial(i)))
        case "log":
            return scaled(raised(other, i), Fraction(-((-1) ** i), i))
        case "sqrt":
            binomial = prod(Fraction(3 - 2 * j, 2 * j) for j in range(1, i + 1))
            return scaled(raised(other, 2 * i - 1), binomial)
        case "abs":
            slope = Fraction((1 if other[0] > 0 else -1) if i == 1 else 0)
            return slope, slope
    return scaled(raised(value, i + 1), (-1) ** i)  # 1/a


def _fractions(low: int, high: int) -> Interval:
    return Fraction(low, _ONE), Fraction(high, _ONE)


def _bounds(x: Fraction) -> tuple[int, int]:
    return _floor(x, PRECISION), -_floor(-x, PRECISION)


def _ceil(a: int, b: int) -> int:
    return -(-a // b)


def _series(
    first: tuple[int, int], x: tuple[int, int], ratio: Callable[[int], tuple[int, int]], sign: int
) -> tuple[int, int]:
    """Return bounds of t0 + sign t1 + t2 + …, where t(k) = t(k-1) * x * ratio(k), all times 2**P.

    First term and x are >= 0. Where the terms fall below one unit their quotients are below 1/2, so
    that the rest is below twice its first term.
    """
    (low, high), (term_low, term_high), k = (0, 0), first, 0
    while term_high > 1 or k < 4:
        ends = (term_low, term_high) if sign > 0 or k % 2 == 0 else (-term_high, -term_low)
        low, high, k = low + ends[0], high + ends[1], k + 1
        p, q = ratio(k)
        term_low = term_low * x[0] * p // (_ONE * q)
        term_high = _ceil(term_high * x[1] * p, _ONE * q)
    return low - 2 * term_high, high + 2 * term_high


def _square(x: tuple[int, int]) -> tuple[int, int]:
    return x[0] * x[0] >> PRECISION, _ceil(x[1] * x[1], _ONE)


@lru_cache(maxsize=4096)
def exponential(x: Fraction) -> Interval:
    """Return an enclosure of e**x: the series of x / 2**k <= 1/2, then k squarings."""
    if abs(x) > _EXP_ARGUMENT_MAX:
        if x > 0:
            raise Unbounded
        return Fraction(0), exponential(Fraction(-_EXP_ARGUMENT_MAX))[1]
    if x < 0:
        low, high = exponential(-x)
        return 1 / high, 1 / low
    shift = int(x).bit_length() + 1
    small = x / 2**shift
    ends = _series((_ONE, _ONE), _bounds(small), lambda k: (1, k), 1)
    for _ in range(shift):
        ends = _square(ends)
    return _fractions(*ends)


@lru_cache(maxsize=4096)
def logarithm(x: Fraction) -> Interval:
    """Return an enclosure of log(x): k log 2 + 2 artanh((y-1)/(y+1)), x = y 2**k, 1/2 < y < 2."""
    if x <= 0:
        raise Unbounded
    shift = x.numerator.bit_length() - x.denominator.bit_length()
    y = x / 2**shift if shift >= 0 else x * 2**-shift
    low, high = _area_tangent((y - 1) / (y + 1))
    two_low, two_high = _area_tangent(Fraction(1, 3))
    turns = sorted((shift * two_low, shift * two_high))
    return _fractions(2 * (low + turns[0]), 2 * (high + turns[1]))


@lru_cache(maxsize=4096)
def _area_tangent(z: Fraction, sign: int = 1) -> tuple[int, int]:
    """Return bounds of artanh(z), with sign -1 of arctan(z), times 2**P, for |z| <= 1/3."""
    if z < 0:
        low, high = _area_tangent(-z, sign)
        return -high, -low
    ends = _bounds(z)
    return _series(ends, _square(ends), lambda k: (2 * k - 1, 2 * k + 1), sign)


@lru_cache(maxsize=4096)
def root(x: Fraction) -> Interval:
    """Return an enclosure of the square root, exact for squares of rationals."""
    if x < 0:
        raise Unbounded
    top, bottom = isqrt(x.numerator), isqrt(x.denominator)
    if top * top == x.numerator and bottom * bottom == x.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    low = isqrt((x.numerator << 2 * PRECISION) // x.denominator)
    return _fractions(low, low + 1)


def hyperbolic_tangent(x: Fraction) -> Interval:
    """Return an enclosure of tanh(x) = 1 - 2 / (e**2x + 1)."""
    if x > _EXP_ARGUMENT_MAX // 2:
        return hyperbolic_tangent(Fraction(_EXP_ARGUMENT_MAX // 2))[0], Fraction(1)
    low, high = exponential(2 * x)
    return 1 - 2 / (low + 1), 1 - 2 / (high + 1)


@cache
def pi_bounds() -> Interval:
    """Return an enclosure of pi = 16 arctan(1/5) - 4 arctan(1/239) [Machin1706]."""
    low5, high5 = _area_tangent(Fraction(1, 5), -1)
    low239, high239 = _area_tangent(Fraction(1, 239), -1)
    return _fractions(16 * low5 - 4 * high239, 16 * high5 - 4 * low239)


@lru_cache(maxsize=4096)
def sine(x: Fraction, *, shift: bool = False) -> Interval:
    """Return an enclosure of sin(x), or of cos(x) = sin(x + pi/2): less 2 pi k, then the series."""
    if abs(x) >= 1 << _ARGUMENT_BITS_MAX:
        return Fraction(-1), Fraction(1)
    pi_low, pi_high = pi_bounds()
    x, width = (x + pi_low / 2, pi_high - pi_low) if shift else (x, Fraction(0))
    turns = round(x / (2 * pi_low))
    ends = sorted((x - 2 * turns * pi_low, x - 2 * turns * pi_high))
    point = abs(_floor(ends[0], PRECISION))
    squared = _square((point, point))
    bounds = _series((point, point), squared, lambda k: (1, 2 * k * (2 * k + 1)), -1)
    first, last = _fractions(*bounds) if ends[0] >= 0 else _fractions(-bounds[1], -bounds[0])
    error = ends[1] - ends[0] + width + Fraction(1, _ONE)  # |sin a - sin b| <= |a - b|
    return max(first - error, Fraction(-1)), min(last + error, Fraction(1))


def _wave(low: Fraction, high: Fraction, *, shift: bool) -> Interval:
    """Return the range of sin, or of cos(x) = sin(x + pi/2), extrema inside included."""
    pi_low, pi_high = pi_bounds()
    if high - low >= 6:
        return Fraction(-1), Fraction(1)
    start, end = sine(low, shift=shift), sine(high, shift=shift)
    bottom, top = min(start[0], end[0]), max(start[1], end[1])
    offset = Fraction(0 if shift else 1, 2)
    # Extrema at (k + offset) pi: value 1 for even k, -1 for odd k. Decided outwards.
    for k in range(int(low / pi_low) - 2, int(high / pi_low) + 3):
        ends = sorted(((k + offset) * pi_low, (k + offset) * pi_high))
        if ends[1] >= low and ends[0] <= high:
            bottom, top = (bottom, Fraction(1)) if k % 2 == 0 else (Fraction(-1), top)
    return bottom, top


def _tangent(low: Fraction, high: Fraction) -> Interval:
    """Return the range of tan on an interval between two poles."""
    pi_low, pi_high = pi_bounds()
    k = round((low + high) / 2 / pi_low)
    left, right = (
        ((k + side) * pi_low, (k + side) * pi_high) for side in (Fraction(-1, 2), Fraction(1, 2))
    )
    if not max(left) < low <= high < min(right):
        raise Unbounded
    cosines = [enclose_function(RECIPROCAL, sine(x, shift=True)) for x in (low, high)]
    return product(sine(low), cosines[0])[0], product(sine(high), cosines[1])[1]
