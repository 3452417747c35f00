"""What validation reads from the environment, once, before anything starts."""

import os
from dataclasses import dataclass

from lucid_rpc.server import ServerSettings
from lucid_runtime.addresses import Address, default_address, parse_address
from lucid_runtime.settings import positive_integer, positive_seconds, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServerSettings):
    """Settings of the validation service."""

    data_dir: str = setting(
        "LUCID_DATA_DIR",
        default=".lucid",
        help="folder of the embedded store",
        why="beside the project, easy to find and to delete",
    )
    database_url: str = setting(
        "LUCID_DATABASE_URL",
        default="",
        help="sqlite:///path or postgresql+psycopg://... of verdicts, evidence and jobs",
        why="unset means validation.sqlite in the data folder",
    )
    cache: Address = setting(
        "LUCID_CACHE_ADDRESS",
        default=default_address("cache"),
        help="host:port of the cache service",
        why="the table of ports, on loopback; without it every look-up is a miss",
        parse=parse_address,
    )
    cache_budget_s: float = setting(
        "LUCID_VALIDATION_CACHE_BUDGET",
        default=0.25,
        unit="s",
        help="most time that a look-up in the cache may take",
        why="a slow cache must cost less than the median problem",
        parse=positive_seconds,
    )
    workers_max: int = setting(
        "LUCID_VALIDATION_WORKERS",
        default=max(1, os.cpu_count() or 1),
        help="how many problems are solved at a time, each in a process; at least 2",
        why="a solver uses one core fully; half of them at most are for durable validations",
        parse=positive_integer,
    )
    worker_idle_s: float = setting(
        "LUCID_VALIDATION_WORKER_IDLE",
        default=60.0,
        unit="s",
        help="idle time after which a worker process is ended",
        why="a warm worker holds about 100 MB and costs about a second to start",
        parse=positive_seconds,
    )
    queue_max: int = setting(
        "LUCID_VALIDATION_QUEUE",
        default=1000,
        help="how many durable validations may wait",
        why="beyond that an honest refusal is worth more than a place in the queue",
        parse=positive_integer,
    )
    heartbeat_s: float = setting(
        "LUCID_HEARTBEAT",
        default=5.0,
        unit="s",
        help="silence after which a stream says that it is alive",
        why="well under the time after which proxies cut idle connections",
        parse=positive_seconds,
    )

    @property
    def store_url(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir}/validation.sqlite"
