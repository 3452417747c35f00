"""Moments of the noise of one step, exactly."""

from collections.abc import Callable
from fractions import Fraction

from lucid_checker.document import Json
from lucid_checker.polynomial import check_size, number_power

Moments = Callable[[int], Fraction]
_VALUES_MAX = 64


def read_moments(node: Json, number: Callable[[Json], Fraction]) -> Moments:
    """Return k -> E[w^k] for a normal, uniform or finite distribution."""
    kind = node.tag("distribution")
    names = {"normal": ("mean", "variance"), "uniform": ("low", "high"), "finite": ("values",)}
    if kind not in names:
        raise node.refuse("not a normal, uniform or finite distribution")
    fields = node.fields(("distribution", *names[kind]))
    if kind == "finite":
        return _finite(fields["values"], number)
    a, b = (number(fields[name]) for name in names[kind])
    if kind == "normal" and b >= 0:
        return lambda k: _normal(a, b, k)
    if kind == "uniform" and a < b:
        return lambda k: (
            sum(number_power(a, i) * number_power(b, k - i) for i in range(k + 1))
            / (k + Fraction(1))
        )
    raise node.refuse("the variance is negative, or low is not below high")


def _normal(mean: Fraction, variance: Fraction, order: int) -> Fraction:
    """Return the moment by Stein's recurrence M(k+1) = mean M(k) + k variance M(k-1)."""
    before, now = Fraction(0), Fraction(1)
    for k in range(order):
        before, now = now, mean * now + k * variance * before
        check_size(now)
    return now


def _finite(node: Json, number: Callable[[Json], Fraction]) -> Moments:
    pairs = [entry.items(2, exactly=2) for entry in node.items(_VALUES_MAX)]
    values = [(number(value), number(weight)) for value, weight in pairs]
    if any(p <= 0 for _, p in values) or sum(p for _, p in values) != 1:
        raise node.refuse("the probabilities are not positive with sum 1")
    return lambda k: sum((p * number_power(v, k) for v, p in values), Fraction(0))
