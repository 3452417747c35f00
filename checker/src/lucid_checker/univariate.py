"""Exact signs of polynomials on a segment: Sturm sequences over the rationals [Sturm1835]."""

from fractions import Fraction
from itertools import pairwise
from math import gcd

from lucid_checker.algebra import Polynomial, integers
from lucid_checker.limits import EXPONENT_MAX, Refused, Work

Univariate = list[Fraction]  # coefficients from the constant upwards, without trailing zeros


def along(polynomial: Polynomial, start: list[Fraction], end: list[Fraction]) -> Univariate:
    """Return p(start + t (end - start)) as a polynomial in t."""
    ring = polynomial.ring
    if max((sum(e) for e in polynomial.terms), default=0) > EXPONENT_MAX:
        raise Refused(f"a constraint on a segment has a degree above {EXPONENT_MAX}")
    ends = enumerate(zip(start, end, strict=True))
    t = ring.generator(0)
    line = polynomial.substitute({i: ring.constant(a) + t * (b - a) for i, (a, b) in ends})
    size = line.degree(0) + 1 if line else 0
    rest = (0,) * (ring.width - 1)
    return [line.terms.get((k, *rest), Fraction(0)) for k in range(size)]


def positive(p: Univariate, *, strict: bool, work: Work) -> bool:
    """Say whether p > 0 (strict) or p >= 0 everywhere on [0, 1]."""
    if not p:
        return not strict
    work.spend(200 * len(p) ** 3)
    if strict:
        return value(p, 0) > 0 and value(p, 1) > 0 and _roots(p) == 0
    odd = _odd_part(p)
    for end in (0, 1):
        while value(odd, end) == 0:
            odd = _divide(odd, [Fraction(-end), Fraction(1)])[0]
    inside = next(v for k in range(2, len(p) + 3) if (v := value(p, Fraction(1, k))) != 0)
    return inside > 0 and _roots(odd) == 0


def value(p: Univariate, at: Fraction | int) -> Fraction:
    """Return p(at)."""
    result = Fraction(0)
    for coefficient in reversed(p):
        result = result * at + coefficient
    return result


def _trim(p: Univariate) -> Univariate:
    while p and p[-1] == 0:
        p = p[:-1]
    return p


def _times(a: Univariate, b: Univariate) -> Univariate:
    result = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] += x * y
    return result


def _divide(a: Univariate, b: Univariate) -> tuple[Univariate, Univariate]:
    rest, quotient = list(a), [Fraction(0)] * max(len(a) - len(b) + 1, 0)
    for shift in range(len(a) - len(b), -1, -1):
        quotient[shift] = rest[shift + len(b) - 1] / b[-1]
        for i, coefficient in enumerate(b):
            rest[shift + i] -= quotient[shift] * coefficient
    return _trim(quotient), _trim(rest)


def _primitive(p: Univariate) -> Univariate:
    """Return p over a positive number, with coprime integer coefficients."""
    numbers, _ = integers(p)
    return [Fraction(c, gcd(*numbers)) for c in numbers]


def _slope(p: Univariate) -> Univariate:
    return [k * c for k, c in enumerate(p)][1:]


def _common(a: Univariate, b: Univariate) -> Univariate:
    while b:
        a, b = b, _divide(a, b)[1]
        b = _primitive(b) if b else b
    return _primitive(a)


def _odd_part(p: Univariate) -> Univariate:
    """Return the product of the factors of odd multiplicity, by Yun's algorithm [Yun1976]."""
    common = _common(p, _slope(p))
    rest, odd, odd_turn = _divide(p, common)[0], [Fraction(1)], True
    while len(rest) > 1:
        shared = _common(rest, common)
        if odd_turn:
            odd = _times(odd, _divide(rest, shared)[0])
        rest, common, odd_turn = shared, _divide(common, shared)[0], not odd_turn
    return odd


def _roots(p: Univariate) -> int:
    """Return the number of different roots in (0, 1); p(0) and p(1) must not be zero."""
    chain = [_primitive(p)]
    rest = _slope(p)
    while rest:
        chain.append(_primitive(rest))
        rest = [-c for c in _divide(chain[-2], chain[-1])[1]]
    changes = []
    for end in (0, 1):
        signs = [v > 0 for q in chain if (v := value(q, end)) != 0]
        changes.append(sum(a != b for a, b in pairwise(signs)))
    return changes[0] - changes[1]
