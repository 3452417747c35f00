"""Expanded form: exact sparse polynomials in the variables and in opaque terms f(a) and 1/a.

An opaque term stands for one function of one expanded argument; the same function of the same
argument is the same term, so that terms that cancel are gone. Monomials have one exponent for each
variable and one for each slot for an opaque term (no slots where the problem needs none). A term
comes after those inside its argument.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

from lucid_checker.limits import BITS_MAX, POLYNOMIAL_TERMS_MAX, Refused, Work

Exponents = tuple[int, ...]
RECIPROCAL = "1/"
WITH_POLES = frozenset({RECIPROCAL, "log", "sqrt", "tan"})  # not defined or not smooth everywhere


class Polynomial:
    """A polynomial of a ring: `terms` maps exponents to coefficients, none of them zero."""

    __slots__ = ("ring", "terms")

    def __init__(self, ring: "Ring", terms: Mapping[Exponents, Fraction]) -> None:
        """Drop zero coefficients."""
        self.ring, self.terms = ring, {e: value for e, value in terms.items() if value}

    def __add__(self, other: "Polynomial") -> "Polynomial":
        """Return the sum."""
        return self.ring.sum((self, other))

    def __neg__(self) -> "Polynomial":
        """Return the polynomial with the opposite sign."""
        return self * -1

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        """Return the difference."""
        return self + other * -1

    def __mul__(self, other: "Polynomial | Fraction | int") -> "Polynomial":
        """Return the product; the work is one step per product of two terms."""
        if not isinstance(other, Polynomial):
            return Polynomial(self.ring, {e: value * other for e, value in self.terms.items()})
        self.ring.work.spend(8 * len(self.terms) * len(other.terms))
        result: dict[Exponents, Fraction] = {}
        for first, a in self.terms.items():
            for second, b in other.terms.items():
                exponents = tuple(map(int.__add__, first, second))
                result[exponents] = result.get(exponents, 0) + a * b
        if len(result) > POLYNOMIAL_TERMS_MAX:
            raise Refused(f"a polynomial has more than {POLYNOMIAL_TERMS_MAX} terms")
        for value in result.values():
            check_size(value)
        return Polynomial(self.ring, result)

    def __pow__(self, exponent: int) -> "Polynomial":
        """Return the power by squaring."""
        result, base = self.ring.constant(1), self
        while exponent:
            result = result * base if exponent & 1 else result
            exponent >>= 1
            base = base * base if exponent else base
        return result

    def constant(self) -> Fraction | None:
        """Return the value of a constant, None for any other polynomial."""
        if any(any(exponents) for exponents in self.terms):
            return None
        return next(iter(self.terms.values()), Fraction(0))

    def degree(self, index: int) -> int:
        """Return the largest exponent of a generator."""
        return max((exponents[index] for exponents in self.terms), default=0)

    def opaque(self) -> list[int]:
        """Return the indices of the opaque terms that occur, those inside others too, in order."""
        found: set[int] = set()
        for k in self.ring.slots():
            if self.degree(k):
                found |= {k, *self.ring.term(k)[1].opaque()}
        return sorted(found)

    def variables(self) -> frozenset[int]:
        """Return the indices of the variables that occur, also inside opaque terms."""
        parts = [self, *(self.ring.term(k)[1] for k in self.opaque())]
        columns = range(self.ring.variables)
        return frozenset(i for i in columns if any(part.degree(i) for part in parts))

    def functions(self) -> frozenset[str]:
        """Return the names of the functions that occur."""
        return frozenset(self.ring.term(k)[0] for k in self.opaque())

    def derivative(self, index: int) -> "Polynomial":
        """Return the derivative by a variable, opaque terms by the chain rule."""
        result = self._partial(index)
        for k in self.ring.slots():
            if self.degree(k) and (inner := self.ring.term(k)[1].derivative(index)):
                result += self._partial(k) * self.ring.slope(k) * inner
        return result

    def _partial(self, index: int) -> "Polynomial":
        self.ring.work.spend(4 * len(self.terms))
        lowered = {
            (*e[:index], e[index] - 1, *e[index + 1 :]): value * e[index]
            for e, value in self.terms.items()
            if e[index]
        }
        return Polynomial(self.ring, lowered)

    def __bool__(self) -> bool:
        """Say whether it is not zero."""
        return bool(self.terms)

    def rate(self, dynamics: Mapping[int, "Polynomial"]) -> "Polynomial":
        """Return dB/dt = sum of dB/dx_i * f_i along the flow (the Lie derivative)."""
        moving = [(i, rate) for i, rate in sorted(dynamics.items()) if rate]
        return self.ring.sum([self.derivative(i) * rate for i, rate in moving])

    def compose(self, images: Mapping[int, "Polynomial"]) -> "Polynomial":
        """Return the polynomial with variables replaced, inside opaque terms too."""
        inner = dict(images)
        for k in self.ring.slots():
            if self.degree(k):
                name, argument = self.ring.term(k)
                inner[k] = self.ring.apply(name, argument.compose(images))
        return self.substitute(inner)

    def substitute(self, images: Mapping[int, "Polynomial"]) -> "Polynomial":
        """Return the polynomial with these generators replaced, but not inside opaque terms."""
        powers: dict[tuple[int, int], Polynomial] = {}
        parts = []
        for exponents, value in self.terms.items():
            kept = tuple(0 if i in images else e for i, e in enumerate(exponents))
            part = Polynomial(self.ring, {kept: value})
            for i, exponent in enumerate(exponents):
                if exponent and i in images:
                    if (i, exponent) not in powers:
                        powers[i, exponent] = images[i] ** exponent
                    part *= powers[i, exponent]
            parts.append(part)
        return self.ring.sum(parts)


class Ring:
    """The polynomials of one problem, and the table of its opaque terms."""

    def __init__(self, variables: int, slots: int, work: Work) -> None:
        """Make room for `slots` opaque terms."""
        self.variables, self.width, self.work = variables, variables + slots, work
        self._terms: list[tuple[str, Polynomial]] = []
        self._index: dict[tuple[str, frozenset[tuple[Exponents, Fraction]]], int] = {}

    def constant(self, value: Fraction | int) -> Polynomial:
        """Return a constant."""
        return Polynomial(self, {(0,) * self.width: Fraction(value)})

    def generator(self, index: int) -> Polynomial:
        """Return the variable or opaque term with this index."""
        unit = tuple(int(i == index) for i in range(self.width))
        return Polynomial(self, {unit: Fraction(1)})

    def sum(self, parts: Iterable[Polynomial]) -> Polynomial:
        """Return the sum."""
        result: dict[Exponents, Fraction] = {}
        for part in parts:
            self.work.spend(4 * len(part.terms))
            for exponents, value in part.terms.items():
                result[exponents] = result[exponents] + value if exponents in result else value
        return Polynomial(self, result)

    def slots(self) -> range:
        """Return the indices of the opaque terms."""
        return range(self.variables, self.variables + len(self._terms))

    def term(self, index: int) -> tuple[str, Polynomial]:
        """Return the name and the argument of an opaque term."""
        return self._terms[index - self.variables]

    def apply(self, name: str, argument: Polynomial) -> Polynomial:
        """Return the opaque term name(argument); a constant reciprocal is a number."""
        value = argument.constant()
        if name == RECIPROCAL and value is not None:
            if value == 0:
                raise Refused("an expression divides by zero")
            return self.constant(1 / value)
        key = (name, frozenset(argument.terms.items()))
        if key not in self._index:
            if self.variables + len(self._terms) >= self.width:
                raise Refused(f"more than {self.width - self.variables} different functions")
            self._index[key] = self.variables + len(self._terms)
            self._terms.append((name, argument))
        return self.generator(self._index[key])

    def slope(self, index: int) -> Polynomial:
        """Return the derivative of an opaque term by its argument."""
        (name, a), term, one = self.term(index), self.generator(index), self.constant(1)
        match name:
            case "sin":
                return self.apply("cos", a)
            case "cos":
                return -self.apply("sin", a)
            case "tan":
                return one + term * term
            case "tanh":
                return one - term * term
            case "exp":
                return term
            case "log":
                return self.apply(RECIPROCAL, a)
            case "sqrt":
                return self.apply(RECIPROCAL, term) * Fraction(1, 2)
            case "1/":
                return -(term * term)
        raise Refused(f"{name} has no derivative here")


def check_size(value: Fraction) -> None:
    """Refuse a number that has become too long to go on with."""
    if value.numerator.bit_length() + value.denominator.bit_length() > BITS_MAX:
        raise Refused(f"an intermediate number has more than {BITS_MAX} bits")


def integers(values: Iterable[Fraction]) -> tuple[list[int], int]:
    """Return the values times their least common denominator, and that; refused where too long."""
    known, scale = list(values), 1
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
