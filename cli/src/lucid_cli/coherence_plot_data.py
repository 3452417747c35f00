"""The numbers of a picture, asked of the running coherence service, and the picture of them."""

from pathlib import Path
from typing import Any

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as api
from lucid.coherence.v1 import correction_pb2, state_pb2
from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub

from lucid_cli import (
    coherence_plot_bloch,
    coherence_plot_cityscape,
    coherence_plot_threshold,
)
from lucid_cli.coherence_plot_bloch import Trajectories
from lucid_cli.coherence_plot_cityscape import City
from lucid_cli.coherence_plot_file import (
    NOISE_PREFIX,
    BlochPlan,
    CityPlan,
    DecayPlan,
    Plan,
    ThresholdPlan,
)
from lucid_cli.coherence_plot_horizon import draw_decay
from lucid_cli.coherence_plot_mesh import Shown, batch_of, evolved, system_of
from lucid_cli.coherence_plot_style import NotDrawable, seconds
from lucid_cli.coherence_plot_threshold import Estimate, Threshold

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


async def draw(plan: Plan, out: Path, channel: Any, *, by_phase: bool, until_s: float) -> Shown:
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
            return await draw_decay(plan, out, stub, until_s)
        case ThresholdPlan():
            return await _threshold(plan, out, stub)


async def _bloch(plan: BlochPlan, out: Path, stub: Any) -> Shown:
    starts = np.array(plan.starts, dtype=np.float64)
    matrices = (np.eye(2) + np.einsum("ni,iab->nab", starts, _PAULI)) / 2
    times_s = np.linspace(0.0, plan.span.until_s, plan.span.points)
    system = system_of(plan.span.system)
    states, bound = await evolved(stub, batch_of(matrices, [2]), system, times_s)
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
    dims = plan.state.dims
    states = batch_of([plan.state.entries], dims)
    title = plan.name
    if plan.span is not None:
        times_s = np.array([plan.span.until_s])
        later, _ = await evolved(stub, states, system_of(plan.span.system), times_s)
        states = batch_of(later[0], dims)
        title += f", after {seconds(plan.span.until_s)}"
    measures = [state_pb2.MEASURE_C_L1, state_pb2.MEASURE_PURITY]
    answer = await stub.AnalyzeStates(api.AnalyzeStatesRequest(states=states, measures=measures))
    coherence, purity = (result.values[0] for result in answer.results)
    d = len(plan.state.entries)
    matrix = np.frombuffer(states.data, dtype="<c16").reshape(d, d)
    said = f"C_l1 = {coherence:.4g}, purity = {purity:.4g}"
    coherence_plot_cityscape.draw(City(f"{title}\n{said}", matrix, dims), out, by_phase=by_phase)
    numbers = {
        "real": matrix.real.tolist(),
        "imaginary": matrix.imag.tolist(),
        "c_l1": coherence,
        "purity": purity,
    }
    return said, numbers


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
