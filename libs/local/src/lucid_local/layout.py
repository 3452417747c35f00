"""Where the mesh lives on this machine: folder, ports and each process's environment."""

import json
import os
import random
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
HEALTH_OFFSET = 100
GATEWAY = "gateway"
DEFAULT_PORTS = {
    "validation": 7101,
    "coherence": 7102,
    "vendor": 7103,
    "dream": 7104,
    "cache": 7105,
    "metrics": 7106,
    GATEWAY: 8080,
}
SERVICES = tuple(name for name in DEFAULT_PORTS if name != GATEWAY)
# Ports above collide with the kernel's ephemeral range under load.
PORT_MAX = 32767 - HEALTH_OFFSET
PORT_MIN = 10000


@dataclass(frozen=True)
class MeshLayout:
    """One mesh: its data folder, the port of each process and the trace collector's address.

    `collector` is `host:port` of an OTLP gRPC receiver, empty for none.
    """

    data_dir: Path
    ports: Mapping[str, int]
    collector: str = ""

    def address(self, process: str) -> str:
        """Return `host:port` where a process serves."""
        return f"{LOOPBACK}:{self.ports[process]}"

    def health_address(self, service: str) -> str:
        """Return `host:port` of a service's own health server."""
        return f"{LOOPBACK}:{self.ports[service] + HEALTH_OFFSET}"

    @property
    def gateway_url(self) -> str:
        """Return the gateway's base URL."""
        return f"http://{self.address(GATEWAY)}"

    def log_file(self, process: str) -> Path:
        """Return the file that takes a process's log lines."""
        return self.data_dir / "logs" / f"{process}.jsonl"

    @property
    def state_file(self) -> Path:
        """Return the file that tells other commands where the mesh is."""
        return self.data_dir / "mesh.json"

    @property
    def traces_file(self) -> Path:
        """Return the file that takes the spans of this mesh."""
        return self.data_dir / "traces.jsonl"

    def environment(self, process: str, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a process; what the caller has set wins."""
        chosen = {
            "LUCID_DATA_DIR": str(self.data_dir),
            "LUCID_LISTEN": self.address(process),
            "LUCID_DATABASE_URL": f"sqlite:///{(self.data_dir / process).resolve()}.sqlite",
            # Idle workers must not spin: one BLAS thread in each process.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            # One heap for each thread would keep what large requests needed: 1016 MB, not 581.
            "MALLOC_ARENA_MAX": "2",
            # Arrays of a few MB come with each request; fresh pages cost a third of the time.
            "MALLOC_MMAP_THRESHOLD_": "33554432",
            "MALLOC_TRIM_THRESHOLD_": "33554432",
            "PYTHONUNBUFFERED": "1",
        }
        if process != GATEWAY:
            chosen["LUCID_HEALTH_LISTEN"] = self.health_address(process)
        for peer in SERVICES:
            chosen[f"LUCID_{peer.upper()}_ADDRESS"] = self.address(peer)
            chosen[f"LUCID_{peer.upper()}_HEALTH_ADDRESS"] = self.health_address(peer)
        if self.collector:
            chosen["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{self.collector}"
        overrides = _overrides(process, inherited)
        return {**inherited, **chosen, **overrides}


def _overrides(process: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return `LUCID_<PROCESS>_DATABASE_URL` and OTLP settings that the operator gave by hand."""
    kept = {}
    database = inherited.get(f"LUCID_{process.upper()}_DATABASE_URL")
    if database:
        kept["LUCID_DATABASE_URL"] = database
    if inherited.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        kept["OTEL_EXPORTER_OTLP_ENDPOINT"] = inherited["OTEL_EXPORTER_OTLP_ENDPOINT"]
    return kept


def is_free(port: int) -> bool:
    """Say whether nothing listens on a loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(rng: random.Random) -> dict[str, int]:
    """Draw a free port for each process, with room for its health port.

    Raises:
        RuntimeError: if 100 draws found no free block of ports.
    """
    for _ in range(100):
        base = rng.randrange(PORT_MIN, PORT_MAX - 2 * HEALTH_OFFSET)
        ports = {name: base + index for index, name in enumerate(DEFAULT_PORTS)}
        wanted = [*ports.values(), *(ports[name] + HEALTH_OFFSET for name in SERVICES)]
        if all(is_free(port) for port in wanted):
            return ports
    raise RuntimeError("no free block of ports between 10000 and 32767 on 127.0.0.1")


def busy_ports(layout: MeshLayout) -> dict[str, int]:
    """Return the processes whose ports something else already holds."""
    busy = {name: port for name, port in layout.ports.items() if not is_free(port)}
    for name in SERVICES:
        health_port = layout.ports[name] + HEALTH_OFFSET
        if not is_free(health_port):
            busy[f"{name} health"] = health_port
    return busy


def save(layout: MeshLayout, pids: Mapping[str, int], supervisor_pid: int) -> None:
    """Tell other commands where the mesh is; the file is replaced as a whole."""
    state = asdict(layout) | {
        "data_dir": str(layout.data_dir),
        "ports": dict(layout.ports),
        "pids": dict(pids),
        "supervisor_pid": supervisor_pid,
    }
    fresh = layout.state_file.with_suffix(".new")
    fresh.write_text(json.dumps(state, indent=1))
    fresh.replace(layout.state_file)


def load(data_dir: Path) -> MeshLayout:
    """Return the layout of the mesh that last ran in a folder, or the default one."""
    state_file = data_dir / "mesh.json"
    if not state_file.exists():
        return MeshLayout(data_dir, DEFAULT_PORTS)
    state = json.loads(state_file.read_text())
    return MeshLayout(data_dir, state["ports"], state["collector"])


def pids(data_dir: Path) -> dict[str, int]:
    """Return the process ids of the mesh that last ran in a folder."""
    state_file = data_dir / "mesh.json"
    if not state_file.exists():
        return {}
    state = json.loads(state_file.read_text())
    return {"supervisor": state["supervisor_pid"], **state["pids"]}


def is_alive(pid: int) -> bool:
    """Say whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
