"""Exact sparse polynomials: a dict from exponent tuples to non-zero Fractions."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm, prod

from lucid_checker.document import Json
from lucid_checker.limits import BITS_MAX, EXPONENT_MAX, POLYNOMIAL_TERMS_MAX, Refused, Work

Exponents = tuple[int, ...]
Polynomial = dict[Exponents, Fraction]


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


def negate(polynomial: Polynomial) -> Polynomial:
    """Return the polynomial with the opposite sign."""
    return {exponents: -value for exponents, value in polynomial.items()}


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
    for value in result.values():
        check_size(value)
    return {exponents: value for exponents, value in result.items() if value}


def check_size(value: Fraction) -> None:
    """Refuse a number that has become too long to go on with."""
    if value.numerator.bit_length() + value.denominator.bit_length() > BITS_MAX:
        raise Refused(f"an intermediate number has more than {BITS_MAX} bits")


def integers(values: Iterable[Fraction]) -> tuple[list[int], int]:
    """Return the values times their least common denominator, and that; refused where too long."""
    known = list(values)
    scale = 1
    for value in known:
        scale = lcm(scale, value.denominator)
        if scale.bit_length() > BITS_MAX:
            raise Refused(f"a common denominator has more than {BITS_MAX} bits")
    return [value.numerator * (scale // value.denominator) for value in known], scale


def number_power(base: Fraction, exponent: int) -> Fraction:
    """Return base ** exponent, refusing before a result beyond the size limit is computed."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits > 1 and bits * exponent > BITS_MAX:
        raise Refused(f"a power has more than {BITS_MAX} bits")
    return base**exponent


def evaluate(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    """Return the exact value at a rational point."""
    total = Fraction(0)
    for exponents, value in polynomial.items():
        used = zip(point, exponents, strict=True)
        total += value * prod(number_power(base, e) for base, e in used if e)
    return total


def read_polynomial(node: Json, variables: int) -> Polynomial:
    """Return the polynomial written as [[[e1, …, en], q], …]; no monomial twice."""
    result: Polynomial = {}
    for entry in node.items(POLYNOMIAL_TERMS_MAX):
        exponents, value = entry.items(2, exactly=2)
        key = read_exponents(exponents, variables)
        if key in result:
            raise entry.refuse("a monomial occurs twice")
        result[key] = value.rational()
    return {exponents: value for exponents, value in result.items() if value}


def read_exponents(node: Json, variables: int) -> Exponents:
    """Return one exponent per variable."""
    entries = node.items(variables, exactly=variables)
    return tuple(entry.integer(0, EXPONENT_MAX) for entry in entries)


def as_constant(polynomial: Mapping[Exponents, Fraction]) -> Fraction | None:
    """Return the value of a constant polynomial, None for any other."""
    if any(any(exponents) for exponents in polynomial):
        return None
    return next(iter(polynomial.values()), Fraction(0))


def degrees(polynomial: Polynomial, variables: int) -> list[int]:
    """Return the largest exponent of each variable."""
    return [max((e[i] for e in polynomial), default=0) for i in range(variables)]
