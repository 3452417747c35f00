"""Run the vendor portal: `python -m lucid_vendor`."""

import sys

from lucid_rpc.process import run

from lucid_vendor.server import build
from lucid_vendor.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status."""
    return run("vendor", Settings, build)


if __name__ == "__main__":
    sys.exit(main())
