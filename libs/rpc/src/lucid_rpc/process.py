"""The life of a service process: settings, telemetry, serving, and the exit status.

A service's `__main__` is one call of `run`.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from lucid_runtime import settings as runtime_settings
from lucid_runtime.settings import SettingsInvalid
from lucid_telemetry import Telemetry, setup

from lucid_rpc.server import PortUnavailable, ServerDefinition, ServerSettings, serve

EXIT_PORT_UNAVAILABLE: Final = 3
"""The exit status of a process that cannot listen where it must."""

SettingsType = TypeVar("SettingsType", bound=ServerSettings)
Build = Callable[[SettingsType, Telemetry], Awaitable[ServerDefinition]]

_LOG: Final = logging.getLogger(__name__)


def run(
    name: str,
    settings_type: type[SettingsType],
    build: Build[SettingsType],
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Run the service `name` until it is told to stop; return the exit status.

    Args:
        name: the noun, such as `validation`.
        settings_type: the service's settings, which extend `ServerSettings`.
        build: makes the definition from settings and telemetry, inside the running loop.
        environ: the environment of the process.

    Exits with status 2 and one line on stderr when a setting is missing or malformed.
    """
    settings = runtime_settings.load_or_exit(settings_type, environ)
    try:
        telemetry = setup(name, environ)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)  # noqa: T201  # logging is not configured yet
        return runtime_settings.EXIT_SETTINGS_INVALID

    async def main() -> None:
        await serve(await build(settings, telemetry), settings, telemetry)

    try:
        asyncio.run(main())
    except PortUnavailable as error:
        _LOG.error("%s", error)
        return EXIT_PORT_UNAVAILABLE
    finally:
        telemetry.shutdown()
    return 0
