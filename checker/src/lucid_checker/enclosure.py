"""Rational interval enclosures, with proven bounds, of expanded forms and their functions.

An interval is a pair (low, high) of Fractions. Long numbers are rounded outwards. Functions are
computed with integers at a fixed scale 2**-PRECISION, every step rounded outwards, every series
closed with a bound of its rest. [Moore1966] [Brent2010]
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from math import isqrt

from lucid_checker.polynomial import Polynomial, number_power
from lucid_checker.ring import RECIPROCAL, Ring

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
    if low.denominator.bit_length() > _LONG_BITS:
        low = Fraction((low.numerator << 512) // low.denominator, 1 << 512)
    if high.denominator.bit_length() > _LONG_BITS:
        high = Fraction(-((-high.numerator << 512) // high.denominator), 1 << 512)
    if max(low.numerator.bit_length(), high.numerator.bit_length()) > 16 * _LONG_BITS:
        raise Unbounded
    return low, high


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
    if a[1] <= 0:
        return outward(high, low)
    return outward(Fraction(0), max(low, high))


class Encloser:
    """Encloses polynomials of a ring on one box (variable index -> interval)."""

    def __init__(self, ring: Ring, box: dict[int, Interval]) -> None:
        """Start without any opaque term evaluated."""
        self.ring, self.box = ring, box
        self._known: dict[int, Interval] = dict(box)
        self._powers: dict[tuple[int, int], Interval] = {}

    def natural(self, polynomial: Polynomial) -> Interval:
        """Return the sum of the enclosures of the monomials."""
        low = high = Fraction(0)
        self.ring.work.spend(60 * len(polynomial))
        for exponents, value in polynomial.items():
            term = (value, value)
            for i, exponent in enumerate(exponents):
                if exponent:
                    term = product(term, self._power(i, exponent))
            low, high = low + term[0], high + term[1]
        return outward(low, high)

    def mean_value(self, polynomial: Polynomial, slopes: dict[int, Polynomial]) -> Interval:
        """Return p(m) + sum dp/dx_k(box) * (box_k - m_k), m the middle of the box.

        `slopes` are the derivatives, enclosed on the whole box, so p has them. [Moore1966, ch. 4]
        """
        middle = {i: (low + high) / 2 for i, (low, high) in self.box.items()}
        low, high = Encloser(self.ring, {i: (m, m) for i, m in middle.items()}).natural(polynomial)
        for i, derivative in slopes.items():
            slope = self.natural(derivative)
            radius = self.box[i][1] - middle[i]
            reach = max(-slope[0], slope[1]) * radius
            low, high = low - reach, high + reach
        return outward(low, high)

    def _power(self, index: int, exponent: int) -> Interval:
        key = (index, exponent)
        if key not in self._powers:
            self._powers[key] = raised(self._generator(index), exponent)
        return self._powers[key]

    def _generator(self, index: int) -> Interval:
        if index not in self._known:
            if index < self.ring.variables:
                raise Unbounded
            name, argument = self.ring.opaque[index - self.ring.variables]
            self.ring.work.spend(2000)
            self._known[index] = outward(*enclose_function(name, self.natural(argument)))
        return self._known[index]


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
    point = _INCREASING[name]
    return point(low)[0], point(high)[1]  # all of these increase


def _scaled(low: int, high: int) -> Interval:
    return Fraction(low, _ONE), Fraction(high, _ONE)


def _down(x: Fraction) -> int:
    return (x.numerator << PRECISION) // x.denominator


def _up(x: Fraction) -> int:
    return -((-x.numerator << PRECISION) // x.denominator)


def _ceil(a: int, b: int) -> int:
    return -(-a // b)


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
    bottom, top = _exponential_series(_down(small), _up(small))
    for _ in range(shift):
        bottom, top = bottom * bottom >> PRECISION, _ceil(top * top, _ONE)
    return _scaled(bottom, top)


def _exponential_series(a: int, b: int) -> tuple[int, int]:
    """Return bounds of e**x for a <= x * 2**P <= b, 0 <= x <= 1/2 (+ one unit)."""
    low, high, term_low, term_high, k = 0, 0, _ONE, _ONE, 0
    while term_high > 1:
        low, high, k = low + term_low, high + term_high, k + 1
        term_low, term_high = term_low * a // (_ONE * k), _ceil(term_high * b, _ONE * k)
    return low, high + 2 * term_high  # the rest is below twice its first term


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
    return _scaled(2 * (low + turns[0]), 2 * (high + turns[1]))


@lru_cache(maxsize=4096)
def _area_tangent(z: Fraction) -> tuple[int, int]:
    """Return bounds of artanh(z) * 2**P for |z| <= 1/3 (+ rounding)."""
    if z < 0:
        low, high = _area_tangent(-z)
        return -high, -low
    return _odd_series(_down(z), _up(z), alternating=False)


def _odd_series(a: int, b: int, *, alternating: bool) -> tuple[int, int]:
    """Return bounds of sum (+-1)^j z^(2j+1)/(2j+1) for a <= z * 2**P <= b, 0 <= z <= 1/2."""
    low, high, power_low, power_high, k, sign = 0, 0, a, b, 1, 1
    while power_high > 1:
        term_low, term_high = power_low // k, _ceil(power_high, k)
        low += term_low if sign > 0 else -term_high
        high += term_high if sign > 0 else -term_low
        power_low = power_low * a * a >> 2 * PRECISION
        power_high = _ceil(power_high * b * b, _ONE * _ONE)
        k, sign = k + 2, -sign if alternating else 1
    return low - 2 * power_high, high + 2 * power_high


@lru_cache(maxsize=4096)
def root(x: Fraction) -> Interval:
    """Return an enclosure of the square root, exact for squares of rationals."""
    if x < 0:
        raise Unbounded
    top, bottom = isqrt(x.numerator), isqrt(x.denominator)
    if top * top == x.numerator and bottom * bottom == x.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    low = isqrt((x.numerator << 2 * PRECISION) // x.denominator)
    return _scaled(low, low + 1)


def hyperbolic_tangent(x: Fraction) -> Interval:
    """Return an enclosure of tanh(x) = 1 - 2 / (e**2x + 1)."""
    if x > _EXP_ARGUMENT_MAX // 2:
        return hyperbolic_tangent(Fraction(_EXP_ARGUMENT_MAX // 2))[0], Fraction(1)
    low, high = exponential(2 * x)
    return 1 - 2 / (low + 1), 1 - 2 / (high + 1)


_INCREASING: dict[str, Callable[[Fraction], Interval]] = {
    "exp": exponential,
    "log": logarithm,
    "sqrt": root,
    "tanh": hyperbolic_tangent,
}


@cache
def pi_bounds() -> Interval:
    """Return an enclosure of pi = 16 arctan(1/5) - 4 arctan(1/239) [Machin1706]."""
    low5, high5 = _odd_series(_ONE // 5, _ONE // 5 + 1, alternating=True)
    low239, high239 = _odd_series(_ONE // 239, _ONE // 239 + 1, alternating=True)
    return _scaled(16 * low5 - 4 * high239, 16 * high5 - 4 * low239)


@lru_cache(maxsize=4096)
def sine(x: Fraction) -> Interval:
    """Return an enclosure of sin(x): x less the nearest multiple of 2 pi, then the series."""
    if abs(x) >= 1 << _ARGUMENT_BITS_MAX:
        return Fraction(-1), Fraction(1)
    pi_low, pi_high = pi_bounds()
    turns = round(x / (2 * pi_low))
    ends = sorted((x - 2 * turns * pi_low, x - 2 * turns * pi_high))
    low, high = _sine_series(abs(_down(ends[0])))
    if ends[0] < 0:
        low, high = -high, -low
    error = ends[1] - ends[0] + Fraction(1, _ONE)  # |sin a - sin b| <= |a - b|
    first, last = _scaled(low, high)
    return max(first - error, Fraction(-1)), min(last + error, Fraction(1))


def _sine_series(a: int) -> tuple[int, int]:
    """Return bounds of sin(a / 2**P) * 2**P for 0 <= a / 2**P < 4; the rest alternates."""
    low, high, term_low, term_high, k, sign = 0, 0, a, a, 1, 1
    while term_high > 1 or k < 4:
        low += term_low if sign > 0 else -term_high
        high += term_high if sign > 0 else -term_low
        divisor = (k + 1) * (k + 2) * _ONE * _ONE
        term_low, term_high = term_low * a * a // divisor, _ceil(term_high * a * a, divisor)
        k, sign = k + 2, -sign
    return low - term_high, high + term_high


def _wave(low: Fraction, high: Fraction, *, shift: bool) -> Interval:
    """Return the range of sin, or of cos(x) = sin(x + pi/2), extrema inside included."""
    pi_low, pi_high = pi_bounds()
    if high - low >= 6:
        return Fraction(-1), Fraction(1)
    start = sine_shifted(low, shift=shift)
    end = sine_shifted(high, shift=shift)
    bottom, top = min(start[0], end[0]), max(start[1], end[1])
    offset = Fraction(0 if shift else 1, 2)
    # Extrema at (k + offset) pi: value 1 for even k, -1 for odd k. Decided outwards.
    for k in range(int(low / pi_low) - 2, int(high / pi_low) + 3):
        ends = sorted(((k + offset) * pi_low, (k + offset) * pi_high))
        if ends[1] >= low and ends[0] <= high:
            bottom, top = (bottom, Fraction(1)) if k % 2 == 0 else (Fraction(-1), top)
    return bottom, top


def sine_shifted(x: Fraction, *, shift: bool) -> Interval:
    """Return an enclosure of sin(x), or of cos(x) = sin(x + pi/2) with `shift`."""
    if not shift:
        return sine(x)
    low, high = pi_bounds()
    value = sine(x + low / 2)
    error = (high - low) / 2
    return max(value[0] - error, Fraction(-1)), min(value[1] + error, Fraction(1))


def _tangent(low: Fraction, high: Fraction) -> Interval:
    """Return the range of tan on an interval between two poles."""
    pi_low, pi_high = pi_bounds()
    k = round((low + high) / 2 / pi_low)
    left = max((k - Fraction(1, 2)) * pi_low, (k - Fraction(1, 2)) * pi_high)
    right = min((k + Fraction(1, 2)) * pi_low, (k + Fraction(1, 2)) * pi_high)
    if not left < low <= high < right:
        raise Unbounded
    values = [_quotient(sine(x), sine_shifted(x, shift=True)) for x in (low, high)]
    return values[0][0], values[1][1]


def _quotient(top: Interval, bottom: Interval) -> Interval:
    if bottom[0] <= 0 <= bottom[1]:
        raise Unbounded
    return product(top, (1 / bottom[1], 1 / bottom[0]))
