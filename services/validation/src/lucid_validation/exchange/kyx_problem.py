"""A KeYmaera X archive as problem objects: `init -> [{x'=f(x) & domain}@invariant(..)] safe`.

Annotated invariants become differential cuts, in order. Constants without a value become
parameters; assumptions of init that speak about constants alone hold for all time, so they also
become part of the domain. `unsafe` is the negation of the postcondition. [Platzer2010]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lucid_validation.barrier.expression import Node

from .errors import ExchangeInvalid
from .infix import LUCID, TooLarge, infix
from .kyx_archive import Archive, Entry, read_archive
from .kyx_formula import (
    Box,
    Formula,
    Junction,
    Parser,
    Scope,
    conjuncts,
    has_box,
    names_in,
    negation,
    to_json,
)
from .kyx_tokens import Reader, Token, shown

Json = dict[str, Any]
_WANTED = "only init -> [{ODE & domain}@invariant(…)] safe can be imported"
_OUTSIDE = {
    ":=": "an assignment",
    "?": "a test",
    "++": "a choice",
    "*": "a loop",
    ";": "a sequence of programs",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one entry: a problem object, or why there is none."""

    name: str
    problem: Json | None
    refusal: ExchangeInvalid | None


@dataclass(frozen=True, slots=True)
class _Flow:
    rates: dict[str, Node]
    domain: Formula
    cuts: tuple[Formula, ...]


def read_kyx(text: str, *, append_safe: bool = False) -> list[Imported]:
    """Return what came of each entry of an archive, in order.

    With `append_safe` the postcondition becomes the last cut: a published proof often ends by
    showing that it is invariant itself. Raises `ExchangeInvalid` if the archive's frame is broken.
    """
    archive = read_archive(text)
    found: list[Imported] = []
    taken: set[str] = set()
    for number, entry in enumerate(archive.entries, start=1):
        name = entry.name or f"entry {number}"
        try:
            problem = _problem(archive, entry, append_safe=append_safe)
        except ExchangeInvalid as error:
            found.append(Imported(name, None, error))
            continue
        except TooLarge as error:
            refusal = archive.source.refused(entry.token, str(error))
            found.append(Imported(name, None, refusal))
            continue
        identity = _identity(name, taken)
        taken.add(identity)
        found.append(Imported(name, {"id": identity, **problem}, None))
    return found


def _identity(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "entry"
    identity, count = plain, 1
    while identity in taken:
        count += 1
        identity = f"{plain}-{count}"
    return identity


def _problem(archive: Archive, entry: Entry, *, append_safe: bool) -> Json:
    source = archive.source
    if entry.refusal is not None:
        raise entry.refusal
    if entry.problem is None:
        raise source.refused(entry.token, "the entry has no Problem", "add Problem … End.")
    scope = Scope(entry.definitions, frozenset(entry.variables))
    parser = Parser(source, entry.problem, scope)
    formula = parser.formula()
    if parser.reader.token.text != "End":
        raise parser.reader.refused(
            f"the problem goes on with {shown(parser.reader.token)}", "it ends with End."
        )
    assumptions, box = _split(source.tokens[entry.problem], formula, parser)
    flow = _program(box, archive, scope)
    if has_box(box.post):
        raise source.refused(box.opening, "the postcondition has a modality", _WANTED)
    cuts = [*flow.cuts, *([box.post] if append_safe else [])]
    return _object(entry, scope, (assumptions, flow, box.post), cuts)


def _split(at: Token, formula: Formula, parser: Parser) -> tuple[list[Formula], Box]:
    """Return the assumptions and the box of `A -> (B -> [..]..)`."""
    assumptions: list[Formula] = []
    while isinstance(formula, Junction) and formula.kind == "->":
        assumption, formula = formula.children
        if has_box(assumption):
            raise parser.reader.refused("a modality among the assumptions", _WANTED, at=at)
        assumptions.extend(conjuncts(assumption))
    if isinstance(formula, Box):
        return assumptions, formula
    if has_box(formula):
        raise parser.reader.refused(
            "a modality stands inside of a larger formula",
            "put the postcondition in parentheses: [{…}](P & Q); " + _WANTED,
            at=at,
        )
    raise parser.reader.refused("the problem has no [{…}]", _WANTED, at=at)


def _program(box: Box, archive: Archive, scope: Scope) -> _Flow:
    """Read the program of a box: one differential equation, with its annotations."""
    reader = Reader(archive.source, box.start)
    parenthesised = 0
    while reader.token.text == "{" and reader.ahead().text == "{":
        reader.take()
        parenthesised += 1
    if reader.token.text != "{" or reader.ahead(2).text != "'":
        raise _outside(reader)
    reader.take()
    rates: dict[str, Node] = {}
    while True:
        name = reader.expect_kind("name", "a variable")
        if name.text not in scope.variables:
            raise reader.refused(
                f"{name.text} is not listed in ProgramVariables", "declare it there", at=name
            )
        if name.text in rates:
            raise reader.refused(f"{name.text}' stands twice in one equation", at=name)
        reader.expect("'")
        reader.expect("=")
        parser = Parser(archive.source, reader.place, scope)
        rates[name.text] = parser.term()
        reader = parser.reader
        if not reader.skips(","):
            break
    domain: Formula = Junction("and", ())
    if reader.skips("&"):
        parser = Parser(archive.source, reader.place, scope)
        domain, reader = parser.formula(), parser.reader
    cuts: list[Formula] = []
    for _ in range(parenthesised + 1):
        if reader.token.text != "}":
            raise _outside(reader)
        reader.take()
        reader, found = _annotations(reader, archive, scope)
        cuts.extend(found)
    if reader.token.text == ";" and reader.ahead().text == "]":
        reader.take()
    if reader.token.text != "]":
        raise _outside(reader)
    if has_box(domain) or any(has_box(cut) for cut in cuts):
        raise reader.refused("a modality inside of the program", _WANTED, at=box.opening)
    return _Flow(rates, domain, tuple(cuts))


def _annotations(reader: Reader, archive: Archive, scope: Scope) -> tuple[Reader, list[Formula]]:
    cuts: list[Formula] = []
    while reader.skips("@"):
        word = reader.expect_kind("name", "invariant")
        if word.text != "invariant":
            raise reader.refused(
                f"the annotation @{word.text} cannot be imported", "use @invariant(…)", at=word
            )
        reader.expect("(")
        while True:
            parser = Parser(archive.source, reader.place, scope)
            cuts.append(parser.formula())
            reader = parser.reader
            if not reader.skips(","):
                break
        reader.expect(")", "@invariant(…) has formulas separated by commas")
    return reader, cuts


def _outside(reader: Reader) -> ExchangeInvalid:
    """Return the error that names what this program is beyond one differential equation."""
    at = reader.token
    depth = 0
    scan = Reader(reader.source, reader.place)
    while scan.token.kind != "end" and depth >= 0:
        token = scan.token
        if token.text in _OUTSIDE and (token.text != "*" or scan.ahead(-1).text in {"}", ")"}):
            return reader.refused(f"{_OUTSIDE[token.text]} cannot be imported", _WANTED, at=token)
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        scan.take()
    return reader.refused(f"one differential equation is expected, found {shown(at)}", _WANTED)


def _object(
    entry: Entry,
    scope: Scope,
    parts: tuple[list[Formula], _Flow, Formula],
    cuts: Sequence[Formula],
) -> Json:
    init, flow, post = parts
    moving = [name for name in entry.variables if name in flow.rates]
    still = [name for name in entry.variables if name in scope.used and name not in flow.rates]
    still += [name for name in entry.definitions if name in scope.used]
    lasting = [part for part in init if names_in(part) <= set(still) and names_in(part)]
    domain = [part for formula in (flow.domain, *lasting) for part in conjuncts(formula)]
    dynamics = {name: infix(rate, LUCID) for name, rate in flow.rates.items()}
    found: Json = {
        "kind": "continuous",
        "vars": [*moving, *still],
        "parameters": still,
        "dynamics": {name: dynamics.get(name, "0") for name in (*moving, *still)},
        "domain": [to_json(part) for part in domain] or None,
        "init": {"and": [to_json(part) for part in init] or ["0 <= 0"]},
        "unsafe": _set(negation(post)),
        "certificate": None,
        "flow_condition": None,
    }
    if cuts:
        found["certificate"] = {"type": "invariant", "cuts": [_set(cut) for cut in cuts]}
        found["flow_condition"] = "invariant"
    notes = {key: value for key, value in entry.notes.items() if value}
    return {**found, "source": {"entry": entry.name, **notes}}


def _set(formula: Formula) -> Any:
    value = to_json(formula)
    return {"and": [value]} if isinstance(value, str) else value
