"""Texts of expressions and relations, straight to expanded form; nothing is evaluated as Python.

Grammar (as in Python): sum = product (('+'|'-') product)*; product = unary (('*'|'/') unary)*;
unary = ('+'|'-') unary | power; power = atom (('**'|'^') unary)?;
atom = number | name | function(sum) | (sum). Numbers are exact decimals.
Exponents are constant integers.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from lucid_checker import limits
from lucid_checker.algebra import RECIPROCAL, Polynomial, Ring
from lucid_checker.document import Json
from lucid_checker.formula import Atom

FUNCTIONS = frozenset({"sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs"})
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/^()]))"
)
_RELATION = re.compile(r"<=|>=|==|!=|<|>|=")


def expand(text: str, names: Mapping[str, Polynomial], ring: Ring, node: Json) -> Polynomial:
    """Return the expanded form of the expression in `text`; `names` are what names stand for."""
    parser = _Parser(text, names, ring, node)
    result = parser.sum()
    if parser.at != len(parser.tokens):
        raise node.refuse(f"unexpected {parser.peek()!r} at token {parser.at}")
    return result


def relation(text: str, names: Mapping[str, Polynomial], ring: Ring, node: Json) -> Atom:
    """Return the constraint that a text `lhs op rhs` says."""
    found = _RELATION.findall(text)
    if len(found) != 1 or found[0] not in ("<", "<=", ">", ">=", "=="):
        raise node.refuse("exactly one of < <= > >= == is needed")
    left, right = (expand(side, names, ring, node) for side in text.split(found[0]))
    if found[0] in ("<", "<="):
        left, right = right, left
    return Atom(left - right, found[0].replace("<", ">"))


def decimal(value: str, node: Json) -> Fraction:
    """Return an exact decimal such as 1.25e-3."""
    mantissa, _, exponent = value.lower().partition("e")
    if len(mantissa) > limits.DIGITS_MAX or len(exponent) > 5:
        raise node.refuse(f"more than {limits.DIGITS_MAX} digits")
    if abs(int(exponent or 0)) > limits.DECIMAL_EXPONENT_MAX:
        raise node.refuse(f"a decimal exponent beyond {limits.DECIMAL_EXPONENT_MAX}")
    return Fraction(value)


class _Parser:
    def __init__(self, text: str, names: Mapping[str, Polynomial], ring: Ring, node: Json) -> None:
        self.names, self.ring, self.node, self.at, self.depth = names, ring, node, 0, 0
        self.tokens: list[tuple[str, str]] = []
        end, position = len(text.rstrip()), 0
        if end > limits.EXPRESSION_CHARS_MAX:
            raise node.refuse(f"more than {limits.EXPRESSION_CHARS_MAX} characters")
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise node.refuse(f"unexpected character at position {position}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> tuple[str, str]:
        if self.at >= len(self.tokens) or (expected and self.peek() != expected):
            raise self.node.refuse(f"expected {expected or 'a value'} at token {self.at}")
        self.at += 1
        return self.tokens[self.at - 1]

    def sum(self) -> Polynomial:
        self.depth += 1
        if self.depth > limits.NESTING_MAX:
            raise self.node.refuse(f"nested deeper than {limits.NESTING_MAX}")
        terms = [self.product()]
        while self.peek() in ("+", "-"):
            sign = -1 if self.take()[1] == "-" else 1
            terms.append(self.product() * sign)
        self.depth -= 1
        return self.ring.sum(terms)

    def product(self) -> Polynomial:
        result = self.unary()
        while self.peek() in ("*", "/"):
            divides = self.take()[1] == "/"
            factor = self.unary()
            result *= self.ring.apply(RECIPROCAL, factor) if divides else factor
        return result

    def unary(self) -> Polynomial:
        sign = 1
        while self.peek() in ("+", "-"):
            sign *= -1 if self.take()[1] == "-" else 1
        result = self.power()
        return result if sign > 0 else -result

    def power(self) -> Polynomial:
        base = self.atom()
        if self.peek() not in ("**", "^"):
            return base
        self.take()
        start = self.at
        self.depth += 1
        exponent = self.unary().constant() if self.depth < limits.NESTING_MAX else None
        self.depth -= 1
        if exponent is None or any(kind == "name" for kind, _ in self.tokens[start : self.at]):
            raise self.node.refuse("a constant is needed here")
        if exponent.denominator != 1 or abs(exponent) > limits.EXPONENT_MAX:
            raise self.node.refuse(f"an exponent is not an integer up to {limits.EXPONENT_MAX}")
        power = base ** abs(int(exponent))
        return power if exponent >= 0 else self.ring.apply(RECIPROCAL, power)

    def atom(self) -> Polynomial:
        kind, value = self.take()
        if kind == "number":
            return self.ring.constant(decimal(value, self.node))
        if value in self.names:
            return self.names[value]
        if value in FUNCTIONS:
            self.take("(")
        elif value != "(":
            raise self.node.refuse(f"{value[:80]!r} is not a variable or value")
        inner = self.sum()
        self.take(")")
        return inner if value == "(" else self.ring.apply(value, inner)
