"""A qubit that relaxes, dephases and precesses, with exact rates."""

import math
from dataclasses import dataclass
from fractions import Fraction

from lucid_coherence.open_systems.violations import NumberUnreadable, RatesUnphysical

RATE_MAX_PER_S = Fraction(10) ** 15
_RATE_MIN = Fraction(1, 10**308)


@dataclass(frozen=True, slots=True)
class DampedQubit:
    """One qubit in the rotating frame; |0⟩ is z = +1. All numbers are exact.

    relaxation_rate: 1/T1, 1/s, in [0, 1e15].
    decay_rate_low, decay_rate_high: 1/T2, 1/s, known to lie between the two and free to vary there.
    detuning: rotation about z, rad/s, in [−1e15, 1e15].
    equilibrium_z: z of the state that it relaxes to, in [−1, 1].

    Raises:
        RatesUnphysical: a negative rate, an empty interval, or T2 > 2 T1 for some rate in it:
            on the Bloch sphere d|r|²/dt = 2(1 − z)(g1 z − g2(1 + z)) is never positive exactly if
            g1 <= 2 g2.
        NumberUnreadable: a number beyond its range.
    """

    relaxation_rate: Fraction
    decay_rate_low: Fraction
    decay_rate_high: Fraction
    detuning: Fraction = Fraction(0)
    equilibrium_z: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        self._require_rates()
        for field, value, limit in (
            ("relaxation_rate_per_s", self.relaxation_rate, RATE_MAX_PER_S),
            ("coherence_decay_rate_high_per_s", self.decay_rate_high, RATE_MAX_PER_S),
            ("detuning_rad_per_s", self.detuning, RATE_MAX_PER_S),
            ("equilibrium_z", self.equilibrium_z, Fraction(1)),
        ):
            if abs(value) > limit:
                raise NumberUnreadable(
                    f"{field} is {float(value):.6g}; its magnitude is at most {float(limit):g}.",
                    field=field,
                    value=value,
                )

    def _require_rates(self) -> None:
        g1, low, high = self.relaxation_rate, self.decay_rate_low, self.decay_rate_high
        if g1 < 0 or low < 0 or high < low:
            raise RatesUnphysical(
                f"Rates are not negative and low <= high; 1/T1 is {float(g1):.6g}/s, "
                f"1/T2 lies in [{float(low):.6g}, {float(high):.6g}]/s.",
                field="system.damped_qubit",
                relaxation_rate_per_s=g1,
                coherence_decay_rate_low_per_s=low,
                coherence_decay_rate_high_per_s=high,
            )
        if 2 * low < g1:
            t1, t2 = _time_s(g1), _time_s(low)
            raise RatesUnphysical(
                f"T2 is {t2:.6g} s and exceeds 2 T1 = {2 * t1:.6g} s; no evolution of states does "
                "that.",
                field="system.damped_qubit.coherence_decay_rate_low_per_s",
                t1_s=t1,
                t2_s=t2,
            )

    @property
    def has_known_rates(self) -> bool:
        """True if the coherence decay rate is one number."""
        return self.decay_rate_low == self.decay_rate_high


def _time_s(rate: Fraction) -> float:
    """Return 1/rate, infinite where it is longer than a float can say."""
    return float(1 / rate) if rate > _RATE_MIN else math.inf
