"""Terms and formulas of differential dynamic logic, as far as problems have them.

Terms become expression trees, formulas the JSON form of problem files (texts, `and`, `or`), with
negations pushed to the relations. Definitions are replaced by what they stand for. Binding from
loose to tight: `<->`, `->` (to the right), `|`, `&`, `!`, relations, sums, products, sign, `^`.
[Platzer2010]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from lucid_validation.barrier.expression import (
    Call,
    Negation,
    Node,
    Number,
    Operation,
    Power,
    Variable,
)

from .infix import LUCID, infix
from .kyx_tokens import Reader, Source, Token, shown

Json = Any
DEPTH_MAX = 60
NODES_MAX = 20_000
EQUIVALENCES_MAX = 8
FUNCTIONS = frozenset({"abs", "exp", "sin", "cos"})
_RELATIONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_EQUIVALENT, _IMPLIES, _OR, _AND, _NOT, _RELATION, _SUM, _PRODUCT, _SIGN, _POWER = range(1, 11)
_INFIX = {
    "<->": _EQUIVALENT,
    "->": _IMPLIES,
    "|": _OR,
    "&": _AND,
    **dict.fromkeys(_RELATIONS, _RELATION),
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "^": _POWER,
}


@dataclass(frozen=True, slots=True)
class Relation:
    """`left operator right`, the operator as in problem files, or `!=`."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True, slots=True)
class Junction:
    """`and` or `or` of formulas; without children true or false."""

    kind: str
    children: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """`[program] post`: where the program starts, the bracket that opens it, and the post."""

    start: int
    opening: Token
    post: Formula


Formula = Relation | Junction | Box
TRUE, FALSE = Junction("and", ()), Junction("or", ())


@dataclass(frozen=True, slots=True)
class Definition:
    """A named constant, function or predicate: where its body starts, None where it has none."""

    sort: str
    parameters: tuple[str, ...]
    body: int | None
    token: Token


@dataclass(slots=True)
class Scope:
    """What names mean. `used` collects the names of constants and variables that occur.

    `nodes` and `equivalences` count what was read: definitions and `<->` can multiply.
    """

    definitions: Mapping[str, Definition]
    variables: frozenset[str]
    used: set[str] = field(default_factory=set)
    nodes: int = 0
    equivalences: int = 0


class Parser:
    """Reads formulas and terms at a place of a source."""

    def __init__(
        self,
        source: Source,
        start: int,
        scope: Scope,
        bound: Mapping[str, Node | Formula] | None = None,
        depth: int = 0,
    ) -> None:
        self.reader = Reader(source, start)
        self._scope = scope
        self._bound = bound or {}
        self._depth = depth

    def formula(self) -> Formula:
        """Return the formula that starts here."""
        start = self.reader.token
        return self._as_formula(self._parse(0), start)

    def term(self) -> Node:
        """Return the term that starts here; it ends before a relation or connective."""
        start = self.reader.token
        return self._as_term(self._parse(_SUM), start)

    def _as_formula(self, value: Node | Formula, at: Token) -> Formula:
        if isinstance(value, Relation | Junction | Box):
            return value
        raise self.reader.refused("a formula is expected here, this is a term", at=at)

    def _as_term(self, value: Node | Formula, at: Token) -> Node:
        if isinstance(value, Relation | Junction | Box):
            raise self.reader.refused("a term is expected here, this is a formula", at=at)
        return value

    def _parse(self, least: int) -> Node | Formula:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self.reader.refused(f"nested more than {DEPTH_MAX} deep")
        start = self.reader.token
        left = self._prefix()
        while True:
            token = self.reader.token
            binding = _INFIX.get(token.text, 0) if token.kind == "symbol" else 0
            if binding == 0 or binding < least:
                break
            self.reader.take()
            self._count()
            right_associative = binding in {_IMPLIES, _POWER}
            right_start = self.reader.token
            if binding == _POWER:
                right = self._parse(_SIGN)
            else:
                right = self._parse(binding if right_associative else binding + 1)
            left = self._join(token, (left, start), (right, right_start))
        self._depth -= 1
        return left

    def _count(self) -> None:
        self._scope.nodes += 1
        if self._scope.nodes > NODES_MAX:
            raise self.reader.refused(f"more than {NODES_MAX} operations in one problem")

    def _join(
        self, token: Token, left: tuple[Node | Formula, Token], right: tuple[Node | Formula, Token]
    ) -> Node | Formula:
        if _INFIX[token.text] < _RELATION:
            return self._connected(token, self._as_formula(*left), self._as_formula(*right))
        first, second = self._as_term(*left), self._as_term(*right)
        if token.text in _RELATIONS:
            return Relation(first, _RELATIONS[token.text], second)
        if token.text == "^":
            return Power(first, self._exponent(second, right[1]))
        return Operation(token.text, first, second)

    def _connected(self, token: Token, left: Formula, right: Formula) -> Formula:
        if token.text == "<->":
            self._no_box(token, left, right)
            self._scope.equivalences += 1
            if self._scope.equivalences > EQUIVALENCES_MAX:
                raise self.reader.refused(f"more than {EQUIVALENCES_MAX} times <->", at=token)
            both = Junction("and", (left, right))
            return Junction("or", (both, Junction("and", (negation(left), negation(right)))))
        if token.text == "->":
            self._no_box(token, left)
            return Junction("->", (left, right))
        return Junction("and" if token.text == "&" else "or", (left, right))

    def _no_box(self, token: Token, *formulas: Formula) -> None:
        if any(has_box(formula) for formula in formulas):
            raise self.reader.refused(
                f"a modality stands where {token.text!r} would negate it",
                "only init -> [{ODE}] safe can be imported",
                at=token,
            )

    def _exponent(self, node: Node, at: Token) -> int:
        negative = isinstance(node, Negation)
        inner = node.operand if isinstance(node, Negation) else node
        if isinstance(inner, Number) and inner.value.denominator == 1:
            return int(-inner.value if negative else inner.value)
        raise self.reader.refused("an exponent must be an integer number", at=at)

    def _prefix(self) -> Node | Formula:
        token = self.reader.take()
        self._count()
        if token.kind == "number":
            return Number(Fraction(token.text))
        if token.kind == "name":
            return self._named(token)
        if token.kind == "symbol":
            found = self._symbol(token)
            if found is not None:
                return found
        if token.text == "\\":
            raise self.reader.refused(
                "a quantifier cannot be imported",
                "instantiate it, or make its variable a constant with assumptions in init",
                at=token,
            )
        raise self.reader.refused(
            f"a term or a formula is expected, found {shown(token)}", at=token
        )

    def _symbol(self, token: Token) -> Node | Formula | None:
        match token.text:
            case "(":
                inner = self._parse(0)
                self.reader.expect(")", f"the parenthesis {_at(self.reader, token)} is open")
                return inner
            case "-":
                operand_at = self.reader.token
                return Negation(self._as_term(self._parse(_SIGN), operand_at))
            case "!":
                operand_at = self.reader.token
                operand = self._as_formula(self._parse(_NOT), operand_at)
                self._no_box(token, operand)
                return negation(operand)
            case "[":
                return self._box(token)
            case "<":
                raise self.reader.refused(
                    "a diamond modality says that something can happen",
                    "only boxes, [{ODE}] safe, are safety problems",
                    at=token,
                )
            case _:
                return None

    def _box(self, opening: Token) -> Box:
        start = self.reader.place
        depth = 1
        while depth:
            token = self.reader.take()
            if token.kind == "end":
                raise self.reader.refused("the modality [ is never closed", at=opening)
            depth += {"[": 1, "]": -1}.get(token.text, 0) if token.kind == "symbol" else 0
        post_at = self.reader.token
        post = self._as_formula(self._parse(_NOT), post_at)
        return Box(start, opening, post)

    def _named(self, token: Token) -> Node | Formula:
        name = token.text
        called = self.reader.token.text == "(" and self.reader.token.kind == "symbol"
        if name in self._bound and not called:
            return self._bound[name]
        if name in {"true", "false"} and not called:
            return TRUE if name == "true" else FALSE
        definition = self._scope.definitions.get(name)
        if definition is not None:
            return self._defined(token, definition, called=called)
        if called:
            return self._call(token)
        if name in self._scope.variables:
            self._scope.used.add(name)
            return Variable(name)
        raise self.reader.refused(
            f"{name} is not declared", "list it in Definitions or ProgramVariables", at=token
        )

    def _arguments(self) -> list[tuple[Node | Formula, Token]]:
        self.reader.expect("(")
        found: list[tuple[Node | Formula, Token]] = []
        while not self.reader.skips(")"):
            if found:
                self.reader.expect(",")
            start = self.reader.token
            found.append((self._parse(0), start))
        return found

    def _call(self, token: Token) -> Node:
        if token.text not in FUNCTIONS:
            raise self.reader.refused(
                f"the function {token.text} is not defined",
                f"define it in Definitions; known are {', '.join(sorted(FUNCTIONS))}",
                at=token,
            )
        arguments = self._arguments()
        if len(arguments) != 1:
            raise self.reader.refused(f"{token.text} takes one argument", at=token)
        return Call(token.text, self._as_term(*arguments[0]))

    def _defined(self, token: Token, definition: Definition, *, called: bool) -> Node | Formula:
        arguments = self._arguments() if called else []
        if len(arguments) != len(definition.parameters):
            count = len(definition.parameters)
            raise self.reader.refused(
                f"{token.text} takes {count} arguments, found {len(arguments)}", at=token
            )
        if definition.body is None:
            if definition.parameters or definition.sort != "Real":
                raise self.reader.refused(
                    f"{token.text} has no definition", "say what it is in Definitions", at=token
                )
            self._scope.used.add(token.text)
            return Variable(token.text)
        bound = {
            name: self._as_term(*argument)
            for name, argument in zip(definition.parameters, arguments, strict=True)
        }
        inner = Parser(
            self.reader.source, definition.body, self._scope, bound, depth=self._depth + 1
        )
        value: Node | Formula = inner.formula() if definition.sort == "Bool" else inner.term()
        if inner.reader.token.text not in {";", "."}:
            raise inner.reader.refused(
                f"the definition of {token.text} goes on with {shown(inner.reader.token)}"
            )
        if isinstance(value, Junction | Box) and has_box(value):
            raise self.reader.refused("a modality in a definition cannot be imported", at=token)
        return value


def _at(reader: Reader, token: Token) -> str:
    error = reader.source.refused(token, "")
    return f"of line {error.line} column {error.column}"


def has_box(formula: Formula) -> bool:
    """Say whether a modality occurs in the formula."""
    match formula:
        case Box():
            return True
        case Junction(_, children):
            return any(has_box(child) for child in children)
        case Relation():
            return False


def negation(formula: Formula) -> Formula:
    """Return the negation, pushed to the relations. The formula has no modality."""
    match formula:
        case Relation(left, operator, right):
            return Relation(left, _OPPOSITE[operator], right)
        case Junction("->", (left, right)):
            return Junction("and", (left, negation(right)))
        case Junction(kind, children):
            return Junction("or" if kind == "and" else "and", tuple(map(negation, children)))
        case Box():
            raise AssertionError(formula)


def conjuncts(formula: Formula) -> list[Formula]:
    """Return the conjuncts of nested conjunctions in order; none for true."""
    if isinstance(formula, Junction) and formula.kind == "and":
        return [part for child in formula.children for part in conjuncts(child)]
    return [formula]


def names_in(formula: Formula) -> set[str]:
    """Return the names of variables and constants in a formula without modality."""
    match formula:
        case Relation(left, _, right):
            return term_names(left) | term_names(right)
        case Junction(_, children):
            return set().union(*map(names_in, children))
        case Box():
            raise AssertionError(formula)


def term_names(node: Node) -> set[str]:
    """Return the names in a term; shared parts are looked at once."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        match part:
            case Variable(name):
                found.add(name)
            case Negation(inner) | Call(_, inner) | Power(inner, _):
                waiting.append(inner)
            case Operation(_, left, right):
                waiting += [left, right]
    return found


def to_json(formula: Formula) -> Json:
    """Return a formula without modality in the JSON form of problem files."""
    match formula:
        case Relation(left, "!=", right):
            return {"or": [_relation(left, "<", right), _relation(left, ">", right)]}
        case Relation(left, operator, right):
            return _relation(left, operator, right)
        case Junction("->", (left, right)):
            return to_json(Junction("or", (negation(left), right)))
        case Junction(kind, children):
            return _junction(kind, children)
        case Box():
            raise AssertionError(formula)


def _relation(left: Node, operator: str, right: Node) -> str:
    return f"{infix(left, LUCID)} {operator} {infix(right, LUCID)}"


def _junction(kind: str, children: tuple[Formula, ...]) -> Json:
    neutral = TRUE if kind == "and" else FALSE
    parts: list[Json] = []
    for child in children:
        if child == neutral:
            continue
        part = to_json(child)
        same = isinstance(part, dict) and kind in part
        parts.extend(part[kind] if same else [part])
    if not parts:
        return "0 <= 0" if kind == "and" else "0 < 0"
    return parts[0] if len(parts) == 1 else {kind: parts}
