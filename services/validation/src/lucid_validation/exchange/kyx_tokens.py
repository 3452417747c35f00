"""Text of a KeYmaera X archive to tokens with their places; nothing is refused yet.

A character that the grammar does not know becomes a token of kind `other`, so that proof tactics,
which are skipped, may hold anything. [Platzer2010]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import ExchangeInvalid

CHARACTERS_MAX = 4_000_000

_TOKEN = re.compile(
    r"(?P<space>[\s\ufeff]+|/\*.*?\*/|//[^\n]*)"
    r'|(?P<string>"[^"]*")'
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<symbol><->|<=|>=|!=|->|:=|::=|\+\+|<|>|=|[-+*/^()\[\]{}&|!,;.'@?:])"
    r"|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `offset` in characters from 0. Kind `end` stands after the last one."""

    kind: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text and its tokens."""

    text: str
    tokens: tuple[Token, ...]

    def refused(self, token: Token, message: str, advice: str = "") -> ExchangeInvalid:
        """Return the error that names the token's line and column."""
        line = self.text.count("\n", 0, token.offset) + 1
        column = token.offset - (self.text.rfind("\n", 0, token.offset) + 1) + 1
        return ExchangeInvalid(message, line, column, advice)


def tokens_of(text: str) -> Source:
    """Return the tokens of an archive; comments and spaces are gone."""
    if len(text) > CHARACTERS_MAX:
        raise ExchangeInvalid(f"the text has {len(text)} characters (limit {CHARACTERS_MAX})")
    found = [
        Token(str(match.lastgroup), match.group(), match.start())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    return Source(text, (*found, Token("end", "", len(text))))


class Reader:
    """A place in the tokens of a source."""

    def __init__(self, source: Source, start: int = 0) -> None:
        self.source = source
        self._at = start

    @property
    def token(self) -> Token:
        """The next token; of kind `end` behind the last."""
        return self.source.tokens[self._at]

    @property
    def place(self) -> int:
        """The number of the next token."""
        return self._at

    def ahead(self, count: int = 1) -> Token:
        """Return the token `count` behind the next one."""
        return self.source.tokens[min(self._at + count, len(self.source.tokens) - 1)]

    def take(self) -> Token:
        """Return the next token and go on behind it."""
        token = self.token
        if token.kind != "end":
            self._at += 1
        return token

    def skips(self, text: str) -> bool:
        """Go on behind the next token if it is this one; say whether it was."""
        if self.token.kind in {"symbol", "name"} and self.token.text == text:
            self.take()
            return True
        return False

    def expect(self, text: str, advice: str = "") -> Token:
        """Return the next token, which must be this one."""
        token = self.token
        if not self.skips(text):
            raise self.refused(f"{text!r} is expected, found {shown(token)}", advice)
        return token

    def expect_kind(self, kind: str, what: str) -> Token:
        """Return the next token, which must be of this kind."""
        if self.token.kind != kind:
            raise self.refused(f"{what} is expected, found {shown(self.token)}")
        return self.take()

    def refused(
        self, message: str, advice: str = "", *, at: Token | None = None
    ) -> ExchangeInvalid:
        """Return the error that names the place of a token (the next one)."""
        return self.source.refused(at or self.token, message, advice)


def shown(token: Token) -> str:
    """Return a token for a sentence."""
    return "the end of the text" if token.kind == "end" else repr(token.text[:40])
