"""What the members of the workspace and the locks have in common."""

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MEMBERS = sorted(
    path
    for pattern in ("protos", "libs/*", "services/*", "gateway", "checker", "cli")
    for path in REPOSITORY.glob(f"{pattern}/pyproject.toml")
)
LOCKS = sorted((REPOSITORY / "locks").glob("*.txt"))


def member_id(path: Path) -> str:
    return str(path.parent.relative_to(REPOSITORY))


@pytest.mark.parametrize("path", MEMBERS, ids=member_id)
def test_member_differs_from_the_others_only_in_name_and_dependencies(path: Path) -> None:
    member = tomllib.loads(path.read_text())
    assert set(member["project"]) <= {
        *("name", "version", "description", "requires-python", "license", "dependencies"),
        *("scripts", "optional-dependencies"),
    }
    assert member["project"]["requires-python"] == ">=3.11"
    assert member["project"]["license"] == "Apache-2.0"
    assert member["build-system"]["build-backend"] == "uv_build"


def test_the_checker_depends_on_nothing() -> None:
    member = tomllib.loads((REPOSITORY / "checker" / "pyproject.toml").read_text())
    assert member["project"]["dependencies"] == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda p: p.name)
def test_lock_is_hashed_and_names_no_host(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert requirements
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_every_image_has_a_lock() -> None:
    services = {path.parent.name for path in MEMBERS if path.parent.parent.name == "services"}
    assert services | {"gateway", "dev", "tools"} == {path.stem for path in LOCKS}
