"""Starts the whole mesh and keeps it up until a signal: what `lucid up` does, without the talk."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from lucid_local.layout import DEFAULT_PORTS, MeshLayout, busy_ports
from lucid_local.readiness import wait_until_serving
from lucid_local.supervisor import Supervisor

READY_TIMEOUT_S = 60.0


async def main() -> int:
    """Run until SIGINT or SIGTERM; return 1 if the mesh did not come up."""
    layout = MeshLayout(Path(os.environ.get("LUCID_DATA_DIR", ".lucid")), DEFAULT_PORTS)
    busy = busy_ports(layout)
    if busy:
        sys.stderr.write(f"ports in use: {busy}; stop what holds them\n")
        return 2
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    supervisor = Supervisor(layout, os.environ, print)
    await supervisor.start()
    try:
        missing = await wait_until_serving(layout, READY_TIMEOUT_S)
        if missing:
            sys.stderr.write(f"not serving after {READY_TIMEOUT_S:.0f} s: {', '.join(missing)}\n")
            return 1
        await stop.wait()
    finally:
        await supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
