"""An SMT-LIB 2 script over the reals as a problem whose init obligation is its emptiness.

The asserted formula F becomes `init` of a system at rest with B = 1: the obligation `init` claims
that `F and 1 > 0` has no solution, and the others are empty by themselves. PROVED then means
`unsat`, and REFUTED comes with an exact point or segment where F holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lucid_validation.barrier.expression import Call, Negation, Node, Number, Operation, Power
from lucid_validation.barrier.expression import Variable as Name

from .errors import ExchangeInvalid
from .infix import LUCID, TooLarge, infix

DEPTH_MAX = 200
NODES_MAX = 200_000
FORMULA_MAX = 20_000
_TOKEN = re.compile(
    r"(?P<space>\s+|;[^\n]*)|(?P<open>\()|(?P<close>\))|(?P<text>\"[^\"]*\")"
    r"|(?P<quoted>\|[^|]*\|)|(?P<word>[^\s()|\";]+)|(?P<other>.)"
)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_IGNORED = frozenset(
    [
        *("set-logic", "set-info", "set-option", "check-sat", "get-model", "get-value", "exit"),
        *("get-info", "get-unsat-core", "echo"),
    ]
)
_FUNCTIONS = frozenset({"sin", "cos", "exp", "tanh", "abs"})
# Total functions in SMT-LIB, with values that nobody knows where they are not defined.
_PARTIAL = frozenset({"tan", "log", "sqrt"})
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Word:
    """An atom or a list of the script, with its place."""

    text: str
    items: tuple[Word, ...] | None
    offset: int


@dataclass(frozen=True, slots=True)
class _Formula:
    """`and`/`or` of formulas, or a relation `left - right sense 0` in parts."""

    kind: str
    parts: tuple[_Formula, ...] = ()
    left: Node | None = None
    right: Node | None = None


_Value = Node | _Formula
_Scope = Mapping[str, "_Value | _Macro"]


@dataclass(frozen=True, slots=True)
class _Macro:
    parameters: tuple[str, ...]
    body: Word


def read_smt(text: str) -> dict[str, Any]:
    """Return the problem of a script; raise `ExchangeInvalid` with line and column."""
    try:
        return _Script(text).problem()
    except TooLarge as error:
        raise ExchangeInvalid(str(error)) from error


class _Script:
    def __init__(self, text: str) -> None:
        self._text = text
        self._variables: list[str] = []
        self._scope: dict[str, _Value | _Macro] = {}
        self._asserted: list[_Formula] = []
        self._nodes = 0
        for command in self._words():
            self._command(command)

    def problem(self) -> dict[str, Any]:
        """Return the problem object."""
        if not self._variables:
            raise ExchangeInvalid(
                "no real variable is declared", advice="use declare-fun x () Real"
            )
        whole = _Formula("and", tuple(self._asserted))
        if _size(whole, {}) > FORMULA_MAX:
            raise ExchangeInvalid(f"the formula has more than {FORMULA_MAX} parts when written out")
        value = _json(whole)
        return {
            "kind": "continuous",
            "vars": self._variables,
            "parameters": [],
            "dynamics": dict.fromkeys(self._variables, "0"),
            "domain": None,
            "init": {"and": [value]} if isinstance(value, str) else value,
            "unsafe": {"and": ["0 < 0"]},
            "certificate": {"type": "barrier", "expr": "1"},
            "flow_condition": "everywhere",
        }

    def _refused(self, at: int, message: str, advice: str = "") -> ExchangeInvalid:
        line = self._text.count("\n", 0, at) + 1
        column = at - (self._text.rfind("\n", 0, at) + 1) + 1
        return ExchangeInvalid(message, line, column, advice)

    def _words(self) -> list[Word]:
        """Return the commands of the script; lists are nested in a loop, not by recursion."""
        stack: list[tuple[int, list[Word]]] = [(0, [])]
        for match in _TOKEN.finditer(self._text):
            at = match.start()
            match match.lastgroup:
                case "space":
                    continue
                case "open":
                    stack.append((at, []))
                    if len(stack) > DEPTH_MAX:
                        raise self._refused(at, f"nested more than {DEPTH_MAX} deep")
                case "close":
                    if len(stack) == 1:
                        raise self._refused(at, ") closes nothing")
                    start, items = stack.pop()
                    stack[-1][1].append(Word("", tuple(items), start))
                case "other":
                    raise self._refused(at, f"{match.group()!r} cannot be read")
                case kind:
                    shown = match.group().strip("|") if kind == "quoted" else match.group()
                    stack[-1][1].append(Word(shown, None, at))
        if len(stack) > 1:
            raise self._refused(stack[-1][0], "the list that opens here is never closed")
        return stack[0][1]

    def _command(self, command: Word) -> None:
        items = command.items
        if not items:
            raise self._refused(command.offset, "a command in parentheses is expected")
        head, rest = items[0].text, items[1:]
        if head in _IGNORED:
            return
        if head in {"declare-fun", "declare-const"}:
            self._declare(command, rest, function=head == "declare-fun")
        elif head in {"define-fun", "define-const"}:
            self._define(command, rest, function=head == "define-fun")
        elif head == "assert" and len(rest) == 1:
            self._asserted.append(self._formula(rest[0], self._scope))
        else:
            raise self._refused(
                command.offset,
                f"the command {head!r} cannot be imported",
                "declare-fun, declare-const, define-fun and assert are",
            )

    def _declare(self, command: Word, rest: Sequence[Word], *, function: bool) -> None:
        if len(rest) != 2 + function or rest[-1].text != "Real" or (function and rest[1].items):
            raise self._refused(command.offset, "only real constants are declared", "sort Real")
        name = self._new(rest[0])
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        plain = plain if plain[:1].isalpha() or plain[:1] == "_" else f"v_{plain}"
        while plain in self._variables or plain in _FUNCTIONS:
            plain += "_"
        self._variables.append(plain)
        self._scope[name] = Name(plain)

    def _new(self, word: Word) -> str:
        if word.items is not None or word.text in self._scope:
            raise self._refused(word.offset, "a new name is expected here")
        return word.text

    def _define(self, command: Word, rest: Sequence[Word], *, function: bool) -> None:
        if len(rest) != 3 + function:
            raise self._refused(command.offset, "a definition has a name, a sort and a body")
        name, body = self._new(rest[0]), rest[-1]
        parameters = (rest[1].items or ()) if function else ()
        if parameters:
            names = tuple(p.items[0].text for p in parameters if p.items and len(p.items) == 2)
            if len(names) != len(parameters):
                raise self._refused(rest[1].offset, "parameters are written (name Sort)")
            self._scope[name] = _Macro(names, body)
        else:
            self._scope[name] = self._value(body, self._scope)

    def _formula(self, word: Word, scope: _Scope) -> _Formula:
        value = self._value(word, scope)
        if not isinstance(value, _Formula):
            raise self._refused(word.offset, "a formula is expected here, this is a term")
        return value

    def _term(self, word: Word, scope: _Scope) -> Node:
        value = self._value(word, scope)
        if isinstance(value, _Formula):
            raise self._refused(word.offset, "a term is expected here, this is a formula")
        return value

    def _value(self, word: Word, scope: _Scope) -> _Value:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise self._refused(word.offset, f"more than {NODES_MAX} operations")
        if word.items is None:
            return self._atom(word, scope)
        if not word.items or word.items[0].items is not None:
            raise self._refused(word.offset, "an operation is expected behind (")
        head, rest = word.items[0].text, word.items[1:]
        if head == "let" and len(rest) == 2:
            return self._let(rest, scope)
        if head == "!" and rest:
            return self._value(rest[0], scope)
        macro = scope.get(head)
        if isinstance(macro, _Macro):
            return self._applied(word, macro, rest, scope)
        if head in {"and", "or", "not", "=>", "xor"}:
            return self._connected(word, head, [self._formula(part, scope) for part in rest])
        if head in {"<", "<=", ">", ">=", "=", "distinct"}:
            return self._related(word, head, rest, scope)
        return self._computed(word, head, [self._term(part, scope) for part in rest])

    def _atom(self, word: Word, scope: _Scope) -> _Value:
        if _NUMBER.fullmatch(word.text):
            return Number(Fraction(word.text))
        if word.text in {"true", "false"}:
            return _Formula("and" if word.text == "true" else "or")
        found = scope.get(word.text)
        if found is None or isinstance(found, _Macro):
            raise self._refused(word.offset, f"{word.text} is not declared", "declare it as Real")
        return found

    def _let(self, rest: Sequence[Word], scope: _Scope) -> _Value:
        inner = dict(scope)
        for binding in rest[0].items or ():
            if not binding.items or len(binding.items) != 2:
                raise self._refused(binding.offset, "a binding is (name term)")
            inner[binding.items[0].text] = self._value(binding.items[1], scope)
        return self._value(rest[1], inner)

    def _applied(self, word: Word, macro: _Macro, rest: Sequence[Word], scope: _Scope) -> _Value:
        if len(rest) != len(macro.parameters):
            raise self._refused(word.offset, f"{len(macro.parameters)} arguments are expected")
        arguments = [self._value(part, scope) for part in rest]
        inner = {**self._scope, **dict(zip(macro.parameters, arguments, strict=True))}
        return self._value(macro.body, inner)

    def _connected(self, word: Word, head: str, parts: list[_Formula]) -> _Formula:
        if head == "not" and len(parts) == 1:
            return _negation(parts[0])
        if head in {"and", "or"}:
            return _Formula(head, tuple(parts))
        if head == "=>" and len(parts) >= 2:
            return _Formula("or", (*map(_negation, parts[:-1]), parts[-1]))
        if head == "xor" and len(parts) == 2:
            return _negation(_same(*parts))
        raise self._refused(word.offset, f"{head} has the wrong number of arguments")

    def _related(self, word: Word, head: str, rest: Sequence[Word], scope: _Scope) -> _Formula:
        values = [self._value(part, scope) for part in rest]
        formulas = [value for value in values if isinstance(value, _Formula)]
        if head == "=" and len(formulas) == len(values) == 2:
            return _same(formulas[0], formulas[1])
        nodes = [value for value in values if not isinstance(value, _Formula)]
        if formulas or len(nodes) < 2 or (head == "distinct" and len(nodes) > 2):
            raise self._refused(word.offset, f"{head} compares terms, two or more")
        found = tuple(_relation(head, left, right) for left, right in pairwise(nodes))
        return found[0] if len(found) == 1 else _Formula("and", found)

    def _computed(self, word: Word, head: str, parts: list[Node]) -> Node:
        if head in _FUNCTIONS and len(parts) == 1:
            return Call(head, parts[0])
        if head == "to_real" and len(parts) == 1:
            return parts[0]
        if head == "-" and len(parts) == 1:
            return Negation(parts[0])
        if head in {"+", "*", "-", "/"} and parts and (head in "+*" or len(parts) > 1):
            if head == "/" and any(_constant(part) in {None, 0} for part in parts[1:]):
                # In SMT-LIB x / 0 may be anything: such a formula has more solutions than ours.
                raise self._refused(
                    word.offset,
                    "division by what may be zero cannot be imported",
                    "multiply it out, with the sign of the divisor",
                )
            total = parts[0]
            for part in parts[1:]:
                total = Operation(head, total, part)
            return total
        if head in {"^", "pow"} and len(parts) == 2:
            exponent = _integer(parts[1])
            if exponent is not None:
                return Power(parts[0], exponent)
            raise self._refused(word.offset, "an exponent must be an integer number")
        raise self._refused(
            word.offset,
            f"the operation {head!r} cannot be imported",
            f"write {head} as a new variable with its defining relation"
            if head in _PARTIAL
            else f"polynomials and {', '.join(sorted(_FUNCTIONS))} are",
        )


def _constant(node: Node) -> Fraction | None:
    """Return the value of a number or of a quotient of numbers."""
    match node:
        case Number(value):
            return value
        case Negation(inner):
            size = _constant(inner)
            return None if size is None else -size
        case Operation("/", left, right):
            over, under = _constant(left), _constant(right)
            return over / under if over is not None and under else None
        case _:
            return None


def _integer(node: Node) -> int | None:
    sign = -1 if isinstance(node, Negation) else 1
    inner = node.operand if isinstance(node, Negation) else node
    if isinstance(inner, Number) and inner.value.denominator == 1:
        return sign * int(inner.value)
    return None


def _relation(head: str, left: Node, right: Node) -> _Formula:
    if head == "distinct":
        return _Formula("or", (_relation("<", left, right), _relation(">", left, right)))
    return _Formula("==" if head == "=" else head, (), left, right)


def _same(left: _Formula, right: _Formula) -> _Formula:
    both = _Formula("and", (left, right))
    return _Formula("or", (both, _Formula("and", (_negation(left), _negation(right)))))


def _size(formula: _Formula, known: dict[int, int]) -> int:
    """Return how many parts the formula has; shared parts are looked at once."""
    if id(formula) not in known:
        known[id(formula)] = 1 + sum(_size(part, known) for part in formula.parts)
    return known[id(formula)]


def _negation(formula: _Formula) -> _Formula:
    """Return the negation, pushed to the relations."""
    if _size(formula, {}) > FORMULA_MAX:
        raise TooLarge(f"a negated formula has more than {FORMULA_MAX} parts when written out")
    return _pushed(formula)


def _pushed(formula: _Formula) -> _Formula:
    match formula:
        case _Formula("and" | "or" as kind, parts):
            return _Formula("or" if kind == "and" else "and", tuple(map(_pushed, parts)))
        case _Formula("==", _, left, right) if left is not None and right is not None:
            return _relation("distinct", left, right)
        case _Formula(kind, _, left, right):
            return _Formula(_OPPOSITE[kind], (), left, right)


def _json(formula: _Formula) -> Any:
    if formula.left is not None and formula.right is not None:
        return f"{infix(formula.left, LUCID)} {formula.kind} {infix(formula.right, LUCID)}"
    neutral = [p for p in formula.parts if not (p.kind == formula.kind and not p.parts)]
    if not neutral:
        return "0 <= 0" if formula.kind == "and" else "0 < 0"
    parts: list[Any] = []
    for child in neutral:
        part = _json(child)
        same = isinstance(part, dict) and formula.kind in part
        parts.extend(part[formula.kind] if same else [part])
    return parts[0] if len(parts) == 1 else {formula.kind: parts}
