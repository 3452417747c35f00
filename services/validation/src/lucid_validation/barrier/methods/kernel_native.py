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
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kernel_loops import Search

MAGIC = b"lucid-kernel/1"
_SOURCES = ("kernel_loops.py", "kernel_batches.py")
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def key() -> bytes:
    """Return what an object file must have been made from and for, as one line."""
    source = b"".join(Path(__file__).with_name(name).read_bytes() for name in _SOURCES)
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


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the kernel: its symbol, and object code that needs nothing else of ours."""

    symbol: str
    code: bytes


def write(path: Path, parts: dict[str, Part]) -> None:
    """Write an object file so that readers see the old one or the whole new one."""
    names = [f"{name} {part.symbol} {len(part.code)}" for name, part in parts.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    codes = b"".join(part.code for part in parts.values())
    fresh.write_bytes(b"\n".join([key(), ";".join(names).encode(), codes]))
    fresh.replace(path)


def read(path: Path) -> dict[str, Part] | None:
    """Return the entries, or None where there is no file for this process."""
    try:
        head, names, codes = path.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return None
    if head != key():
        return None
    found, at = {}, 0
    for line in names.decode().split(";"):
        name, symbol, size = line.split(" ")
        found[name] = Part(symbol, codes[at : at + int(size)])
        at += int(size)
    return found if at == len(codes) else None


@cache
def load() -> Native | None:
    """Return the compiled kernel, or None where none was made: then `kernel_arrays` serves."""
    for path in places():
        found = read(path)
        if found is not None:
            return Native(found)
    return None


def is_loaded() -> bool:
    """Say whether this process has called `load`."""
    return load.cache_info().currsize > 0


class Native:
    """The functions of one object file; each is linked into the process when it is first called."""

    def __init__(self, parts: dict[str, Part]) -> None:
        """Keep the code, and make a linker for this machine."""
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self._llvm = llvm
        self._machine = llvm.Target.from_default_triple().create_target_machine()
        self._parts = parts
        self._linked: dict[str, tuple[Any, Any]] = {}
        self._lock = Lock()

    def _function(self, name: str, more: int) -> Any:
        """Return the entry, which takes a search and `more` arguments."""
        if name not in self._linked:
            with self._lock:
                self._linked.setdefault(name, self._link(self._parts[name], more))
        return self._linked[name][1]

    def _link(self, part: Part, more: int) -> tuple[Any, Any]:
        llvm = self._llvm
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(part.code))
        engine.finalize_object()
        # numba's own convention: a status, the result and the exception by reference.
        arguments = [ctypes.c_void_p] * (2 + len(Search._fields) + more)
        function = ctypes.CFUNCTYPE(ctypes.c_int32, *arguments)
        # The engine owns the code: both live as long as this object, that is the process.
        return engine, function(engine.get_function_address(part.symbol))

    def explore(self, search: Search, limit: int) -> int:
        """Do what `kernel_loops.explore` does."""
        result = ctypes.c_int64()
        call = self._function("explore", 1)
        call(ctypes.addressof(result), None, *_addresses(search), limit)
        return result.value

    def explorer(self, search: Search) -> Callable[[int], int]:
        """Return `explore` for arrays that stay: only the limit is given."""
        result = ctypes.c_int64()
        arguments = [ctypes.addressof(result), None, *_addresses(search)]
        call, kept = self._function("explore", 1), search

        def explore(limit: int) -> int:
            call(*arguments, limit)
            return result.value if kept else 0

        return explore

    def explorer_of_powers(self, search: Search, box: Floats) -> Callable[[int], int]:
        """Return `kernel_batches.explore_powers` for arrays that stay: only the limit is given."""
        result = ctypes.c_int64()
        arguments = [ctypes.addressof(result), None, *_addresses(search), int(box.ctypes.data)]
        call, kept = self._function("explore_powers", 2), (search, box)

        def explore(limit: int) -> int:
            call(*arguments, limit)
            return result.value if kept else 0

        return explore

    def explore_many(self, search: Search, roots: Floats, answers: Integers, limit: int) -> None:
        """Do what `kernel_batches.explore_many` does; `roots` (K, m*N + m), `answers` (K, 2 + 2n).

        Both must be contiguous.
        """
        result = ctypes.c_int64()
        call = self._function("explore_many", 3)
        call(
            ctypes.addressof(result),
            None,
            *_addresses(search),
            roots.ctypes.data,
            answers.ctypes.data,
            len(roots) * 2**32 + limit,
        )


def _addresses(search: Search) -> list[int]:
    return [int(array.ctypes.data) for array in search]
