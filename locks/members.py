# ruff: noqa: INP001
"""Prints the folders of the workspace members that a service is made of, one a line, as ./folder.

Used by the Dockerfile, which installs them without their dependencies: those come from the lock.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def folders(root: Path) -> dict[str, tuple[Path, list[str]]]:
    """Return folder and dependency names of every member, by its distribution name."""
    found = {}
    for pattern in ("protos", "libs/*", "services/*", "gateway", "checker", "cli"):
        for file in root.glob(f"{pattern}/pyproject.toml"):
            project = tomllib.loads(file.read_text("utf-8"))["project"]
            names = [re.split(r"[\s\[<>=!~;]", text)[0] for text in project.get("dependencies", [])]
            found[project["name"]] = (file.parent.relative_to(root), names)
    return found


def members_of(service: str, root: Path = ROOT) -> list[Path]:
    """Return the folders that a service needs, dependencies first.

    Raises:
        KeyError: there is no member of that name.
    """
    known = folders(root)
    ordered: list[Path] = []

    def add(name: str) -> None:
        folder, needs = known[name]
        for need in needs:
            if need in known:
                add(need)
        if folder not in ordered:
            ordered.append(folder)

    add(f"lucid-mesh-{service}")
    return ordered


if __name__ == "__main__":
    sys.stdout.writelines(f"./{folder}\n" for folder in members_of(sys.argv[1]))
