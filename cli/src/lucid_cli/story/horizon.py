"""Act two: how long a damped qubit provably stays coherent, beside the exact value.

And how long a driven pair does, for which there is no closed form.
"""

import math

import grpc.aio
from lucid.coherence.v1 import coherence_service_pb2 as api
from lucid.coherence.v1 import evolution_pb2, state_pb2
from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub

from lucid_cli.story.patience import patiently
from lucid_cli.story.recorder import Recorder

RELAXATION_RATE_PER_S = "1/50"
COHERENCE_DECAY_RATE_PER_S = "1/40"
DETUNING_RAD_PER_S = "1/10"
THETA = "1/2"
INITIAL_COHERENCE = "9/10"
GAP_PERCENT_MAX = 1.0
TIMEOUT_S = 60


def exact_horizon_s() -> float:
    """Return ln(initial / theta) / rate: C_l1 of a damped qubit decays exponentially."""
    return 40 * math.log(0.9 / 0.5)


async def certify_horizon(channel: grpc.aio.Channel, recorder: Recorder) -> None:
    """Certify the horizon of a damped qubit and compare it with the closed form."""
    recorder.act("2  A coherence horizon is certified")
    system = evolution_pb2.OpenSystem(
        damped_qubit=evolution_pb2.DampedQubit(
            relaxation_rate_per_s=RELAXATION_RATE_PER_S,
            coherence_decay_rate_low_per_s=COHERENCE_DECAY_RATE_PER_S,
            detuning_rad_per_s=DETUNING_RAD_PER_S,
        )
    )
    request = api.CertifyCoherenceRequest(
        system=system,
        theta=THETA,
        initial_coherence=INITIAL_COHERENCE,
        gap_percent=GAP_PERCENT_MAX,
    )
    result = await patiently(lambda: _certified(channel, request, recorder))
    recorder.step("the certification ended with a result", result is not None)
    if result is None:
        return
    exact = exact_horizon_s()
    recorder.step(
        "validation proved the horizon",
        result.certified,
        f"T* = {result.horizon_s} s, degree {result.degree}, {result.evidence or result.reason}",
    )
    certified_s = _seconds(result.horizon_s)
    recorder.step(
        "the certified horizon is below the exact one and within 1 % of it",
        exact * (1 - GAP_PERCENT_MAX / 100) <= certified_s <= exact,
        f"{certified_s:.4f} s certified, {exact:.4f} s exact (40 ln 1.8)",
    )


async def certify_driven_pair(channel: grpc.aio.Channel, recorder: Recorder) -> None:
    """Certify two driven, coupled qubits; one decays at a rate known in an interval only."""
    request = api.CertifyCoherenceRequest(
        system=evolution_pb2.OpenSystem(pauli_lindbladian=_driven_pair()),
        start=state_pb2.StateBatch(count=1, dims=[2, 2], values=[0.25, 0.0] * 16),
        theta="3/2",
        gap_percent=GAP_PERCENT_MAX,
    )
    result = await patiently(lambda: _certified(channel, request, recorder))
    recorder.step(
        "a driven pair with an uncertain rate is certified within 1 % of the numerical horizon",
        result is not None and result.certified and result.gap_percent <= GAP_PERCENT_MAX,
        ""
        if result is None
        else f"{_seconds(result.horizon_s):.4f} s certified, {result.numerical_horizon_s:.4f} s by "
        f"numbers, {result.evidence or result.reason}",
    )


def _driven_pair() -> evolution_pb2.PauliLindbladian:
    term, jump = evolution_pb2.PauliTerm, evolution_pb2.PauliJump
    weight = evolution_pb2.WeightedPauli
    return evolution_pb2.PauliLindbladian(
        qubits=2,
        hamiltonian=[
            term(pauli="XI", coefficient_rad_per_s=0.3),
            term(pauli="IX", coefficient_rad_per_s=0.2),
            term(pauli="ZZ", coefficient_rad_per_s=0.25),
        ],
        jumps=[
            jump(
                terms=[weight(pauli="XI", real=0.5), weight(pauli="YI", imaginary=0.5)],
                rate_low_per_s=0.04,
                rate_high_per_s=0.05,
            ),
            jump(terms=[weight(pauli="IZ", real=1)], rate_low_per_s=0.02),
        ],
    )


async def _certified(
    channel: grpc.aio.Channel, request: api.CertifyCoherenceRequest, recorder: Recorder
) -> evolution_pb2.CertifiedHorizon | None:
    """Show the progress of a certification and return its result."""
    async for event in CoherenceServiceStub(channel).CertifyCoherence(request, timeout=TIMEOUT_S):
        if event.WhichOneof("event") == "result":
            result: evolution_pb2.CertifiedHorizon = event.result
            return result
        recorder.say(f"[dim]  {event.progress.stage}: {event.progress.message}[/]")
    return None


def _seconds(exact: str) -> float:
    from fractions import Fraction

    return float(Fraction(exact)) if exact else 0.0
