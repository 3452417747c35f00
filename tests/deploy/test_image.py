"""The Dockerfile without a container daemon: its own RUN lines in a clean folder and environment.

What this shows: the locks and the members are enough, hashes hold, nothing else is fetched for the
members, and the image's command starts the service. What it cannot show: the base image, its
Python (this machine's is used), the file system's rights.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "validation", "coherence", "vendor", "dream", "cache", "metrics")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE))
    pairs = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name, rest) for name, rest in pairs]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for pair in instructions():
        if pair[0] == "FROM":
            found.append([])
        found[-1].append(pair)
    return found


def copy_in(source: str, target: Path) -> None:
    """Copy as the daemon would, by the patterns of .dockerignore that leave something out."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert f"!{source}" in lines, f"{source} is not let in by .dockerignore"
    left_out = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    shutil.copytree(ROOT / source, target / source, ignore=shutil.ignore_patterns(*left_out))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the build stage for the gateway; return what stands for /opt/lucid."""
    folder = tmp_path_factory.mktemp("image")
    source, target, builder = folder / "src", folder / "opt", folder / "builder"
    source.mkdir()
    subprocess.run([sys.executable, "-m", "venv", builder], check=True, timeout=60)
    environ = {
        "PATH": f"{builder}/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "SERVICE": "gateway",
        **{k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_", "HTTP", "SSL_"))},
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    for name, rest in stages()[0]:
        if name == "COPY":
            copy_in(rest.split()[0], source)
        elif name == "RUN":
            line = rest.replace("/opt/lucid", str(target))
            done = subprocess.run(
                ["/bin/sh", "-ec", line],
                cwd=source,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return target


def test_the_environment_holds_the_service_and_nothing_that_it_does_not_need(built: Path) -> None:
    code = (
        "import importlib.metadata as m, json;"
        "import lucid_gateway.server, lucid_gateway.__main__;"
        "print(json.dumps(sorted(d.name for d in m.distributions())))"
    )
    done = subprocess.run(
        [built / "bin/python", "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    names = set(json.loads(done.stdout))
    assert {"lucid-mesh-gateway", "lucid-mesh-rpc", "granian", "msgspec"} <= names
    assert not names & {"pip", "uv", "pytest", "z3-solver", "numpy", "lucid-mesh-validation"}


def test_the_command_of_the_image_serves_and_stops_on_sigterm(built: Path) -> None:
    entry = next(json.loads(rest) for name, rest in stages()[1] if name == "ENTRYPOINT")
    command = [part.replace("/opt/lucid", str(built)) for part in entry]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(command, env={"LUCID_LISTEN": f"127.0.0.1:{port}"}, cwd="/")
    try:
        until = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1) as reply:
                    assert reply.status == 200
                break
            except OSError:
                assert time.monotonic() < until, "does not serve"
                time.sleep(0.05)  # another process: only its port can be asked
        # The files that are not code travel too: the description needs the protos' comments.
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=10) as reply:
            assert json.load(reply)["paths"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


def test_the_image_runs_as_nobody_without_a_shell_or_a_moving_base() -> None:
    last = dict(stages()[-1])
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", last["USER"])
    assert json.loads(last["ENTRYPOINT"])
    assert last["HEALTHCHECK"] == "NONE"
    for stage in stages():
        assert re.match(r"python:3\.\d+-slim( AS \w+)?$", stage[0][1])


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_gets_its_members_and_all_that_they_name(service: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "locks/members.py", service],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    folders = done.stdout.split()
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)==", (ROOT / f"locks/{service}.txt").read_text()))
    for folder in folders:
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
        for text in project.get("dependencies", []):
            name = re.split(r"[\s\[<>=!~;]", text)[0].lower()
            is_member = name.startswith(("lucid-mesh-", "lucid-checker"))
            assert is_member or name in locked, f"{name} of {folder} is not in locks/{service}.txt"
    home = "gateway" if service == "gateway" else f"services/{service}"
    assert folders[-1] == f"./{home}"


def test_skaffold_builds_every_image_and_hands_each_to_the_chart() -> None:
    config = yaml.safe_load((ROOT / "skaffold.yaml").read_text("utf-8"))
    built = {
        one["image"]: one["docker"]["buildArgs"]["SERVICE"] for one in config["build"]["artifacts"]
    }
    assert built == {f"lucid-{service}": service for service in SERVICES}
    release = config["deploy"]["helm"]["releases"][0]
    assert (ROOT / release["chartPath"] / "Chart.yaml").exists()
    assert set(release["setValueTemplates"]) == {f"services.{one}.image" for one in SERVICES}
