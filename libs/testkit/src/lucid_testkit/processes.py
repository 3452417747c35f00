"""One service as a process of its own, as an operator would start it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from lucid_testkit.ports import free_address

READY_S = 30.0
STOP_S = 20.0


class ServiceProcess:
    """A service on free ports of this machine; what it logs is kept in its folder."""

    def __init__(self, noun: str, folder: Path, **environ: str) -> None:
        self.address, self.health = free_address(), free_address()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LUCID_", "OTEL_"))}
        given = {
            "LUCID_LISTEN": str(self.address),
            "LUCID_HEALTH_LISTEN": str(self.health),
            "LUCID_METRICS_ADDRESS": str(free_address()),
            "LUCID_DATA_DIR": str(folder),
            "LUCID_DATABASE_URL": f"sqlite:///{folder}/{noun}.sqlite",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._log = folder / f"{noun}.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"lucid_{noun}"],
                env={**inherited, **given, **environ},
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def wait_until_serving(self) -> None:
        """Wait until its health says SERVING; fails with the end of its log."""
        until = time.monotonic() + READY_S
        with grpc.insecure_channel(str(self.health)) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            while not self._serves(health):
                if self._process.poll() is not None or time.monotonic() > until:
                    raise AssertionError(self._log.read_text()[-2000:])

    def stop(self) -> None:
        """Ask it to end, and wait; fails unless it leaves with 0, and never leaves it behind."""
        self._process.terminate()
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        if code:
            raise AssertionError(f"left with {code}: {self._log.read_text()[-2000:]}")

    @staticmethod
    def _serves(health: health_pb2_grpc.HealthStub) -> bool:
        try:
            reply = health.Check(health_pb2.HealthCheckRequest(), timeout=1, wait_for_ready=True)
        except grpc.RpcError:
            return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)
