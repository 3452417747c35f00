"""Lints the protos with buf and, where a tag exists, checks them against the newest one."""

import subprocess
import sys
import tempfile
from pathlib import Path

from image import PROTO_ROOT, write_image

BUF = Path(sys.executable).with_name("buf")
REPOSITORY = PROTO_ROOT.parent


def newest_tag() -> str | None:
    """Return the newest reachable tag, or None where there is none."""
    command = ["git", "-C", str(REPOSITORY), "describe", "--tags", "--abbrev=0"]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    return found.stdout.strip() or None


def lint() -> int:
    """Run buf format, lint and breaking; return the first exit status that is not 0."""
    formatted = subprocess.run(
        [BUF, "format", "-d", "--exit-code", "--path", "protos/lucid"],
        check=False,
        cwd=REPOSITORY,
    )
    if formatted.returncode:
        return formatted.returncode
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        write_image(image, Path(folder))
        config = ["--config", str(REPOSITORY / "buf.yaml")]
        linted = subprocess.run([BUF, "lint", image, *config], check=False)
        tag = newest_tag()
        if linted.returncode or tag is None:
            return linted.returncode
        against = f"{REPOSITORY}/.git#tag={tag},subdir=protos"
        return subprocess.run(
            [BUF, "breaking", image, "--against", against, *config], check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(lint())
