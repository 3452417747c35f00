"""Bernstein coefficients in exact integers: one conversion at the root, then de Casteljau."""

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import comb, gcd, lcm, prod

from lucid_checker.algebra import Polynomial, integers
from lucid_checker.limits import BITS_MAX, EXPONENT_MAX, TENSOR_COEFFICIENTS_MAX, Refused, Work

Box = dict[int, tuple[Fraction, Fraction]]


class Layout:
    """Index tables of a dense tensor: `degree[i] + 1` entries along axis i, last axis fastest."""

    def __init__(self, degree: list[int], work: Work) -> None:
        """Refuse a tensor that is too large."""
        self.work, self.degree, self.size = work, degree, prod(d + 1 for d in degree)
        if self.size > TENSOR_COEFFICIENTS_MAX or max(degree, default=0) > 2 * EXPONENT_MAX:
            raise Refused(f"a Bernstein form of {self.size} coefficients is too large")
        self.strides = [prod(d + 1 for d in degree[i + 1 :]) for i in range(len(degree))]
        self._tables: dict[int, tuple[list[list[int]], list[int]]] = {}

    def table(self, axis: int) -> tuple[list[list[int]], list[int]]:
        """Return the positions of each slice across the axis, and where each position went."""
        if axis not in self._tables:
            stride, count = self.strides[axis], self.degree[axis] + 1
            slices: list[list[int]] = [[] for _ in range(count)]
            for position in range(self.size):
                slices[position // stride % count].append(position)
            back = [0] * self.size
            for place, position in enumerate(p for part in slices for p in part):
                back[position] = place
            self._tables[axis] = (slices, back)
        return self._tables[axis]

    def map_axis(self, tensor: list[int], axis: int, matrix: list[list[int]]) -> list[int]:
        """Return the tensor with every line along the axis multiplied by the matrix."""
        slices, back = self.table(axis)
        columns = list(zip(*([tensor[p] for p in part] for part in slices), strict=True))
        flat = [sum(map(int.__mul__, row, column)) for row in matrix for column in columns]
        return [flat[p] for p in back]


def to_bernstein(polynomial: Polynomial, box: Box, layout: Layout) -> tuple[list[int], Fraction]:
    """Return integers b and a scale s > 0: the Bernstein coefficients on the box are s * b.

    `box` maps the generators of the tensor's axes to their intervals, in order of the axes.
    """
    values, denominator = integers(polynomial.terms.values())
    tensor = [0] * layout.size
    for exponents, value in zip(polynomial.terms, values, strict=True):
        tensor[sum(exponents[v] * s for v, s in zip(box, layout.strides, strict=True))] = value
    for axis, ((low, high), degree) in enumerate(zip(box.values(), layout.degree, strict=True)):
        bits = max(value.bit_length() for value in tensor)
        layout.work.spend(2 * layout.size * (degree + 1) * (8 + bits // 256))
        ends = max(q.bit_length() for x in (low, high) for q in (x.numerator, x.denominator))
        layout.work.spend((degree + 1) ** 3 * (1 + ends * degree // 512))
        matrix, divisor = _conversion(low, high, degree)
        tensor = layout.map_axis(tensor, axis, matrix)
        common = gcd(denominator * divisor, *tensor)
        denominator = denominator * divisor // common
        tensor = [value // common for value in tensor]
        if max(map(int.bit_length, (*tensor, denominator))) > BITS_MAX:
            raise Refused(f"a Bernstein coefficient has more than {BITS_MAX} bits")
    return tensor, Fraction(1, denominator)


@lru_cache(maxsize=64)
def _conversion(low: Fraction, high: Fraction, degree: int) -> tuple[list[list[int]], int]:
    """Return the matrix from power to Bernstein coefficients on [low, high], times the divisor.

    With x = (p + w t)/q, x^m q^m = sum_j C(m,j) p^(m-j) w^j t^j, and t^j has the Bernstein
    coefficients C(k,j)/C(degree,j), k = 0..degree. [Farouki2012]
    """
    (p, end), q = integers((low, high))
    n, all_binomials = range(degree + 1), lcm(*(comb(degree, j) for j in range(degree + 1)))
    if max(map(int.bit_length, (p, end, q))) * degree > BITS_MAX:
        raise Refused(f"a Bernstein form needs more than {BITS_MAX} bits")
    shift = [
        [comb(m, j) * p ** (m - j) * (end - p) ** j * q ** (degree - m) if m >= j else 0 for m in n]
        for j in n
    ]
    forms = [[comb(k, j) * (all_binomials // comb(degree, j)) for j in n] for k in n]
    columns = list(zip(*shift, strict=True))
    matrix = [[sum(map(int.__mul__, row, column)) for column in columns] for row in forms]
    return matrix, all_binomials * q**degree


def halves(tensor: list[int], layout: Layout, axis: int) -> tuple[list[int], list[int]]:
    """Return 2**degree times the coefficients on the lower and on the upper half along the axis."""
    degree = layout.degree[axis]
    if degree == 0:
        return tensor, tensor
    slices, back = layout.table(axis)
    bits = max(tensor[0].bit_length(), tensor[-1].bit_length())
    if bits > BITS_MAX:
        raise Refused(f"a Bernstein coefficient has more than {BITS_MAX} bits")
    layout.work.spend(layout.size * (degree + 4) // 2 * (1 + bits // 1024))
    lines = [[tensor[p] for p in part] for part in slices]
    left: list[int] = []
    right: list[list[int]] = []
    for k in range(degree + 1):
        left.extend([v << (degree - k) for v in lines[0]])
        right.append([v << (degree - k) for v in lines[-1]])
        lines = [list(map(int.__add__, a, b)) for a, b in pairwise(lines)]
    flat = [v for part in reversed(right) for v in part]
    return [left[p] for p in back], [flat[p] for p in back]
