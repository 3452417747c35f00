"""What the dream service reads from the environment, once, before anything starts."""

import dataclasses
import socket

from lucid_rpc.server import ServerSettings
from lucid_runtime.addresses import Address, default_address, parse_address
from lucid_runtime.settings import positive_seconds, setting


def _peer(noun: str) -> Address:
    return setting(  # type: ignore[no-any-return]
        f"LUCID_{noun.upper()}_ADDRESS",
        default=default_address(noun),
        help=f"host:port of the {noun} service",
        why="the table of ports, on loopback",
        parse=parse_address,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServerSettings):
    """Settings of the dream service."""

    data_dir: str = setting(
        "LUCID_DATA_DIR",
        default=".lucid",
        help="folder of the embedded stores",
        why="beside the project, easy to find and to delete",
    )
    database_url: str = setting(
        "LUCID_DATABASE_URL",
        default="",
        help="sqlite:///path or postgresql+psycopg://... of users, consents and sessions",
        why="unset means dream.sqlite in the data folder",
    )
    saga_database_url: str = setting(
        "LUCID_SAGA_DATABASE_URL",
        default="",
        help="the durable engine's own database; its tables are private to it",
        why="unset means dream-saga.sqlite beside the database, or the same PostgreSQL database, "
        "where the engine keeps to the schema dbos",
    )
    executor_id: str = setting(
        "LUCID_EXECUTOR_ID",
        default="",
        help="name of this orchestrator; the same after a restart, different for each replica",
        why="unset means the host name, which a stateful set keeps",
    )
    attach_timeout_s: float = setting(
        "LUCID_DREAM_ATTACH_TIMEOUT",
        default=300.0,
        unit="s",
        help="how long a scheduled session waits for RunSession before it is undone",
        why="long enough to put on a headset, short enough not to hold a reservation for long",
        parse=positive_seconds,
    )
    peer_timeout_s: float = setting(
        "LUCID_DREAM_PEER_TIMEOUT",
        default=15.0,
        unit="s",
        help="limit of one attempt at another service within a step",
        why="a fresh certificate may take validation 10 s",
        parse=positive_seconds,
    )
    stuck_after_s: float = setting(
        "LUCID_DREAM_STUCK_AFTER",
        default=30.0,
        unit="s",
        help="age at which a pending saga without a live task ends the process for a restart",
        why="ten times the longest wait between two steps' checkpoints",
        parse=positive_seconds,
    )
    validation: Address = _peer("validation")
    coherence: Address = _peer("coherence")
    vendor: Address = _peer("vendor")
    cache: Address = _peer("cache")

    @property
    def store_url(self) -> str:
        """URL of our own database."""
        return self.database_url or f"sqlite:///{self.data_dir}/dream.sqlite"

    @property
    def engine_url(self) -> str:
        """URL of the durable engine's database."""
        if self.saga_database_url:
            return self.saga_database_url
        if self.store_url.startswith("sqlite"):
            return self.store_url.removesuffix(".sqlite") + "-saga.sqlite"
        return self.store_url

    @property
    def executor(self) -> str:
        """The name under which sagas are owned and recovered."""
        return self.executor_id or socket.gethostname()
