"""The claim of a horizon as a barrier-certificate problem in exact text.

B(x, y, t) = C0² ℓ_K(t) − x² − y², with time in units of 1/(2 g2). On t >= 0

    B' + B = −(C0² t^K + s² (x² + y²))/K! <= 0,    1 − s²/K! = rate/largest rate,

so B stays at or below 0 where it starts there [Kong2013]; and B > 0 where x² + y² <= θ² and
t <= T, because ℓ_K falls and C0² ℓ_K(T) > θ². Nothing in it ends at T: the domain t >= 0 is
never left, and t <= T is part of the unsafe set. That is why the proved obligations imply the
horizon without a further argument about a face t = T.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from lucid_coherence.open_systems.exact import exact_text
from lucid_coherence.open_systems.horizon import HorizonClaim

FLOW_RATE = "-1"
"""The rate of the exponential condition B' <= −B, in units of 2 g2."""


@dataclass(frozen=True, slots=True)
class BarrierProblem:
    """A problem for the validation service; each list of relations is a conjunction."""

    variables: tuple[str, ...]
    parameters: tuple[str, ...]
    dynamics: dict[str, str]
    domain: tuple[str, ...]
    initial: tuple[str, ...]
    unsafe: tuple[str, ...]
    barrier: str
    rate: str
    theorem: str


def barrier_problem(claim: HorizonClaim) -> BarrierProblem:
    """Write the claim as the Bloch equations, the sets and the certificate, all exact.

    Variables x, y, z are the Bloch vector, t the time in units of 1/(2 g2). With an interval of
    rates the parameter s has 1 − s²/K! = true rate over the largest one: what is left of the flow
    condition is then a sum of squares with coefficients of one size, which solvers find, and every
    rate up to the largest one is covered.
    """
    question = claim.question
    known = question.qubit.has_known_rates
    start, floor = question.initial_coherence**2, question.theta**2
    return BarrierProblem(
        variables=("x", "y", "z", "t") if known else ("x", "y", "z", "t", "s"),
        parameters=() if known else ("s",),
        dynamics=_dynamics(claim),
        domain=("t >= 0",),
        initial=(f"x**2 + y**2 >= {exact_text(start)}", "t == 0"),
        unsafe=(
            f"x**2 + y**2 <= {exact_text(floor)}",
            "t >= 0",
            f"t <= {exact_text(claim.scaled)}",
        ),
        barrier=_barrier(claim.degree, start),
        rate=FLOW_RATE,
        theorem=_theorem(claim),
    )


def _dynamics(claim: HorizonClaim) -> dict[str, str]:
    qubit, unit = claim.question.qubit, claim.question.time_unit_s
    detuning = exact_text(qubit.detuning * unit)
    relaxation = exact_text(qubit.relaxation_rate * unit)
    equilibrium = exact_text(qubit.equilibrium_z)
    decay = "1/2" if qubit.has_known_rates else f"(1 - s**2/{math.factorial(claim.degree)})/2"
    dynamics = {
        "x": f"-({decay})*x - ({detuning})*y",
        "y": f"({detuning})*x - ({decay})*y",
        "z": f"({relaxation})*(({equilibrium}) - z)",
        "t": "1",
    }
    return dynamics if qubit.has_known_rates else dynamics | {"s": "0"}


def _barrier(degree: int, start: Fraction) -> str:
    terms = [exact_text(start)]
    coefficient = start
    for k in range(1, degree + 1):
        coefficient = coefficient / k
        sign = "-" if k % 2 else "+"
        power = "t" if k == 1 else f"t**{k}"
        terms.append(f"{sign} ({exact_text(coefficient)})*{power}")
    return " ".join(terms) + " - x**2 - y**2"


def _theorem(claim: HorizonClaim) -> str:
    question = claim.question
    return (
        f"Time t counts units of {exact_text(question.time_unit_s)} s = 1/(2 g), g the largest "
        "declared 1/T2. B = C0^2 l(t) - x^2 - y^2, l the Taylor polynomial of exp(-t) of odd "
        f"degree {claim.degree}. B <= 0 at the start and B' <= -B for all t >= 0, so B <= 0 for "
        "all t >= 0 [Kong2013]; B > 0 wherever x^2 + y^2 <= theta^2 and "
        f"0 <= t <= {exact_text(claim.scaled)}. As x^2 + y^2 = C_l1^2, C_l1 > "
        f"{exact_text(question.theta)} for all times in [0, {exact_text(claim.horizon_s)}] s."
    )
