"""Compile the search kernel once, so that no decision has to: `python -m lucid_validation.warm`.

Run at installation and when an image is built. The machine code goes beside the module that loads
it, or into the user's cache where that directory cannot be written. Safe to run again: a file that
is still right is left alone. Exit status 1 if no place can be written; the engine then works
without compiled code, with the same results, slower.
"""

from __future__ import annotations

import inspect
import sys
from types import FunctionType
from typing import Any

from lucid_validation.barrier.methods import kernel_batches, kernel_loops, kernel_native

# What every 64-bit machine of the family has: an image must run where it was not built.
_PORTABLE_CPU = "generic"


def compiled() -> dict[str, kernel_native.Part]:
    """Return the compiled entries of the kernel. Takes some seconds."""
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
    names = {**vars(kernel_batches), **vars(kernel_loops)}
    for name, function in list(names.items()):
        if inspect.isfunction(function):
            copy = FunctionType(function.__code__, names, name, function.__defaults__)
            names[name] = numba.njit(**options)(copy)
    real, integer = kinds.CPointer(kinds.float64), kinds.CPointer(kinds.int64)
    fields = dict.fromkeys(kernel_loops.Search._fields, real)
    whole = ("level", "place", "senses", "degrees", "strides", "corners", "info")
    fields.update(dict.fromkeys(whole, integer))
    fields["code"], fields["cancel"] = kinds.CPointer(kinds.int32), kinds.CPointer(kinds.uint8)
    search = kinds.NamedTuple(list(fields.values()), kernel_loops.Search)
    arguments = {
        "explore": (search, kinds.int64),
        "explore_powers": (search, real, kinds.int64),
        "explore_many": (search, real, integer, kinds.int64),
    }
    found = {}
    for name, types_of in arguments.items():
        function = names[name]
        function.compile(kinds.int64(*types_of))
        result = function.overloads[types_of]
        # numba's own cache reads the object code in the same way.
        code = result.library._get_compiled_object()
        found[name] = kernel_native.Part(result.fndesc.llvm_func_name, code)
    return found


def main() -> int:
    """Make the object file unless a right one is there; print where it is."""
    for path in kernel_native.places():
        if kernel_native.read(path) is not None:
            print(f"the compiled kernel is ready: {path}")  # noqa: T201
            return 0
    parts = compiled()
    for path in kernel_native.places():
        try:
            kernel_native.write(path, parts)
        except OSError:
            continue
        print(f"the compiled kernel was written: {path}")  # noqa: T201
        return 0
    print("no place for the compiled kernel can be written", file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
