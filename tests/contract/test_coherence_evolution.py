"""EvolveStates and SweepEvolution over loopback gRPC: what they answer, and when they say no."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid.coherence.v1 import evolution_pb2 as evolution
from lucid.coherence.v1 import state_pb2 as states
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_coherence.errors import DOMAIN
from lucid_coherence.open_systems import affine_series, dense_steps, linear_maps
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
FLIP = np.array([[0, 1], [1, 0]], dtype="<c16")
MESSAGE_BYTES_MAX = 4 * 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('evolution')}/coherence.sqlite")
    nobody = connect(free_address(), service="validation", caller="coherence")
    asked = validation_service_pb2_grpc.ValidationServiceStub(nobody)
    async with serving(definition(store, asked, Settings(), channel=nobody)) as served:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def at(letters: str, place: int, qubits: int) -> str:
    return ("I" * place + letters).ljust(qubits, "I")


def chain(qubits: int) -> evolution.OpenSystem:
    """A drive and decay on each qubit, ZZ between neighbours."""
    jumps = [
        evolution.PauliJump(
            terms=[
                evolution.WeightedPauli(pauli=at("X", k, qubits), real=0.5),
                evolution.WeightedPauli(pauli=at("Y", k, qubits), imaginary=0.5),
            ],
            rate_low_per_s=0.02,
        )
        for k in range(qubits)
    ]
    terms = [
        evolution.PauliTerm(pauli=at("X", k, qubits), coefficient_rad_per_s=0.5)
        for k in range(qubits)
    ] + [
        evolution.PauliTerm(pauli=at("ZZ", k, qubits), coefficient_rad_per_s=0.3)
        for k in range(qubits - 1)
    ]
    network = evolution.PauliLindbladian(qubits=qubits, hamiltonian=terms, jumps=jumps)
    return evolution.OpenSystem(pauli_lindbladian=network)


def single(**fields: Any) -> evolution.OpenSystem:
    return evolution.OpenSystem(pauli_lindbladian=evolution.PauliLindbladian(**fields))


def qubit(**changes: str) -> evolution.OpenSystem:
    fields = {"relaxation_rate_per_s": "1/50", "coherence_decay_rate_low_per_s": "1/40"}
    return evolution.OpenSystem(damped_qubit=evolution.DampedQubit(**(fields | changes)))


def batch(*matrices: Any, dims: tuple[int, ...] = (2,)) -> states.StateBatch:
    data = np.array(matrices, dtype="<c16")
    return states.StateBatch(count=len(matrices), dims=dims, data=data.tobytes())


def ground(qubits: int, count: int = 1) -> states.StateBatch:
    rho = np.zeros((count, 2**qubits, 2**qubits), dtype="<c16")
    rho[:, 0, 0] = 1
    return states.StateBatch(count=count, dims=[2] * qubits, data=rho.tobytes())


def matrices(message: states.StateBatch) -> Any:
    d = int(np.prod(message.dims))
    return np.frombuffer(message.data, dtype="<c16").reshape(message.count, d, d)


async def collected(stream: Any) -> list[Any]:
    return [message async for message in stream]


async def refused(stream: Any, domain: str = DOMAIN) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await collected(stream)
    failure = failure_of(caught.value)
    assert failure.domain == domain, failure
    return failure


def evolve(stub: Any, system: Any, times: Any, initial: Any = None, **fields: Any) -> Any:
    initial = initial or ground(1)
    request = pb2.EvolveStatesRequest(states=initial, system=system, times_s=times, **fields)
    return stub.EvolveStates(request)


def sweep(stub: Any, system: Any, points: int, **fields: Any) -> Any:
    given = {"states": ground(1), "times_s": [1.0]} | fields
    for packed in ("rates_per_s", "amplitudes"):
        if packed in given and not isinstance(given[packed], bytes):
            given[packed] = np.array(given[packed], dtype="<f8").tobytes()
    return stub.SweepEvolution(pb2.SweepEvolutionRequest(system=system, points=points, **given))


async def test_six_qubits_evolve_in_messages_that_fit(stub: Any) -> None:
    times = np.linspace(0, 2, 41)
    messages = await collected(evolve(stub, chain(6), times, ground(6)))
    assert [one.sequence for one in messages] == list(range(1, len(messages) + 1))
    assert [one.terminal for one in messages] == [False] * (len(messages) - 1) + [True]
    assert messages[-1].progress == 1
    assert all(one.ByteSize() < MESSAGE_BYTES_MAX for one in messages)
    found = np.concatenate([matrices(one.states) for one in messages])
    assert len(found) == 41 == sum(len(one.times_s) for one in messages)
    np.testing.assert_allclose(np.trace(found, axis1=1, axis2=2), 1, atol=1e-11)
    assert all(0 <= one.error_bound < 1e-8 for one in messages)
    # Without coupling and decay the first qubit would be flipped with sin²(t/2).
    first = np.einsum("tiaia->t", found[:, 32:, 32:].reshape(41, 32, 1, 32, 1)).real
    np.testing.assert_allclose(first[:5], np.sin(times[:5] / 2) ** 2, atol=2e-3)


async def test_a_network_and_its_dense_operators_evolve_alike(stub: Any) -> None:
    lowering = np.array([[0, 1], [0, 0]], dtype="<c16")
    jump = evolution.Jump(operator=lowering.tobytes(), rate_low_per_s=0.02)
    dense = evolution.OpenSystem(
        lindbladian=evolution.Lindbladian(
            dims=[2], hamiltonian=(0.5 * FLIP).tobytes(), jumps=[jump]
        )
    )
    (one,) = await collected(evolve(stub, chain(1), [0.5, 3.0]))
    (other,) = await collected(evolve(stub, dense, [0.5, 3.0]))
    np.testing.assert_allclose(matrices(one.states), matrices(other.states), atol=1e-12)


async def test_the_steady_state_comes_with_the_last_message_only(stub: Any) -> None:
    stream = evolve(
        stub, qubit(), np.linspace(0, 900, 40), chunk_times=20, include_steady_state=True
    )
    first, last = await collected(stream)
    assert not first.HasField("steady_states")
    steady = last.steady_states
    assert (steady.dimension, steady.oscillating_modes, steady.states.count) == (1, 0, 1)
    np.testing.assert_allclose(matrices(steady.states)[0], np.diag([1, 0]), atol=1e-14)
    assert steady.spectral_gap_per_s == pytest.approx(0.02)
    assert 0 <= steady.residual_per_s < 1e-14
    assert 0 <= steady.zero_threshold_per_s < steady.next_singular_value_per_s
    (without,) = await collected(evolve(stub, qubit(), [1.0]))
    assert not without.HasField("steady_states")


async def test_a_thousand_points_of_three_qubits_are_swept_in_a_few_messages(stub: Any) -> None:
    rates = np.random.default_rng(0).uniform(0, 0.1, (1000, 3))
    times = [0.5, 1.0]
    call = sweep(stub, chain(3), 1000, states=ground(3), times_s=times, rates_per_s=rates)
    messages = await collected(call)
    assert 1 < len(messages) < 40
    assert all(one.ByteSize() < MESSAGE_BYTES_MAX for one in messages)
    assert [one.sequence for one in messages] == list(range(1, len(messages) + 1))
    assert [one.terminal for one in messages] == [False] * (len(messages) - 1) + [True]
    ends = np.cumsum([one.points for one in messages])
    assert [one.first_point for one in messages] == [0, *ends[:-1]]
    assert [one.progress for one in messages] == pytest.approx(ends / 1000)
    bounds = [bound for one in messages for bound in one.error_bounds]
    assert len(bounds) == 1000
    assert max(bounds) < 1e-9
    found = np.concatenate([matrices(one.states) for one in messages]).reshape(1000, 2, 8, 8)
    for point in (0, 513, 999):
        system = chain(3)
        for jump, rate in zip(system.pauli_lindbladian.jumps, rates[point], strict=True):
            jump.rate_low_per_s = rate
        (alone,) = await collected(evolve(stub, system, times, ground(3)))
        np.testing.assert_allclose(found[point], matrices(alone.states), atol=1e-11)


async def test_drives_and_the_rates_of_a_damped_qubit_are_swept(stub: Any) -> None:
    angle = np.array([[0.0], [np.pi / 2], [np.pi]])
    strings = pb2.Drive(terms=[evolution.PauliTerm(pauli="X", coefficient_rad_per_s=0.5)])
    dense = pb2.Drive(operator=(0.5 * FLIP).tobytes())
    still = single(qubits=1)
    for drive in (strings, dense):
        (message,) = await collected(
            sweep(stub, still, 3, drives=[drive], amplitudes=angle, times_s=[1.0])
        )
        flipped = matrices(message.states)[:, 1, 1].real
        np.testing.assert_allclose(flipped, [0, 0.5, 1], atol=1e-14)
    plus = batch(np.full((2, 2), 0.5))
    rates = [[0.1, 0.2], [0.0, 0.0]]
    (message,) = await collected(sweep(stub, qubit(), 2, states=plus, rates_per_s=rates))
    coherences = 2 * matrices(message.states)[:, 0, 1].real
    np.testing.assert_allclose(coherences, [np.exp(-0.2), 1], atol=1e-14)


async def test_reasons_of_evolutions_carry_their_facts(stub: Any) -> None:
    failure = await refused(evolve(stub, chain(6), [3e5], ground(6)))
    assert (failure.reason, failure.code) == (
        "LIMIT_EXCEEDED",
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    )
    assert (failure.metadata["limit"], failure.metadata["maximum"]) == ("work_s_max", "120")
    failure = await refused(evolve(stub, chain(1), [1e12]))
    assert failure.metadata["limit"] == "error_bound_max"
    failure = await refused(evolve(stub, chain(6), np.arange(5000.0), ground(6)))
    assert failure.metadata["limit"] == "output_bytes_max"
    failure = await refused(evolve(stub, chain(5), [1.0], ground(5), include_steady_state=True))
    assert (failure.reason, failure.metadata["dimension"]) == ("MODEL_NOT_SUPPORTED", "32")
    failure = await refused(
        evolve(stub, chain(4), [1.0], ground(4, 300), include_steady_state=True)
    )
    assert failure.metadata["limit"] == "steady_state_bytes_max"
    wrong = evolution.PauliTerm(pauli="XX", coefficient_rad_per_s=1)
    failure = await refused(evolve(stub, single(qubits=1, hamiltonian=[wrong]), [1.0]))
    assert (failure.reason, failure.metadata["check"]) == ("STATE_LAYOUT_INVALID", "PAULI_STRING")
    assert failure.field_violations[0].field == "system.pauli_lindbladian.hamiltonian"
    terms = [evolution.WeightedPauli(pauli="Z", real=1)]
    jump = evolution.PauliJump(terms=terms, rate_low_per_s=2, rate_high_per_s=1)
    failure = await refused(evolve(stub, single(qubits=1, jumps=[jump]), [1.0]))
    assert (failure.reason, failure.metadata) == (
        "RATES_NOT_PHYSICAL",
        {"rate_low_per_s": "2", "rate_high_per_s": "1"},
    )
    jump = evolution.PauliJump(terms=terms, rate_low_per_s=1, rate_high_per_s=2)
    failure = await refused(evolve(stub, single(qubits=1, jumps=[jump]), [1.0]))
    assert (failure.reason, failure.metadata["model"]) == (
        "MODEL_NOT_SUPPORTED",
        "pauli_lindbladian",
    )
    failure = await refused(evolve(stub, evolution.OpenSystem(), [1.0]))
    assert (failure.reason, failure.metadata) == ("MODEL_NOT_SUPPORTED", {"model": "none"})
    failure = await refused(evolve(stub, chain(2), [1.0]))
    assert failure.reason == "STATE_LAYOUT_INVALID"
    failure = await refused(evolve(stub, chain(1), [2.0, 1.0]))
    assert (failure.reason, failure.metadata["index"]) == ("TIMES_NOT_RISING", "1")
    failure = await refused(evolve(stub, chain(1), [1.0], batch(np.diag([1.2, -0.2]))))
    assert failure.reason == "STATE_NOT_PHYSICAL"


async def test_reasons_of_sweeps_carry_their_facts(stub: Any) -> None:
    failure = await refused(sweep(stub, chain(1), 3, rates_per_s=[[0.1], [0.2]]))
    assert (failure.reason, failure.code) == (
        "STATE_LAYOUT_INVALID",
        grpc.StatusCode.INVALID_ARGUMENT,
    )
    assert failure.metadata == {"expected_bytes": "24", "actual_bytes": "16"}
    assert failure.field_violations[0].field == "rates_per_s"
    failure = await refused(sweep(stub, chain(1), 2, rates_per_s=[[0.1], [-0.2]]))
    assert failure.reason == "RATES_NOT_PHYSICAL"
    assert failure.metadata == {"point": "1", "column": "0", "value": "-0.2"}
    failure = await refused(sweep(stub, qubit(), 1, rates_per_s=[[1.0, 0.4]]))
    assert failure.metadata == {"point": "0", "t1_s": "1", "t2_s": "2.5"}
    drive = pb2.Drive(operator=(0.5 * FLIP).tobytes())
    failure = await refused(sweep(stub, chain(1), 2, drives=[drive]))
    assert failure.field_violations[0].field == "amplitudes"
    failure = await refused(sweep(stub, chain(1), 2, drives=[pb2.Drive()], amplitudes=[[1], [1]]))
    assert failure.metadata == {"check": "ONE_SOURCE"}
    skew = pb2.Drive(operator=(0.5j * FLIP).tobytes())
    failure = await refused(sweep(stub, chain(1), 1, drives=[skew], amplitudes=[[1]]))
    assert failure.metadata["check"] == "hermiticity_error"
    failure = await refused(sweep(stub, chain(1), 1, drives=[drive], amplitudes=[[float("nan")]]))
    assert failure.metadata["check"] == "MAGNITUDE"
    failure = await refused(sweep(stub, chain(5), 1, states=ground(5)))
    assert (failure.reason, failure.metadata["maximum"]) == ("MODEL_NOT_SUPPORTED", "16")
    failure = await refused(sweep(stub, chain(4), 100, states=ground(4), times_s=np.arange(2000.0)))
    assert failure.metadata["limit"] == "point_bytes_max"
    failure = await refused(
        sweep(stub, chain(3), 100_000, states=ground(3), times_s=np.arange(10.0))
    )
    assert failure.metadata["limit"] == "output_bytes_max"


@pytest.mark.parametrize(
    "fields", [{"points": 0}, {"points": 100_001}, {"points": 2**32 - 1}, {"times_s": []}]
)
async def test_counts_outside_the_rules_of_a_sweep_are_refused(stub: Any, fields: Any) -> None:
    failure = await refused(sweep(stub, chain(1), **({"points": 1} | fields)), "rpc.lucid")
    assert failure.reason == "FIELDS_INVALID"


@pytest.mark.parametrize(
    "system",
    [
        single(qubits=0),
        single(qubits=7),
        single(qubits=1, hamiltonian=[evolution.PauliTerm(pauli="A")]),
        single(
            qubits=1,
            hamiltonian=[evolution.PauliTerm(pauli="X", coefficient_rad_per_s=float("nan"))],
        ),
        single(qubits=1, jumps=[evolution.PauliJump(rate_low_per_s=1)]),
        single(
            qubits=1,
            jumps=[
                evolution.PauliJump(
                    terms=[evolution.WeightedPauli(pauli="Z")], rate_low_per_s=float("inf")
                )
            ],
        ),
    ],
)
async def test_networks_outside_the_rules_of_the_message_are_refused(
    stub: Any, system: Any
) -> None:
    failure = await refused(evolve(stub, system, [1.0]), "rpc.lucid")
    assert failure.reason == "FIELDS_INVALID"


async def test_random_requests_are_answered_or_refused_by_name(stub: Any) -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        letters = ["".join(rng.choice(list("IXYZ"), rng.integers(1, 4))) for _ in range(3)]
        weights = 10.0 ** rng.integers(-300, 300, 3)
        jump = evolution.PauliJump(
            terms=[evolution.WeightedPauli(pauli=letters[1], real=float(weights[1]))],
            rate_low_per_s=float(weights[2]),
        )
        terms = [evolution.PauliTerm(pauli=letters[0], coefficient_rad_per_s=float(weights[0]))]
        system = single(qubits=int(rng.integers(1, 4)), hamiltonian=terms, jumps=[jump])
        initial = ground(int(rng.integers(1, 4)))
        times = np.sort(10.0 ** rng.uniform(-300, 300, 3))
        for call in (
            evolve(stub, system, times, initial),
            sweep(stub, system, 2, rates_per_s=rng.bytes(16), states=initial),
        ):
            try:
                messages = await collected(call)
            except grpc.aio.AioRpcError as error:
                assert failure_of(error).reason != "INTERNAL"  # noqa: PT017
            else:
                found = np.concatenate([matrices(one.states) for one in messages])
                np.testing.assert_allclose(np.trace(found, axis1=1, axis2=2), 1, atol=1e-6)


async def _stops(calls: list[int], call: Any) -> None:
    """The work goes on until the call is cancelled, and has ended a second later."""
    taking = asyncio.ensure_future(collected(call))
    while len(calls) < 5 and not taking.done():  # another thread: it can only be watched
        await asyncio.sleep(0.005)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await asyncio.sleep(1)
    after_a_second = len(calls)
    await asyncio.sleep(0.3)
    assert len(calls) == after_a_second


async def test_a_cancelled_evolution_of_six_qubits_frees_its_thread(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    apply = linear_maps.MatrixMap.apply

    def counted(self: Any, block: Any, keep_going: Any) -> Any:
        calls.append(threading.get_ident())
        return apply(self, block, keep_going)

    monkeypatch.setattr(linear_maps.MatrixMap, "apply", counted)
    started = time.perf_counter()
    await _stops(calls, evolve(stub, chain(6), [5e3], ground(6)))
    assert time.perf_counter() - started < 10
    assert len(calls) < 50_000, "the whole evolution takes several hundred thousand"


@pytest.mark.parametrize(
    ("where", "name", "time_s", "points"),
    [(dense_steps, "exponentials", 3e4, 2_000), (affine_series, "require_wanted", 20.0, 20_000)],
)
async def test_a_cancelled_sweep_frees_its_thread(
    stub: Any, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, time_s: float, points: int
) -> None:
    calls: list[int] = []
    work = getattr(where, name)

    def counted(argument: Any) -> Any:
        calls.append(threading.get_ident())
        return work(argument)

    monkeypatch.setattr(where, name, counted)
    rates = np.full((points, 4), 0.1)
    call = sweep(stub, chain(4), points, states=ground(4), rates_per_s=rates, times_s=[time_s])
    await _stops(calls, call)
    assert 5 <= len(calls) < 1500
