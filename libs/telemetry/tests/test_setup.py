import asyncio
import subprocess
import sys
import time

import pytest
from lucid_runtime.settings import SettingsInvalid
from lucid_telemetry import Telemetry, current, setup, span
from lucid_telemetry.export import QUEUE_SPANS_MAX
from lucid_testkit.faults import mute_server
from lucid_testkit.otlp import otlp_receiver
from lucid_testkit.ports import free_address

FAST = {"OTEL_BSP_SCHEDULE_DELAY": "20"}


def quiet(service: str, **environ: str) -> Telemetry:
    return setup(service, environ, log=False, as_process=False)


async def test_spans_arrive_with_the_identity_of_the_service() -> None:
    async with otlp_receiver() as receiver:
        telemetry = quiet(
            "validation",
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.endpoint,
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
            **FAST,
        )
        with (
            telemetry.incoming("GET /x", {}, {"http.route": "/x"}),
            pytest.raises(KeyError),
            span("lucid.validation.solve", {"lucid.validation.method": "z3"}),
        ):
            raise KeyError
        await receiver.wait_until(lambda got: len(got.spans) == 2)
        await asyncio.to_thread(telemetry.shutdown)
    assert receiver.edges() == {("validation:GET /x", "validation:lucid.validation.solve")}
    (solve,) = receiver.named("lucid.validation.solve")
    assert solve.status == 2
    assert solve.attributes["error.type"] == "KeyError"
    resource = receiver.resources[0]
    assert resource["service.name"] == "validation"
    assert resource["service.version"]
    assert len(resource["service.instance.id"]) == 36
    assert resource["deployment.environment.name"] == "test"


async def test_metrics_leave_at_the_latest_with_the_process() -> None:
    async with otlp_receiver() as receiver:
        telemetry = quiet("cache", OTEL_EXPORTER_OTLP_ENDPOINT=receiver.endpoint, **FAST)
        telemetry.instruments.observe("lucid.validation.method.duration", 0.01)
        telemetry.instruments.count("lucid.cache.lookups", 1, (("lucid.cache.result", "hit"),))
        telemetry.instruments.gauge("lucid.cache.size", 12)
        await asyncio.to_thread(telemetry.shutdown, 5.0)
    assert receiver.metric_names == {
        "lucid.validation.method.duration",
        "lucid.cache.lookups",
        "lucid.cache.size",
    }


def spend(telemetry: Telemetry) -> tuple[float, float]:
    """Return the wall seconds of serving one request and of stopping."""
    started = time.perf_counter()
    with telemetry.incoming("GET /x", {}):
        pass
    served = time.perf_counter()
    telemetry.shutdown()
    return served - started, time.perf_counter() - served


async def test_an_absent_collector_delays_nothing_and_its_spans_are_counted() -> None:
    started = time.perf_counter()
    telemetry = quiet("dream", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{free_address()}", **FAST)
    setup_s = time.perf_counter() - started
    served_s, stopped_s = await asyncio.to_thread(spend, telemetry)
    assert setup_s < 1.0
    assert served_s < 0.1
    assert stopped_s < 1.0


async def test_a_collector_that_never_answers_delays_nothing() -> None:
    async with mute_server() as address:
        started = time.perf_counter()
        telemetry = quiet("dream", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{address}", **FAST)
        setup_s = time.perf_counter() - started
        served_s, stopped_s = await asyncio.to_thread(spend, telemetry)
    assert setup_s < 1.0
    assert served_s < 0.1
    assert stopped_s < 1.0


async def test_a_full_queue_drops_spans_and_counts_them() -> None:
    async with mute_server() as address:
        telemetry = quiet(
            "dream",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{address}",
            OTEL_BSP_SCHEDULE_DELAY="3600000",
        )
        for _ in range(QUEUE_SPANS_MAX + 5):
            telemetry.tracing.start("lucid.dream.step").end()
        dropped = [
            one
            for one in telemetry.instruments.snapshot()
            if one.name == "lucid.telemetry.spans.dropped"
        ]
        await asyncio.to_thread(telemetry.shutdown, 0.1)
    assert [one.value for one in dropped] == [5]


@pytest.mark.parametrize("collector", ["absent", "mute"])
async def test_a_process_ends_in_time_whatever_the_collector_does(collector: str) -> None:
    """The exporter's thread must not hold up the interpreter's own end."""
    code = (
        "import sys, time; from lucid_telemetry import setup\n"
        "t = setup('dream', {'OTEL_EXPORTER_OTLP_ENDPOINT': sys.argv[1],"
        " 'OTEL_BSP_SCHEDULE_DELAY': '10'})\n"
        "with t.incoming('GET /', {}): pass\n"
        "started = time.perf_counter(); t.shutdown(); print(time.perf_counter() - started)"
    )
    async with mute_server() as mute:
        address = mute if collector == "mute" else free_address()
        ended = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", code, f"http://{address}"],
            capture_output=True,
            timeout=20,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) < 1.0


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("LUCID_TRACE_RATIO", "1.5"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4317"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_RESOURCE_ATTRIBUTES", "nonsense"),
        ("LUCID_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_malformed_variable_is_named(variable: str, text: str) -> None:
    with pytest.raises(SettingsInvalid, match=variable):
        setup("dream", {variable: text}, log=False, as_process=False)


def test_outside_a_call_the_process_has_silent_telemetry_until_it_is_set_up() -> None:
    with span("lucid.dream.step") as started:
        assert not started.is_recording()
    assert current().instruments is current().instruments
