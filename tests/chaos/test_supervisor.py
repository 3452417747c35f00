"""The supervisor itself: it brings back what dies, and leaves nothing behind when it dies."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
from lucid_local.layout import is_alive, load, pids
from lucid_local.readiness import wait_until_serving

READY_TIMEOUT_S = 60
GONE_TIMEOUT_S = 15


async def start(data_dir: Path) -> asyncio.subprocess.Process:
    """Start a mesh as an operator would and wait until it serves."""
    lucid = Path(sys.executable).with_name("lucid")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LUCID_", "OTEL_"))}
    process = await asyncio.create_subprocess_exec(
        *(str(lucid), "up", "--ports", "auto", "--data", str(data_dir)),
        stdout=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    async with asyncio.timeout(READY_TIMEOUT_S):
        while not (data_dir / "mesh.json").exists():
            await asyncio.sleep(0.05)
    assert not await wait_until_serving(load(data_dir), READY_TIMEOUT_S)
    return process


async def until_gone(numbers: list[int]) -> None:
    """Return when none of the processes exists any more."""
    async with asyncio.timeout(GONE_TIMEOUT_S):
        while any(is_alive(n) and psutil.Process(n).status() != "zombie" for n in numbers):
            await asyncio.sleep(0.1)


async def test_a_killed_service_is_back_and_a_killed_supervisor_leaves_nothing(
    tmp_path: Path,
) -> None:
    process = await start(tmp_path)
    before = pids(tmp_path)
    os.kill(before["cache"], signal.SIGKILL)
    await until_gone([before["cache"]])
    assert not await wait_until_serving(load(tmp_path), READY_TIMEOUT_S)
    async with asyncio.timeout(GONE_TIMEOUT_S):
        while pids(tmp_path)["cache"] == before["cache"]:
            await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    await until_gone([number for name, number in pids(tmp_path).items() if name != "supervisor"])


async def test_sigterm_drains_every_service(tmp_path: Path) -> None:
    process = await start(tmp_path)
    running = pids(tmp_path)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), GONE_TIMEOUT_S) == 0
    assert not any(is_alive(number) for number in running.values())
    for service in ("dream", "vendor", "validation"):
        assert '"stopped"' in load(tmp_path).log_file(service).read_text()
