"""Every telemetry name that Lucid emits, in one place.

The names of others are those of the OpenTelemetry semantic conventions at the version pinned
here; our own are `lucid.<noun>.…`. `docs/telemetry.md` is generated from this module, and a test
compares what the services emit with what is declared here.
"""

from dataclasses import dataclass
from typing import Final

SEMCONV_VERSION: Final = "1.44.0"
"""https://github.com/open-telemetry/semantic-conventions/tree/v1.44.0"""

SCHEMA_URL: Final = f"https://opentelemetry.io/schemas/{SEMCONV_VERSION}"

# --- resource ----------------------------------------------------------------------------------
SERVICE_NAME: Final = "service.name"
SERVICE_VERSION: Final = "service.version"
SERVICE_INSTANCE_ID: Final = "service.instance.id"

# --- attributes of calls -----------------------------------------------------------------------
RPC_SYSTEM_NAME: Final = "rpc.system.name"
RPC_SYSTEM_GRPC: Final = "grpc"
RPC_METHOD: Final = "rpc.method"
RPC_METHOD_ORIGINAL: Final = "rpc.method_original"
RPC_METHOD_OTHER: Final = "_OTHER"
# Renamed to rpc.status_code on the main branch after v1.44.0: change it here, with the version.
RPC_RESPONSE_STATUS_CODE: Final = "rpc.response.status_code"
ERROR_TYPE: Final = "error.type"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
HTTP_REQUEST_METHOD: Final = "http.request.method"
HTTP_ROUTE: Final = "http.route"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
URL_SCHEME: Final = "url.scheme"

# --- metrics -----------------------------------------------------------------------------------
RPC_SERVER_CALL_DURATION: Final = "rpc.server.call.duration"
RPC_CLIENT_CALL_DURATION: Final = "rpc.client.call.duration"
HTTP_SERVER_REQUEST_DURATION: Final = "http.server.request.duration"

DURATION_BUCKETS_S: Final = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
)
"""Upper bounds of the buckets of every duration, in seconds; the last bucket is open."""

SERVER_ERROR_CODES: Final = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
"""The status codes that make a server span an error; for a client span every code but OK does."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its name, kind (`histogram`, `counter` or `gauge`), UCUM unit and meaning."""

    name: str
    kind: str
    unit: str
    description: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanName:
    """A span of our own: its name, who makes it, what it covers and its attributes."""

    name: str
    service: str
    description: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of our own: low cardinality, never a resource name on a metric."""

    name: str
    values: str
    description: str


METRICS: Final = (
    Metric(
        RPC_SERVER_CALL_DURATION,
        "histogram",
        "s",
        "Duration of one call as the server saw it.",
        (RPC_SYSTEM_NAME, RPC_METHOD, RPC_RESPONSE_STATUS_CODE, ERROR_TYPE),
    ),
    Metric(
        RPC_CLIENT_CALL_DURATION,
        "histogram",
        "s",
        "Duration of one logical call with all its retries as the client saw it.",
        (RPC_SYSTEM_NAME, RPC_METHOD, RPC_RESPONSE_STATUS_CODE, ERROR_TYPE, SERVER_ADDRESS),
    ),
    Metric(
        HTTP_SERVER_REQUEST_DURATION,
        "histogram",
        "s",
        "Duration of one HTTP request at the gateway.",
        (HTTP_REQUEST_METHOD, HTTP_ROUTE, HTTP_RESPONSE_STATUS_CODE),
    ),
    Metric(
        "lucid.telemetry.spans.dropped",
        "counter",
        "{span}",
        "Spans that were dropped because the export queue was full or the collector failed.",
    ),
    Metric(
        "lucid.telemetry.reports.failed",
        "counter",
        "{report}",
        "Reports that the metrics service did not accept.",
    ),
    Metric(
        "lucid.cache.lookups",
        "counter",
        "{lookup}",
        "Look-ups in the cache, by result.",
        ("lucid.cache.result",),
    ),
    Metric("lucid.cache.evictions", "counter", "{entry}", "Entries evicted from the cache."),
    Metric(
        "lucid.cache.coalesced_waits",
        "counter",
        "{wait}",
        "Callers that waited for another's computation and got its value.",
    ),
    Metric("lucid.cache.saved", "counter", "ms", "Computation that hits have saved."),
    Metric("lucid.cache.entries", "gauge", "{entry}", "Entries held in memory now."),
    Metric("lucid.cache.size", "gauge", "By", "Bytes held in memory now."),
    Metric(
        "lucid.validation.verdicts",
        "counter",
        "{verdict}",
        "Verdicts given, by verdict and by whether a solver had to run.",
        ("lucid.validation.verdict", "lucid.validation.source"),
    ),
    Metric(
        "lucid.validation.method.duration",
        "histogram",
        "s",
        "Duration of one run of one method on one obligation.",
        ("lucid.validation.method",),
    ),
    Metric(
        "lucid.dream.sessions",
        "counter",
        "{session}",
        "Sessions that ended, by outcome.",
        ("lucid.dream.outcome",),
    ),
    Metric(
        "lucid.rpc.breaker.state",
        "gauge",
        "1",
        "State of a breaker: 0 closed, 1 half-open, 2 open.",
        ("lucid.rpc.peer", "lucid.rpc.method_class"),
    ),
    Metric(
        "lucid.rpc.breaker.rejections",
        "counter",
        "{call}",
        "Calls that an open breaker refused without sending them.",
        ("lucid.rpc.peer", "lucid.rpc.method_class"),
    ),
)

ATTRIBUTES: Final = (
    Attribute("lucid.cache.result", "hit, miss, stale", "Result of a look-up."),
    Attribute("lucid.cache.level", "l1, l2", "Level of the cache that answered."),
    Attribute("lucid.validation.method", "name of the method", "Method that ran."),
    Attribute("lucid.validation.verdict", "the verdicts of the API", "Verdict that was given."),
    Attribute("lucid.validation.source", "solved, cached", "Whether a solver had to run."),
    Attribute("lucid.validation.outcome", "the outcomes of the API", "How a synthesis ended."),
    Attribute("lucid.dream.step", "name of the step", "Step of the saga."),
    Attribute("lucid.dream.outcome", "the outcomes of the API", "How a session ended."),
    Attribute("lucid.rpc.peer", "the six nouns, gateway", "Service that is called."),
    Attribute("lucid.rpc.method_class", "read, write, stream", "Class of methods."),
)

SPANS: Final = (
    SpanName(
        "lucid.validation.solve",
        "validation",
        "One method at work on one obligation, outside the process that serves.",
        ("lucid.validation.method", "lucid.validation.verdict"),
    ),
    SpanName(
        "lucid.validation.check",
        "validation",
        "The independent checker at work on evidence.",
        ("lucid.validation.verdict",),
    ),
    SpanName(
        "lucid.validation.synthesize",
        "validation",
        "One search for a certificate, outside the process that serves.",
        ("lucid.validation.outcome",),
    ),
    SpanName(
        "lucid.cache.lookup",
        "cache",
        "One look-up through the levels of the cache.",
        ("lucid.cache.result", "lucid.cache.level"),
    ),
    SpanName("lucid.dream.step", "dream", "One step of a saga.", ("lucid.dream.step",)),
)

SPAN_NAMES: Final = frozenset(span.name for span in SPANS)
METRIC_NAMES: Final = frozenset(metric.name for metric in METRICS)
ATTRIBUTE_NAMES: Final = frozenset(attribute.name for attribute in ATTRIBUTES)
