"""An object file serves only the sources and the kind of machine that it was made from and for."""

from pathlib import Path

import pytest
from lucid_native.object_file import Kernel, Part

PARTS = {"first": Part("a", b"\x00\n\x01code"), "second": Part("b", b";more")}


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    (tmp_path / "loops.py").write_text("x = 1\n")
    return Kernel("kernel", tmp_path, ("loops.py",))


def test_what_was_written_is_read_again(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "objects" / "kernel.bin"
    kernel.write(path, PARTS)
    assert kernel.read(path) == PARTS


def test_a_file_of_other_sources_is_not_used(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "kernel.bin"
    kernel.write(path, PARTS)
    (tmp_path / "loops.py").write_text("x = 2\n")
    assert kernel.read(path) is None


@pytest.mark.parametrize("cut", [0, 1, 3, 20])
def test_a_damaged_file_is_not_used(kernel: Kernel, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "kernel.bin"
    kernel.write(path, PARTS)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut] if cut else whole + b"more")
    assert kernel.read(path) is None


def test_no_file_is_no_kernel(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kernel, "places", lambda self: [self.folder / "missing"])
    assert kernel.find() is None
