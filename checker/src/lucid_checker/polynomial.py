"""Exact sparse polynomials: a dict from exponent tuples to non-zero Fractions."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from lucid_checker.document import integer, items, rational
from lucid_checker.limits import BITS_MAX, EXPONENT_MAX, POLYNOMIAL_TERMS_MAX, Refused, Work

Exponents = tuple[int, ...]
Polynomial = dict[Exponents, Fraction]


def constant_polynomial(value: Fraction | int, variables: int) -> Polynomial:
    """Return the constant polynomial in that many variables."""
    return {(0,) * variables: Fraction(value)} if value else {}


def add(left: Polynomial, right: Polynomial, factor: Fraction | int = 1) -> Polynomial:
    """Return left + factor * right."""
    result = dict(left)
    for exponents, value in right.items():
        total = result.get(exponents, 0) + factor * value
        if total:
            result[exponents] = Fraction(total)
        else:
            result.pop(exponents, None)
    return result


def multiply(left: Polynomial, right: Polynomial, work: Work) -> Polynomial:
    """Return left * right; the work is one step per product of two terms."""
    work.spend(8 * len(left) * len(right))
    result: Polynomial = {}
    for first, a in left.items():
        for second, b in right.items():
            exponents = tuple(map(int.__add__, first, second))
            result[exponents] = result.get(exponents, 0) + a * b
    if len(result) > POLYNOMIAL_TERMS_MAX:
        raise Refused(f"a polynomial has more than {POLYNOMIAL_TERMS_MAX} terms")
    result = {exponents: value for exponents, value in result.items() if value}
    for value in result.values():
        check_size(value)
    return result


def check_size(value: Fraction) -> None:
    """Refuse a number that has become too long to go on with."""
    if value.numerator.bit_length() + value.denominator.bit_length() > BITS_MAX:
        raise Refused(f"an intermediate number has more than {BITS_MAX} bits")


def common_denominator(values: Iterable[Fraction]) -> int:
    """Return the least common denominator, refusing one that is too long to go on with."""
    result = 1
    for value in values:
        result = lcm(result, value.denominator)
        if result.bit_length() > BITS_MAX:
            raise Refused(f"a common denominator has more than {BITS_MAX} bits")
    return result


def number_power(base: Fraction, exponent: int) -> Fraction:
    """Return base ** exponent, refusing before a result beyond the size limit is computed."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits > 1 and bits * exponent > BITS_MAX:
        raise Refused(f"a power has more than {BITS_MAX} bits")
    return base**exponent


def power(base: Polynomial, exponent: int, variables: int, work: Work) -> Polynomial:
    """Return base ** exponent by squaring."""
    result = constant_polynomial(1, variables)
    while exponent:
        if exponent & 1:
            result = multiply(result, base, work)
        exponent >>= 1
        if exponent:
            base = multiply(base, base, work)
    return result


def negate(polynomial: Polynomial) -> Polynomial:
    """Return -polynomial."""
    return {exponents: -value for exponents, value in polynomial.items()}


def degrees(polynomial: Polynomial, variables: int) -> list[int]:
    """Return the largest exponent of each variable."""
    return [max((e[i] for e in polynomial), default=0) for i in range(variables)]


def evaluate(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    """Return the exact value at a rational point."""
    total = Fraction(0)
    for exponents, value in polynomial.items():
        term = value
        for base, exponent in zip(point, exponents, strict=True):
            if exponent:
                term *= number_power(base, exponent)
        total += term
    return total


def read_polynomial(value: Any, variables: int, path: str) -> Polynomial:
    """Return the polynomial written as [[[e1, …, en], q], …]; no monomial twice."""
    result: Polynomial = {}
    for i, entry in enumerate(items(value, path, POLYNOMIAL_TERMS_MAX)):
        pair = items(entry, f"{path}[{i}]", 2)
        if len(pair) != 2:
            raise Refused(f"{path}[{i}]: not a pair of exponents and coefficient")
        exponents = read_exponents(pair[0], variables, f"{path}[{i}][0]")
        if exponents in result:
            raise Refused(f"{path}[{i}]: a monomial occurs twice")
        result[exponents] = rational(pair[1], f"{path}[{i}][1]")
    return {exponents: value for exponents, value in result.items() if value}


def read_exponents(value: Any, variables: int, path: str) -> Exponents:
    """Return one exponent per variable."""
    entries = items(value, path, variables)
    if len(entries) != variables:
        raise Refused(f"{path}: not one exponent for each of the {variables} variables")
    return tuple(integer(e, path, 0, EXPONENT_MAX) for e in entries)


def as_constant(polynomial: Mapping[Exponents, Fraction]) -> Fraction | None:
    """Return the value of a constant polynomial, None for any other."""
    if any(any(exponents) for exponents in polynomial):
        return None
    return next(iter(polynomial.values()), Fraction(0))
