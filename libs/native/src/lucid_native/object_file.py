"""Files of machine code: what they were made from, where they lie, and how they are read.

A file that was made from other sources, or for another kind of machine, is not used.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MAGIC = b"lucid-kernel/1"


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a kernel: its symbol, and object code that needs nothing else of ours."""

    symbol: str
    code: bytes


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel: its name, and the folder and names of the modules that it is compiled from."""

    name: str
    folder: Path
    sources: tuple[str, ...]

    def key(self) -> bytes:
        """Return what an object file must have been made from and for, as one line."""
        source = b"".join((self.folder / name).read_bytes() for name in self.sources)
        kind = f"{sys.platform}-{platform.machine()}"
        return b" ".join([MAGIC, kind.encode(), sha256(source).hexdigest().encode()])

    def places(self) -> list[Path]:
        """Return where the object file may lie: beside its sources, or in the user's cache."""
        name = f"{self.name}.{sys.platform}-{platform.machine()}.bin"
        found = [self.folder / "objects" / name]
        try:
            found.append(Path.home() / ".cache" / "lucid-mesh" / name)
        except RuntimeError:  # an account without a home has only the first place
            return found
        return found

    def write(self, path: Path, parts: dict[str, Part]) -> None:
        """Write an object file so that readers see the old one or the whole new one."""
        names = [f"{name} {part.symbol} {len(part.code)}" for name, part in parts.items()]
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        codes = b"".join(part.code for part in parts.values())
        fresh.write_bytes(b"\n".join([self.key(), ";".join(names).encode(), codes]))
        fresh.replace(path)

    def read(self, path: Path) -> dict[str, Part] | None:
        """Return the entries, or None where there is no file for this process."""
        try:
            head, names, codes = path.read_bytes().split(b"\n", 2)
        except (OSError, ValueError):
            return None
        if head != self.key():
            return None
        found, at = {}, 0
        for line in names.decode().split(";"):
            name, symbol, size = line.split(" ")
            found[name] = Part(symbol, codes[at : at + int(size)])
            at += int(size)
        return found if at == len(codes) else None

    def find(self) -> dict[str, Part] | None:
        """Return the entries of the first place that has a right file, or None."""
        for path in self.places():
            found = self.read(path)
            if found is not None:
                return found
        return None
