"""Run the validation service: `python -m lucid_validation`."""

import sys

from lucid_rpc.process import run

from lucid_validation.server import build
from lucid_validation.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status."""
    return run("validation", Settings, build)


if __name__ == "__main__":
    sys.exit(main())
