"""The coherence service as a real process under stress: crowds, hostile batches, cancellations.

CPU seconds and memory are read from the process itself. The box may be busy with other work, so
that times of the wall only bound a hang; what is asserted are counts, numbers and CPU seconds.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import psutil
import pytest
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc, correction_pb2
from lucid.coherence.v1 import evolution_pb2 as evolution
from lucid.coherence.v1 import state_pb2 as states
from lucid_rpc.status import failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.processes import ServiceProcess

CROWD = 1000
STATES_EACH = 100
MEMORY_MAX_MB = 500
"""numpy, scipy and gRPC take about 200 MB before the first request."""
LARGEST_MB_MAX = 900
"""230 MB on their way in, 64 MiB held and decoded, and what six threads work with."""
CORES = len(os.sched_getaffinity(0))
IDLE_CPU_S = 0.1
"""Used in half a second by a process that only keeps its connections and reports."""
OPTIONS = [
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.max_send_message_length", 16 << 20),
]
REFUSALS = {
    "OVERLOADED",
    "STATE_LAYOUT_INVALID",
    "STATE_NOT_PHYSICAL",
    "LIMIT_EXCEEDED",
    "FIELDS_INVALID",
    "MALFORMED_REQUEST",
}


class Server(ServiceProcess):
    """The service with no validation beside it, and what it uses."""

    def __init__(self, folder: Path) -> None:
        super().__init__("coherence", folder, LUCID_VALIDATION_ADDRESS=str(free_address()))
        self._watched = psutil.Process(self.pid)

    def cpu_s(self) -> dict[int, float]:
        """CPU seconds that the process and each of its children have used so far."""
        found = {}
        for process in (self._watched, *self._watched.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                found[process.pid] = float(used.user + used.system)
        return found

    def used_s_since(self, before: dict[int, float]) -> float:
        """CPU seconds since then of the processes that still live."""
        return sum(used - before.get(pid, 0.0) for pid, used in self.cpu_s().items())

    def threads(self) -> int:
        return int(self._watched.num_threads())

    def peak_mb(self) -> float:
        """Largest memory that the process has held since it started."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc")
    started = Server(tmp_path_factory.mktemp("stress"))
    try:
        started.wait_until_serving()
        yield started
    finally:
        started.stop()


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(str(server.address), options=OPTIONS) as channel:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(channel)


def werner(shares: Any) -> states.StateBatch:
    """Werner states p |psi-><psi-| + (1 - p)/4, whose concurrence is max(0, (3p - 1)/2)."""
    singlet = np.zeros((4, 4))
    singlet[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    p = np.asarray(shares)[:, None, None]
    data = (p * singlet + (1 - p) * np.eye(4) / 4).astype("<c16")
    return states.StateBatch(count=len(data), dims=[2, 2], data=data.tobytes())


MEASURES = [states.MEASURE_CONCURRENCE, states.MEASURE_PURITY]


def assert_measured(answer: pb2.AnalyzeStatesResponse, shares: Any) -> None:
    assert list(answer.reports.is_valid) == [True] * len(shares)
    concurrence, purity = (np.array(result.values) for result in answer.results)
    np.testing.assert_allclose(concurrence, np.maximum(0, 1.5 * shares - 0.5), atol=1e-12)
    np.testing.assert_allclose(purity, 0.25 + 0.75 * shares**2, atol=1e-12)


async def reason_of(call: Any) -> str:
    """Await a call; return the reason of its refusal, or an empty text."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return failure_of(error).reason or error.code().name
    return ""


async def test_a_thousand_requests_at_once_are_measured_or_refused_with_a_time_to_wait(
    server: Server,
) -> None:
    rng = np.random.default_rng(20)
    shares = rng.random((CROWD, STATES_EACH))

    async def ask(stub: Any, own: Any) -> str:
        request = pb2.AnalyzeStatesRequest(states=werner(own), measures=MEASURES)
        try:
            answer = await stub.AnalyzeStates(request, timeout=30)
        except grpc.aio.AioRpcError as error:
            failure = failure_of(error)
            assert failure.reason == "OVERLOADED", failure
            assert failure.retry_after_s
            return "refused"
        assert_measured(answer, own)
        return "measured"

    async with connected(server) as stub:
        outcomes = Counter(await asyncio.gather(*(ask(stub, own) for own in shares)))
        assert outcomes.total() == CROWD
        assert outcomes["measured"] >= 100, outcomes
        assert await ask(stub, shares[0]) == "measured"
    assert server.peak_mb() < MEMORY_MAX_MB
    assert server.threads() < 64


async def test_the_largest_batches_all_at_once_do_not_fill_the_memory(server: Server) -> None:
    """Sixty batches of 3.8 MB are over three times what is held at once; some are told to wait."""
    shares = np.linspace(0, 1, 15_000)
    request = pb2.AnalyzeStatesRequest(states=werner(shares), measures=[states.MEASURE_PURITY])

    async with connected(server) as stub:
        calls = [reason_of(stub.AnalyzeStates(request, timeout=60)) for _ in range(60)]
        reasons = Counter(await asyncio.gather(*calls))
        assert set(reasons) <= {"", "OVERLOADED"}
        assert reasons[""] >= 16, reasons
        assert not await reason_of(stub.AnalyzeStates(request, timeout=60))
    assert server.peak_mb() < LARGEST_MB_MAX


def hostile_requests() -> dict[str, pb2.AnalyzeStatesRequest]:
    """Requests that must be refused, each at most a few kB on its way."""
    good = werner([0.5])

    def broken(**fields: Any) -> states.StateBatch:
        kept = {"count": good.count, "dims": list(good.dims), "data": good.data}
        return states.StateBatch(**(kept | fields))

    nan, endless, huge = (np.full((4, 4), v, "<c16") for v in (np.nan, np.inf, 1e308))
    found = {
        "nan": broken(data=nan.tobytes()),
        "infinite": broken(data=endless.tobytes()),
        "overflow": broken(data=huge.tobytes()),
        "unphysical": broken(data=np.diag([2, -1, 0, 0]).astype("<c16").tobytes()),
        "a byte too few": broken(data=good.data[:-1]),
        "a byte too many": broken(data=good.data + b"0"),
        "no data": broken(data=b""),
        "two sources": broken(values=[0.0] * 32),
        "none": broken(count=0),
        "no dims": broken(dims=[]),
        "a dimension of 0": broken(dims=[2, 0]),
        "a dimension of 1": broken(dims=[4, 1]),
        "4 GiB claimed": broken(count=65_536, dims=[2] * 7),
        "dims that wrap around 64 bits": broken(dims=[2**31, 2**31, 4]),
        "dims that wrap around to 4": broken(dims=[2**31 + 2, 2**31 + 2]),
        "the largest count": broken(count=2**32 - 1),
        "eleven subsystems": broken(dims=[2] * 11),
    }
    return {
        name: pb2.AnalyzeStatesRequest(states=batch, measures=MEASURES)
        for name, batch in found.items()
    }


async def test_hostile_batches_are_refused_by_name_while_good_ones_go_on(server: Server) -> None:
    hostile = hostile_requests()
    rng = np.random.default_rng(21)
    before = server.peak_mb()

    async def good(stub: Any) -> None:
        own = rng.random(50)
        request = pb2.AnalyzeStatesRequest(states=werner(own), measures=MEASURES)
        assert_measured(await stub.AnalyzeStates(request, timeout=30), own)

    async with connected(server) as stub:
        for _ in range(5):
            refusals = [reason_of(stub.AnalyzeStates(one, timeout=30)) for one in hostile.values()]
            kind, *_ = await asyncio.gather(
                asyncio.gather(*refusals), *(good(stub) for _ in range(20))
            )
            reasons = dict(zip(hostile, kind, strict=True))
            assert set(reasons.values()) <= REFUSALS - {"OVERLOADED"}, reasons
        await good(stub)
    assert server.peak_mb() < before + 100


async def test_messages_over_4_mib_and_bytes_that_are_no_message_are_refused(
    server: Server,
) -> None:
    async with grpc.aio.insecure_channel(str(server.address), options=OPTIONS) as channel:
        path = "/lucid.coherence.v1.CoherenceService/AnalyzeStates"
        raw = channel.unary_unary(path)
        assert await reason_of(raw(b"\xff" * 100, timeout=30)) == "MALFORMED_REQUEST"
        assert await reason_of(raw(bytes(5 << 20), timeout=30)) == "RESOURCE_EXHAUSTED"
        claim = bytes([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F])
        assert await reason_of(raw(claim, timeout=30)) == "MALFORMED_REQUEST"
        stub = coherence_service_pb2_grpc.CoherenceServiceStub(channel)
        own = np.array([0.9])
        request = pb2.AnalyzeStatesRequest(states=werner(own), measures=MEASURES)
        assert_measured(await stub.AnalyzeStates(request, timeout=30), own)


def chain(qubits: int) -> evolution.OpenSystem:
    """A driven chain of qubits that decay: nothing in it is quick to evolve."""

    def at(place: int, letters: str) -> str:
        return "I" * place + letters + "I" * (qubits - place - len(letters))

    couplings = [
        evolution.PauliTerm(pauli=at(i, "XX"), coefficient_rad_per_s=1) for i in range(qubits - 1)
    ]
    fields = [
        evolution.PauliTerm(pauli=at(i, "Z"), coefficient_rad_per_s=0.7) for i in range(qubits)
    ]
    lowering = [
        [
            evolution.WeightedPauli(pauli=at(i, "X"), real=0.5),
            evolution.WeightedPauli(pauli=at(i, "Y"), imaginary=0.5),
        ]
        for i in range(qubits)
    ]
    jumps = [evolution.PauliJump(terms=terms, rate_low_per_s=0.02) for terms in lowering]
    network = evolution.PauliLindbladian(
        qubits=qubits, hamiltonian=[*couplings, *fields], jumps=jumps
    )
    return evolution.OpenSystem(pauli_lindbladian=network)


def ground(qubits: int) -> states.StateBatch:
    rho = np.zeros((1, 2**qubits, 2**qubits), dtype="<c16")
    rho[0, 0, 0] = 1
    return states.StateBatch(count=1, dims=[2] * qubits, data=rho.tobytes())


def many_chunks(stub: Any) -> Any:
    times = np.linspace(0, 3000, 3000).tolist()
    return stub.EvolveStates(
        pb2.EvolveStatesRequest(states=ground(6), system=chain(6), times_s=times, chunk_times=8)
    )


def one_long_chunk(stub: Any) -> Any:
    return stub.EvolveStates(
        pb2.EvolveStatesRequest(states=ground(6), system=chain(6), times_s=[0, 4000], chunk_times=1)
    )


def sampling(stub: Any) -> Any:
    experiment = correction_pb2.CodeExperiment(
        code="surface_9", noise=correction_pb2.CODE_NOISE_CIRCUIT_LEVEL, error_rate=0.005
    )
    request = pb2.EstimateLogicalErrorRateRequest(
        problem=correction_pb2.DecodingProblem(experiment=experiment)
    )
    request.stop.max_shots = 10**9
    return stub.EstimateLogicalErrorRate(request)


def decoding(stub: Any) -> Any:
    """Chunks of 20 000 random syndromes of a large code, without end."""
    experiment = correction_pb2.CodeExperiment(
        code="surface_11", noise=correction_pb2.CODE_NOISE_BIT_FLIP, error_rate=0.1
    )
    problem = correction_pb2.DecodingProblem(experiment=experiment)

    async def requests() -> AsyncIterator[pb2.DecodeSyndromesRequest]:
        yield pb2.DecodeSyndromesRequest(problem=problem)
        rows = np.random.default_rng(3).integers(0, 256, (20_000, 15), dtype=np.uint8)
        chunk = correction_pb2.SyndromeChunk(rows=len(rows), syndromes=rows.tobytes())
        number = 1
        while True:
            number += 1
            yield pb2.DecodeSyndromesRequest(chunk_id=number, chunk=chunk)

    return stub.DecodeSyndromes(requests())


def certifying(stub: Any) -> Any:
    """A driven pair for a long time at a small gap: the search for a tube takes many seconds."""
    jumps = [
        evolution.PauliJump(
            terms=[evolution.WeightedPauli(pauli=text, real=1)],
            rate_low_per_s=0.002,
            rate_high_per_s=0.003,
        )
        for text in ("ZI", "IZ", "XI")
    ]
    network = evolution.PauliLindbladian(
        qubits=2,
        hamiltonian=[
            evolution.PauliTerm(pauli=text, coefficient_rad_per_s=strength)
            for text, strength in (("ZZ", 0.3), ("XI", 0.7), ("IY", 0.5))
        ],
        jumps=jumps,
    )
    plus = np.full((4, 4), 0.25, dtype="<c16")
    request = pb2.CertifyCoherenceRequest(
        system=evolution.OpenSystem(pauli_lindbladian=network),
        theta="0.05",
        gap_percent=0.01,
        start=states.StateBatch(count=1, dims=[2, 2], data=plus.tobytes()),
    )
    return stub.CertifyCoherence(request)


@pytest.mark.parametrize(
    ("start", "count"),
    [(many_chunks, 6), (one_long_chunk, 6), (sampling, 2), (decoding, 2), (certifying, 6)],
)
async def test_a_stream_that_is_cancelled_midway_frees_its_worker_within_a_second(
    server: Server, start: Any, count: int
) -> None:
    """Six evolutions take all threads of two cores; decoders are processes of their own."""
    async with connected(server) as stub:
        calls = [start(stub) for _ in range(count)]
        try:
            first = await asyncio.wait_for(
                asyncio.gather(*(call.read() for call in calls)), timeout=30
            )
            assert all(message is not grpc.aio.EOF for message in first)
            before = server.cpu_s()
            await asyncio.sleep(0.5)
            assert server.used_s_since(before) > 0.1, "nothing was being worked on"
        finally:
            for call in calls:
                call.cancel()
        before = server.cpu_s()
        own = np.array([0.25, 0.75])
        request = pb2.AnalyzeStatesRequest(states=werner(own), measures=MEASURES)
        assert_measured(await stub.AnalyzeStates(request, timeout=5), own)
        used_s = await settled(server, before)
    # Cancelled work may go on for a second of the wall, on two cores.
    assert used_s < CORES, f"{used_s:.2f} CPU seconds were used after the end"


async def test_a_batch_whose_caller_has_left_is_not_measured_to_its_end(server: Server) -> None:
    rng = np.random.default_rng(22)
    g = rng.normal(size=(900, 16, 16)) + 1j * rng.normal(size=(900, 16, 16))
    rho = g @ g.conj().transpose(0, 2, 1)
    rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
    batch = states.StateBatch(count=900, dims=[2] * 4, data=rho.astype("<c16").tobytes())
    request = pb2.AnalyzeStatesRequest(
        states=batch, measures=[states.MEASURE_ROBUSTNESS_OF_COHERENCE]
    )
    async with connected(server) as stub:
        calls = [stub.AnalyzeStates(request, timeout=30) for _ in range(6)]
        start = server.cpu_s()
        await asyncio.sleep(1.0)
        assert server.used_s_since(start) > 0.1, "nothing was being worked on"
        assert not any(call.done() for call in calls)
        for call in calls:
            call.cancel()
        before = server.cpu_s()
        used_s = await settled(server, before)
    assert used_s < CORES, f"{used_s:.2f} CPU seconds were used after the end"


async def settled(server: Server, before: dict[int, float]) -> float:
    """Return the CPU seconds used since `before` once the process is idle; fails if it never is."""
    for _ in range(20):
        now = server.cpu_s()
        await asyncio.sleep(0.5)
        if server.used_s_since(now) < IDLE_CPU_S:
            return server.used_s_since(before)
    pytest.fail("the process is still working 10 s after its only calls were cancelled")
