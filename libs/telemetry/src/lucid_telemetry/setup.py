"""Setting telemetry up: one object per process, ready at once, collector or no collector."""

import random
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Final

from lucid_runtime import settings
from opentelemetry.trace import Span, SpanKind, Tracer

from lucid_telemetry import logs, semconv, tracing
from lucid_telemetry.instruments import Instruments
from lucid_telemetry.tracing import Attributes, Tracing

if TYPE_CHECKING:
    from lucid_telemetry.export import OtlpExport

SHUTDOWN_S: Final = 0.8
"""How long a stopping process waits for its last spans to leave."""


class Telemetry:
    """The tracing, the instruments and the identity of one service in one process."""

    def __init__(
        self,
        service_name: str,
        tracing: Tracing,
        *,
        instance_id: str = "",
        export: "OtlpExport | None" = None,
        instruments: Instruments | None = None,
    ) -> None:
        self.service_name = service_name
        self.instance_id = instance_id
        self.tracing = tracing
        self.instruments = instruments if instruments is not None else Instruments()
        self._export = export

    @contextmanager
    def incoming(
        self, name: str, headers: Mapping[str, str], attributes: Attributes | None = None
    ) -> Iterator[Span]:
        """Cover a request from outside with a server span, continuing its `traceparent` if any."""
        parent = tracing.extract(headers)
        span = self.tracing.start(name, parent=parent, kind=SpanKind.SERVER, attributes=attributes)
        with use(self), tracing.active(span):
            yield span

    def flush(self, timeout_s: float = 1.0) -> bool:
        """Send the queued spans; return whether all left within the time."""
        return self._export is None or self._export.force_flush(int(timeout_s * 1000))

    def shutdown(self, timeout_s: float = SHUTDOWN_S) -> None:
        """Send what can be sent within the time and stop. Safe to call twice."""
        if self._export is not None:
            self._export.stop(timeout_s)
            self._export = None


_SILENT: Final = Telemetry("", Tracing(ratio=0.0, tracer=None, is_passive=True))
_process: Telemetry = _SILENT
_current: ContextVar[Telemetry | None] = ContextVar("lucid_telemetry", default=None)


def current() -> Telemetry:
    """Return the telemetry of the running call, or of the process, or a silent one."""
    return _current.get() or _process


@contextmanager
def use(telemetry: Telemetry) -> Iterator[None]:
    """Make `telemetry` the current one for the body."""
    token = _current.set(telemetry)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def span(name: str, attributes: Attributes | None = None) -> Iterator[Span]:
    """Cover a piece of work of the shell with a span of our own.

    `name` is declared in `semconv.SPANS`, attributes in `semconv.ATTRIBUTES`. Costs next to
    nothing in a trace that is not sampled.
    """
    with tracing.active(current().tracing.start(name, attributes=attributes)) as started:
        yield started


def setup(
    service_name: str,
    environ: Mapping[str, str],
    *,
    chance: random.Random | None = None,
    log: bool = True,
    as_process: bool = True,
) -> Telemetry:
    """Return the telemetry of this process, without waiting for anything.

    Reads `OTEL_EXPORTER_OTLP_ENDPOINT` (unset: nothing is exported), `LUCID_TRACE_RATIO` (default
    1.0), `OTEL_BSP_SCHEDULE_DELAY` (ms between exports, default 1000), `OTEL_RESOURCE_ATTRIBUTES`,
    `LUCID_LOG_LEVEL` (default INFO).

    Args:
        service_name: the noun, such as `validation`.
        environ: the environment.
        chance: source of randomness for ids and sampling; the system's when left out.
        log: whether to configure JSON logs on stderr.
        as_process: whether `span` outside a call uses it; off when a test runs several services.

    Raises:
        SettingsInvalid: a variable is malformed.
    """
    read = settings.load(TelemetrySettings, environ)
    if log:
        logs.configure(service_name, level=read.log_level)
    instance_id = str(uuid.uuid4())
    instruments = Instruments()
    export, tracer = None, None
    if read.endpoint:
        resource = _resource(service_name, instance_id, read.resource_attributes)
        export, tracer = _exporting(read, resource, instruments)
    made = Telemetry(
        service_name,
        Tracing(ratio=read.trace_ratio, tracer=tracer, chance=chance),
        instance_id=instance_id,
        export=export,
        instruments=instruments,
    )
    if as_process:
        global _process  # noqa: PLW0603  # one process has one telemetry, made once at its start
        _process = made
    return made


def _pairs(text: str) -> Mapping[str, str]:
    pairs = [item.partition("=") for item in text.split(",") if item.strip()]
    if not all(separator for _, separator, _ in pairs):
        message = "must be name=value,name=value"
        raise ValueError(message)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _endpoint(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        message = "must be a URL such as http://127.0.0.1:4317"
        raise ValueError(message)
    return text


def _level(text: str) -> str:
    return settings.choice("DEBUG", "INFO", "WARNING", "ERROR")(text.upper())


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySettings:
    """What telemetry reads from the environment."""

    endpoint: str = settings.setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        default="",
        help="URL of an OTLP collector that speaks gRPC",
        why="a mesh without a collector must start and run as well",
        parse=_endpoint,
    )
    trace_ratio: float = settings.setting(
        "LUCID_TRACE_RATIO",
        default=1.0,
        help="share of the traces begun in this process that are sampled",
        why="on one machine every trace is wanted; set it lower at a busy edge",
        parse=settings.ratio,
    )
    export_interval_ms: int = settings.setting(
        "OTEL_BSP_SCHEDULE_DELAY",
        default=1000,
        unit="ms",
        help="time between two exports of spans",
        why="a second is soon enough to look at and rare enough to cost nothing",
        parse=settings.positive_integer,
    )
    resource_attributes: Mapping[str, str] = settings.setting(
        "OTEL_RESOURCE_ATTRIBUTES",
        default="",
        help="more attributes of the resource, name=value separated by commas",
        parse=_pairs,
    )
    log_level: str = settings.setting(
        "LUCID_LOG_LEVEL", default="INFO", help="least level that is logged", parse=_level
    )


def _version(service_name: str) -> str:
    try:
        return metadata.version(f"lucid-mesh-{service_name}")
    except metadata.PackageNotFoundError:
        return metadata.version("lucid-mesh-telemetry")


def _resource(service_name: str, instance_id: str, more: Mapping[str, str]) -> dict[str, str]:
    return {
        **(more or {}),
        semconv.SERVICE_NAME: service_name,
        semconv.SERVICE_VERSION: _version(service_name),
        semconv.SERVICE_INSTANCE_ID: instance_id,
    }


def _exporting(
    read: TelemetrySettings, attributes: Mapping[str, str], instruments: Instruments
) -> "tuple[OtlpExport, Tracer]":
    """Build the SDK's part. Imported here: a process that exports nothing never pays for it."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    from lucid_telemetry.export import OtlpExport

    resource = Resource(attributes, semconv.SCHEMA_URL)
    interval_s = read.export_interval_ms / 1000
    export = OtlpExport(read.endpoint, resource, instruments, interval_s=interval_s)
    # Sampling is decided before the SDK is touched, so whatever reaches it is recorded.
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(export)
    return export, provider.get_tracer("lucid", schema_url=semconv.SCHEMA_URL)
