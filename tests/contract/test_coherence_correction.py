"""ListCodes, DecodeSyndromes and EstimateLogicalErrorRate over loopback gRPC.

Real servicers, real decoding processes; every reason that these methods give for saying no.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import numpy as np
import psutil
import pytest
import pytest_asyncio
import stim
from google.rpc import error_details_pb2
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid.coherence.v1 import correction_pb2 as qec
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_coherence import decoding
from lucid_coherence.errors import DOMAIN
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
INVALID = grpc.StatusCode.INVALID_ARGUMENT
EXACT = qec.LOGICAL_ERROR_METHOD_EXACT
RING = "error(0.1) D0 D1 L0\nerror(0.2) D2 L1"
FREED_WITHIN_S = 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('correction')}/coherence.sqlite")
    nobody = connect(free_address(), service="validation", caller="coherence")
    asked = validation_service_pb2_grpc.ValidationServiceStub(nobody)
    async with serving(definition(store, asked, Settings(), channel=nobody)) as served:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)
    # Nothing that any test cancelled, killed or left idle outlives the service.
    assert not decoding_children()


def experiment(code: str, noise: str, p: float = 0.0, **fields: Any) -> qec.DecodingProblem:
    given = qec.CodeExperiment(code=code, noise=f"CODE_NOISE_{noise}", error_rate=p, **fields)
    return qec.DecodingProblem(experiment=given)


def ask(problem: qec.DecodingProblem, **fields: Any) -> pb2.EstimateLogicalErrorRateRequest:
    stop = fields.pop("stop", {})
    return pb2.EstimateLogicalErrorRateRequest(
        problem=problem, stop=qec.SamplingRule(**stop), **fields
    )


async def estimated(stub: Any, request: pb2.EstimateLogicalErrorRateRequest) -> list[Any]:
    return [message async for message in stub.EstimateLogicalErrorRate(request)]


def chunk(number: int, rows: int, syndromes: bytes) -> pb2.DecodeSyndromesRequest:
    return pb2.DecodeSyndromesRequest(
        chunk_id=number, chunk=qec.SyndromeChunk(rows=rows, syndromes=syndromes)
    )


async def decoded(
    stub: Any, problem: qec.DecodingProblem, chunks: Iterable[pb2.DecodeSyndromesRequest]
) -> list[Any]:
    first = pb2.DecodeSyndromesRequest(chunk_id=1, problem=problem)
    return [answer async for answer in stub.DecodeSyndromes(iter([first, *chunks]))]


async def refused(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in call:
            pass
    failure = failure_of(caught.value)
    assert failure.domain == DOMAIN, failure
    return failure


async def test_list_codes_says_how_to_use_each(stub: Any) -> None:
    codes = {c.code: c for c in (await stub.ListCodes(pb2.ListCodesRequest())).codes}
    assert len(codes) == 23
    five = codes["five_qubit"]
    assert list(five.stabilizers) == ["XZZXI", "IXZZX", "XIXZZ", "ZXIXZ"]
    assert (five.physical_qubits, five.logical_qubits, five.distance) == (5, 1, 3)
    assert (five.syndrome_bits, five.syndrome_bytes, five.correction_bytes) == (4, 1, 2)
    assert list(five.decoders) == [qec.DECODER_LOOKUP]
    assert qec.CODE_NOISE_CIRCUIT_LEVEL not in five.noise_models
    surface = codes["surface_11"]
    assert (surface.syndrome_bits, surface.syndrome_bytes) == (120, 15)
    assert qec.CODE_NOISE_CIRCUIT_LEVEL in surface.noise_models
    assert not surface.exact
    assert (codes["repetition_31"].distance_bit_flip, codes["repetition_31"].distance) == (31, 1)


async def test_single_errors_of_the_steane_code_are_corrected_and_bad_chunks_survived(
    stub: Any,
) -> None:
    codes = {c.code: c for c in (await stub.ListCodes(pb2.ListCodesRequest())).codes}
    steane = codes["steane"]
    x_on = [sum((s[q] in "ZY") << i for i, s in enumerate(steane.stabilizers)) for q in range(7)]
    sent = [
        chunk(7, 7, bytes(x_on)),
        chunk(8, 2, bytes([1])),
        chunk(9, 4_294_967_295, bytes([1])),
        chunk(10, 2, bytes([1, 0xC0])),
        chunk(11, 0, b""),
        pb2.DecodeSyndromesRequest(chunk_id=12, problem=experiment("shor", "BIT_FLIP")),
        pb2.DecodeSyndromesRequest(chunk_id=13),
        chunk(14, 1, bytes([0])),
    ]
    ready, good, *bad, last = await decoded(stub, experiment("steane", "DEPOLARIZING"), sent)
    assert (ready.chunk_id, ready.ready.decoder) == (1, qec.DECODER_LOOKUP)
    assert ready.ready.kind == qec.CORRECTION_KIND_PAULI
    assert (ready.ready.syndrome_bits, ready.ready.correction_bytes) == (6, 2)
    corrections = np.frombuffer(good.decoded.corrections, dtype="<u2")
    assert corrections.tolist() == [1 << q for q in range(7)]
    assert [answer.chunk_id for answer in bad] == [8, 9, 10, 11, 12, 13]
    wanted = [
        ("SYNDROMES_INVALID", "check", "LENGTH"),
        ("LIMIT_EXCEEDED", "limit", "syndrome_bytes_max"),
        ("SYNDROMES_INVALID", "check", "PADDING"),
        ("SYNDROMES_INVALID", "check", "LENGTH"),
        ("SYNDROMES_INVALID", "check", "ORDER"),
        ("SYNDROMES_INVALID", "check", "ORDER"),
    ]
    for answer, (reason, key, value) in zip(bad, wanted, strict=True):
        info = error_details_pb2.ErrorInfo()
        assert answer.error.details[0].Unpack(info)
        assert (info.reason, info.domain, info.metadata[key]) == (reason, DOMAIN, value)
    assert (last.chunk_id, last.decoded.corrections) == (14, bytes(2))


async def test_rows_that_cannot_be_matched_are_counted_apart(stub: Any) -> None:
    problem = qec.DecodingProblem(detector_error_model=RING)
    ready, answer = await decoded(stub, problem, [chunk(2, 5, bytes([0, 1, 3, 2, 7]))])
    assert ready.ready.kind == qec.CORRECTION_KIND_OBSERVABLE_FLIPS
    assert (ready.ready.syndrome_bits, ready.ready.correction_bits) == (3, 2)
    assert answer.decoded.decoder_failures == 2
    assert list(answer.decoded.failed_rows) == [1, 3]
    assert answer.decoded.corrections == bytes([0, 0, 1, 0, 3])


async def test_a_supplied_circuit_decodes_as_pymatching_does(stub: Any) -> None:
    import pymatching

    noisy = stim.Circuit.generated(
        "surface_code:rotated_memory_x", rounds=3, distance=3, after_clifford_depolarization=0.01
    )
    model = noisy.detector_error_model(decompose_errors=True)
    rows, _ = noisy.compile_detector_sampler(seed=4).sample(
        1000, separate_observables=True, bit_packed=True
    )
    expected = pymatching.Matching.from_detector_error_model(model).decode_batch(
        rows, bit_packed_shots=True, bit_packed_predictions=True
    )
    problem = qec.DecodingProblem(circuit=str(noisy))
    _, answer = await decoded(stub, problem, [chunk(2, 1000, rows.tobytes())])
    assert answer.decoded.corrections == expected.tobytes()


async def test_exact_rates_are_the_closed_forms(stub: Any) -> None:
    request = ask(experiment("five_qubit", "DEPOLARIZING", 0.01), method=EXACT)
    (found,) = await estimated(stub, request)
    assert found.rate == pytest.approx(9.77955e-4, rel=1e-6)
    assert found.low == found.high == found.rate
    assert list(found.failures_by_weight) == [0, 0, 90, 210, 270, 198]
    assert found.stop_reason == qec.SAMPLING_STOP_ENUMERATED
    for code, rate in (("repetition_3", 0.028), ("repetition_5", 0.00856)):
        (found,) = await estimated(stub, ask(experiment(code, "BIT_FLIP", 0.1), method=EXACT))
        assert found.rate == pytest.approx(rate)


async def test_sampling_stops_at_errors_and_a_seed_repeats_it(stub: Any) -> None:
    request = ask(
        experiment("surface_3", "CIRCUIT_LEVEL", 0.01),
        stop={"max_errors": 100, "max_shots": 10**9},
        seed=0,
    )
    first, again = [(await estimated(stub, request))[-1] for _ in range(2)]
    assert (first.shots, first.errors) == (again.shots, again.errors)
    assert (first.errors, first.seed, first.rounds) == (100, 0, 3)
    assert first.stop_reason == qec.SAMPLING_STOP_MAX_ERRORS
    assert first.rate == pytest.approx(99 / (first.shots - 1))
    assert first.low < first.rate < first.high
    assert 0 < first.rate_per_round < first.rate
    assert "unbiased" in first.notes[0]


async def test_no_error_is_an_upper_bound_and_never_a_rate(stub: Any) -> None:
    request = ask(experiment("surface_7", "CIRCUIT_LEVEL", 1e-5), stop={"max_shots": 20_000})
    *_, found = await estimated(stub, request)
    assert (found.shots, found.errors, found.low) == (20_000, 0, 0)
    assert not found.HasField("rate")
    assert not found.HasField("rate_per_round")
    assert found.upper_bound == pytest.approx(1.498e-4, rel=1e-3)
    assert found.stop_reason == qec.SAMPLING_STOP_MAX_SHOTS
    assert found.confidence == 0.95
    assert found.seed != 0


async def test_a_seed_of_its_own_is_returned_and_reproduces(stub: Any) -> None:
    problem = experiment("repetition_5", "PHENOMENOLOGICAL", 0.05)
    *_, first = await estimated(stub, ask(problem, stop={"max_shots": 5000}))
    *_, again = await estimated(stub, ask(problem, stop={"max_shots": 5000}, seed=first.seed))
    assert (first.errors, first.shots) == (again.errors, again.shots)


async def test_time_ends_a_run_and_progress_comes_every_half_second(stub: Any) -> None:
    problem = qec.DecodingProblem(detector_error_model=RING)
    started = time.monotonic()
    messages = await estimated(stub, ask(problem, stop={"max_shots": 10**12, "time_limit_s": 1.4}))
    assert time.monotonic() - started < 3.5
    assert 2 <= len(messages) <= 4
    assert [m.sequence for m in messages] == list(range(1, len(messages) + 1))
    assert [m.shots for m in messages] == sorted(m.shots for m in messages)
    assert messages[-1].stop_reason == qec.SAMPLING_STOP_DEADLINE
    assert messages[-1].decoder_failures == 0
    assert not any(m.stop_reason for m in messages[:-1])


async def test_the_callers_deadline_ends_sampling_with_an_answer(stub: Any) -> None:
    request = ask(experiment("surface_5", "CIRCUIT_LEVEL", 0.003), stop={"max_shots": 10**12})
    call = stub.EstimateLogicalErrorRate(request, timeout=2.0)
    *_, found = [message async for message in call]
    assert found.stop_reason == qec.SAMPLING_STOP_DEADLINE
    assert found.errors > 0


async def test_widths_end_sampling_and_say_that_data_were_looked_at(stub: Any) -> None:
    request = ask(
        experiment("repetition_3", "BIT_FLIP", 0.1),
        stop={"max_shots": 10**9, "relative_width": 0.2},
        confidence=0.9,
    )
    *_, found = await estimated(stub, request)
    assert found.stop_reason == qec.SAMPLING_STOP_INTERVAL
    assert (found.high - found.low) / found.rate <= 0.2
    assert found.confidence == 0.9
    assert "looked" in found.notes[-1]


async def test_twirled_damping_is_called_an_approximation(stub: Any) -> None:
    problem = experiment("shor", "AMPLITUDE_DAMPING_TWIRLED", 0.1)
    for method in (EXACT, qec.LOGICAL_ERROR_METHOD_SAMPLED):
        *_, found = await estimated(stub, ask(problem, method=method, stop={"max_shots": 1000}))
        assert any("twirl" in note for note in found.notes)


CASES: list[tuple[pb2.EstimateLogicalErrorRateRequest, str, str, dict[str, str]]] = [
    (
        ask(experiment("surface_4", "BIT_FLIP")),
        "CODE_UNKNOWN",
        "problem.experiment.code",
        {"code": "surface_4"},
    ),
    (
        ask(experiment("steane", "CIRCUIT_LEVEL", 0.1)),
        "COMBINATION_NOT_SUPPORTED",
        "problem.experiment.noise",
        {"code": "steane", "noise": "CIRCUIT_LEVEL"},
    ),
    (
        ask(qec.DecodingProblem(detector_error_model="error(0.1) D0 D1 D2 L0")),
        "COMBINATION_NOT_SUPPORTED",
        "problem.detector_error_model",
        {"decoder": "MATCHING"},
    ),
    (
        ask(experiment("surface_5", "BIT_FLIP", 0.1), method=EXACT),
        "COMBINATION_NOT_SUPPORTED",
        "problem.method",
        {"method": "EXACT"},
    ),
    (
        ask(qec.DecodingProblem(circuit="H 0\nFOO 1")),
        "CIRCUIT_INVALID",
        "problem.circuit",
        {"check": "PARSE", "line": "2"},
    ),
    (
        ask(
            qec.DecodingProblem(circuit="H 0\nM 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]")
        ),
        "CIRCUIT_INVALID",
        "problem.circuit",
        {"check": "DETERMINISTIC"},
    ),
    (
        ask(qec.DecodingProblem(circuit="M 0\nDETECTOR rec[-1]")),
        "CIRCUIT_INVALID",
        "problem.circuit",
        {"check": "OBSERVABLES"},
    ),
    (ask(qec.DecodingProblem()), "CIRCUIT_INVALID", "problem.source", {"check": "ONE_SOURCE"}),
    (
        ask(qec.DecodingProblem(circuit="REPEAT 1000000000 {\n" * 3 + "M 0\n" + "}\n" * 3)),
        "LIMIT_EXCEEDED",
        "problem.circuit",
        {"limit": "targets_max", "maximum": "2000000"},
    ),
    (
        ask(experiment("surface_3", "BIT_FLIP", rounds=3)),
        "NUMBER_INVALID",
        "problem.experiment.rounds",
        {"value": "3", "maximum": "1"},
    ),
    (
        ask(experiment("surface_3", "BIT_FLIP"), stop={"relative_width": float("nan")}),
        "NUMBER_INVALID",
        "stop.relative_width",
        {"value": "nan"},
    ),
    (
        ask(experiment("surface_3", "BIT_FLIP"), confidence=1.5),
        "NUMBER_INVALID",
        "stop.confidence",
        {"value": "1.5"},
    ),
]


@pytest.mark.parametrize(("request_", "reason", "field", "metadata"), CASES)
async def test_estimates_are_refused_by_name(
    stub: Any,
    request_: pb2.EstimateLogicalErrorRateRequest,
    reason: str,
    field: str,
    metadata: dict[str, str],
) -> None:
    failure = await refused(stub.EstimateLogicalErrorRate(request_))
    code = grpc.StatusCode.RESOURCE_EXHAUSTED if reason == "LIMIT_EXCEEDED" else INVALID
    assert (failure.reason, failure.code) == (reason, code)
    assert metadata.items() <= failure.metadata.items()
    if reason != "LIMIT_EXCEEDED":
        assert failure.field_violations[0].field == field


@pytest.mark.parametrize("p", [float("nan"), -0.1, 1.1, float("inf")])
async def test_probabilities_that_are_none_are_refused_before_the_servicer(
    stub: Any, p: float
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await estimated(stub, ask(experiment("surface_3", "BIT_FLIP", p)))
    assert failure_of(caught.value).code == INVALID


async def test_syndromes_are_refused_by_name(stub: Any) -> None:
    failure = await refused(stub.DecodeSyndromes(iter([chunk(1, 1, b"\x00")])))
    assert (failure.reason, failure.metadata["check"]) == ("SYNDROMES_INVALID", "ORDER")
    problem = experiment("steane", "DEPOLARIZING")
    problem.decoder = qec.DECODER_MATCHING
    first = pb2.DecodeSyndromesRequest(problem=problem)
    failure = await refused(stub.DecodeSyndromes(iter([first])))
    assert (failure.reason, failure.code) == ("COMBINATION_NOT_SUPPORTED", INVALID)
    assert failure.metadata == {"code": "steane", "decoder": "MATCHING"}
    assert failure.field_violations[0].field == "problem.decoder"
    assert [answer async for answer in stub.DecodeSyndromes(iter([]))] == []


def decoding_children() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [c for c in children if "lucid_coherence.decoding_child" in c.cmdline()]


async def working_children() -> list[psutil.Process]:
    """Return the decoding processes that use a processor; there is at least one."""
    decoders = decoding_children()
    before = {c.pid: c.cpu_times().user for c in decoders}
    await asyncio.sleep(0.4)
    found = [c for c in decoders if c.cpu_times().user > before[c.pid]]
    assert found
    return found


def expander(detectors: int, errors: int) -> str:
    """Return a graph on which one syndrome keeps PyMatching busy for many seconds."""
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, detectors, (errors, 2))
    lines = [f"error(0.{rng.integers(1, 5)}) D{a} D{b}" for a, b in pairs if a != b]
    return "\n".join([*lines, "error(0.1) D0 L0"])


ENDLESS = qec.DecodingProblem(detector_error_model=expander(9000, 30_000))
DENSE = np.random.default_rng(1).integers(0, 256, 1125, dtype=np.uint8).tobytes()


async def test_cancelling_ends_even_one_endless_match_within_a_second(stub: Any) -> None:
    call = stub.DecodeSyndromes()
    await call.write(pb2.DecodeSyndromesRequest(problem=ENDLESS))
    assert (await call.read()).ready.syndrome_bits == 9000
    await call.write(chunk(2, 1, DENSE))
    reading = asyncio.create_task(call.read())
    working = await working_children()
    assert not reading.done()
    # The service answers others meanwhile: the match holds no lock of its process.
    started = time.monotonic()
    await stub.ListCodes(pb2.ListCodesRequest())
    assert time.monotonic() - started < FREED_WITHIN_S
    call.cancel()
    _, alive = await asyncio.to_thread(psutil.wait_procs, working, FREED_WITHIN_S)
    assert not alive
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_cancelling_an_estimate_ends_its_process_within_a_second(stub: Any) -> None:
    request = ask(experiment("surface_11", "CIRCUIT_LEVEL", 0.01), stop={"max_shots": 10**12})
    call = stub.EstimateLogicalErrorRate(request)
    await call.read()
    working = await working_children()
    call.cancel()
    _, alive = await asyncio.to_thread(psutil.wait_procs, working, FREED_WITHIN_S)
    assert not alive


async def test_more_calls_than_processes_are_told_to_come_back(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "CALLS_MAX", 1)
    call = stub.DecodeSyndromes()
    await call.write(pb2.DecodeSyndromesRequest(problem=experiment("shor", "BIT_FLIP")))
    await call.read()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await estimated(stub, ask(experiment("shor", "BIT_FLIP", 0.1)))
    failure = failure_of(caught.value)
    assert failure.code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failure.retry_after_s
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert await estimated(stub, ask(experiment("shor", "BIT_FLIP", 0.1), stop={"max_shots": 10}))


async def test_what_gives_no_answer_for_too_long_is_ended(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = stub.DecodeSyndromes()
    await call.write(pb2.DecodeSyndromesRequest(problem=ENDLESS))
    await call.read()
    monkeypatch.setattr(decoding, "SILENCE_S_MAX", 0.3)
    await call.write(chunk(2, 1, DENSE))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    failure = failure_of(caught.value)
    assert (failure.reason, failure.metadata["limit"]) == ("LIMIT_EXCEEDED", "silence_s_max")


async def test_a_stream_without_chunks_gives_its_process_back(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "IDLE_S_MAX", 0.2)
    call = stub.DecodeSyndromes()
    await call.write(pb2.DecodeSyndromesRequest(problem=experiment("shor", "BIT_FLIP")))
    assert (await call.read()).HasField("ready")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    failure = failure_of(caught.value)
    assert (failure.reason, failure.metadata["limit"]) == ("LIMIT_EXCEEDED", "idle_s_max")


async def test_a_process_that_dies_fails_its_call_only(stub: Any) -> None:
    request = ask(experiment("surface_11", "CIRCUIT_LEVEL", 0.01), stop={"max_shots": 10**12})
    call = stub.EstimateLogicalErrorRate(request)
    await call.read()
    for child in await working_children():
        child.kill()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _read_to_the_end(call)
    assert failure_of(caught.value).code == grpc.StatusCode.INTERNAL
    again = ask(experiment("steane", "BIT_FLIP", 0.1), stop={"max_shots": 10})
    assert (await estimated(stub, again))[-1].shots == 10


async def _read_to_the_end(call: Any) -> None:
    while await call.read() is not grpc.aio.EOF:
        pass
