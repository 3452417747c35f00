"""Several serving processes on one port: start them, replace one that dies, stop them together.

The parent imports neither gRPC nor granian: it waits. The kernel spreads connections over the
workers, which share the port by SO_REUSEPORT.
"""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Final

from lucid_telemetry import logs

from lucid_gateway.settings import GatewaySettings

RESTART_DELAY_S: Final = 1.0
RESTARTS_MAX: Final = 5

_LOG: Final = logging.getLogger(__name__)


def supervise(settings: GatewaySettings, environ: Mapping[str, str]) -> int:
    """Run `settings.workers` processes until a signal; return 0, or 1 if they keep dying."""
    logs.configure("gateway")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workers = [_start(environ) for _ in range(settings.workers)]
    restarts = 0
    while not stop.wait(RESTART_DELAY_S):
        for position, worker in enumerate(workers):
            if worker.poll() is not None:
                restarts += 1
                _LOG.error("worker ended", extra={"status": worker.returncode})
                if restarts > RESTARTS_MAX:
                    stop.set()
                    break
                workers[position] = _start(environ)
    return _stop(workers, settings.drain_s) or int(restarts > RESTARTS_MAX)


def _start(environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    own = {**environ, "LUCID_GATEWAY_WORKERS": "1", "LUCID_GATEWAY_IS_WORKER": "true"}
    return subprocess.Popen([sys.executable, "-m", "lucid_gateway"], env=own)


def _stop(workers: "list[subprocess.Popen[bytes]]", drain_s: float) -> int:
    for worker in workers:
        worker.terminate()
    status = 0
    for worker in workers:
        try:
            worker.wait(drain_s + 5.0)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
            status = 1
    return status
