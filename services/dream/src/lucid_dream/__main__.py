"""Starts the dream service: `python -m lucid_dream`."""

import sys

from lucid_rpc.process import run

from lucid_dream.server import build
from lucid_dream.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status."""
    return run("dream", Settings, build)


if __name__ == "__main__":
    sys.exit(main())
