"""The numbers of a picture, asked of the running coherence service, and the picture of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import json_format
from lucid.coherence.v1 import coherence_service_pb2 as api
from lucid.coherence.v1 import correction_pb2, evolution_pb2, state_pb2
from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub

from lucid_cli import (
    coherence_plot_bloch,
    coherence_plot_cityscape,
    coherence_plot_decay,
    coherence_plot_threshold,
)
from lucid_cli.coherence_plot_bloch import Trajectories
from lucid_cli.coherence_plot_cityscape import City
from lucid_cli.coherence_plot_decay import Decay
from lucid_cli.coherence_plot_file import (
    NOISE_PREFIX,
    BlochPlan,
    CityPlan,
    DecayPlan,
    Plan,
    ThresholdPlan,
)
from lucid_cli.coherence_plot_style import NotDrawable, seconds, seconds_at_least
from lucid_cli.coherence_plot_threshold import Estimate, Threshold

BEYOND = 1.5
"""A decay is shown for so many times the numerical horizon, unless the file says for how long."""
_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
Shown = tuple[str, dict[str, Any]]


async def draw(plan: Plan, out: Path, channel: Any, *, by_phase: bool) -> Shown:
    """Ask for the numbers and draw them; return what is shown in words and as numbers.

    Raises NotDrawable, OSError, and the errors of gRPC.
    """
    stub = CoherenceServiceStub(channel)
    match plan:
        case BlochPlan():
            return await _bloch(plan, out, stub)
        case CityPlan():
            return await _city(plan, out, stub, by_phase=by_phase)
        case DecayPlan():
            return await _decay(plan, out, stub)
        case ThresholdPlan():
            return await _threshold(plan, out, stub)


def _system(entry: Mapping[str, Any]) -> evolution_pb2.OpenSystem:
    try:
        return json_format.ParseDict(dict(entry), evolution_pb2.OpenSystem())
    except json_format.ParseError as error:
        raise NotDrawable(f"system: {error}") from None


def _batch(matrices: Any, dims: Sequence[int]) -> state_pb2.StateBatch:
    data = np.ascontiguousarray(matrices, dtype="<c16")
    return state_pb2.StateBatch(count=len(data), dims=dims, data=data.tobytes())


async def _evolved(
    stub: Any, states: state_pb2.StateBatch, system: evolution_pb2.OpenSystem, times_s: Any
) -> tuple[Any, float]:
    """Return states as (times, starts, d, d), and the largest bound on their error."""
    d = int(np.prod(states.dims))
    request = api.EvolveStatesRequest(states=states, system=system, times_s=times_s.tolist())
    parts, bound = [], 0.0
    async for chunk in stub.EvolveStates(request):
        parts.append(np.frombuffer(chunk.states.data, dtype="<c16").reshape(-1, d, d))
        bound = max(bound, chunk.error_bound)
    return np.concatenate(parts).reshape(len(times_s), states.count, d, d), bound


async def _bloch(plan: BlochPlan, out: Path, stub: Any) -> Shown:
    starts = np.array(plan.starts, dtype=np.float64)
    matrices = (np.eye(2) + np.einsum("ni,iab->nab", starts, _PAULI)) / 2
    times_s = np.linspace(0.0, plan.span.until_s, plan.span.points)
    system = _system(plan.span.system)
    states, bound = await _evolved(stub, _batch(matrices, [2]), system, times_s)
    vectors = np.einsum("tnab,iba->nti", states, _PAULI).real
    coherence_plot_bloch.draw(Trajectories(plan.name, times_s, vectors), out)
    count = f"{len(starts)} trajector{'y' if len(starts) == 1 else 'ies'}"
    said = f"{count} over {seconds(plan.span.until_s)}, error at most {bound:.1g}"
    numbers = {
        "times_s": times_s.tolist(),
        "bloch_vectors": vectors.tolist(),
        "error_bound": bound,
    }
    return said, numbers


async def _city(plan: CityPlan, out: Path, stub: Any, *, by_phase: bool) -> Shown:
    states = _batch([plan.entries], plan.dims)
    title = plan.name
    if plan.span is not None:
        times_s = np.array([plan.span.until_s])
        evolved, _ = await _evolved(stub, states, _system(plan.span.system), times_s)
        states = _batch(evolved[0], plan.dims)
        title += f", after {seconds(plan.span.until_s)}"
    measures = [state_pb2.MEASURE_C_L1, state_pb2.MEASURE_PURITY]
    answer = await stub.AnalyzeStates(api.AnalyzeStatesRequest(states=states, measures=measures))
    coherence, purity = (result.values[0] for result in answer.results)
    d = len(plan.entries)
    matrix = np.frombuffer(states.data, dtype="<c16").reshape(d, d)
    said = f"C_l1 = {coherence:.4g}, purity = {purity:.4g}"
    coherence_plot_cityscape.draw(
        City(f"{title}\n{said}", matrix, plan.dims), out, by_phase=by_phase
    )
    numbers = {
        "real": matrix.real.tolist(),
        "imaginary": matrix.imag.tolist(),
        "c_l1": coherence,
        "purity": purity,
    }
    return said, numbers


async def _decay(plan: DecayPlan, out: Path, stub: Any) -> Shown:
    system = _system(plan.system)
    request = api.CertifyCoherenceRequest(
        system=system,
        theta=plan.theta,
        initial_coherence=plan.initial_coherence,
        wanted_horizon_s=plan.wanted_horizon_s,
    )
    result = None
    async for event in stub.CertifyCoherence(request):
        result = event.result
    if result is None:
        raise NotDrawable("the service certified nothing and refused nothing")
    until_s = plan.until_s or BEYOND * result.numerical_horizon_s
    if not until_s:
        raise NotDrawable("until_s: is missing, and no horizon says how long to look")
    times_s = np.linspace(0.0, until_s, plan.points)
    curves = await _curves(plan, system, times_s, stub)
    certified_s = _exact(result.horizon_s) if result.certified else None
    shown = Decay(
        title=plan.name,
        times_s=times_s,
        curves=curves,
        theta=_exact(plan.theta),
        certified_s=certified_s,
        numerical_s=result.numerical_horizon_s or None,
        reason=result.reason,
    )
    coherence_plot_decay.draw(shown, out)
    said = (
        f"nothing certified: {result.reason}"
        if certified_s is None
        else f"certified for {seconds_at_least(certified_s)}, {result.gap_percent:.2g} % below the "
        f"numerical {seconds(result.numerical_horizon_s)}"
    )
    numbers = {
        "times_s": times_s.tolist(),
        "c_l1": {label: values.tolist() for label, values in curves},
        "theta": plan.theta,
        "certified_horizon_s": result.horizon_s if result.certified else None,
        "numerical_horizon_s": result.numerical_horizon_s,
        "evidence": result.evidence,
    }
    return said, numbers


async def _curves(
    plan: DecayPlan, system: evolution_pb2.OpenSystem, times_s: Any, stub: Any
) -> list[tuple[str, Any]]:
    """Return C_l1 over time for the least and the largest declared rate, or for the one rate."""
    if system.WhichOneof("model") != "damped_qubit":
        raise NotDrawable("a decay is drawn for the model damped_qubit")
    qubit = system.damped_qubit
    low, high = qubit.coherence_decay_rate_low_per_s, qubit.coherence_decay_rate_high_per_s
    rates = {f"1/T2 = {low} 1/s": low, **({f"1/T2 = {high} 1/s": high} if high else {})}
    start = _exact(plan.initial_coherence)
    matrix = np.array([[[1, start], [start, 1]]]) / 2
    curves = []
    for label, rate in rates.items():
        one = evolution_pb2.OpenSystem()
        one.CopyFrom(system)
        one.damped_qubit.coherence_decay_rate_low_per_s = rate
        one.damped_qubit.coherence_decay_rate_high_per_s = rate
        states, _ = await _evolved(stub, _batch(matrix, [2]), one, times_s)
        curves.append((label, 2 * np.abs(states[:, 0, 0, 1])))
    return curves


def _exact(text: str) -> float:
    """Return an exact decimal or fraction, already read by the service, as a float."""
    from fractions import Fraction

    return float(Fraction(text))


async def _threshold(plan: ThresholdPlan, out: Path, stub: Any) -> Shown:
    try:
        noise = correction_pb2.CodeNoise.Value(NOISE_PREFIX + plan.noise)
    except ValueError:
        raise NotDrawable(f"noise: there is no model {plan.noise.lower()}") from None
    known = {one.code: one for one in (await stub.ListCodes(api.ListCodesRequest())).codes}
    missing = [code for code in plan.codes if code not in known]
    if missing:
        raise NotDrawable(f"codes: there is no code {missing[0]}; known: {', '.join(known)}")
    series, confidence = [], 0.0
    for code in sorted(plan.codes, key=lambda one: known[one].distance):
        estimates = []
        for rate in plan.error_rates:
            last = await _estimated(plan, stub, (code, noise, rate))
            confidence = last.confidence
            estimates.append(
                Estimate(
                    physical=rate,
                    rate=last.rate if last.HasField("rate") else None,
                    low=last.low,
                    high=last.upper_bound if last.HasField("upper_bound") else last.high,
                    errors=last.errors,
                    shots=last.shots,
                )
            )
        series.append((f"{code}, distance {known[code].distance}", estimates))
    coherence_plot_threshold.draw(Threshold(plan.name, confidence, series), out)
    shots = sum(one.shots for _, estimates in series for one in estimates)
    points = len(plan.codes) * len(plan.error_rates)
    numbers = {
        "confidence": confidence,
        "estimates": {
            label: [
                {key: getattr(one, key) for key in Estimate.__dataclass_fields__}
                for one in estimates
            ]
            for label, estimates in series
        },
    }
    return f"{points} logical error rates from {shots} shots", numbers


async def _estimated(plan: ThresholdPlan, stub: Any, asked: tuple[str, Any, float]) -> Any:
    """Return the last estimate of one code at one physical rate."""
    code, noise, rate = asked
    request = api.EstimateLogicalErrorRateRequest(
        problem=correction_pb2.DecodingProblem(
            experiment=correction_pb2.CodeExperiment(code=code, noise=noise, error_rate=rate)
        ),
        seed=plan.seed,
    )
    request.stop.max_shots, request.stop.max_errors = plan.max_shots, plan.max_errors
    last = None
    async for message in stub.EstimateLogicalErrorRate(request):
        last = message
    if last is None:
        raise NotDrawable(f"{code} at {rate:g}: the service estimated nothing")
    return last
