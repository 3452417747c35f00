"""The compiled loops, where they were made; without them LAPACK answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lucid_native.linking import Linker
from lucid_native.object_file import Kernel

KERNEL = Kernel("lanes", Path(__file__).parent, ("singular_loops.py", "spectrum_loops.py"))


@cache
def load() -> Linker | None:
    """Return the compiled loops, or None where none were made: then LAPACK serves."""
    parts = KERNEL.find()
    return None if parts is None else Linker(parts)
