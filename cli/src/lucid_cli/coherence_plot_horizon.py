"""The numbers of a decay: curves of C_l1, and for how long it is certified."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from lucid.coherence.v1 import evolution_pb2

from lucid_cli import coherence_plot_decay
from lucid_cli.coherence_plot_decay import Decay
from lucid_cli.coherence_plot_file import POINTS_DEFAULT, DecayPlan
from lucid_cli.coherence_plot_mesh import Shown, batch_of, evolved
from lucid_cli.coherence_plot_style import NotDrawable, seconds, seconds_at_least

BEYOND = 1.5
"""A decay is shown for so many times the longest horizon, unless the file says for how long."""
Curves = list[tuple[str, Any]]


async def draw_decay(plan: DecayPlan, out: Path, stub: Any, until_s: float) -> Shown:
    """Certify, evolve and draw; raises NotDrawable, OSError, and the errors of gRPC.

    `until_s` 0 means long enough to see the horizon.
    """
    request = plan.request
    found = await _certified(request, stub)
    until_s = until_s or BEYOND * max(found.numerical_horizon_s, found.bare_horizon_s)
    if not until_s:
        raise NotDrawable("no horizon says how long to look; say it with --until")
    times_s = np.linspace(0.0, until_s, POINTS_DEFAULT)
    curves = await _curves(request, times_s, stub)
    certified_s = float(Fraction(found.horizon_s)) if found.certified else None
    shown = Decay(
        title=plan.name,
        times_s=times_s,
        curves=curves,
        theta=float(Fraction(request.theta)),
        certified_s=certified_s,
        numerical_s=found.numerical_horizon_s or None,
        reason=found.reason,
    )
    coherence_plot_decay.draw(shown, out)
    numbers = {
        "times_s": times_s.tolist(),
        "c_l1": {label: values.tolist() for label, values in curves},
        "theta": request.theta,
        "certified_horizon_s": found.horizon_s if found.certified else None,
        "numerical_horizon_s": found.numerical_horizon_s,
        "evidence": found.evidence,
    }
    return _said(found, certified_s), numbers


def _said(found: evolution_pb2.CertifiedHorizon, certified_s: float | None) -> str:
    if certified_s is None:
        return f"nothing certified: {found.reason}"
    return (
        f"certified for {seconds_at_least(certified_s)}, {found.gap_percent:.2g} % below the "
        f"numerical {seconds(found.numerical_horizon_s)}"
    )


async def _certified(request: Any, stub: Any) -> evolution_pb2.CertifiedHorizon:
    result: evolution_pb2.CertifiedHorizon | None = None
    async for event in stub.CertifyCoherence(request):
        result = event.result
    if result is None:
        raise NotDrawable("the service certified nothing and refused nothing")
    return result


async def _curves(request: Any, times_s: Any, stub: Any) -> Curves:
    """Return C_l1 over time at the least and at the largest declared rates."""
    system = request.system
    model = system.WhichOneof("model")
    if model == "damped_qubit":
        return await _of_qubit(request, times_s, stub)
    if model == "encoded_qubit":
        return await _of_encoded(request, times_s, stub)
    known = {"at the least rates": _pinned(system, 0), "at the largest rates": _pinned(system, 1)}
    if known["at the least rates"] == known["at the largest rates"]:
        known = {"evolved": system}
    curves = []
    for label, one in known.items():
        states, _ = await evolved(stub, request.start, one, times_s)
        sizes = np.abs(states[:, 0])
        curves.append((label, sizes.sum(axis=(1, 2)) - np.trace(sizes, axis1=1, axis2=2)))
    return curves


def _pinned(system: evolution_pb2.OpenSystem, end: int) -> evolution_pb2.OpenSystem:
    """Return the system with each interval of rates at its low (0) or high (1) end."""
    pinned = evolution_pb2.OpenSystem()
    pinned.CopyFrom(system)
    for jump in getattr(pinned, pinned.WhichOneof("model")).jumps:
        high = jump.rate_high_per_s or jump.rate_low_per_s
        jump.rate_low_per_s = jump.rate_high_per_s = (jump.rate_low_per_s, high)[end]
    return pinned


async def _of_qubit(request: Any, times_s: Any, stub: Any) -> Curves:
    system = request.system
    qubit = system.damped_qubit
    low, high = qubit.coherence_decay_rate_low_per_s, qubit.coherence_decay_rate_high_per_s
    rates = {f"1/T2 = {low} 1/s": low, **({f"1/T2 = {high} 1/s": high} if high else {})}
    curves = []
    for label, rate in rates.items():
        one = evolution_pb2.OpenSystem()
        one.CopyFrom(system)
        one.damped_qubit.coherence_decay_rate_low_per_s = rate
        one.damped_qubit.coherence_decay_rate_high_per_s = rate
        curves.append((label, await _along_x(request, one, times_s, stub)))
    return curves


async def _along_x(request: Any, system: evolution_pb2.OpenSystem, times_s: Any, stub: Any) -> Any:
    start = float(Fraction(request.initial_coherence))
    matrix = np.array([[[1, start], [start, 1]]]) / 2
    states, _ = await evolved(stub, batch_of(matrix, [2]), system, times_s)
    return 2 * np.abs(states[:, 0, 0, 1])


async def _of_encoded(request: Any, times_s: Any, stub: Any) -> Curves:
    """Return the logical qubit, once corrected at each time, and one physical qubit left alone.

    The logical curve is the closed form: the service certifies encoded qubits and evolves none.
    """
    encoded = request.system.encoded_qubit
    n, g = encoded.physical_qubits, float(Fraction(encoded.dephasing_rate_high_per_s))
    period = float(Fraction(encoded.correction_period_s))

    def kept(time_s: Any) -> Any:
        flip = -np.expm1(-g * time_s) / 2
        lost = sum(
            math.comb(n, k) * flip**k * (1 - flip) ** (n - k) for k in range((n + 1) // 2, n + 1)
        )
        return 1 - 2 * lost

    rounds, rest = np.divmod(times_s, period)
    logical = float(Fraction(request.initial_coherence)) * kept(period) ** rounds * kept(rest)
    rate = encoded.dephasing_rate_high_per_s
    bare = evolution_pb2.DampedQubit(relaxation_rate_per_s="0", coherence_decay_rate_low_per_s=rate)
    alone = await _along_x(request, evolution_pb2.OpenSystem(damped_qubit=bare), times_s, stub)
    return [(f"logical qubit of {n}, corrected", logical), ("one physical qubit", alone)]
