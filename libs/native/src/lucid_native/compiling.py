"""Compile loops once with numba, at installation and when an image is built."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from lucid_native.object_file import Kernel, Part

# What every 64-bit machine of the family has: an image must run where it was not built.
_PORTABLE_CPU = "generic"


def compiled(
    modules: tuple[ModuleType, ...], entries: Callable[[Any], Mapping[str, tuple[Any, ...]]]
) -> dict[str, Part]:
    """Return the compiled entries of plain Python loops. Takes some seconds.

    All functions of `modules` are compiled and may call each other; nothing of numba's run-time
    parts goes in, so they allocate nothing and raise nothing. `entries` is given numba's types and
    returns the types of the arguments of every entry; its result is an int64.
    """
    import numba
    from numba import types

    # numba ships no types of its own.
    settings: Any = numba.config
    kinds: Any = types
    settings.CPU_NAME, settings.CPU_FEATURES = _PORTABLE_CPU, ""
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "boundscheck": False,
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
        "_nrt": False,
    }
    # A copy of the modules' namespaces in which each function is the compiled one.
    names: dict[str, Any] = {}
    for module in modules:
        names |= vars(module)
    for name, function in list(names.items()):
        if inspect.isfunction(function):
            copy = FunctionType(function.__code__, names, name, function.__defaults__)
            names[name] = numba.njit(**options)(copy)
    found = {}
    for name, types_of in entries(kinds).items():
        function = names[name]
        function.compile(kinds.int64(*types_of))
        result = function.overloads[types_of]
        # numba's own cache reads the object code in the same way.
        code = result.library._get_compiled_object()
        found[name] = Part(result.fndesc.llvm_func_name, code)
    return found


def ensure(kernel: Kernel, compile_it: Callable[[], dict[str, Part]]) -> int:
    """Make the object file unless a right one is there; print where it is.

    The machine code goes beside its sources, or into the user's cache where that folder cannot be
    written. Safe to run again. Returns the exit status: 1 if no place can be written; the service
    then works without compiled code, slower.
    """
    for path in kernel.places():
        if kernel.read(path) is not None:
            print(f"the compiled kernel is ready: {path}")  # noqa: T201
            return 0
    parts = compile_it()
    for path in kernel.places():
        try:
            kernel.write(path, parts)
        except OSError:
            continue
        print(f"the compiled kernel was written: {path}")  # noqa: T201
        return 0
    print("no place for the compiled kernel can be written", file=sys.stderr)  # noqa: T201
    return 1
