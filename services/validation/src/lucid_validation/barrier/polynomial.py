"""Exact polynomials over variables and opaque terms (function applications), on python-flint.

A polynomial is an `fmpq_mpoly`. `Ring` owns its context: the variables first, then slots for
opaque terms `f(a)`, equal function and equal expanded argument sharing one slot, so that equal
function applications cancel like variables do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from .errors import BarrierError, Unsupported
from .expression import Call, Negation, Node, Number, Operation, Power, Variable
from .limits import LIMITS, Limits

Polynomial = Any  # flint.fmpq_mpoly: the library ships no types
Exponents = tuple[int, ...]
INVERSE = "inverse"


class PolynomialTooLarge(BarrierError):
    """Expansion would pass a named limit."""

    def __init__(self, limit: str, allowed: int, value: int) -> None:
        super().__init__(f"the expanded polynomial passes {limit} (limit {allowed}, found {value})")
        self.limit = limit
        self.allowed = allowed
        self.value = value


class DivisionByZero(BarrierError):
    """A divisor expands to the constant zero."""


def context_of(names: Sequence[str]) -> Any:
    """Return the polynomial context of these names; exponent tuples follow their order."""
    # Generators are named by place: a variable may be called anything, flint must not mind.
    return fmpq_mpoly_ctx.get(tuple(f"x{i}" for i in range(len(names))), Ordering.degrevlex)


def rational(value: Fraction | int) -> Any:
    """Return a Python rational as `fmpq`."""
    value = Fraction(value)
    return fmpq(value.numerator, value.denominator)


def fraction(value: Any) -> Fraction:
    """Return an `fmpq` as a Python rational."""
    return Fraction(int(value.p), int(value.q))


def terms(polynomial: Polynomial) -> dict[Exponents, Fraction]:
    """Return the polynomial as exponents -> coefficient."""
    return {
        tuple(int(k) for k in exponents): fraction(value)
        for exponents, value in polynomial.to_dict().items()
    }


def constant_value(polynomial: Polynomial) -> Fraction | None:
    """Return the value of a constant polynomial, else None."""
    if not polynomial.is_constant():
        return None
    items = list(polynomial.to_dict().values())
    return fraction(items[0]) if items else Fraction(0)


class Ring:
    """Expands trees over `variables`. With `opaque` there are slots for function applications."""

    def __init__(
        self, variables: Sequence[str], *, opaque: bool = False, limits: Limits = LIMITS
    ) -> None:
        self.variables = tuple(variables)
        self.limits = limits
        self._slots = limits.opaque_terms if opaque else 0
        names = [*self.variables, *(f"opaque {k}" for k in range(self._slots))]
        self.context = context_of(names)
        self.generators = tuple(self.context.gens())
        self.plain_context = context_of(self.variables)
        self.opaque_terms: list[tuple[str, Polynomial]] = []
        self._index = {name: i for i, name in enumerate(self.variables)}
        self.by_name = dict(zip(self.variables, self.generators, strict=False))

    def constant(self, value: Fraction | int) -> Polynomial:
        """Return a constant of this ring."""
        return self.context.constant(rational(value))

    def lift(self, value: Any) -> Polynomial:
        """Return a polynomial of this ring, or a rational as a constant of it."""
        return self.context.constant(value) if isinstance(value, fmpq) else value

    def from_terms(self, values: Mapping[Exponents, Fraction]) -> Polynomial:
        """Return the polynomial of exponents (variables, then opaque terms) -> coefficient."""
        return self.context.from_dict({e: rational(q) for e, q in values.items()})

    def expand(self, node: Node) -> Polynomial:
        """Return the expanded form of a tree; raise when a limit would be passed."""
        # Sums and products lean left: walk that spine in a loop, not by recursion.
        spine: list[Operation] = []
        while isinstance(node, Operation):
            spine.append(node)
            node = node.left
        value = self._leaf(node)
        for operation in reversed(spine):
            value = self._combine(operation.symbol, value, self.expand(operation.right))
        return value

    def _leaf(self, node: Node) -> Polynomial:
        match node:
            case Number(value):
                return self.constant(value)
            case Variable(name):
                return self.generators[self._index[name]]
            case Negation(operand):
                return -self.expand(operand)
            case Power(base, exponent):
                return self.power(self.expand(base), exponent)
            case Call(function, argument):
                return self._call(function, self.expand(argument))
            case _:
                raise AssertionError(node)

    def _combine(self, symbol: str, left: Polynomial, right: Polynomial) -> Polynomial:
        if symbol == "+":
            return left + right
        if symbol == "-":
            return left - right
        return self.multiply(left, right if symbol == "*" else self._reciprocal(right))

    def multiply(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """Return the product, refusing one that would pass the limits."""
        self._check("terms", len(left) * len(right), self.limits.terms * 8)
        result = left * right
        self._check("terms", len(result), self.limits.terms)
        if len(result):
            self._check("degree", int(result.total_degree()), self.limits.degree)
        return result

    def power(self, base: Polynomial, exponent: int) -> Polynomial:
        """Return an integer power, refusing one that would pass the limits."""
        if exponent < 0:
            return self.power(self._reciprocal(base), -exponent)
        self._check("coefficient_bits", _bits(base) * exponent, self.limits.coefficient_bits)
        if len(base) > 1:
            self._check("degree", int(base.total_degree()) * exponent, self.limits.degree)
            bound = comb(len(base) + exponent - 1, exponent)
            self._check("terms", bound, self.limits.terms * 8)
        elif len(base) == 1:
            self._check("degree", int(base.total_degree()) * exponent, self.limits.degree)
        return base**exponent

    def _check(self, name: str, value: int, allowed: int) -> None:
        if value > allowed:
            raise PolynomialTooLarge(name, allowed, value)

    def _reciprocal(self, divisor: Polynomial) -> Polynomial:
        value = constant_value(divisor)
        if value is None:
            return self._opaque(INVERSE, divisor)
        if value == 0:
            raise DivisionByZero("division by zero")
        return self.constant(1 / value)

    def _call(self, function: str, argument: Polynomial) -> Polynomial:
        value = constant_value(argument)
        if value is not None:
            exact = _exact_value(function, value)
            if exact is not None:
                return self.constant(exact)
        return self._opaque(function, argument)

    def _opaque(self, function: str, argument: Polynomial) -> Polynomial:
        for slot, known in enumerate(self.opaque_terms):
            if known == (function, argument):
                return self.generators[len(self.variables) + slot]
        slot = len(self.opaque_terms)
        self._check("opaque terms", slot + 1, self._slots)
        self.opaque_terms.append((function, argument))
        return self.generators[len(self.variables) + slot]

    @property
    def is_always_plain(self) -> bool:
        """Whether the ring has no slots for opaque terms."""
        return not self._slots

    def is_plain(self, polynomial: Polynomial) -> bool:
        """Say whether no opaque term is left in the polynomial."""
        return not self._slots or all(
            degree <= 0 for degree in polynomial.degrees()[len(self.variables) :]
        )

    def plain(self, polynomial: Polynomial) -> Polynomial:
        """Return a polynomial without opaque terms in the context of the variables alone."""
        if not self._slots:
            return polynomial
        count = len(self.variables)
        return self.plain_context.from_dict(
            {exponents[:count]: value for exponents, value in polynomial.to_dict().items()}
        )

    def functions_of(self, polynomial: Polynomial) -> frozenset[str]:
        """Return the functions that occur in the polynomial, also inside each other."""
        found: set[str] = set()
        for degree, known in zip(
            polynomial.degrees()[len(self.variables) :], self.opaque_terms, strict=False
        ):
            if degree > 0:
                found |= {known[0]} | self.functions_of(known[1])
        return frozenset(found)

    def arguments_of(self, polynomial: Polynomial) -> list[Polynomial]:
        """Return the arguments of the opaque terms that occur, the outermost only."""
        degrees = polynomial.degrees()[len(self.variables) :]
        return [
            argument
            for degree, (_, argument) in zip(degrees, self.opaque_terms, strict=False)
            if degree > 0
        ]

    def mentions(self, polynomial: Polynomial, places: Iterable[int]) -> bool:
        """Say whether one of these variables (by place) occurs, also inside of functions."""
        chosen, degrees = list(places), polynomial.degrees()
        return any(degrees[k] > 0 for k in chosen) or any(
            self.mentions(argument, chosen) for argument in self.arguments_of(polynomial)
        )

    def substitute(self, polynomial: Polynomial, values: Mapping[int, Fraction]) -> Polynomial:
        """Return the polynomial with numbers for some variables (by place), not in functions."""
        found: dict[Exponents, Fraction] = {}
        for exponents, coefficient in terms(polynomial).items():
            kept, value = list(exponents), coefficient
            for place, number in values.items():
                value *= number ** kept[place]
                kept[place] = 0
            found[tuple(kept)] = found.get(tuple(kept), Fraction(0)) + value
        return self.from_terms(found)

    def derivative(self, polynomial: Polynomial, variable: int) -> Polynomial:
        """Return the total derivative by one variable, through opaque terms."""
        total = polynomial.derivative(variable)
        for slot, (function, argument) in enumerate(list(self.opaque_terms)):
            generator = len(self.variables) + slot
            outer = polynomial.derivative(generator)
            if len(outer):
                inner = self.derivative(argument, variable)
                if len(inner):
                    factor = self._derivative_of(function, argument, self.generators[generator])
                    total += self.multiply(outer, self.multiply(factor, inner))
        return total

    def _derivative_of(self, function: str, argument: Polynomial, value: Polynomial) -> Polynomial:
        match function:
            case "sin":
                return self._call("cos", argument)
            case "cos":
                return -self._call("sin", argument)
            case "tan":
                return 1 + value**2
            case "exp":
                return value
            case "log":
                return self._reciprocal(argument)
            case "sqrt":
                return self._reciprocal(value) * fmpq(1, 2)
            case "tanh":
                return 1 - value**2
            case "inverse":
                return -(value**2)
            case _:
                raise Unsupported(f"the derivative of {function} is needed, and it has none")

    def lie_derivative(self, polynomial: Polynomial, field: Mapping[str, Polynomial]) -> Polynomial:
        """Return sum_i dp/dx_i * f_i, the rate of p along the flow of `field`."""
        total = self.constant(0)
        for index, name in enumerate(self.variables):
            if len(field[name]):
                partial = self.derivative(polynomial, index)
                if len(partial):
                    total += self.multiply(partial, field[name])
        return total

    def compose(self, polynomial: Polynomial, images: Mapping[str, Polynomial]) -> Polynomial:
        """Return p(f(x)): every variable replaced by its image, opaque terms included."""
        replacements = [images[name] for name in self.variables]
        used = polynomial.degrees()[len(self.variables) :]
        for slot in range(self._slots):
            if slot < len(self.opaque_terms) and used[slot] > 0:
                function, argument = self.opaque_terms[slot]
                inner = self.compose(argument, images)
                replacements.append(
                    self._reciprocal(inner) if function == INVERSE else self._call(function, inner)
                )
            else:
                replacements.append(self.constant(0))
        degree = int(polynomial.total_degree()) if len(polynomial) else 0
        inner_degree = max((int(r.total_degree()) for r in replacements if len(r)), default=0)
        self._check("degree", degree * inner_degree, self.limits.degree)
        result = polynomial.compose(*replacements, ctx=self.context)
        self._check("terms", len(result), self.limits.terms)
        return result


def _bits(polynomial: Polynomial) -> int:
    """Return the largest bit length of a numerator or denominator."""
    values = polynomial.to_dict().values()
    return max((max(int(q.p).bit_length(), int(q.q).bit_length()) for q in values), default=0)


def _exact_value(function: str, argument: Fraction) -> Fraction | None:
    """Return f(a) where it is rational for an obvious reason."""
    if function == "abs":
        return abs(argument)
    if argument == 0 and function in {"sin", "tan", "tanh", "sqrt"}:
        return Fraction(0)
    if argument == 0 and function in {"cos", "exp"}:
        return Fraction(1)
    if argument == 1 and function in {"sqrt", "log"}:
        return Fraction(int(function == "sqrt"))
    return None
