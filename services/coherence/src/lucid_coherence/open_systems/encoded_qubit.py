"""A logical qubit in a repetition code against phase flips, bounded by a damped qubit.

Each of n physical qubits flips its phase within a time t with probability p(t) = (1 − e^(−g t))/2,
independently; every τ the errors are corrected by majority. Decoding fails with

    p_L(p) = Σ_{k > n/2} C(n, k) p^k (1 − p)^(n − k),    dp_L/dp = n C(n − 1, m) (p (1 − p))^m >= 0,

m = (n − 1)/2 [Nielsen2010, 10.1], so p_L rises with p, and p rises with g and with t. The logical
coherence is multiplied by 1 − 2 p_L(p(τ)) in each round, and by 1 − 2 p_L(p(t)) >= 1 − 2 p_L(p(τ)),
once decoded, in the part of a round that has begun. With G = −ln(1 − 2 p_L(p(τ)))/τ at most ⌈t/τ⌉
rounds give

    C(t) >= C0 (1 − 2 p_L)^⌈t/τ⌉ >= C0 (1 − 2 p_L) e^(−G t).

The right side is a damped qubit that starts at C0 (1 − 2 p_L), with the rate G. Every number below
is bounded outwards in rationals: p and G from above, 1 − 2 p_L from below.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from lucid_coherence.open_systems.damped_qubit import RATE_MAX_PER_S, DampedQubit
from lucid_coherence.open_systems.exact import round_down
from lucid_coherence.open_systems.violations import NumberUnreadable, RatesUnphysical

SIZES = (3, 5, 7, 9, 11)
_TERMS = 25
_DIGITS = 24
_SHORT_DIGITS = 9
_LN2_ABOVE = Fraction(6931471805599454, 10**16)
_EXPONENT_MAX = 200
FIELD = "system.encoded_qubit"


@dataclass(frozen=True, slots=True)
class EncodedQubit:
    """n = `physical_qubits`, g at most `dephasing_rate` in 1/s, corrected every `period` s.

    Raises:
        NumberUnreadable: another n, a period that is not positive, a number beyond its range.
        RatesUnphysical: a rate that is not positive.
    """

    physical_qubits: int
    dephasing_rate: Fraction
    period: Fraction

    def __post_init__(self) -> None:
        if self.physical_qubits not in SIZES:
            raise _out_of_range("physical_qubits", Fraction(self.physical_qubits))
        if not self.dephasing_rate > 0:
            raise RatesUnphysical(
                f"The dephasing rate is {float(self.dephasing_rate):.6g}/s; it is positive.",
                field=f"{FIELD}.dephasing_rate_high_per_s",
                dephasing_rate_high_per_s=self.dephasing_rate,
            )
        if self.dephasing_rate > RATE_MAX_PER_S:
            raise _out_of_range("dephasing_rate_high_per_s", self.dephasing_rate)
        if not self.period > 0 or self.period * self.dephasing_rate > _EXPONENT_MAX:
            raise _out_of_range("correction_period_s", self.period)

    @property
    def flip_above(self) -> Fraction:
        """An upper bound of p(τ)."""
        return (1 - exp_below(self.dephasing_rate * self.period)) / 2

    @property
    def round_factor_below(self) -> Fraction:
        """A lower bound of 1 − 2 p_L(p(τ)), more than 0: `flip_above` is below 1/2."""
        exact = 1 - 2 * logical_flip(self.physical_qubits, self.flip_above)
        return round_down(exact, _SHORT_DIGITS)

    def bound(self) -> DampedQubit:
        """Return the damped qubit of rate G or less."""
        rate = minus_log_above(self.round_factor_below) / self.period
        # Upwards to a short number: 1/x of a number rounded down.
        return DampedQubit(Fraction(0), Fraction(0), 1 / round_down(1 / rate, _SHORT_DIGITS))

    def bare_horizon_s(self, initial_coherence: Fraction, theta: Fraction) -> float:
        """Return ln(C0/θ)/g, s, for one physical qubit that is left alone; to double precision."""
        return math.log(float(initial_coherence / theta)) / float(self.dephasing_rate)


def logical_flip(qubits: int, flip: Fraction) -> Fraction:
    """Return p_L, exactly."""
    return sum(
        (
            math.comb(qubits, k) * flip**k * (1 - flip) ** (qubits - k)
            for k in range((qubits + 1) // 2, qubits + 1)
        ),
        Fraction(0),
    )


def exp_below(x: Fraction) -> Fraction:
    """Return a positive lower bound of e^(−x), x >= 0, tight to 20 digits or so.

    e^(−x) = (e^(−y))^m with y = x/m <= 1; the Taylor polynomial of odd degree is below e^(−y).
    """
    parts = 1
    while x / parts > 1:
        parts *= 2
    y, total = x / parts, Fraction(1)
    for k in range(_TERMS, 0, -1):
        total = 1 - total * y / k
    found = round_down(total, 2 * _DIGITS)
    while parts > 1:
        found, parts = round_down(found * found, 2 * _DIGITS), parts // 2
    return found


def minus_log_above(u: Fraction) -> Fraction:
    """Return an upper bound of −ln u, 0 < u <= 1.

    After halvings u lies in [1/2, 1], and −ln(1 − y) = Σ y^k/k, whose tail after K terms is at most
    y^(K + 1)/((K + 1)(1 − y)).
    """
    total = Fraction(0)
    while u < Fraction(1, 2):
        u, total = 2 * u, total + _LN2_ABOVE
    y, terms = 1 - u, 4 * _TERMS
    power = Fraction(1)
    for k in range(1, terms + 1):
        power = -round_down_signed(-power * y)
        total -= round_down_signed(-power / k)
    return total + power * y / ((terms + 1) * (1 - y))


def round_down_signed(value: Fraction) -> Fraction:
    """Return a decimal of 30 places or significant digits that is at most `value`."""
    scale = 10**30
    if 0 < abs(value) < Fraction(1, 10**6):
        while abs(value) * scale < 10**24:
            scale *= 10**6
    return Fraction((value * scale).__floor__(), scale)


def _out_of_range(field: str, value: Fraction) -> NumberUnreadable:
    return NumberUnreadable(
        f"{field} is {float(value):.6g}, which is outside its range.",
        field=f"{FIELD}.{field}",
        value=value,
    )
