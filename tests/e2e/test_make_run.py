"""The README's own command, in a copy that holds only what the repository holds."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT_S = 600


def clean_copy(target: Path) -> None:
    """Copy what git tracks or would track, and nothing that was built or installed here."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source = REPOSITORY / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def make_run(folder: Path, *variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LUCID_", "OTEL_"))}
    environment["COLUMNS"] = "200"
    return subprocess.run(
        ["make", "run", *variables],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.mark.e2e
@pytest.mark.slow
def test_make_run_once_does_the_whole_job_in_a_clean_copy(tmp_path: Path) -> None:
    clean_copy(tmp_path)
    first = make_run(tmp_path, "ARGS=--once --ports auto --random-seed 7")
    assert first.returncode == 0, first.stdout[-6000:] + first.stderr[-2000:]
    assert "✗" not in first.stdout
    assert "bb-s-39" in first.stdout
    assert re.search(r"trace [0-9a-f]{32}", first.stdout)
    again = make_run(tmp_path, "ARGS=--once --ports auto --random-seed 8")
    assert again.returncode == 0, again.stdout[-6000:] + again.stderr[-2000:]
