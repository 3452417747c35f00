"""The pepper: the secret without which stored hashes of API keys are useless."""

import os
from pathlib import Path

from lucid_runtime.identifiers import RandomBytes, system_random

from lucid_vendor.settings import PEPPER_BYTES_MIN, pepper_of


class PepperUnreadable(Exception):
    """The file with the pepper cannot be read or made, or holds no pepper."""


def load_pepper(path: Path, random_bytes: RandomBytes = system_random) -> bytes:
    """Return the pepper of a file; a file that does not exist is made, readable by its owner.

    Processes that start together agree: the file appears whole or not at all.

    Raises:
        PepperUnreadable: with the path and never with the contents.
    """
    try:
        if not path.exists():
            _make(path, random_bytes(PEPPER_BYTES_MIN).hex())
        return pepper_of(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        message = f"the pepper file {path} cannot be used: {type(error).__name__}"
        raise PepperUnreadable(message) from error


def _make(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails when another process was first, and then its pepper counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()
