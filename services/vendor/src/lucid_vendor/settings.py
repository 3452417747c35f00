"""What the vendor portal reads from the environment, once, before anything starts."""

from dataclasses import dataclass
from pathlib import Path

from lucid_rpc.server import ServerSettings
from lucid_runtime.addresses import Address, default_address, parse_address
from lucid_runtime.settings import positive_integer, positive_seconds, setting

PEPPER_BYTES_MIN = 32


def pepper_of(text: str) -> bytes:
    """Parse a pepper: hexadecimal, at least 32 bytes. The message does not repeat it."""
    try:
        pepper = bytes.fromhex(text)
    except ValueError:
        pepper = b""
    if len(pepper) < PEPPER_BYTES_MIN:
        message = f"must be at least {PEPPER_BYTES_MIN} bytes in hexadecimal"
        raise ValueError(message)
    return pepper


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServerSettings):
    """Settings of the vendor portal."""

    data_dir: str = setting(
        "LUCID_DATA_DIR",
        default=".lucid",
        help="folder of the embedded store and of the pepper",
        why="beside the project, easy to find and to delete",
    )
    database_url: str = setting(
        "LUCID_DATABASE_URL",
        default="",
        help="sqlite:///path or postgresql+psycopg://... of vendors, seeds and the ledger",
        why="unset means vendor.sqlite in the data folder",
    )
    pepper_file: str = setting(
        "LUCID_API_KEY_PEPPER_FILE",
        default="",
        help="file with the secret that API keys are hashed with, hexadecimal",
        why="unset means vendor.pepper in the data folder, made at the first start",
    )
    validation: Address = setting(
        "LUCID_VALIDATION_ADDRESS",
        default=default_address("validation"),
        help="host:port of the validation service",
        why="the table of ports, on loopback",
        parse=parse_address,
    )
    validation_budget_s: float = setting(
        "LUCID_VENDOR_VALIDATION_BUDGET",
        default=30.0,
        unit="s",
        help="most time that validation may spend on one seed",
        why="three times its own default: a seed is submitted once and run a thousand times",
        parse=positive_seconds,
    )
    submit_wait_s: float = setting(
        "LUCID_VENDOR_SUBMIT_WAIT",
        default=8.0,
        unit="s",
        help="how long SubmitSeed waits for the verdict before it answers VALIDATING",
        why="shorter than the 10 s that callers give a unary call",
        parse=positive_seconds,
    )
    retry_s: float = setting(
        "LUCID_VENDOR_RETRY",
        default=2.0,
        unit="s",
        help="how often seeds that still wait for validation, or whose time is over, are visited",
        why="a restarted validation is noticed soon, and a stopped one is not hammered",
        parse=positive_seconds,
    )
    certifications_max: int = setting(
        "LUCID_VENDOR_CERTIFICATIONS",
        default=4,
        help="how many seeds are certified at a time",
        why="validation has few workers; more would only wait there",
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
        return self.database_url or f"sqlite:///{self.data_dir}/vendor.sqlite"

    @property
    def pepper_path(self) -> Path:
        """Where the pepper is kept."""
        return Path(self.pepper_file or f"{self.data_dir}/vendor.pepper")
