"""Expression trees as infix text, with as few parentheses as the grammar allows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lucid_validation.barrier.expression import (
    Call,
    Negation,
    Node,
    Number,
    Operation,
    Power,
    Variable,
)

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_OF_SYMBOL = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}
_DECIMALS_MAX = 18
NODES_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one grammar writes powers, and which functions it has (None: all)."""

    power: str
    functions: frozenset[str] | None = None


LUCID = Dialect("**")
KYX = Dialect("^", frozenset({"abs", "exp", "sin", "cos"}))


class TooLarge(Exception):
    """Written out, a tree with shared parts would have more than `NODES_MAX` nodes."""


class FunctionUnknown(Exception):
    """The dialect has no such function; `args[0]` is its name."""


def infix(node: Node, dialect: Dialect) -> str:
    """Return the expression as text; raise `FunctionUnknown` or `TooLarge`."""
    if _size(node, {}) > NODES_MAX:
        raise TooLarge(f"an expression has more than {NODES_MAX} operations when written out")
    return _text(node, dialect, _SUM)


def _size(node: Node, known: dict[int, int]) -> int:
    """Return how many nodes the tree has; shared parts are looked at once."""
    if id(node) in known:
        return known[id(node)]
    total, spine = 1, node
    # Sums and products lean left: walk that spine in a loop, not by recursion.
    while isinstance(spine, Operation):
        total += 1 + _size(spine.right, known)
        spine = spine.left
        if id(spine) in known:
            break
    match spine:
        case Operation():
            total += known[id(spine)]
        case Negation(inner) | Power(inner, _) | Call(_, inner):
            total += _size(inner, known)
    known[id(node)] = total
    return total


def number_text(value: Fraction) -> str:
    """Return a rational exactly: an integer, a short decimal, or `p/q`."""
    if value.denominator == 1:
        return str(value.numerator)
    twos, rest = _powers_of(2, value.denominator)
    fives, rest = _powers_of(5, rest)
    digits = max(twos, fives)
    if rest != 1 or digits > _DECIMALS_MAX:
        return f"{value.numerator}/{value.denominator}"
    scaled = str(abs(value.numerator) * 10**digits // value.denominator).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{scaled[:-digits]}.{scaled[-digits:]}"


def _powers_of(prime: int, value: int) -> tuple[int, int]:
    count = 0
    while value % prime == 0:
        value //= prime
        count += 1
    return count, value


def _text(node: Node, dialect: Dialect, least: int) -> str:
    text, level = _written(node, dialect)
    return text if level >= least else f"({text})"


def _unsigned(node: Node, dialect: Dialect, least: int) -> str:
    """Return what may follow an operator: a sign never does."""
    text = _text(node, dialect, least)
    return f"({text})" if text.startswith("-") else text


def _written(node: Node, dialect: Dialect) -> tuple[str, int]:
    match node:
        case Number(value):
            text = number_text(value)
            if "/" in text:
                return text, _PRODUCT
            return text, _ATOM if value >= 0 else _SIGN
        case Variable(name):
            return name, _ATOM
        case Negation(operand):
            return f"-{_unsigned(operand, dialect, _SIGN)}", _SIGN
        case Power(base, exponent):
            shown = str(exponent) if exponent >= 0 else f"({exponent})"
            return f"{_text(base, dialect, _ATOM)}{dialect.power}{shown}", _POWER
        case Call(function, argument):
            if dialect.functions is not None and function not in dialect.functions:
                raise FunctionUnknown(function)
            return f"{function}({_text(argument, dialect, _SUM)})", _ATOM
        case Operation():
            return _operation(node, dialect)


def _operation(node: Operation, dialect: Dialect) -> tuple[str, int]:
    # Sums and products lean left: walk that spine in a loop, not by recursion.
    level = _OF_SYMBOL[node.symbol]
    parts: list[str] = []
    first: Node = node
    while isinstance(first, Operation) and _OF_SYMBOL[first.symbol] == level:
        parts.append(f"{first.symbol}{_unsigned(first.right, dialect, level + 1)}")
        first = first.left
    glue = " " if level == _SUM else ""
    tail = "".join(f"{glue}{part[0]}{glue}{part[1:]}" for part in reversed(parts))
    return _text(first, dialect, level) + tail, level
