"""Link machine code into the process with llvmlite alone; it runs without the interpreter lock."""

from __future__ import annotations

import ctypes
from threading import Lock
from typing import Any

from lucid_native.object_file import Part


class Linker:
    """The functions of one object file; each is linked when it is first called."""

    def __init__(self, parts: dict[str, Part]) -> None:
        """Keep the code, and make the linker ready for this machine."""
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self._llvm = llvm
        self._parts = parts
        self._linked: dict[str, tuple[Any, Any]] = {}
        self._lock = Lock()

    def function(self, name: str, arguments: int) -> Any:
        """Return an entry as a foreign function: addresses and integers, all of 64 bits.

        numba's own convention: before the `arguments` stand the address of the result, an int64,
        and that of an exception, None. Arrays go by address and must outlive the call.
        """
        if name not in self._linked:
            with self._lock:
                if name not in self._linked:  # another thread may have linked it meanwhile
                    self._linked[name] = self._link(self._parts[name], arguments)
        return self._linked[name][1]

    def call(self, name: str, *arguments: int) -> int:
        """Call an entry once and return its result."""
        result = ctypes.c_int64()
        self.function(name, len(arguments))(ctypes.addressof(result), None, *arguments)
        return result.value

    def _link(self, part: Part, arguments: int) -> tuple[Any, Any]:
        llvm = self._llvm
        # The engine owns its machine and frees it: no two engines may share one.
        machine = llvm.Target.from_default_triple().create_target_machine()
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(part.code))
        engine.finalize_object()
        function = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * (2 + arguments))
        # The engine owns the code: both live as long as this object, that is the process.
        return engine, function(engine.get_function_address(part.symbol))
