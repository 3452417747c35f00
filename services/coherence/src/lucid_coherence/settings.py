"""What the coherence service reads from the environment, once, before anything starts."""

from dataclasses import dataclass

from lucid_rpc.server import ServerSettings
from lucid_runtime.addresses import Address, default_address, parse_address
from lucid_runtime.settings import positive_seconds, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServerSettings):
    """Settings of the coherence service."""

    data_dir: str = setting(
        "LUCID_DATA_DIR",
        default=".lucid",
        help="folder of the embedded store",
        why="beside the project, easy to find and to delete",
    )
    database_url: str = setting(
        "LUCID_DATABASE_URL",
        default="",
        help="sqlite:///path or postgresql+psycopg://... of carriers and checkpoints",
        why="unset means coherence.sqlite in the data folder",
    )
    validation: Address = setting(
        "LUCID_VALIDATION_ADDRESS",
        default=default_address("validation"),
        help="host:port of the validation service",
        why="the table of ports, on loopback",
        parse=parse_address,
    )
    validation_budget_s: float = setting(
        "LUCID_COHERENCE_VALIDATION_BUDGET",
        default=6.0,
        unit="s",
        help="most time that validation may spend on one horizon",
        why="horizons take well under a second, and callers give a unary call 10 s",
        parse=positive_seconds,
    )

    @property
    def store_url(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir}/coherence.sqlite"
