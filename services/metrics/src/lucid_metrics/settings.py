"""What the metrics service reads from the environment."""

from dataclasses import dataclass

from lucid_rpc.server import ServerSettings
from lucid_runtime.settings import positive_integer, setting

from lucid_metrics.series.rollup import SERIES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServerSettings):
    """The limits of the picture that is held in memory."""

    series_max: int = setting(
        "LUCID_METRICS_SERIES",
        default=SERIES_MAX,
        help="series held; further ones are refused and counted",
        why="seven services with a thousand series each; about 10 MB",
        parse=positive_integer,
    )
    watchers_max: int = setting(
        "LUCID_METRICS_WATCHERS",
        default=64,
        help="streams of snapshots at a time",
        why="a few screens per operator; each costs one snapshot per interval",
        parse=positive_integer,
    )
