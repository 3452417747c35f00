"""Evidence of obligations decided before, found again by what they say.

The key of an obligation is its mathematics after expansion: the variables and the constraints of
every case. So a problem in which only the unsafe set changed has only that obligation to decide.
What is found here is a proposal: it becomes a verdict only through the checker, like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from typing import Final

from .cases import Emptiness
from .methods.evidence import Json

CHARACTERS_MAX: Final = 16_000_000
"""Evidence kept at most, all entries together; the one not used for longest goes first."""
ENTRY_CHARACTERS_MAX: Final = 400_000


class Remembered:
    """Evidence by the content of its obligation, within a limit of characters."""

    def __init__(self, characters_max: int = CHARACTERS_MAX) -> None:
        self._texts: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._characters_max = characters_max
        self._characters = 0

    def find(self, obligation: Emptiness) -> tuple[Json, str] | None:
        """Return (evidence, methods that found it) of an obligation that says the same, if any."""
        key = key_of(obligation)
        if key is None or key not in self._texts:
            return None
        self._texts.move_to_end(key)
        text, methods = self._texts[key]
        entry: Json = json.loads(text)
        return entry, methods

    def keep(self, obligation: Emptiness, entry: Json, methods: str) -> None:
        """Keep evidence that the checker accepted."""
        key = key_of(obligation)
        text = json.dumps(entry)
        if key is None or key in self._texts or len(text) > ENTRY_CHARACTERS_MAX:
            return
        self._texts[key] = (text, methods)
        self._characters += len(text)
        while self._characters > self._characters_max:
            _, (dropped, _) = self._texts.popitem(last=False)
            self._characters -= len(dropped)


def key_of(obligation: Emptiness) -> str | None:
    """Return the hex SHA-256 of what the obligation says; None where opaque terms are in it."""
    if not all(case.plain for case in obligation.cases):
        return None
    digest = hashlib.sha256()
    for case in obligation.cases:
        digest.update(f"case {' '.join(case.variables)}\n".encode())
        for atom in case.constraints:
            terms = sorted(
                (tuple(map(int, exponents)), str(value))
                for exponents, value in atom.polynomial.to_dict().items()
            )
            digest.update(f"{terms} {atom.sense} 0\n".encode())
    return digest.hexdigest()
