"""Child processes that speak JSON lines and can be killed at any moment.

The child leaves when its standard input closes, so it never outlives its parent, however that ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

_CHUNK = 1 << 16
_LINE_MAX = 256 * 1024 * 1024


class ChildGone(Exception):
    """The child ended, or closed its pipe."""


class Child:
    """One `python -m module`, fed and read line by line.

    It leads a process group of its own, unless it is to end with the group of its parent.
    """

    def __init__(self, module: str, *, leads_group: bool = True) -> None:
        self._leads_group = leads_group
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=leads_group,
            env={**os.environ, **_ONE_THREAD},
        )
        self._rest = bytearray()

    def send(self, message: dict[str, Any]) -> None:
        """Write one line; raise `ChildGone` if nobody reads it."""
        pipe = self._process.stdin
        data = (json.dumps(message) + "\n").encode()
        try:
            while pipe is not None and data:
                written = pipe.write(data)
                data = data[written or 0 :]
        except OSError as error:
            raise ChildGone("the child does not read") from error

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the next message, None after `timeout_s`; raise `ChildGone` at the end."""
        deadline = time.monotonic() + timeout_s
        searched = 0
        while True:
            end = self._rest.find(b"\n", searched)
            if end >= 0:
                line = bytes(self._rest[:end])
                del self._rest[: end + 1]
                message: dict[str, Any] = json.loads(line)
                return message
            searched = len(self._rest)
            if not self._fill(deadline):
                return None

    def _fill(self, deadline: float) -> bool:
        pipe = self._process.stdout
        if pipe is None or len(self._rest) > _LINE_MAX:
            raise ChildGone("the child said too much")
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        data = os.read(pipe.fileno(), _CHUNK)
        if not data:
            raise ChildGone("the child ended")
        self._rest += data
        return True

    def cancel(self) -> None:
        """End the child now; safe from another thread, whose `receive` then raises."""
        if self._leads_group:
            end_group(self._process.pid)
        else:
            self._process.kill()

    def kill(self) -> None:
        """End the child, close its pipes and collect it; for the thread that reads it."""
        self.cancel()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def end_group(pid: int) -> None:
    """Kill a child that leads a process group of its own, and whatever it has forked."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


# One problem uses one core: threads of numerical libraries would fight with other workers.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Emit = Callable[[dict[str, Any]], None]


def serve_lines(handle: Callable[[str, Emit], None]) -> int:
    """Run the child's side: one call of `handle` per input line, until the input ends."""
    jobs: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()

    def emit(message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    while True:
        handle(jobs.get(), emit)


def _read(jobs: queue.Queue[str]) -> None:
    for line in sys.stdin:
        jobs.put(line)
    # The parent is gone: leave even in the middle of a computation, and take all forks along.
    if os.getpgid(0) == os.getpid():
        end_group(os.getpid())
    os._exit(0)
