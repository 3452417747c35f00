"""Compile the loops over small matrices once: `python -m lucid_coherence.warm`.

Run at installation and when an image is built. Exit status 1 if the machine code cannot be kept
anywhere; LAPACK then serves, three to six times slower for large batches.
"""

from __future__ import annotations

import sys
from typing import Any

from lucid_native.compiling import compiled as compiled_from
from lucid_native.compiling import ensure
from lucid_native.object_file import Part

from lucid_coherence.states.lanes import native, singular_loops, spectrum_loops


def compiled() -> dict[str, Part]:
    """Return the compiled entries. Takes some seconds."""
    return compiled_from((spectrum_loops,), _spectrum) | compiled_from((singular_loops,), _singular)


def _spectrum(kinds: Any) -> dict[str, tuple[Any, ...]]:
    real, integer = kinds.CPointer(kinds.float64), kinds.CPointer(kinds.int64)
    return {"eigenvalues": (real, integer, kinds.int64, kinds.int64, real, real)}


def _singular(kinds: Any) -> dict[str, tuple[Any, ...]]:
    real = kinds.CPointer(kinds.float64)
    return {"singular_values": (real, kinds.int64, kinds.int64, real, real)}


def main() -> int:
    """Make the object file unless a right one is there."""
    return ensure(native.KERNEL, compiled)


if __name__ == "__main__":
    sys.exit(main())
