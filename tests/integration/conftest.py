"""One mesh of real processes for the tests of this folder, with its spans received elsewhere."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lucid_local.layout import load
from lucid_testkit.mesh import Mesh, start_mesh


@pytest.fixture(scope="session")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Receive spans in a process of its own; yield the file and the endpoint."""
    traces = tmp_path_factory.mktemp("spans") / "traces.jsonl"
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from lucid_local.traces import serve_traces\n"
        "async def main():\n"
        "    server, address = await serve_traces(Path(sys.argv[1]))\n"
        "    print(address, flush=True)\n"
        "    await server.wait_for_termination()\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(traces)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    try:
        yield traces, f"http://{address}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory, receiver: tuple[Path, str]) -> Iterator[Mesh]:
    """Yield a running mesh that exports to the receiver."""
    data_dir = tmp_path_factory.mktemp("mesh")
    traces, endpoint = receiver
    process = start_mesh(data_dir, endpoint)
    try:
        yield Mesh(load(data_dir), process, traces)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
