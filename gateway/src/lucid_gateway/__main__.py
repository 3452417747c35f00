"""Starts the gateway: settings, telemetry, then one serving process or a few."""

import asyncio
import os
import sys

from lucid_runtime.settings import EXIT_SETTINGS_INVALID, SettingsInvalid, load
from lucid_telemetry import setup

from lucid_gateway.settings import GatewaySettings, check, peers_of


def main() -> int:
    """Run until told to stop; return the exit status (2: a setting is wrong, 3: no port)."""
    try:
        settings = load(GatewaySettings, os.environ)
        check(settings)
        peers = peers_of(os.environ)
        if settings.workers > 1:
            from lucid_gateway.workers import supervise

            return supervise(settings, os.environ)
        telemetry = setup("gateway", os.environ)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)  # noqa: T201 logging is not configured yet
        return EXIT_SETTINGS_INVALID
    from lucid_gateway.server import run

    return asyncio.run(run(settings, peers, telemetry))


if __name__ == "__main__":
    sys.exit(main())
