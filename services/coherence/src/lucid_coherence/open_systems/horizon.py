"""For how long the coherence of a damped qubit certainly stays above a threshold.

With q = x² + y² = C_l1², the Bloch equations give q' = −2 g2 q whatever the detuning and T1 are.
So C_l1(t) = C_l1(0) e^(−g2 t), and the exact horizon for the largest declared rate is
ln(C_l1(0)/θ)/g2. A certificate must reach it with polynomials: e^(−s) is bounded from below, for
all s >= 0, by its Taylor polynomials ℓ_K of odd degree K, which fall strictly and obey
ℓ_K' + ℓ_K = −s^K/K!.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exact import round_down
from lucid_coherence.open_systems.violations import (
    DegreeExhausted,
    ModelUnsupported,
    NumberUnreadable,
    ThresholdNotBelowStart,
)

DEGREES = tuple(range(3, 42, 2))
"""Degrees in t that are tried, in this order."""
GAP_DEFAULT_PERCENT = 1.0
_BACK_OFF_SHARE = 10
"""A tenth of the allowed gap is given up, so that the obligations hold with room to spare."""
_BISECTIONS = 80


@dataclass(frozen=True, slots=True)
class HorizonQuestion:
    """How long does C_l1 stay above `theta`, from at least `initial_coherence` at t = 0?

    Raises:
        NumberUnreadable: not 0 < theta < 1 or not 0 < initial_coherence <= 1.
        ThresholdNotBelowStart: theta >= initial_coherence.
        ModelUnsupported: no decay, so that coherence lasts for ever.
    """

    qubit: DampedQubit
    theta: Fraction
    initial_coherence: Fraction

    def __post_init__(self) -> None:
        _require_within("theta", self.theta, self.theta < 1)
        _require_within("initial_coherence", self.initial_coherence, self.initial_coherence <= 1)
        if self.theta >= self.initial_coherence:
            raise ThresholdNotBelowStart(
                f"theta is {float(self.theta):.6g} and the coherence starts at "
                f"{float(self.initial_coherence):.6g}; it must start above theta.",
                field="theta",
                theta=self.theta,
                initial_coherence=self.initial_coherence,
            )
        if self.qubit.decay_rate_high == 0:
            raise ModelUnsupported(
                "Without decay of coherence there is no horizon to certify.",
                field="system.damped_qubit.coherence_decay_rate_high_per_s",
                model="damped_qubit",
                coherence_decay_rate_high_per_s=0,
            )

    @property
    def time_unit_s(self) -> Fraction:
        """The time in which C_l1² falls by e at the largest rate: 1/(2 g2), in s."""
        return 1 / (2 * self.qubit.decay_rate_high)

    @property
    def exact_scaled(self) -> float:
        """The exact horizon in units of `time_unit_s`: 2 ln(C_l1(0)/θ)."""
        excess = float(self.initial_coherence / self.theta - 1)
        return 2 * math.log1p(excess)

    @property
    def exact_s(self) -> float:
        """The exact horizon for the largest declared rate, s, to double precision."""
        return self.exact_scaled * float(self.time_unit_s)

    def bound_holds(self, degree: int, scaled: Fraction) -> bool:
        """True if C_l1(0)² ℓ_K(s) > θ² at s = `scaled`, exactly."""
        return self.initial_coherence**2 * taylor(degree, scaled) > self.theta**2


@dataclass(frozen=True, slots=True)
class HorizonClaim:
    """A horizon to be proved: `scaled` in units of the question's time unit, by this degree."""

    question: HorizonQuestion
    degree: int
    scaled: Fraction

    @property
    def horizon_s(self) -> Fraction:
        """The claimed horizon, s, exact."""
        return self.scaled * self.question.time_unit_s

    @property
    def gap_percent(self) -> float:
        """100 · (exact − claimed)/exact; negative for a claim that is too long."""
        return 100 * (1 - float(self.scaled) / self.question.exact_scaled)


def taylor(degree: int, at: Fraction) -> Fraction:
    """Return ℓ_K(at), the Taylor polynomial of e^(−s) of degree K, exactly."""
    total = Fraction(1)
    for k in range(degree, 0, -1):
        total = 1 - total * at / k
    return total


def attempts(question: HorizonQuestion, gap_percent: float) -> Iterator[HorizonClaim]:
    """Yield the best claim of each degree; the last one is within the gap.

    Args:
        question: what is asked.
        gap_percent: largest accepted distance to the exact horizon, in (0, 100); 0 means 1.

    Raises:
        DegreeExhausted: after the last degree, if none came within the gap.
    """
    allowed = gap_percent or GAP_DEFAULT_PERCENT
    for degree in DEGREES:
        claim = HorizonClaim(question, degree, _backed_off(question, degree, allowed))
        yield claim
        if claim.gap_percent <= allowed:
            return
    raise DegreeExhausted(
        f"No certificate of degree up to {DEGREES[-1]} comes within {allowed:g} % of the exact "
        f"horizon {question.exact_s:.6g} s.",
        field="gap_percent",
        degree=DEGREES[-1],
        gap_percent=allowed,
    )


def claim_for(question: HorizonQuestion, wanted_s: Fraction) -> HorizonClaim:
    """Return the claim of exactly the wanted horizon, with the least degree that can hold.

    A wanted horizon beyond the exact one gets a claim too: deciding that it fails is validation's
    part, and comes back with a counterexample.

    Raises:
        NumberUnreadable: wanted_s <= 0.
        DegreeExhausted: below the exact horizon, yet beyond the reach of every degree.
    """
    _require_within("wanted_horizon_s", wanted_s, within=True)
    scaled = wanted_s / question.time_unit_s
    for degree in DEGREES:
        if question.bound_holds(degree, scaled):
            return HorizonClaim(question, degree, scaled)
    if float(scaled) >= question.exact_scaled * (1 - 1e-12):
        *_, nearest = attempts(question, GAP_DEFAULT_PERCENT)
        return HorizonClaim(question, nearest.degree, scaled)
    raise DegreeExhausted(
        f"No certificate of degree up to {DEGREES[-1]} reaches {float(wanted_s):.6g} s, though the "
        f"exact horizon is {question.exact_s:.6g} s.",
        field="wanted_horizon_s",
        degree=DEGREES[-1],
        wanted_horizon_s=wanted_s,
    )


def _backed_off(question: HorizonQuestion, degree: int, allowed_percent: float) -> Fraction:
    """Return a short decimal below the largest s at which the bound of this degree holds."""
    # 2 ln x <= 2 (x − 1): where theta is all but the start, bisecting from 1 would end at 0.
    near = 2 * (question.initial_coherence / question.theta - 1)
    low, high = Fraction(0), min(near, Fraction(math.ceil(question.exact_scaled) + 1))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if question.bound_holds(degree, middle) else (low, middle)
    back_off = Fraction(allowed_percent).limit_denominator(10**12) / 100 / _BACK_OFF_SHARE
    digits = max(6, 4 - math.floor(math.log10(allowed_percent)))
    return round_down(low * (1 - back_off), digits)


def _require_within(field: str, value: Fraction, within: bool) -> None:
    if not (value > 0 and within):
        raise NumberUnreadable(
            f"{field} is {float(value):.6g}, which is outside its range.", field=field, value=value
        )
