"""Moments of the noise of one step, exactly."""

from collections.abc import Callable
from fractions import Fraction

from lucid_checker.algebra import check_size, number_power
from lucid_checker.document import Json

Moments = Callable[[int], Fraction]
_VALUES_MAX = 64
_FIELDS = {"normal": ("mean", "variance"), "uniform": ("low", "high"), "finite": ("values",)}


def read_moments(node: Json, number: Callable[[Json], Fraction]) -> Moments:
    """Return k -> E[w^k] for a normal, uniform or finite distribution."""
    kind = str(node.tag("distribution"))
    if kind not in _FIELDS:
        raise node.refuse("not a normal, uniform or finite distribution")
    fields = node.fields(("distribution", *_FIELDS[kind]))
    if kind == "finite":
        pairs = [entry.items(2, exactly=2) for entry in fields["values"].items(_VALUES_MAX)]
        values = [(number(value), number(weight)) for value, weight in pairs]
        if any(p <= 0 for _, p in values) or sum(p for _, p in values) != 1:
            raise node.refuse("the probabilities are not positive with sum 1")
        return lambda k: sum((p * number_power(v, k) for v, p in values), Fraction(0))
    a, b = (number(fields[name]) for name in _FIELDS[kind])
    if b < 0 if kind == "normal" else a >= b:
        raise node.refuse("the variance is negative, or low is not below high")
    return lambda k: _normal(a, b, k) if kind == "normal" else _uniform(a, b, k)


def _uniform(low: Fraction, high: Fraction, order: int) -> Fraction:
    powers = (number_power(low, i) * number_power(high, order - i) for i in range(order + 1))
    return sum(powers, Fraction(0)) / (order + 1)


def _normal(mean: Fraction, variance: Fraction, order: int) -> Fraction:
    """Return the moment by Stein's recurrence M(k+1) = mean M(k) + k variance M(k-1)."""
    before, now = Fraction(0), Fraction(1)
    for k in range(order):
        before, now = now, mean * now + k * variance * before
        check_size(now)
    return now
