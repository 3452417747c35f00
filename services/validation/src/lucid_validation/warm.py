"""Compile the search kernel once, so that no decision has to: `python -m lucid_validation.warm`.

Run at installation and when an image is built. Exit status 1 if the machine code cannot be kept
anywhere; the engine then works without it, with the same results, slower.
"""

from __future__ import annotations

import sys
from typing import Any

from lucid_native.compiling import compiled as compiled_from
from lucid_native.compiling import ensure
from lucid_native.object_file import Part

from lucid_validation.barrier.methods import kernel_batches, kernel_loops, kernel_native


def entries(kinds: Any) -> dict[str, tuple[Any, ...]]:
    """Return the types of the arguments of every entry; `kinds` are numba's types."""
    real, integer = kinds.CPointer(kinds.float64), kinds.CPointer(kinds.int64)
    fields = dict.fromkeys(kernel_loops.Search._fields, real)
    whole = ("level", "place", "senses", "degrees", "strides", "corners", "info")
    fields.update(dict.fromkeys(whole, integer))
    fields["code"], fields["cancel"] = kinds.CPointer(kinds.int32), kinds.CPointer(kinds.uint8)
    search = kinds.NamedTuple(list(fields.values()), kernel_loops.Search)
    return {
        "explore": (search, kinds.int64),
        "explore_powers": (search, real, kinds.int64),
        "explore_many": (search, real, integer, kinds.int64),
    }


def compiled() -> dict[str, Part]:
    """Return the compiled entries of the kernel. Takes some seconds."""
    return compiled_from((kernel_batches, kernel_loops), entries)


def main() -> int:
    """Make the object file unless a right one is there."""
    return ensure(kernel_native.KERNEL, compiled)


if __name__ == "__main__":
    sys.exit(main())
