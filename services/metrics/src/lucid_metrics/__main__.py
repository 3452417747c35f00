"""Start the metrics service: `python -m lucid_metrics`."""

import sys

from lucid_rpc.process import run

from lucid_metrics.server import build
from lucid_metrics.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status."""
    return run("metrics", Settings, build)


if __name__ == "__main__":
    sys.exit(main())
