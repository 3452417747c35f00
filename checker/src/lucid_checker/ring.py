"""Expanded form: polynomials in the variables and in opaque terms f(a) and 1/a.

An opaque term stands for one function of one expanded argument; the same function of the same
argument is the same term, so that terms that cancel are gone. Monomials have `variables` exponents
followed by one exponent per slot for an opaque term (no slots where the problem needs none). A
term comes after those inside its argument.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from lucid_checker.limits import Refused, Work
from lucid_checker.polynomial import Polynomial, add, as_constant, multiply, negate

RECIPROCAL = "1/"
SLOTS_MAX = 40
WITH_POLES = frozenset({RECIPROCAL, "log", "sqrt", "tan"})  # not defined or not smooth everywhere


class Ring:
    """The polynomials of one problem, and the table of its opaque terms."""

    def __init__(self, variables: int, slots: int, work: Work) -> None:
        """Make room for `slots` opaque terms."""
        self.variables, self.width, self.work = variables, variables + slots, work
        self.opaque: list[tuple[str, Polynomial]] = []
        self._index: dict[tuple[str, frozenset[tuple[tuple[int, ...], Fraction]]], int] = {}

    def constant(self, value: Fraction | int) -> Polynomial:
        """Return a constant."""
        return {(0,) * self.width: Fraction(value)} if value else {}

    def generator(self, index: int) -> Polynomial:
        """Return the variable or opaque term with this index."""
        return {tuple(int(i == index) for i in range(self.width)): Fraction(1)}

    def times(self, *factors: Polynomial) -> Polynomial:
        """Return the product."""
        result = factors[0]
        for factor in factors[1:]:
            result = multiply(result, factor, self.work)
        return result

    def power(self, base: Polynomial, exponent: int) -> Polynomial:
        """Return base ** exponent by squaring."""
        result = self.constant(1)
        while exponent:
            if exponent & 1:
                result = self.times(result, base)
            exponent >>= 1
            if exponent:
                base = self.times(base, base)
        return result

    def apply(self, name: str, argument: Polynomial) -> Polynomial:
        """Return the opaque term name(argument); a constant reciprocal is a number."""
        value = as_constant(argument)
        if name == RECIPROCAL and value is not None:
            if value == 0:
                raise Refused("an expression divides by zero")
            return self.constant(1 / value)
        key = (name, frozenset(argument.items()))
        if key not in self._index:
            if self.variables + len(self.opaque) >= self.width:
                raise Refused(f"more than {self.width - self.variables} different functions")
            self._index[key] = self.variables + len(self.opaque)
            self.opaque.append((name, argument))
        return self.generator(self._index[key])

    def sum(self, parts: Sequence[Polynomial]) -> Polynomial:
        """Return the sum."""
        result: Polynomial = {}
        for part in parts:
            self.work.spend(4 * len(part))
            for exponents, value in part.items():
                result[exponents] = result.get(exponents, Fraction(0)) + value
        return {exponents: value for exponents, value in result.items() if value}

    def derivative(self, polynomial: Polynomial, variable: int) -> Polynomial:
        """Return d polynomial / d variable, opaque terms by the chain rule."""
        result = self._partial(polynomial, variable)
        for k in self.used(polynomial):
            name, argument = self.opaque[k - self.variables]
            inner = self.derivative(argument, variable)
            if inner:
                slope = self._slope(name, argument, self.generator(k))
                result = add(result, self.times(self._partial(polynomial, k), slope, inner))
        return result

    def used(self, polynomial: Polynomial) -> list[int]:
        """Return the indices of the opaque terms that occur outermost."""
        slots = range(self.variables, self.variables + len(self.opaque))
        return [k for k in slots if any(exponents[k] for exponents in polynomial)]

    def within(self, polynomial: Polynomial) -> list[int]:
        """Return the indices of all opaque terms that occur, innermost first."""
        found: set[int] = set()
        for k in self.used(polynomial):
            found |= {k, *self.within(self.opaque[k - self.variables][1])}
        return sorted(found)

    def _partial(self, polynomial: Polynomial, index: int) -> Polynomial:
        self.work.spend(4 * len(polynomial))
        return {
            (*exponents[:index], exponents[index] - 1, *exponents[index + 1 :]): (
                value * exponents[index]
            )
            for exponents, value in polynomial.items()
            if exponents[index]
        }

    def _slope(self, name: str, argument: Polynomial, term: Polynomial) -> Polynomial:
        slopes: dict[str, Callable[[], Polynomial]] = {
            "sin": lambda: self.apply("cos", argument),
            "cos": lambda: negate(self.apply("sin", argument)),
            "tan": lambda: add(self.constant(1), self.times(term, term)),
            "tanh": lambda: add(self.constant(1), self.times(term, term), -1),
            "exp": lambda: term,
            "log": lambda: self.apply(RECIPROCAL, argument),
            RECIPROCAL: lambda: negate(self.times(term, term)),
            "sqrt": lambda: self.times(self.constant(Fraction(1, 2)), self.apply("1/", term)),
        }
        if name not in slopes:
            raise Refused(f"{name} has no derivative here")
        return slopes[name]()

    def rate(self, polynomial: Polynomial, dynamics: Mapping[int, Polynomial]) -> Polynomial:
        """Return dB/dt = sum of dB/dx_i * f_i along the flow (the Lie derivative)."""
        moving = [(i, rate) for i, rate in sorted(dynamics.items()) if rate]
        return self.sum([self.times(self.derivative(polynomial, i), rate) for i, rate in moving])

    def compose(self, polynomial: Polynomial, images: Mapping[int, Polynomial]) -> Polynomial:
        """Return the polynomial with variables replaced, inside opaque terms too."""
        inner = dict(images)
        for k in self.used(polynomial):
            name, argument = self.opaque[k - self.variables]
            inner[k] = self.apply(name, self.compose(argument, images))
        return self.substitute(polynomial, inner)

    def substitute(self, polynomial: Polynomial, images: Mapping[int, Polynomial]) -> Polynomial:
        """Return the polynomial with these generators replaced, but not inside opaque terms."""
        powers: dict[tuple[int, int], Polynomial] = {}
        parts = []
        for exponents, value in polynomial.items():
            kept = tuple(0 if i in images else e for i, e in enumerate(exponents))
            part = {kept: value}
            for i, exponent in enumerate(exponents):
                if exponent and i in images:
                    if (i, exponent) not in powers:
                        powers[i, exponent] = self.power(images[i], exponent)
                    part = self.times(part, powers[i, exponent])
            parts.append(part)
        return self.sum(parts)

    def plain(self, polynomial: Polynomial, columns: Sequence[int]) -> Polynomial | None:
        """Return the polynomial over these generators alone, None if it has another one."""
        if self.width == len(columns):
            return polynomial
        others = [i for i in range(self.width) if i not in columns]
        if any(exponents[i] for exponents in polynomial for i in others):
            return None
        return {tuple(exponents[i] for i in columns): v for exponents, v in polynomial.items()}

    def widen(self, polynomial: Polynomial) -> Polynomial:
        """Return a polynomial over the variables alone as one of this ring."""
        rest = (0,) * (self.width - self.variables)
        return {exponents + rest: value for exponents, value in polynomial.items()}

    def variables_of(self, polynomial: Polynomial) -> frozenset[int]:
        """Return the indices of the variables that occur, also inside opaque terms."""
        parts = [polynomial, *(self.opaque[k - self.variables][1] for k in self.within(polynomial))]
        columns = range(self.variables)
        return frozenset(i for i in columns if any(e[i] for part in parts for e in part))

    def functions_of(self, polynomial: Polynomial) -> frozenset[str]:
        """Return the names of the functions that occur."""
        return frozenset(self.opaque[k - self.variables][0] for k in self.within(polynomial))
