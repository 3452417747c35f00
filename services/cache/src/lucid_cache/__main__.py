"""Start the cache: `python -m lucid_cache`."""

import sys

from lucid_rpc.process import run

from lucid_cache.server import build
from lucid_cache.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status."""
    return run("cache", Settings, build)


if __name__ == "__main__":
    sys.exit(main())
