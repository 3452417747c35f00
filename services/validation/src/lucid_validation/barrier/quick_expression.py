"""A short way from the text of a small polynomial to its expanded form, without a tree.

It reads a part of the grammar of `expression` and gives the same polynomial; for everything else
(functions, errors, what could pass a limit) it answers None, and the careful way decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flint import fmpq

from .polynomial import Polynomial

_CHARACTERS_MAX = 4_000
_NUMBER_CHARACTERS_MAX = 60
_EXPONENT_MAX = 12
_DEPTH_MAX = 40
_TERMS_MAX = 400
_TOKEN = re.compile(
    r"([0-9]+(?:\.[0-9]*)?(?![0-9.eE])|\.[0-9]+(?![0-9.eE]))"
    r"|([A-Za-z_][A-Za-z_0-9]*)|(\*\*|[-+*/^()]|<=|>=|==|<|>)|([^ \t\r\n])"
)
_RELATIONS = frozenset({"<=", ">=", "==", "<", ">"})
_ZERO = fmpq(0)

Value = Any  # fmpq or a polynomial over the variables


class _Unusual(Exception):
    """The careful way must look at this."""


def read_expression(text: str, variables: Mapping[str, Polynomial]) -> Value | None:
    """Return the polynomial (or the rational) that the text stands for; None: not for this way."""
    reader = _reader(text, variables)
    if reader is None:
        return None
    try:
        value = reader.sum(0)
    except _Unusual:
        return None
    return value if reader.token() == "" else None


def read_relation(
    text: str, variables: Mapping[str, Polynomial]
) -> tuple[Value, str, Value] | None:
    """Return (left, operator, right); None: not for this way."""
    reader = _reader(text, variables)
    if reader is None:
        return None
    try:
        left = reader.sum(0)
        operator = reader.token()
        reader.at += 1
        if operator not in _RELATIONS:
            return None
        right = reader.sum(0)
    except _Unusual:
        return None
    return (left, operator, right) if reader.token() == "" else None


def _reader(text: str, variables: Mapping[str, Polynomial]) -> _Reader | None:
    if len(text) > _CHARACTERS_MAX:
        return None
    tokens = _TOKEN.findall(text)
    if any(token[3] for token in tokens):
        return None
    return _Reader(tokens, variables)


class _Reader:
    """Recursive descent that computes at once; `at` is the next token."""

    __slots__ = ("_tokens", "_variables", "at")

    def __init__(
        self, tokens: list[tuple[str, str, str, str]], variables: Mapping[str, Polynomial]
    ) -> None:
        self._tokens = tokens
        self._variables = variables
        self.at = 0

    def token(self) -> str:
        """Return the next token if it is an operator or a relation, "" at the end."""
        return self._tokens[self.at][2] if self.at < len(self._tokens) else ""

    def sum(self, depth: int) -> Value:
        """Read terms joined by + and -."""
        if depth > _DEPTH_MAX:
            raise _Unusual
        value = self._product(depth)
        while (symbol := self.token()) in ("+", "-") and symbol:
            self.at += 1
            other = self._product(depth)
            value = value + other if symbol == "+" else value - other
        if self.at < len(self._tokens) and not self._tokens[self.at][2]:
            raise _Unusual
        return value

    def _product(self, depth: int) -> Value:
        value = self._signed(depth)
        while (symbol := self.token()) in ("*", "/") and symbol:
            self.at += 1
            other = self._signed(depth)
            if symbol == "*":
                value = _times(value, other)
            elif isinstance(other, fmpq) and other != 0:
                value = value / other if isinstance(value, fmpq) else value * (1 / other)
            else:
                raise _Unusual
        return value

    def _signed(self, depth: int) -> Value:
        """A sign binds weaker than a power and stronger than a product."""
        negative = False
        while (symbol := self.token()) in ("+", "-") and symbol:
            self.at += 1
            negative ^= symbol == "-"
        value = self._power(depth)
        return -value if negative else value

    def _power(self, depth: int) -> Value:
        value = self._atom(depth)
        if self.token() not in ("**", "^"):
            return value
        self.at += 1
        if self.at >= len(self._tokens):
            raise _Unusual
        digits = self._tokens[self.at][0]
        self.at += 1
        if not digits.isdigit() or len(digits) > 2 or int(digits) > _EXPONENT_MAX:
            raise _Unusual
        if self.token() in ("**", "^"):
            raise _Unusual
        if (
            not isinstance(value, fmpq)
            and len(value) > 1
            and len(value) ** int(digits) > _TERMS_MAX
        ):
            raise _Unusual
        return value ** int(digits)

    def _atom(self, depth: int) -> Value:
        if self.at >= len(self._tokens):
            raise _Unusual
        number, name, symbol, _ = self._tokens[self.at]
        self.at += 1
        if number:
            return _number(number)
        if name:
            found = self._variables.get(name)
            if found is None:
                raise _Unusual
            return found
        if symbol != "(":
            raise _Unusual
        value = self.sum(depth + 1)
        if self.token() != ")":
            raise _Unusual
        self.at += 1
        return value


def _times(left: Value, right: Value) -> Value:
    if not isinstance(left, fmpq) and not isinstance(right, fmpq):
        if len(left) * len(right) > _TERMS_MAX:
            raise _Unusual
        if left.total_degree() + right.total_degree() > 4 * _EXPONENT_MAX:
            raise _Unusual
    return left * right


def _number(text: str) -> Any:
    if len(text) > _NUMBER_CHARACTERS_MAX:
        raise _Unusual
    whole, _, decimals = text.partition(".")
    if not decimals:
        return fmpq(int(whole))
    return fmpq(int(whole + decimals), 10 ** len(decimals))
