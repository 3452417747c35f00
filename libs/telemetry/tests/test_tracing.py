import random

from lucid_telemetry import carrier, resumed, setup, trace_id
from lucid_telemetry.tracing import Tracing, extract, inject
from opentelemetry import trace

PARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
UNSAMPLED = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}


class Recording(trace.NoOpTracer):
    """Counts how often the SDK would have been touched."""

    def __init__(self) -> None:
        self.started = 0

    def start_span(self, *args: object, **options: object) -> trace.Span:  # type: ignore[override]
        self.started += 1
        return trace.INVALID_SPAN


def tracing(ratio: float, tracer: trace.Tracer | None = None) -> Tracing:
    return Tracing(ratio=ratio, tracer=tracer, chance=random.Random(1))


def test_an_unsampled_trace_never_touches_the_sdk_and_keeps_its_id() -> None:
    tracer = Recording()
    root = tracing(0.0, tracer).start("a")
    assert tracer.started == 0
    assert root.get_span_context().is_valid
    assert not root.get_span_context().trace_flags.sampled


def test_the_ratio_is_the_share_of_new_traces_that_are_sampled() -> None:
    tracer = Recording()
    head = tracing(0.25, tracer)
    for _ in range(2000):
        head.start("a")
    assert 400 < tracer.started < 600


def test_the_decision_of_the_caller_is_honoured_whatever_the_ratio() -> None:
    tracer = Recording()
    tracing(1.0, tracer).start("a", parent=extract(UNSAMPLED))
    assert tracer.started == 0
    tracing(0.0, tracer).start("a", parent=extract(PARENT))
    assert tracer.started == 1


def test_without_an_exporter_the_trace_id_still_travels() -> None:
    span = tracing(1.0).start("a", parent=extract(PARENT))
    sent = inject(span)["traceparent"].split("-")
    assert sent[1] == "0af7651916cd43dd8448eb211c80319c"
    assert sent[2] != "b7ad6b7169203331"
    assert sent[3] == "01"


def test_an_unsampled_decision_travels_as_well() -> None:
    span = tracing(1.0).start("a", parent=extract(UNSAMPLED))
    assert inject(span)["traceparent"].endswith("-00")


def test_garbage_in_the_header_starts_a_new_trace() -> None:
    span = tracing(1.0).start("a", parent=extract({"traceparent": "nonsense"}))
    assert span.get_span_context().is_valid


def test_work_that_continues_later_continues_its_trace() -> None:
    telemetry = setup("dream", {}, log=False, as_process=False)
    with telemetry.incoming("POST /v1/sessions", PARENT):
        saved = carrier()
    assert trace_id() == ""
    with resumed(saved):
        assert trace_id() == "0af7651916cd43dd8448eb211c80319c"
    assert trace_id() == ""
