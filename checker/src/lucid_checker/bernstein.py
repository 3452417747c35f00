"""Bernstein coefficients in exact integers: one conversion at the root, then de Casteljau."""

from fractions import Fraction
from itertools import pairwise
from math import comb, prod

from lucid_checker.limits import EXPONENT_MAX, TENSOR_COEFFICIENTS_MAX, Refused, Work
from lucid_checker.polynomial import Polynomial, check_size, common_denominator

Box = list[tuple[Fraction, Fraction]]


class Layout:
    """Index tables of a dense tensor: `degree[i] + 1` entries along axis i, last axis fastest."""

    def __init__(self, degree: list[int]) -> None:
        """Refuse a tensor that is too large."""
        self.degree, self.size = degree, prod(d + 1 for d in degree)
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

    def map_axis(
        self, tensor: list[Fraction], axis: int, matrix: list[list[Fraction]]
    ) -> list[Fraction]:
        """Return the tensor with every line along the axis multiplied by the matrix."""
        slices, back = self.table(axis)
        lines = [[tensor[p] for p in part] for part in slices]
        flat: list[Fraction] = []
        for row in matrix:
            flat.extend(
                sum((q * v for q, v in zip(row, column, strict=True) if v and q), Fraction(0))
                for column in zip(*lines, strict=True)
            )
        return [flat[p] for p in back]


def to_bernstein(
    polynomial: Polynomial, axes: list[int], box: Box, layout: Layout, work: Work
) -> tuple[list[int], Fraction]:
    """Return integers b and a scale s > 0: the Bernstein coefficients on the box are s * b.

    `axes` are the variables of the tensor's axes, `box` their intervals in the same order.
    """
    tensor = [Fraction(0)] * layout.size
    for exponents, value in polynomial.items():
        tensor[sum(exponents[v] * s for v, s in zip(axes, layout.strides, strict=True))] = value
    for axis, ((low, high), degree) in enumerate(zip(box, layout.degree, strict=True)):
        work.spend(40 * layout.size * (degree + 1))
        tensor = layout.map_axis(tensor, axis, _conversion(low, high - low, degree))
    for value in tensor:
        check_size(value)
    scale = common_denominator(tensor)
    return [v.numerator * (scale // v.denominator) for v in tensor], Fraction(1, scale)


def _conversion(low: Fraction, width: Fraction, degree: int) -> list[list[Fraction]]:
    """Return the matrix from power coefficients in x to Bernstein coefficients on [low, low+width].

    With x = low + width*t, x^m = sum_j C(m,j) low^(m-j) width^j t^j, and t^j has the Bernstein
    coefficients C(k,j)/C(degree,j), k = 0..degree. [Farouki2012]
    """
    shift = [
        [
            comb(m, j) * low ** (m - j) * width**j if m >= j else Fraction(0)
            for m in range(degree + 1)
        ]
        for j in range(degree + 1)
    ]
    return [
        [
            sum(
                (Fraction(comb(k, j), comb(degree, j)) * shift[j][m] for j in range(k + 1)),
                Fraction(0),
            )
            for m in range(degree + 1)
        ]
        for k in range(degree + 1)
    ]


def halves(tensor: list[int], layout: Layout, axis: int, work: Work) -> tuple[list[int], list[int]]:
    """Return 2**degree times the coefficients on the lower and on the upper half along the axis."""
    degree = layout.degree[axis]
    if degree == 0:
        return tensor, tensor
    slices, back = layout.table(axis)
    bits = max(tensor[0].bit_length(), tensor[-1].bit_length())
    work.spend(layout.size * (degree + 4) // 2 * (1 + bits // 1024))
    lines = [[tensor[p] for p in part] for part in slices]
    left: list[int] = []
    right: list[list[int]] = []
    for k in range(degree + 1):
        left.extend([v << (degree - k) for v in lines[0]])
        right.append([v << (degree - k) for v in lines[-1]])
        lines = [list(map(int.__add__, a, b)) for a, b in pairwise(lines)]
    flat = [v for part in reversed(right) for v in part]
    return [left[p] for p in back], [flat[p] for p in back]
