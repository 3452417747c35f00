"""Expanded form: polynomials in the variables and in opaque terms f(a) and 1/a.

An opaque term stands for one function of one expanded argument; the same function of the same
argument is the same term, so that terms that cancel are gone. Monomials have `variables` exponents
followed by one exponent per slot for an opaque term (no slots where the problem needs none).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from lucid_checker.limits import Refused, Work
from lucid_checker.parse import Node
from lucid_checker.polynomial import (
    Polynomial,
    add,
    as_constant,
    constant_polynomial,
    multiply,
    negate,
    power,
)

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
        return constant_polynomial(value, self.width)

    def generator(self, index: int) -> Polynomial:
        """Return the variable or opaque term with this index."""
        return {tuple(int(i == index) for i in range(self.width)): Fraction(1)}

    def times(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """Return the product."""
        return multiply(left, right, self.work)

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

    def expand(self, node: Node) -> Polynomial:
        """Return the expanded form of a parsed expression."""
        parts = [self.expand(argument) for argument in node.args]
        if node.kind == "num":
            return self.constant(node.number)
        if node.kind == "var":
            return self.generator(node.index)
        if node.kind == "fn":
            return self.apply(node.name, parts[0])
        if node.kind == "pow":
            return power(parts[0], node.index, self.width, self.work)
        result = parts[0]
        if node.kind == "neg":
            return negate(result)
        if node.kind == "div":
            return self.times(result, self.apply(RECIPROCAL, parts[1]))
        if node.kind == "prod":
            for part in parts[1:]:
                result = self.times(result, part)
            return result
        return self.sum(parts)

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
        for k in self._used(polynomial):
            name, argument = self.opaque[k - self.variables]
            inner = self.derivative(argument, variable)
            if inner:
                outer = self.times(self._partial(polynomial, k), self._slope(name, argument, k))
                result = add(result, self.times(outer, inner))
        return result

    def _used(self, polynomial: Polynomial) -> list[int]:
        return [
            k
            for k in range(self.variables, self.variables + len(self.opaque))
            if any(exponents[k] for exponents in polynomial)
        ]

    def _partial(self, polynomial: Polynomial, index: int) -> Polynomial:
        self.work.spend(4 * len(polynomial))
        return {
            (*exponents[:index], exponents[index] - 1, *exponents[index + 1 :]): (
                value * exponents[index]
            )
            for exponents, value in polynomial.items()
            if exponents[index]
        }

    def _slope(self, name: str, argument: Polynomial, index: int) -> Polynomial:
        term = self.generator(index)
        square = self.times(term, term)
        if name == "sin":
            return self.apply("cos", argument)
        if name == "cos":
            return negate(self.apply("sin", argument))
        if name == "tan":
            return add(self.constant(1), square)
        if name == "tanh":
            return add(self.constant(1), square, -1)
        if name == "exp":
            return term
        if name == "log":
            return self.apply(RECIPROCAL, argument)
        if name == RECIPROCAL:
            return negate(square)
        if name == "sqrt":
            return self.times(self.constant(Fraction(1, 2)), self.apply(RECIPROCAL, term))
        raise Refused(f"{name} has no derivative here")

    def rate(self, polynomial: Polynomial, dynamics: Mapping[int, Polynomial]) -> Polynomial:
        """Return dB/dt = sum of dB/dx_i * f_i along the flow (the Lie derivative)."""
        parts = [
            self.times(self.derivative(polynomial, i), rate)
            for i, rate in sorted(dynamics.items())
            if rate
        ]
        return self.sum(parts)

    def compose(self, polynomial: Polynomial, images: Sequence[Polynomial]) -> Polynomial:
        """Return the polynomial with variable i replaced by images[i], inside opaque terms too."""
        substituted = dict(enumerate(images))
        for k in self._used(polynomial):
            name, argument = self.opaque[k - self.variables]
            substituted[k] = self.apply(name, self.compose(argument, images))
        powers: dict[tuple[int, int], Polynomial] = {}
        parts = []
        for exponents, value in polynomial.items():
            part = self.constant(value)
            for i, exponent in enumerate(exponents):
                if exponent and (i, exponent) not in powers:
                    raised = power(substituted[i], exponent, self.width, self.work)
                    powers[i, exponent] = raised
                if exponent:
                    part = self.times(part, powers[i, exponent])
            parts.append(part)
        return self.sum(parts)

    def plain(self, polynomial: Polynomial) -> Polynomial | None:
        """Return the polynomial over the variables alone, None if an opaque term is left."""
        n = self.variables
        if any(any(exponents[n:]) for exponents in polynomial):
            return None
        return {exponents[:n]: value for exponents, value in polynomial.items()}

    def widen(self, polynomial: Polynomial) -> Polynomial:
        """Return a polynomial over the variables alone as one of this ring."""
        rest = (0,) * (self.width - self.variables)
        return {exponents + rest: value for exponents, value in polynomial.items()}

    def variables_of(self, polynomial: Polynomial) -> frozenset[int]:
        """Return the indices of the variables that occur, also inside opaque terms."""
        found = {i for i in range(self.variables) if any(exponents[i] for exponents in polynomial)}
        for k in self._used(polynomial):
            found |= self.variables_of(self.opaque[k - self.variables][1])
        return frozenset(found)

    def functions_of(self, polynomial: Polynomial) -> frozenset[str]:
        """Return the names of the functions that occur."""
        found: set[str] = set()
        for k in self._used(polynomial):
            name, argument = self.opaque[k - self.variables]
            found |= {name} | self.functions_of(argument)
        return frozenset(found)
