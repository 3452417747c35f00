"""Run the coherence service: `python -m lucid_coherence`."""

import sys

from lucid_rpc.process import run
from lucid_runtime.settings import EXIT_SETTINGS_INVALID
from lucid_store.engine import DatabaseUrlInvalid
from lucid_store.faults import StoreFault
from lucid_store.migrate import SchemaIsNewer

from lucid_coherence.server import build
from lucid_coherence.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status, 2 when the store cannot be used."""
    try:
        return run("coherence", Settings, build)
    except (DatabaseUrlInvalid, SchemaIsNewer, StoreFault) as error:
        print(f"the coherence service cannot start: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_SETTINGS_INVALID


if __name__ == "__main__":
    sys.exit(main())
