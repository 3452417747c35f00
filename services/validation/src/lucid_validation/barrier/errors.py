"""Sentences for what can be wrong with a problem. The shell maps each class to one reason."""

from __future__ import annotations


class BarrierError(Exception):
    """Base of every error of this domain; the text is for the person who sent the problem."""


class ProblemInvalid(BarrierError):
    """The problem cannot be read. `field` is a path such as `unsafe.and[1]`."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.code = code
        self.message = message


class Unsupported(BarrierError):
    """The problem is readable, but no sound reduction of it exists here."""


class Quarantined(BarrierError):
    """Two methods contradict each other: nothing about this obligation may be believed."""

    def __init__(self, obligation: str, first: str, second: str) -> None:
        super().__init__(f"methods {first} and {second} contradict each other on {obligation}")
        self.obligation = obligation
        self.first = first
        self.second = second
