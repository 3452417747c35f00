"""The metrics service's domain errors as statuses."""

from grpc import StatusCode
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.rejections import PageTokenInvalid
from lucid_rpc.status import Quota

from lucid_metrics.series.histogram import HistogramInvalid
from lucid_metrics.series.query import WindowInvalid
from lucid_metrics.watching import IntervalInvalid, TooManyWatchers

RETRY_AFTER_S = 5.0

ERRORS = ErrorTable(
    "metrics.lucid",
    {
        HistogramInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "HISTOGRAM_INVALID",
            metadata=lambda error: {"metric": error.metric},
            field=lambda _: "histograms",
        ),
        WindowInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "WINDOW_INVALID",
            metadata=lambda error: {"window_s": f"{error.window_s:g}"},
            field=lambda _: "window",
        ),
        IntervalInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "INTERVAL_INVALID",
            metadata=lambda error: {"interval_s": f"{error.interval_s:g}"},
            field=lambda _: "interval",
        ),
        PageTokenInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", field=lambda _: "page_token"
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
