"""Texts of expressions and relations, straight to expanded form; nothing is evaluated as Python.

Grammar (as in Python): sum = product (('+'|'-') product)*; product = unary (('*'|'/') unary)*;
unary = ('+'|'-') unary | power; power = atom (('**'|'^') unary)?;
atom = number | name | function(sum) | (sum). Numbers are exact decimals.
Exponents are constant integers.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from lucid_checker.document import Json
from lucid_checker.limits import (
    DECIMAL_EXPONENT_MAX,
    DIGITS_MAX,
    EXPONENT_MAX,
    EXPRESSION_CHARS_MAX,
    NESTING_MAX,
)
from lucid_checker.polynomial import Polynomial, as_constant, negate
from lucid_checker.ring import RECIPROCAL, Ring

FUNCTIONS = frozenset({"sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs"})
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/^()]))"
)
_RELATION = re.compile(r"<=|>=|==|!=|<|>|=")


def expand(text: str, names: Mapping[str, int], ring: Ring, node: Json) -> Polynomial:
    """Return the expanded form of the expression in `text`; `names` are indices of generators."""
    parser = _Parser(text, names, ring, node)
    result = parser.sum()
    if parser.at != len(parser.tokens):
        raise node.refuse(f"unexpected {parser.peek()!r} at token {parser.at}")
    return result


def sides(text: str, node: Json) -> tuple[str, str, str]:
    """Return (left, right, relation) such that the text says left - right relation 0."""
    relations = _RELATION.findall(text)
    if len(relations) != 1 or relations[0] not in ("<", "<=", ">", ">=", "=="):
        raise node.refuse("exactly one of < <= > >= == is needed")
    left, right = text.split(relations[0])
    if relations[0] in ("<", "<="):
        return right, left, relations[0].replace("<", ">")
    return left, right, relations[0]


def decimal(value: str, node: Json) -> Fraction:
    """Return an exact decimal such as 1.25e-3."""
    mantissa, _, exponent = value.lower().partition("e")
    if len(mantissa) > DIGITS_MAX or len(exponent) > 5:
        raise node.refuse(f"more than {DIGITS_MAX} digits")
    if abs(int(exponent or 0)) > DECIMAL_EXPONENT_MAX:
        raise node.refuse(f"a decimal exponent beyond {DECIMAL_EXPONENT_MAX}")
    return Fraction(value)


class _Parser:
    def __init__(self, text: str, names: Mapping[str, int], ring: Ring, node: Json) -> None:
        self.names, self.ring, self.node, self.at, self.depth = names, ring, node, 0, 0
        self.tokens: list[tuple[str, str]] = []
        end, position = len(text.rstrip()), 0
        if end > EXPRESSION_CHARS_MAX:
            raise node.refuse(f"more than {EXPRESSION_CHARS_MAX} characters")
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

    def enter(self) -> None:
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise self.node.refuse(f"nested deeper than {NESTING_MAX}")

    def sum(self) -> Polynomial:
        self.enter()
        terms = [self.product()]
        while self.peek() in ("+", "-"):
            minus = self.take()[1] == "-"
            term = self.product()
            terms.append(negate(term) if minus else term)
        self.depth -= 1
        return terms[0] if len(terms) == 1 else self.ring.sum(terms)

    def product(self) -> Polynomial:
        result = self.unary()
        while self.peek() in ("*", "/"):
            divides = self.take()[1] == "/"
            factor = self.unary()
            factor = self.ring.apply(RECIPROCAL, factor) if divides else factor
            result = self.ring.times(result, factor)
        return result

    def unary(self) -> Polynomial:
        if self.peek() not in ("+", "-"):
            return self.power()
        minus = self.take()[1] == "-"
        self.enter()
        inner = self.unary()
        self.depth -= 1
        return negate(inner) if minus else inner

    def power(self) -> Polynomial:
        base = self.atom()
        if self.peek() not in ("**", "^"):
            return base
        self.take()
        self.enter()
        start = self.at
        exponent = as_constant(self.unary())
        self.depth -= 1
        if exponent is None or any(kind == "name" for kind, _ in self.tokens[start : self.at]):
            raise self.node.refuse("a constant is needed here")
        if exponent.denominator != 1 or abs(exponent) > EXPONENT_MAX:
            raise self.node.refuse(f"an exponent is not an integer up to {EXPONENT_MAX}")
        power = self.ring.power(base, abs(int(exponent)))
        return power if exponent >= 0 else self.ring.apply(RECIPROCAL, power)

    def atom(self) -> Polynomial:
        kind, value = self.take()
        if kind == "number":
            return self.ring.constant(decimal(value, self.node))
        if kind == "name" and value in self.names:
            return self.ring.generator(self.names[value])
        if value in FUNCTIONS:
            self.take("(")
        elif value != "(":
            raise self.node.refuse(f"{value[:80]!r} is not a variable or value")
        inner = self.sum()
        self.take(")")
        return inner if value == "(" else self.ring.apply(value, inner)
