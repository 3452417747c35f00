"""The cache's domain errors as statuses. A fault of the cache is a miss: it is not in here."""

from grpc import StatusCode
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.status import Quota

from lucid_cache.entries.entry import EntryTooLarge
from lucid_cache.entries.expiry import TimeToLiveInvalid
from lucid_cache.entries.invalidation import TooManyWatchers
from lucid_cache.entries.lease import LeaseDurationInvalid

RETRY_AFTER_S = 5.0

ERRORS = ErrorTable(
    "cache.lucid",
    {
        EntryTooLarge: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "ENTRY_TOO_LARGE",
            metadata=lambda error: {
                "limit": "value_bytes_max",
                "value": str(error.value_bytes),
                "maximum": str(error.bytes_max),
            },
            field=lambda _: "entry.value",
        ),
        LeaseDurationInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "LEASE_DURATION_INVALID",
            metadata=lambda error: {"lease_s": f"{error.lease_s:g}"},
            field=lambda _: "lease_duration",
        ),
        TimeToLiveInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "TIME_TO_LIVE_INVALID",
            metadata=lambda error: {"time_to_live_s": f"{error.time_to_live_s:g}"},
            field=lambda _: "entry.time_to_live",
        ),
        TooManyWatchers: ErrorEntry(
            StatusCode.RESOURCE_EXHAUSTED,
            "TOO_MANY_WATCHERS",
            metadata=lambda error: {
                "watchers": str(error.watchers),
                "maximum": str(error.maximum),
            },
            retry_after_s=lambda _: RETRY_AFTER_S,
            quota=lambda error: Quota("watchers", str(error)),
        ),
    },
)
