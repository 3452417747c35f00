"""Compiled loops do what the same loops do in Python, and are kept where they can be."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Barrier
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from lucid_native.compiling import compiled, ensure
from lucid_native.linking import Linker
from lucid_native.object_file import Kernel, Part

LOOPS = """
def add_up(numbers, count):
    total = 0.0
    for place in range(count):
        total += numbers[place]
    return total


def round_up(numbers, count, result):
    result[0] = add_up(numbers, count)
    return int(result[0]) + 1
"""
PARTS = {"first": Part("symbol", b"code")}


@pytest.fixture
def loops(tmp_path: Path) -> ModuleType:
    path = tmp_path / "loops.py"
    path.write_text(LOOPS)
    spec = spec_from_file_location("loops", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_linked_code_answers_as_the_loops_do_in_python(loops: ModuleType) -> None:
    def entries(kinds: Any) -> dict[str, tuple[Any, ...]]:
        real = kinds.CPointer(kinds.float64)
        return {"round_up": (real, kinds.int64, real)}

    linker = Linker(compiled((loops,), entries))
    numbers, results = np.array([0.1, 0.2, 2.4]), np.zeros(2)
    answer = linker.call("round_up", numbers.ctypes.data, 3, results.ctypes.data)
    assert answer == loops.round_up(numbers, 3, results[1:])
    assert results[0] == results[1]


def test_threads_that_call_two_entries_for_the_first_time_at_once_get_their_answers(
    loops: ModuleType,
) -> None:
    def entries(kinds: Any) -> dict[str, tuple[Any, ...]]:
        real = kinds.CPointer(kinds.float64)
        return {"round_up": (real, kinds.int64, real)}

    part = compiled((loops,), entries)["round_up"]
    linker = Linker({"first": part, "second": part})
    numbers, together = np.array([0.1, 0.2, 2.4]), Barrier(8)

    def call(_: int) -> list[int]:
        result = np.zeros(1)
        together.wait()
        arguments = numbers.ctypes.data, 3, result.ctypes.data
        return [linker.call(name, *arguments) for name in ("first", "second")]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(call, range(8))) == [[3, 3]] * 8


@pytest.fixture
def kernel(loops: ModuleType, tmp_path: Path) -> Kernel:
    assert loops
    return Kernel("kernel", tmp_path, ("loops.py",))


def places(monkeypatch: pytest.MonkeyPatch, *found: Path) -> None:
    monkeypatch.setattr(Kernel, "places", lambda _self: list(found))


def test_the_second_time_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kernel: Kernel,
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls: list[int] = []

    def count() -> dict[str, Part]:
        calls.append(1)
        return PARTS

    path = tmp_path / "deep" / "kernel.bin"
    places(monkeypatch, path)
    assert ensure(kernel, count) == 0
    assert ensure(kernel, count) == 0
    assert len(calls) == 1
    assert kernel.read(path) == PARTS
    assert capsys.readouterr().out.count(str(path)) == 2


def test_a_stale_file_is_compiled_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kernel: Kernel
) -> None:
    path = tmp_path / "kernel.bin"
    path.write_bytes(b"lucid-kernel/1 of other sources\nexplore a 0\n")
    places(monkeypatch, path)
    assert ensure(kernel, lambda: PARTS) == 0
    assert kernel.read(path) == PARTS


def test_where_the_package_is_read_only_the_next_place_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kernel: Kernel
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    second = tmp_path / "cache" / "kernel.bin"
    places(monkeypatch, blocked / "kernel.bin", second)
    assert ensure(kernel, lambda: PARTS) == 0
    assert kernel.find() == PARTS


def test_without_a_place_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kernel: Kernel,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    places(monkeypatch, blocked / "kernel.bin")
    assert ensure(kernel, lambda: PARTS) == 1
    assert "no place" in capsys.readouterr().err


def test_linking_does_not_import_the_compiler() -> None:
    lines = (
        "import sys",
        "from lucid_native.linking import Linker",
        "Linker({})",
        "assert 'llvmlite' in sys.modules",
        "assert 'numba' not in sys.modules",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
