"""What the cache reads from the environment."""

from dataclasses import dataclass

from lucid_rpc.server import ServerSettings
from lucid_runtime.settings import positive_integer, setting
from lucid_store.engine import parse_url


def _sqlite_url(text: str) -> str:
    if parse_url(text).get_backend_name() != "sqlite":
        message = "must be a sqlite:///file URL: the cache's disk tier is a file"
        raise ValueError(message)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServerSettings):
    """The limits of the tiers and where the disk tier lives."""

    database_url: str = setting(
        "LUCID_DATABASE_URL",
        default="sqlite:///.lucid/cache.sqlite",
        help="SQLite file of the disk tier",
        why="the folder of all local data; the file may be deleted at any time",
        parse=_sqlite_url,
    )
    memory_bytes_max: int = setting(
        "LUCID_CACHE_MEMORY_BYTES",
        default=64 * 1024 * 1024,
        unit="By",
        help="size of the memory tier",
        why="an eighth of the mesh's memory on one machine; 20 000 verdicts of 3 kB",
        parse=positive_integer,
    )
    disk_bytes_max: int = setting(
        "LUCID_CACHE_DISK_BYTES",
        default=1024 * 1024 * 1024,
        unit="By",
        help="size of the disk tier",
        why="a day of evidence, and small beside any disk",
        parse=positive_integer,
    )
    entry_bytes_max: int = setting(
        "LUCID_CACHE_ENTRY_BYTES",
        default=3_000_000,
        unit="By",
        help="size of one value",
        why="with its envelope it fits the 4 MiB of a message",
        parse=positive_integer,
    )
    watchers_max: int = setting(
        "LUCID_CACHE_WATCHERS",
        default=64,
        help="streams of invalidations and counters at a time",
        why="a few per process of the mesh; each costs a task and a buffer of a connection",
        parse=positive_integer,
    )
