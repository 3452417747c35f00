"""Upper bounds of expanded forms on a box: natural, mean value and Taylor enclosures."""

from fractions import Fraction
from itertools import pairwise

from lucid_checker.algebra import Polynomial, Ring
from lucid_checker.bernstein import Box, Layout, to_bernstein
from lucid_checker.functions import (
    Interval,
    Unbounded,
    coefficients,
    enclose_function,
    outward,
    product,
    raised,
)

_SHORT = 1 << 128  # Taylor coefficients are rounded to multiples of 1 / _SHORT
_TINY = Fraction(1, 1 << 60)  # of the largest coefficient: what is smaller goes into the remainder
_PIECES = 8  # of a range, for the remainder of tanh, whose enclosure is not tight on wide ones


class Encloser:
    """Encloses polynomials of a ring on one box (variable index -> interval)."""

    def __init__(self, ring: Ring, box: Box) -> None:
        """Start without any opaque term evaluated."""
        self.ring, self.box = ring, box
        self._known: dict[int, Interval] = dict(box)
        self._powers: dict[tuple[int, int], Interval] = {}

    def natural(self, polynomial: Polynomial) -> Interval:
        """Return the sum of the enclosures of the monomials."""
        low = high = Fraction(0)
        self.ring.work.spend(60 * len(polynomial.terms))
        for exponents, value in polynomial.terms.items():
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
            reach = max(-slope[0], slope[1]) * (self.box[i][1] - middle[i])
            low, high = low - reach, high + reach
        return outward(low, high)

    def _power(self, index: int, exponent: int) -> Interval:
        if (index, exponent) not in self._powers:
            if index not in self._known:
                if index < self.ring.variables:
                    raise Unbounded
                name, argument = self.ring.term(index)
                self.ring.work.spend(2000)
                self._known[index] = outward(*enclose_function(name, self.natural(argument)))
            self._powers[index, exponent] = raised(self._known[index], exponent)
        return self._powers[index, exponent]


def taylor_bound(polynomial: Polynomial, box: Box, order: int) -> Fraction:
    """Return the largest Bernstein coefficient after every opaque term became a Taylor polynomial.

    A term's own generator turns into the new variable e in [-1, 1] that scales its remainder; the
    variables are u in [-1, 1] with x = m + r u.
    """
    ring, images = polynomial.ring, {}
    for i, (low, high) in box.items():
        images[i] = ring.generator(i) * ((high - low) / 2) + ring.constant((low + high) / 2)
    for k in polynomial.opaque():
        name, argument = ring.term(k)
        images[k] = _model(name, argument.substitute(images), order, ring.generator(k))
    return _range(polynomial.substitute(images))[1]


def _range(polynomial: Polynomial) -> Interval:
    """Return the least and largest Bernstein coefficient on [-1, 1] for every generator."""
    ring = polynomial.ring
    sides = {i: (Fraction(-1), Fraction(1)) for i in range(ring.width) if polynomial.degree(i)}
    layout = Layout([polynomial.degree(i) for i in sides], ring.work)
    tensor, scale = to_bernstein(polynomial, sides, layout)
    return scale * min(tensor), scale * max(tensor)


def _model(name: str, a: Polynomial, order: int, e: Polynomial) -> Polynomial:
    """Return sum c_i (a - m)^i + r e, which is name(a) for some e in [-1, 1] [Makino2003].

    Terms above degree 2 * order, and tiny ones, go into r, as every generator lies in [-1, 1].
    """
    ring = a.ring
    ring.work.spend(8_000)
    low, high = _range(a)
    middle = Fraction(round((low + high) / 2 * _SHORT), _SHORT)
    low, high = min(low, middle), max(high, middle)
    radius = max(high - middle, middle - low)
    pieces = _PIECES if name == "tanh" else 1
    ends = [low + (high - low) * i / pieces for i in range(pieces + 1)]
    rests = [coefficients(name, outward(*x), order + 1)[-1] for x in pairwise(ends)]
    remainder = max(max(-rest[0], rest[1]) for rest in rests) * radius ** (order + 1)
    total = ring.constant(0)
    centre = coefficients(name, outward(middle, middle), order)
    for i in range(order, -1, -1):
        c = Fraction(round(sum(centre[i]) / 2 * _SHORT), _SHORT)
        remainder += max(centre[i][1] - c, c - centre[i][0]) * radius**i
        total = total * (a - ring.constant(middle)) + ring.constant(c)
        # What is dropped here is multiplied by (a - m)^i later on.
        small = max(map(abs, total.terms.values()), default=Fraction(0)) * _TINY
        dropped = {x: v for x, v in total.terms.items() if sum(x) > 2 * order or abs(v) < small}
        total -= Polynomial(ring, dropped)
        remainder += sum(map(abs, dropped.values())) * radius**i
    bound = Fraction(-(-remainder.numerator * _SHORT // remainder.denominator), _SHORT)
    return total + e * bound
