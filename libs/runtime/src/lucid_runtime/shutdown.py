"""Shutdown: SIGTERM and SIGINT become one asyncio event."""

import asyncio
import signal
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def on_signals() -> asyncio.Event:
    """Return an event that is set by the first SIGTERM or SIGINT.

    Must be called in the main thread with a running loop. A second signal ends the process at
    once in the default way, so that an operator is never trapped by a slow drain.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first() -> None:
        stopping.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, first)
    return stopping
