"""Starts the processes of the mesh, restarts those that die, and stops them in order."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lucid_local import layout as layouts
from lucid_local.layout import DEFAULT_PORTS, MeshLayout

RESTART_DELAY_FIRST_S = 0.1
RESTART_DELAY_MAX_S = 5.0
# A process that lived this long is healthy again: its next death starts from the first delay.
HEALTHY_AFTER_S = 30.0
STOP_GRACE_S = 8.0

Listener = Callable[[str, str], None]


@dataclass
class Supervisor:
    """The processes of one mesh.

    `listener(process, event)` hears every start, exit and restart; events are short sentences.
    """

    layout: MeshLayout
    environ: Mapping[str, str]
    listener: Listener = lambda _process, _event: None
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    extra_environment: dict[str, dict[str, str]] = field(default_factory=dict)
    _watchers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _stopping: bool = False

    async def start(self) -> None:
        """Start every process at once; none waits for another."""
        (self.layout.data_dir / "logs").mkdir(parents=True, exist_ok=True)
        await asyncio.gather(*(self._spawn(name) for name in DEFAULT_PORTS))
        for name in DEFAULT_PORTS:
            self._watchers[name] = asyncio.create_task(self._keep_alive(name))
        self._save()

    async def stop(self) -> None:
        """Ask every process to drain, then end those that do not within the grace period."""
        self._stopping = True
        for watcher in self._watchers.values():
            watcher.cancel()
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.terminate()
        waiting = [asyncio.create_task(p.wait()) for p in self.processes.values()]
        if waiting:
            await asyncio.wait(waiting, timeout=STOP_GRACE_S)
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*waiting)

    def pid(self, name: str) -> int:
        """Return the process id of a process."""
        return self.processes[name].pid

    async def _spawn(self, name: str) -> None:
        log_file = self.layout.log_file(name)
        environment = self.layout.environment(name, self.environ)
        environment.update(self.extra_environment.get(name, {}))
        with log_file.open("ab") as log:
            self.processes[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "lucid_local.child", f"lucid_{name}", str(os.getpid())),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    async def _keep_alive(self, name: str) -> None:
        delay = RESTART_DELAY_FIRST_S
        loop = asyncio.get_running_loop()
        while not self._stopping:
            started = loop.time()
            status = await self.processes[name].wait()
            if self._stopping:
                return
            if loop.time() - started > HEALTHY_AFTER_S:
                delay = RESTART_DELAY_FIRST_S
            self.restarts[name] = self.restarts.get(name, 0) + 1
            self.listener(name, f"ended with status {status}; restarting in {delay:.1f} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, RESTART_DELAY_MAX_S)
            await self._spawn(name)
            self._save()
            self.listener(name, f"restarted as process {self.pid(name)}")

    def _save(self) -> None:
        layouts.save(self.layout, {n: p.pid for n, p in self.processes.items()}, os.getpid())


def last_log_lines(path: Path, count: int = 5) -> list[str]:
    """Return the end of a log file, for the message that a process did not come up."""
    if not path.exists():
        return []
    with path.open("rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 8192))
        return log.read().decode(errors="replace").splitlines()[-count:]
