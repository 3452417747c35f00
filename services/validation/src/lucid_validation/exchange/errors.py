"""What can be wrong with a text that is exchanged: what, where, and what to do about it."""

from __future__ import annotations


class ExchangeInvalid(Exception):
    """A text cannot be read. `line` and `column` count from 1; 0 where there is no place."""

    def __init__(self, message: str, line: int = 0, column: int = 0, advice: str = "") -> None:
        where = f"line {line} column {column}: " if line else ""
        super().__init__(f"{where}{message}{'; ' if advice else ''}{advice}")
        self.line = line
        self.column = column


class NotExpressible(Exception):
    """A problem has no counterpart in the format that was asked for; the text says what to do."""
