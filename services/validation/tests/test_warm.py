"""Warming writes the kernel where it can be written, once, and says where."""

from pathlib import Path

import pytest
from lucid_validation import warm
from lucid_validation.barrier.methods import kernel_native
from lucid_validation.barrier.methods.kernel_native import Part

PARTS = {"explore": Part("symbol", b"code"), "explore_many": Part("other", b"more code")}


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count compilations instead of doing them: test_kernel compiles for real."""
    calls: list[int] = []

    def count() -> dict[str, Part]:
        calls.append(1)
        return PARTS

    monkeypatch.setattr(warm, "compiled", count)
    return calls


def test_the_second_time_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    compiled: list[int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "deep" / "kernel.bin"
    monkeypatch.setattr(kernel_native, "places", lambda: [path])
    assert warm.main() == 0
    assert warm.main() == 0
    assert len(compiled) == 1
    assert kernel_native.read(path) == PARTS
    assert capsys.readouterr().out.count(str(path)) == 2


def test_a_stale_file_is_compiled_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, compiled: list[int]
) -> None:
    path = tmp_path / "kernel.bin"
    path.write_bytes(b"lucid-kernel/1 of other sources\nexplore a 0\n")
    monkeypatch.setattr(kernel_native, "places", lambda: [path])
    assert warm.main() == 0
    assert len(compiled) == 1
    assert kernel_native.read(path) == PARTS


def test_where_the_package_is_read_only_the_next_place_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    second = tmp_path / "cache" / "kernel.bin"
    monkeypatch.setattr(kernel_native, "places", lambda: [blocked / "kernel.bin", second])
    assert warm.main() == 0
    assert kernel_native.read(second) == PARTS


def test_without_a_place_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    monkeypatch.setattr(kernel_native, "places", lambda: [blocked / "kernel.bin"])
    assert warm.main() == 1
    assert "no place" in capsys.readouterr().err
