import io
import json
import logging
from collections.abc import Iterator

import pytest
from lucid_telemetry import logs, setup, span


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    kept = io.StringIO()
    logs.configure("validation", stream=kept)
    yield kept
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_event_is_one_line_of_json_with_its_fields(stream: io.StringIO) -> None:
    logging.getLogger("x").info("saved %s", "it\nall", extra={"noun": "vendor"})
    (text,) = stream.getvalue().splitlines()
    line = json.loads(text)
    assert line["event"] == "saved it\nall"
    assert (line["service"], line["level"], line["noun"]) == ("validation", "INFO", "vendor")
    assert "trace_id" not in line


def test_inside_a_span_the_line_names_the_trace(stream: io.StringIO) -> None:
    telemetry = setup("validation", {}, log=False, as_process=False)
    with telemetry.incoming("GET /", {}), span("lucid.validation.solve"):
        logging.getLogger("x").warning("slow")
    line = json.loads(stream.getvalue())
    assert len(line["trace_id"]) == 32
    assert len(line["span_id"]) == 16


def test_an_exception_stays_on_the_line(stream: io.StringIO) -> None:
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (text,) = stream.getvalue().splitlines()
    assert "ValueError: inside" in json.loads(text)["exception"]


def test_a_value_that_json_cannot_carry_is_written_as_text(stream: io.StringIO) -> None:
    logging.getLogger("x").info("odd", extra={"value": {1, 2}.__class__})
    assert json.loads(stream.getvalue())["value"] == "<class 'set'>"
