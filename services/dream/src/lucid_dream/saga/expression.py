"""Arithmetic of a seed's model: parse its text once, then enclose its value again and again.

The monitor needs the barrier at a measured point with a sensor's error, so values are float
intervals rounded outward: the true value is always inside. No `eval`, and every limit is named.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

TEXT_MAX = 20_000
DEPTH_MAX = 100
EXPONENT_MAX = 64

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(\*\*|[-+*/^(),]))")
_INFINITE = (-math.inf, math.inf)

Interval = tuple[float, float]


class ExpressionInvalid(Exception):
    """The text is not an expression of the grammar, or passes a limit."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Symbol:
    """A variable or parameter by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator (`+ - * / neg`), a power (`pow`, with `exponent`) or a function, applied."""

    operator: str
    operands: tuple["Expression", ...]
    exponent: int = 0


Expression = Number | Symbol | Apply

FUNCTIONS = frozenset({"sin", "cos", "tan", "exp", "log", "sqrt", "tanh"})


def parse_expression(text: str) -> Expression:
    """Parse `+ - * / ** ^`, parentheses, exact decimals, names and the elementary functions.

    Raises:
        ExpressionInvalid: The text is outside the grammar or beyond a limit.
    """
    if len(text) > TEXT_MAX:
        raise ExpressionInvalid(f"expression has {len(text)} characters, at most {TEXT_MAX}")
    parser = _Parser(_tokens(text))
    expression = parser.sum(0)
    if parser.peek() != "":
        raise ExpressionInvalid(f"unexpected {parser.peek()!r}")
    return expression


def names_of(expression: Expression) -> frozenset[str]:
    """Return the names that occur in the expression."""
    match expression:
        case Number():
            return frozenset()
        case Symbol(name):
            return frozenset({name})
        case Apply(_, operands):
            return frozenset().union(*(names_of(o) for o in operands))


def enclose(expression: Expression, box: Mapping[str, Interval]) -> Interval:
    """Return an interval that contains the expression's value at every point of the box.

    Raises:
        ExpressionInvalid: A name has no interval in the box.
    """
    match expression:
        case Number(value):
            return _outward(float(value), float(value))
        case Symbol(name):
            if name not in box:
                raise ExpressionInvalid(f"{name} has no value")
            return box[name]
        case Apply(operator, operands, exponent):
            return _apply(operator, [enclose(o, box) for o in operands], exponent)


def _tokens(text: str) -> list[str]:
    tokens = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionInvalid(f"unexpected {text[position : position + 10]!r}")
        tokens.append(match.group(0).strip())
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent over tokens; the depth is counted so that hostile nesting ends early."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise ExpressionInvalid(f"{token!r} is missing")

    def sum(self, depth: int) -> Expression:
        if depth > DEPTH_MAX:
            raise ExpressionInvalid(f"nested deeper than {DEPTH_MAX}")
        left = self._product(depth)
        while self.peek() in ("+", "-"):
            left = Apply(self._take(), (left, self._product(depth)))
        return left

    def _product(self, depth: int) -> Expression:
        left = self._signed(depth)
        while self.peek() in ("*", "/"):
            left = Apply(self._take(), (left, self._signed(depth)))
        return left

    def _signed(self, depth: int) -> Expression:
        if depth > DEPTH_MAX:
            raise ExpressionInvalid(f"nested deeper than {DEPTH_MAX}")
        if self.peek() == "-":
            self._take()
            return Apply("neg", (self._signed(depth + 1),))
        if self.peek() == "+":
            self._take()
            return self._signed(depth + 1)
        return self._power(depth)

    def _power(self, depth: int) -> Expression:
        left = self._atom(depth)
        if self.peek() not in ("**", "^"):
            return left
        self._take()
        exponent = self._take()
        if not exponent.isdecimal() or int(exponent) > EXPONENT_MAX:
            raise ExpressionInvalid(f"exponent must be an integer of at most {EXPONENT_MAX}")
        return Apply("pow", (left,), int(exponent))

    def _atom(self, depth: int) -> Expression:
        token = self._take()
        if token == "(":  # noqa: S105 - a parenthesis, not a password
            inside = self.sum(depth + 1)
            self._expect(")")
            return inside
        if token[:1].isdigit() or token[:1] == ".":
            return Number(Fraction(token))
        if not (token[:1].isalpha() or token[:1] == "_"):
            raise ExpressionInvalid(f"unexpected {token!r}" if token else "the text ends early")
        if self.peek() != "(":
            return Symbol(token)
        if token not in FUNCTIONS:
            raise ExpressionInvalid(f"{token} is not a function")
        self._take()
        argument = self.sum(depth + 1)
        self._expect(")")
        return Apply(token, (argument,))


def _outward(lower: float, upper: float) -> Interval:
    if math.isnan(lower) or math.isnan(upper):
        return _INFINITE
    return math.nextafter(lower, -math.inf), math.nextafter(upper, math.inf)


def _apply(operator: str, values: list[Interval], exponent: int) -> Interval:
    first = values[0]
    match operator:
        case "+":
            return _outward(first[0] + values[1][0], first[1] + values[1][1])
        case "-":
            return _outward(first[0] - values[1][1], first[1] - values[1][0])
        case "*":
            return _times(first, values[1])
        case "/":
            return _divide(first, values[1])
        case "neg":
            return -first[1], -first[0]
        case "pow":
            return _power(first, exponent)
        case _:
            return _function(operator, first)


def _times(a: Interval, b: Interval) -> Interval:
    products = [x * y for x in a for y in b]
    if any(math.isnan(p) for p in products):
        return _INFINITE
    return _outward(min(products), max(products))


def _divide(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0.0 <= b[1]:
        return _INFINITE
    quotients = [x / y for x in a for y in b]
    return _outward(min(quotients), max(quotients))


def _power(a: Interval, exponent: int) -> Interval:
    if exponent == 0:
        return 1.0, 1.0
    # An even power of an interval that crosses zero is at least zero: more than a product knows.
    if exponent % 2 == 0:
        least = 0.0 if a[0] <= 0.0 <= a[1] else min(abs(a[0]), abs(a[1]))
        a = (least, max(abs(a[0]), abs(a[1])))
    result = a
    for _ in range(exponent - 1):
        result = _times(result, a)
    return (max(0.0, result[0]), result[1]) if exponent % 2 == 0 else result


def _function(name: str, a: Interval) -> Interval:
    match name:
        case "exp":
            lower, upper = _monotone(_exp, a)
            return max(0.0, lower), upper
        case "tanh":
            return _monotone(math.tanh, a)
        case "sqrt":
            return _INFINITE if a[0] < 0.0 else _monotone(math.sqrt, a)
        case "log":
            return _INFINITE if a[0] <= 0.0 else _monotone(math.log, a)
        case "tan":
            # Poles make a tight enclosure long; nothing known is sound, and the monitor then stops.
            return _INFINITE
        case _:
            return _wave(math.sin if name == "sin" else math.cos, a)


def _exp(x: float) -> float:
    return math.inf if x > 709.0 else math.exp(x)


def _monotone(function: Callable[[float], float], a: Interval) -> Interval:
    lower, upper = function(a[0]), function(a[1])
    slack = 4e-16 * max(abs(lower), abs(upper), 1e-300)
    return _outward(lower - slack, upper + slack)


def _wave(function: Callable[[float], float], a: Interval) -> Interval:
    # |f(x) - f(middle)| <= |x - middle|: one value and the width enclose the whole interval.
    if not math.isfinite(a[0]) or not math.isfinite(a[1]):
        return -1.0, 1.0
    middle = (a[0] + a[1]) / 2
    value, radius = function(middle), (a[1] - a[0]) / 2 + 1e-12
    return max(-1.0, value - radius), min(1.0, value + radius)
