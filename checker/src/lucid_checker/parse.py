"""Lexer and parser of expressions and formulas; nothing is ever evaluated as Python.

Grammar (as in Python): sum = product (('+'|'-') product)*; product = unary (('*'|'/') unary)*;
unary = ('+'|'-') unary | power; power = atom (('**'|'^') unary)?;
atom = number | name | function(sum) | (sum). Numbers are exact decimals.
Exponents are constant integers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_checker.limits import (
    DECIMAL_EXPONENT_MAX,
    DIGITS_MAX,
    EXPONENT_MAX,
    EXPRESSION_CHARS_MAX,
    NESTING_MAX,
    Refused,
)

FUNCTIONS = frozenset({"sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs"})
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/^()]))"
)
_RELATION = re.compile(r"<=|>=|==|!=|<|>|=")


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One operation of an expression; compared by identity, so that it can be a memo key.

    `kind` is num, var, sum, neg, prod, div, pow or fn; `index` is the variable or the exponent.
    """

    kind: str
    args: tuple["Node", ...] = ()
    number: Fraction = Fraction(0)
    index: int = 0
    name: str = ""


def number(value: Fraction | int) -> Node:
    """Return the constant expression."""
    return Node("num", number=Fraction(value))


class _Parser:
    def __init__(self, text: str, variables: Sequence[str], path: str) -> None:
        self.path, self.variables, self.at, self.depth = path, variables, 0, 0
        self.tokens: list[tuple[str, str]] = []
        end = len(text.rstrip())
        if end > EXPRESSION_CHARS_MAX:
            raise Refused(f"{path}: more than {EXPRESSION_CHARS_MAX} characters")
        position = 0
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise Refused(f"{path}: unexpected character at position {position}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> tuple[str, str]:
        if self.at >= len(self.tokens) or (expected and self.peek() != expected):
            raise Refused(f"{self.path}: expected {expected or 'a value'} at token {self.at}")
        self.at += 1
        return self.tokens[self.at - 1]

    def enter(self) -> None:
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise Refused(f"{self.path}: nested deeper than {NESTING_MAX}")

    def sum(self) -> Node:
        self.enter()
        terms = [self.product()]
        while self.peek() in ("+", "-"):
            sign = self.take()[1]
            term = self.product()
            terms.append(Node("neg", (term,)) if sign == "-" else term)
        self.depth -= 1
        return terms[0] if len(terms) == 1 else Node("sum", tuple(terms))

    def product(self) -> Node:
        factors, quotients = [self.unary()], 0
        while self.peek() in ("*", "/"):
            sign = self.take()[1]
            factor = self.unary()
            if sign == "*":
                factors.append(factor)
                continue
            quotients += 1
            if quotients > NESTING_MAX:
                raise Refused(f"{self.path}: more than {NESTING_MAX} divisions in a row")
            factors = [Node("div", (_product(factors), factor))]
        return _product(factors)

    def unary(self) -> Node:
        if self.peek() not in ("+", "-"):
            return self.power()
        sign = self.take()[1]
        self.enter()
        inner = self.unary()
        self.depth -= 1
        return Node("neg", (inner,)) if sign == "-" else inner

    def power(self) -> Node:
        base = self.atom()
        if self.peek() not in ("**", "^"):
            return base
        self.take()
        self.enter()
        exponent = constant(self.unary(), self.path)
        self.depth -= 1
        if exponent.denominator != 1 or abs(exponent) > EXPONENT_MAX:
            raise Refused(f"{self.path}: an exponent is not an integer up to {EXPONENT_MAX}")
        power = Node("pow", (base,), index=abs(int(exponent)))
        return power if exponent >= 0 else Node("div", (number(1), power))

    def atom(self) -> Node:
        kind, value = self.take()
        if kind == "number":
            return number(decimal(value, self.path))
        if kind == "name" and value in FUNCTIONS:
            self.take("(")
            argument = self.sum()
            self.take(")")
            return Node("fn", (argument,), name=value)
        if kind == "name":
            if value not in self.variables:
                raise Refused(f"{self.path}: {value[:80]!r} is not a variable")
            return Node("var", index=self.variables.index(value))
        if value != "(":
            raise Refused(f"{self.path}: unexpected {value!r} at token {self.at - 1}")
        inner = self.sum()
        self.take(")")
        return inner


def _product(factors: list[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Node("prod", tuple(factors))


def decimal(value: str, path: str) -> Fraction:
    """Return an exact decimal such as 1.25e-3."""
    mantissa, _, exponent = value.lower().partition("e")
    if len(mantissa) > DIGITS_MAX or len(exponent) > 5:
        raise Refused(f"{path}: more than {DIGITS_MAX} digits")
    if abs(int(exponent or 0)) > DECIMAL_EXPONENT_MAX:
        raise Refused(f"{path}: a decimal exponent beyond {DECIMAL_EXPONENT_MAX}")
    return Fraction(value)


def constant(node: Node, path: str) -> Fraction:
    """Return the value of an expression without variables and functions."""
    values = [constant(argument, path) for argument in node.args]
    if node.kind in ("var", "fn"):
        raise Refused(f"{path}: a constant is needed here")
    if node.kind == "div":
        if values[1] == 0:
            raise Refused(f"{path}: division by zero")
        return values[0] / values[1]
    if node.kind == "pow":
        if values[0].numerator.bit_length() + values[0].denominator.bit_length() > 4096:
            raise Refused(f"{path}: a constant is too long")
        return values[0] ** node.index
    if node.kind == "prod":
        result = Fraction(1)
        for value in values:
            result *= value
        return result
    if node.kind == "num":
        return node.number
    return sum(values, Fraction(0)) * (-1 if node.kind == "neg" else 1)


def parse_expression(text: Any, variables: Sequence[str], path: str) -> Node:
    """Return the expression in `text` over `variables`."""
    if not isinstance(text, str):
        raise Refused(f"{path}: not an expression")
    parser = _Parser(text, variables, path)
    node = parser.sum()
    if parser.at != len(parser.tokens):
        raise Refused(f"{path}: unexpected {parser.peek()!r} at token {parser.at}")
    return node


def parse_relation(text: str, variables: Sequence[str], path: str) -> tuple[Node, Node, str]:
    """Return (left, right, relation) such that the text says left - right relation 0."""
    relations = _RELATION.findall(text)
    if len(relations) != 1 or relations[0] not in ("<", "<=", ">", ">=", "=="):
        raise Refused(f"{path}: exactly one of < <= > >= == is needed")
    relation = relations[0]
    left, right = (parse_expression(side, variables, path) for side in text.split(relation))
    if relation in ("<", "<="):
        return right, left, relation.replace("<", ">")
    return left, right, relation
