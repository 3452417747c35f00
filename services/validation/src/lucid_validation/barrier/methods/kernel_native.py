"""The compiled kernel: machine code that numba made once, loaded without numba.

Importing numba costs more than most decisions, and its cache wants a writable directory. So
`python -m lucid_validation.warm` compiles `kernel_loops` ahead of time into a small object file,
and llvmlite alone links it into the process. A file that was made from other sources, or for
another kind of machine, is not used. The code runs without the interpreter lock.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kernel_loops import Search

MAGIC = b"lucid-kernel/1"
Explore = Callable[[Search, int], int]


def key() -> bytes:
    """Return what an object file must have been made from and for, as one line."""
    source = Path(__file__).with_name("kernel_loops.py").read_bytes()
    kind = f"{sys.platform}-{platform.machine()}"
    return b" ".join([MAGIC, kind.encode(), sha256(source).hexdigest().encode()])


def places() -> list[Path]:
    """Return where the object file may lie: beside this module, or in the user's cache."""
    name = f"kernel.{sys.platform}-{platform.machine()}.bin"
    found = [Path(__file__).with_name("objects") / name]
    try:
        found.append(Path.home() / ".cache" / "lucid-mesh" / name)
    except RuntimeError:  # an account without a home has only the first place
        return found
    return found


def write(path: Path, symbols: dict[str, str], code: bytes) -> None:
    """Write an object file so that readers see the old one or the whole new one."""
    names = b" ".join(f"{name}={symbol}".encode() for name, symbol in symbols.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(b"\n".join([key(), names, code]))
    fresh.replace(path)


def read(path: Path) -> tuple[dict[str, str], bytes] | None:
    """Return the symbols and the object code, or None where there is no file for this process."""
    try:
        head, names, code = path.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return None
    if head != key():
        return None
    return dict(pair.split("=", 1) for pair in names.decode().split(" ")), code


@cache
def load() -> Native | None:
    """Return the compiled kernel, or None where none was made: then `kernel_arrays` serves."""
    for path in places():
        found = read(path)
        if found is not None:
            return Native(*found)
    return None


class Native:
    """The functions of one object file, linked into this process."""

    def __init__(self, symbols: dict[str, str], code: bytes) -> None:
        """Link the code; it stays for the life of the process."""
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self._explore = self._function(symbols["explore"], len(Search._fields) + 1)
        self._many = self._function(symbols["explore_many"], len(Search._fields) + 3)

    def _function(self, symbol: str, arguments: int) -> Any:
        address = self._engine.get_function_address(symbol)
        kinds = [ctypes.c_void_p] * arguments
        # numba's own convention: a status, the result and the exception by reference.
        return ctypes.CFUNCTYPE(ctypes.c_int32, *kinds[:2], *kinds)(address)

    def explore(self, search: Search, limit: int) -> int:
        """Do what `kernel_loops.explore` does."""
        result = ctypes.c_int64()
        self._explore(ctypes.addressof(result), None, *_addresses(search), limit)
        return result.value

    def explore_many(
        self, search: Search, roots: NDArray[np.float64], answers: NDArray[np.int64], limit: int
    ) -> None:
        """Do what `kernel_loops.explore_many` does; `roots` (K, m*N + m), `answers` (K, 2 + 2n)."""
        result = ctypes.c_int64()
        self._many(
            ctypes.addressof(result),
            None,
            *_addresses(search),
            roots.ctypes.data,
            answers.ctypes.data,
            len(roots) * 2**32 + limit,
        )


def _addresses(search: Search) -> list[int]:
    return [int(array.ctypes.data) for array in search]
