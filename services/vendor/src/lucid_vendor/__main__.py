"""Run the vendor portal: `python -m lucid_vendor`."""

import sys

from lucid_rpc.process import run
from lucid_runtime.settings import EXIT_SETTINGS_INVALID
from lucid_store.engine import DatabaseUrlInvalid
from lucid_store.faults import StoreFault
from lucid_store.migrate import SchemaIsNewer

from lucid_vendor.pepper import PepperUnreadable
from lucid_vendor.server import build
from lucid_vendor.settings import Settings


def main() -> int:
    """Serve until told to stop; return the exit status, 2 when the store cannot be used."""
    try:
        return run("vendor", Settings, build)
    except (DatabaseUrlInvalid, PepperUnreadable, SchemaIsNewer, StoreFault) as error:
        print(f"the vendor portal cannot start: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_SETTINGS_INVALID


if __name__ == "__main__":
    sys.exit(main())
