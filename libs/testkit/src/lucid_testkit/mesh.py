"""A mesh of real processes for tests, started as an operator would: by `lucid up`."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lucid_local.layout import MeshLayout

LUCID = Path(sys.executable).with_name("lucid")


class MeshDidNotStart(Exception):
    """The mesh did not come up; the message is what it said."""


@dataclass(frozen=True)
class Mesh:
    """A running mesh: its layout, its supervisor and the file with the received spans."""

    layout: MeshLayout
    process: "subprocess.Popen[str]"
    traces: Path


def start_mesh(data_dir: Path, collector: str) -> "subprocess.Popen[str]":
    """Start a mesh on free ports and wait until it says that all serve."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LUCID_")}
    environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector
    command = [str(LUCID), "up", "--json", "--ports", "auto", "--data", str(data_dir)]
    mesh = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    shown = []
    for line in mesh.stdout or ():
        shown.append(line)
        if line.startswith("{") and json.loads(line)["ready"]:
            return mesh
    mesh.wait()
    raise MeshDidNotStart("".join(shown))
