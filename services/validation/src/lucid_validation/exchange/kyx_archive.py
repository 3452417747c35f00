"""The sections of a KeYmaera X archive: entries with declarations and a problem.

Proof tactics are skipped. Both generations of the format are read: sections and declarations may
end in `.` or `;`, sorts may be `R` or `Real`. [Platzer2010]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import ExchangeInvalid
from .kyx_formula import FUNCTIONS, Definition
from .kyx_tokens import Reader, Source, Token, shown, tokens_of

ENTRIES_MAX = 2_000
_ENTRY = frozenset({"ArchiveEntry", "Lemma", "Theorem", "Exercise"})
_NOTES = frozenset({"Description", "Title", "Author", "Citation", "Link", "See", "Illustration"})
_DECLARING = frozenset({"Definitions", "Functions", "SharedDefinitions", "ProgramVariables"})
_SKIPPED = frozenset({"Tactic", "Solution"})
_IMPORTED = FUNCTIONS | {"kyx", "math"}
_SORTS = {"R": "Real", "Real": "Real", "B": "Bool", "Bool": "Bool", "HP": "HP"}


@dataclass(slots=True)
class Entry:
    """One entry: what it declares, and where its problem starts."""

    name: str
    token: Token
    definitions: dict[str, Definition] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    problem: int | None = None
    refusal: ExchangeInvalid | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """A source and its entries."""

    source: Source
    entries: tuple[Entry, ...]


def read_archive(text: str) -> Archive:
    """Return the entries of an archive; raise `ExchangeInvalid` where its frame is broken."""
    source = tokens_of(text)
    reader = Reader(source)
    shared: dict[str, Definition] = {}
    entries: list[Entry] = []
    while reader.token.kind != "end":
        word = reader.token
        if word.text == "SharedDefinitions":
            entry = Entry("", word, shared)
            _section(reader, entry)
        elif word.text in _ENTRY:
            entries.append(_entry(reader, shared))
        elif word.text in _DECLARING | {"Problem"}:
            entries.append(_bare(reader, shared))
        else:
            raise reader.refused(
                f"ArchiveEntry is expected, found {shown(word)}",
                "a KeYmaera X file starts with ArchiveEntry, Definitions, or Problem",
            )
        if len(entries) > ENTRIES_MAX:
            raise ExchangeInvalid(f"more than {ENTRIES_MAX} entries")
    if not entries:
        raise ExchangeInvalid("there is no entry", advice="an archive has ArchiveEntry … End.")
    return Archive(source, tuple(entries))


def _entry(reader: Reader, shared: dict[str, Definition]) -> Entry:
    word = reader.take()
    if reader.skips("/"):
        reader.take()
    name = reader.expect_kind("string", "the entry's name in quotes").text.strip('"')
    reader.skips(".")
    entry = Entry(name, word, dict(shared))
    while reader.token.text != "End":
        _section(reader, entry)
    _end(reader, f"the entry {name!r}")
    return entry


def _bare(reader: Reader, shared: dict[str, Definition]) -> Entry:
    entry = Entry("", reader.token, dict(shared))
    while reader.token.kind != "end" and reader.token.text not in _ENTRY:
        _section(reader, entry)
    return entry


def _section(reader: Reader, entry: Entry) -> None:
    word = reader.take()
    if word.text in _NOTES:
        entry.notes[word.text.lower()] = reader.expect_kind("string", "a text").text.strip('"')
        reader.skips(".")
    elif word.text in _DECLARING:
        reader.skips(".")
        _declarations(reader, entry, word)
    elif word.text == "Problem":
        reader.skips(".")
        entry.problem = reader.place
        _skip_to_end(reader, word)
    elif word.text in _SKIPPED:
        _skip_to_end(reader, word)
    else:
        known = ", ".join(sorted(_DECLARING | {"Problem", "Tactic"}))
        raise reader.refused(
            f"a section is expected, found {shown(word)}", f"known are {known}", at=word
        )


def _declarations(reader: Reader, entry: Entry, word: Token) -> None:
    try:
        while reader.token.text != "End":
            _declaration(reader, entry, moving=word.text == "ProgramVariables")
    except ExchangeInvalid as error:
        # This entry is lost; the archive's others need not be.
        entry.refusal = entry.refusal or error
        _skip_to_end(reader, word)
    else:
        _end(reader, word.text)


def _skip_to_end(reader: Reader, opening: Token) -> None:
    while not (reader.token.text == "End" and reader.ahead().text == "."):
        if reader.take().kind == "end":
            raise reader.refused(f"{opening.text} has no End.", at=opening)
    _end(reader, opening.text)


def _end(reader: Reader, what: str) -> None:
    reader.expect("End", f"{what} ends with End.")
    reader.expect(".", f"{what} ends with End.")


def _import(reader: Reader, opening: Token) -> None:
    """Skip `import kyx.math.{abs,exp};` where every function is known here."""
    while not reader.skips(";"):
        token = reader.take()
        if token.kind == "end" or (token.kind == "name" and token.text not in _IMPORTED):
            raise reader.refused(
                f"{shown(token)} cannot be imported from another file",
                f"write its definition out; known are {', '.join(sorted(FUNCTIONS))}",
                at=opening,
            )


def _declaration(reader: Reader, entry: Entry, *, moving: bool) -> None:
    sort_token = reader.take()
    if sort_token.text == "import":
        _import(reader, sort_token)
        return
    sort = _SORTS.get(sort_token.text)
    if sort is None:
        raise reader.refused(
            f"a declaration is expected, found {shown(sort_token)}",
            "declarations start with Real, Bool or HP",
            at=sort_token,
        )
    while True:
        name = reader.expect_kind("name", "a name")
        if name.text in entry.definitions or name.text in entry.variables:
            raise reader.refused(f"{name.text} is declared twice", at=name)
        if moving:
            if sort != "Real":
                raise reader.refused("a program variable is Real", at=sort_token)
            entry.variables.append(name.text)
        else:
            parameters = tuple(_parameters(reader))
            entry.definitions[name.text] = Definition(sort, parameters, _body(reader), name)
        if not reader.skips(","):
            break
    if not (reader.skips(";") or reader.skips(".")):
        raise reader.refused(f"; is expected behind a declaration, found {shown(reader.token)}")


def _parameters(reader: Reader) -> Iterator[str]:
    if not reader.skips("("):
        return
    while not reader.skips(")"):
        sort = reader.take()
        if sort.text not in {"R", "Real"}:
            raise reader.refused("only parameters of sort Real can be imported", at=sort)
        if reader.token.kind == "name":
            yield reader.take().text
        else:
            raise reader.refused("a parameter needs a name: Real f(Real x) = …")
        reader.skips(",")


def _body(reader: Reader) -> int | None:
    """Return where the body of a definition starts, and go on behind it."""
    if not any(reader.skips(sign) for sign in ("=", "<->", "::=")):
        return None
    start, depth = reader.place, 0
    while depth or reader.token.text not in {";", ".", ","}:
        token = reader.take()
        if token.kind == "end" or (depth == 0 and token.text == "End"):
            raise reader.refused("the definition does not end with ;", at=token)
        if token.kind == "symbol":
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token.text, 0)
    return start
