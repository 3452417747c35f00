"""Writes `docs/telemetry.md` from `semconv`; `python -m lucid_telemetry.documentation > …`."""

import sys
from collections.abc import Iterable

from lucid_runtime.settings import describe

from lucid_telemetry import semconv
from lucid_telemetry.setup import TelemetrySettings


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def render() -> str:
    """Return the whole document."""
    metrics = _table(
        ("metric", "kind", "unit", "meaning", "attributes"),
        (
            (f"`{one.name}`", one.kind, f"`{one.unit}`", one.description, _codes(one.attributes))
            for one in semconv.METRICS
        ),
    )
    spans = _table(
        ("span", "service", "covers", "attributes"),
        (
            (f"`{one.name}`", one.service, one.description, _codes(one.attributes))
            for one in semconv.SPANS
        ),
    )
    attributes = _table(
        ("attribute", "values", "meaning"),
        ((f"`{one.name}`", one.values, one.description) for one in semconv.ATTRIBUTES),
    )
    settings = _table(
        ("variable", "default", "meaning", "why"),
        (
            (f"`{one.env}`", f"`{one.default}`" if one.default else "unset", one.help, one.why)
            for one in describe(TelemetrySettings)
        ),
    )
    return _DOCUMENT.format(
        version=semconv.SEMCONV_VERSION,
        method=semconv.RPC_METHOD,
        status=semconv.RPC_RESPONSE_STATUS_CODE,
        error=semconv.ERROR_TYPE,
        codes=_codes(sorted(semconv.SERVER_ERROR_CODES)),
        buckets=", ".join(str(bound) for bound in semconv.DURATION_BUCKETS_S),
        metrics=metrics,
        spans=spans,
        attributes=attributes,
        settings=settings,
    )


_DOCUMENT = """# Telemetry

Generated from `libs/telemetry/src/lucid_telemetry/semconv.py`; a test fails when it is stale.
Names that do not begin with `lucid.` are those of the OpenTelemetry semantic conventions
{version}.

## Traces

W3C `traceparent` travels through every call, unary or stream. Where a trace begins, its share of
being sampled is `LUCID_TRACE_RATIO`; whoever continues a trace keeps the decision that the header
carries. Each call has a client span on one side and a server span on the other, both named
`package.Service/Method`, with `{method}`, `{status}` and, on failure, `{error}`. A client span
covers the retries. On a client span every status but `OK` is an error; on a server span
{codes} are.

{spans}

## Metrics

Durations have the buckets {buckets} s. They are exported over OTLP when an endpoint is set, and
counters and histograms go to the metrics service once a second, with the attributes as labels.
Neither is on the start-up or the serving path: what cannot be delivered is counted and dropped.

{metrics}

## Attributes of our own

No resource name is ever an attribute of a metric.

{attributes}

## Logs

One JSON object per line on stderr: `time`, `level`, `service`, `logger`, `event`, inside a trace
`trace_id` and `span_id`, and whatever belongs to the event.

## Settings

{settings}
"""


def main() -> None:
    """Print the document."""
    sys.stdout.write(render())


if __name__ == "__main__":
    main()
