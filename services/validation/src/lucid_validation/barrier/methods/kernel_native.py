"""The compiled kernel: machine code that was made once, loaded without its compiler.

`python -m lucid_validation.warm` compiles `kernel_loops` ahead of time into a small object file.
The code runs without the interpreter lock.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from lucid_native.linking import Linker
from lucid_native.object_file import Kernel, Part
from numpy.typing import NDArray

from .kernel_loops import Search

KERNEL = Kernel("kernel", Path(__file__).parent, ("kernel_loops.py", "kernel_batches.py"))
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@cache
def load() -> Native | None:
    """Return the compiled kernel, or None where none was made: then `kernel_arrays` serves."""
    parts = KERNEL.find()
    return None if parts is None else Native(parts)


def is_loaded() -> bool:
    """Say whether this process has called `load`."""
    return load.cache_info().currsize > 0


class Native:
    """The entries of the kernel for searches."""

    def __init__(self, parts: dict[str, Part]) -> None:
        """Keep the code; each entry is linked when it is first called."""
        self._linker = Linker(parts)

    def explore(self, search: Search, limit: int) -> int:
        """Do what `kernel_loops.explore` does."""
        return self._linker.call("explore", *_addresses(search), limit)

    def explorer(self, search: Search) -> Callable[[int], int]:
        """Return `explore` for arrays that stay: only the limit is given."""
        result = ctypes.c_int64()
        arguments = [ctypes.addressof(result), None, *_addresses(search)]
        call, kept = self._linker.function("explore", len(Search._fields) + 1), search

        def explore(limit: int) -> int:
            call(*arguments, limit)
            return result.value if kept else 0

        return explore

    def explorer_of_powers(self, search: Search, box: Floats) -> Callable[[int], int]:
        """Return `kernel_batches.explore_powers` for arrays that stay: only the limit is given."""
        result = ctypes.c_int64()
        arguments = [ctypes.addressof(result), None, *_addresses(search), int(box.ctypes.data)]
        call, kept = self._linker.function("explore_powers", len(Search._fields) + 2), (search, box)

        def explore(limit: int) -> int:
            call(*arguments, limit)
            return result.value if kept else 0

        return explore

    def explore_many(self, search: Search, roots: Floats, answers: Integers, limit: int) -> None:
        """Do what `kernel_batches.explore_many` does; `roots` (K, m*N + m), `answers` (K, 2 + 2n).

        Both must be contiguous.
        """
        self._linker.call(
            "explore_many",
            *_addresses(search),
            roots.ctypes.data,
            answers.ctypes.data,
            len(roots) * 2**32 + limit,
        )


def _addresses(search: Search) -> list[int]:
    return [int(array.ctypes.data) for array in search]
