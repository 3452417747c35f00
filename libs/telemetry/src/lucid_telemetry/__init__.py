"""Spans, metrics and JSON logs of a Lucid process, off its start-up and serving paths."""

from lucid_telemetry.setup import Telemetry, current, setup, span, use
from lucid_telemetry.tracing import carrier, resumed, trace_id

__all__ = ["Telemetry", "carrier", "current", "resumed", "setup", "span", "trace_id", "use"]
