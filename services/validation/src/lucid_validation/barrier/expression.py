"""Text to syntax tree: own lexer and a Pratt parser [Pratt1973], no eval, every size bounded.

Grammar: `+ - * / ** ^`, unary signs, parentheses, exact decimals (`1.5e-3` is 3/2000), names, and
the functions of `FUNCTIONS`. Powers bind tighter than signs and associate to the right:
`-x**2 == -(x**2)`. A relation is `lhs op rhs` with op in `< <= > >= ==`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import BarrierError
from .limits import LIMITS, Limits

FUNCTIONS = frozenset({"sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs"})
RELATIONS = ("<=", ">=", "==", "<", ">")


class ExpressionInvalid(BarrierError):
    """An expression is refused: `position` in characters from 0, a `code`, and limit and value."""

    def __init__(
        self,
        code: str,
        position: int,
        message: str,
        limit: int | None = None,
        value: int | None = None,
    ) -> None:
        detail = "" if limit is None else f" (limit {limit}, found {value})"
        super().__init__(f"at character {position}: {message}{detail}")
        self.code = code
        self.position = position
        self.limit = limit
        self.value = value


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that the problem declares."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Minus the operand."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """A binary operation; `symbol` is one of `+ - * /`."""

    symbol: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Power:
    """The base to an integer exponent (negative: reciprocal)."""

    base: Node
    exponent: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `FUNCTIONS` applied to one argument."""

    function: str
    argument: Node


Node = Number | Variable | Negation | Operation | Power | Call


@dataclass(frozen=True, slots=True)
class Relation:
    """`left op right`, op one of `RELATIONS`."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<relation><=|>=|==|<|>)|(?P<symbol>\*\*|[-+*/^()])"
)
_BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "**": 40, "^": 40}
_SIGN_BINDING = 30


def parse_expression(text: str, names: frozenset[str], limits: Limits = LIMITS) -> Node:
    """Return the tree of one expression over `names`; raise `ExpressionInvalid`."""
    parser = _Parser(_tokens(text, limits), names, limits)
    node = parser.expression(0)
    parser.expect_end()
    return node


def parse_relation(text: str, names: frozenset[str], limits: Limits = LIMITS) -> Relation:
    """Return the tree of `lhs op rhs` over `names`; raise `ExpressionInvalid`."""
    parser = _Parser(_tokens(text, limits), names, limits)
    left = parser.expression(0)
    operator = parser.relation()
    right = parser.expression(0)
    parser.expect_end()
    return Relation(left, operator, right)


def _tokens(text: str, limits: Limits) -> list[_Token]:
    if len(text) > limits.characters:
        raise ExpressionInvalid(
            "TOO_LONG", limits.characters, "the text is too long", limits.characters, len(text)
        )
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionInvalid("BAD_CHARACTER", position, "this character has no meaning here")
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(_Token(kind, match.group(), position))
        if len(tokens) > limits.tokens:
            raise ExpressionInvalid(
                "TOO_MANY_TOKENS", position, "too many tokens", limits.tokens, len(tokens)
            )
        position = match.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], names: frozenset[str], limits: Limits) -> None:
        self._tokens = tokens
        self._at = 0
        self._names = names
        self._limits = limits
        self._nodes = 0
        self._depth = 0

    def expression(self, binding: int) -> Node:
        self._enter()
        left = self._prefix()
        while True:
            token = self._tokens[self._at]
            strength = _BINDING.get(token.text, -1) if token.kind == "symbol" else -1
            if strength <= binding:
                break
            self._at += 1
            left = self._infix(token, left)
        self._depth -= 1
        return left

    def relation(self) -> str:
        token = self._take()
        if token.kind != "relation":
            raise ExpressionInvalid(
                "RELATION_EXPECTED", token.position, "one of < <= > >= == is expected"
            )
        return token.text

    def expect_end(self) -> None:
        token = self._tokens[self._at]
        if token.kind != "end":
            raise ExpressionInvalid("TRAILING_TEXT", token.position, f"{token.text!r} is left over")

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise ExpressionInvalid(
                "TOO_DEEP",
                self._tokens[self._at].position,
                "nested too deeply",
                self._limits.depth,
                self._depth,
            )

    def _count(self, token: _Token) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise ExpressionInvalid(
                "TOO_MANY_NODES", token.position, "too large", self._limits.nodes, self._nodes
            )

    def _prefix(self) -> Node:
        token = self._take()
        self._count(token)
        if token.kind == "number":
            return Number(_number(token, self._limits))
        if token.kind == "name":
            return self._name(token)
        if token.text == "(":
            inner = self.expression(0)
            self._close()
            return inner
        if token.text == "-":
            return Negation(self.expression(_SIGN_BINDING))
        if token.text == "+":
            return self.expression(_SIGN_BINDING)
        raise ExpressionInvalid("OPERAND_EXPECTED", token.position, "a value is expected")

    def _name(self, token: _Token) -> Node:
        if token.text in self._names:
            return Variable(token.text)
        if token.text not in FUNCTIONS:
            raise ExpressionInvalid(
                "UNKNOWN_NAME", token.position, f"{token.text[:40]!r} is not declared"
            )
        opening = self._take()
        if opening.text != "(":
            raise ExpressionInvalid("PARENTHESIS_EXPECTED", opening.position, "( is expected")
        argument = self.expression(0)
        self._close()
        return Call(token.text, argument)

    def _close(self) -> None:
        token = self._take()
        if token.text != ")":
            raise ExpressionInvalid("PARENTHESIS_EXPECTED", token.position, ") is expected")

    def _infix(self, token: _Token, left: Node) -> Node:
        self._count(token)
        if token.text in {"**", "^"}:
            # Binding just below its own makes the power right associative.
            return Power(left, self._exponent(token, self.expression(_SIGN_BINDING)))
        return Operation(token.text, left, self.expression(_BINDING[token.text]))

    def _exponent(self, token: _Token, node: Node) -> int:
        value = _constant(node)
        if value is None or value.denominator != 1:
            raise ExpressionInvalid(
                "EXPONENT_NOT_INTEGER", token.position, "an exponent must be an integer constant"
            )
        if abs(value.numerator) > self._limits.exponent:
            raise ExpressionInvalid(
                "EXPONENT_TOO_LARGE",
                token.position,
                "the exponent is too large",
                self._limits.exponent,
                min(abs(value.numerator), 10**9),
            )
        return value.numerator


def _constant(node: Node) -> Fraction | None:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Negation):
        inner = _constant(node.operand)
        return None if inner is None else -inner
    return None


def _number(token: _Token, limits: Limits) -> Fraction:
    mantissa, _, exponent = token.text.lower().partition("e")
    size = len(mantissa) + (min(abs(int(exponent[:8])), 10**6) if exponent else 0)
    if len(exponent) > 8 or size > limits.digits:
        raise ExpressionInvalid(
            "TOO_MANY_DIGITS", token.position, "the number is too long", limits.digits, size
        )
    return Fraction(token.text)
