"""Noise of a random map: distributions with exact moments, and expectations of polynomials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import ProblemInvalid
from .polynomial import Polynomial, Ring, terms
from .reading import check_variable, only_fields, read_list, read_object, read_rational

VALUES_MAX = 256


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal distribution of this mean and variance."""

    mean: Fraction
    variance: Fraction

    def moment(self, order: int) -> Fraction:
        """Return E[w^order], from E[w^n] = mean E[w^(n-1)] + (n-1) variance E[w^(n-2)]."""
        before, now = Fraction(0), Fraction(1)
        for n in range(1, order + 1):
            before, now = now, self.mean * now + (n - 1) * self.variance * before
        return now


@dataclass(frozen=True, slots=True)
class Uniform:
    """The uniform distribution on [low, high], low < high."""

    low: Fraction
    high: Fraction

    def moment(self, order: int) -> Fraction:
        """Return E[w^order]."""
        n = order + 1
        return (self.high**n - self.low**n) / (n * (self.high - self.low))


@dataclass(frozen=True, slots=True)
class Finite:
    """Finitely many values with their probabilities, of sum 1."""

    values: tuple[tuple[Fraction, Fraction], ...]

    def moment(self, order: int) -> Fraction:
        """Return E[w^order]."""
        return sum((p * v**order for v, p in self.values), Fraction(0))


Distribution = Normal | Uniform | Finite


def read_noise(value: Any, ring: Ring, parameters: frozenset[str]) -> dict[str, Distribution]:
    """Return the distribution of each noise variable."""
    raw = read_object(value, "noise")
    if not raw:
        raise ProblemInvalid("noise", "EMPTY", "at least one noise variable is expected")
    found = {}
    for name, distribution in raw.items():
        check_variable(name, f"noise.{str(name)[:60]}", ring, parameters)
        found[name] = _distribution(distribution, f"noise.{name}", ring)
    return found


def _distribution(value: Any, where: str, ring: Ring) -> Distribution:
    raw = read_object(value, where)
    match raw.get("distribution"):
        case "normal":
            only_fields(raw, where, ("distribution", "mean", "variance"))
            mean = read_rational(raw.get("mean"), f"{where}.mean", ring)
            variance = read_rational(raw.get("variance"), f"{where}.variance", ring)
            if variance < 0:
                raise ProblemInvalid(f"{where}.variance", "NEGATIVE", "a variance is at least 0")
            return Normal(mean, variance)
        case "uniform":
            only_fields(raw, where, ("distribution", "low", "high"))
            low = read_rational(raw.get("low"), f"{where}.low", ring)
            high = read_rational(raw.get("high"), f"{where}.high", ring)
            if not low < high:
                raise ProblemInvalid(f"{where}.high", "OUT_OF_ORDER", "low < high is expected")
            return Uniform(low, high)
        case "finite":
            only_fields(raw, where, ("distribution", "values"))
            return _finite(raw.get("values"), f"{where}.values", ring)
        case _:
            raise ProblemInvalid(
                f"{where}.distribution", "UNKNOWN_VALUE", "normal, uniform or finite is expected"
            )


def _finite(value: Any, where: str, ring: Ring) -> Finite:
    found = []
    for i, pair in enumerate(read_list(value, where, 1, VALUES_MAX)):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ProblemInvalid(f"{where}[{i}]", "WRONG_LENGTH", "[value, probability] expected")
        point = read_rational(pair[0], f"{where}[{i}][0]", ring)
        chance = read_rational(pair[1], f"{where}[{i}][1]", ring)
        if chance <= 0:
            raise ProblemInvalid(f"{where}[{i}][1]", "NOT_POSITIVE", "a probability is positive")
        found.append((point, chance))
    total = sum(chance for _, chance in found)
    if total != 1:
        raise ProblemInvalid(where, "PROBABILITIES", f"the probabilities sum to {total}, not to 1")
    return Finite(tuple(found))


def expectation(
    polynomial: Polynomial, noise: Mapping[str, Distribution], ring: Ring
) -> Polynomial | None:
    """Return E_w, each monomial's w^i replaced by its moment; None where w is inside a function."""
    slots = {ring.variables.index(name): law for name, law in noise.items()}
    if any(ring.mentions(argument, slots) for argument in ring.arguments_of(polynomial)):
        return None
    found: dict[tuple[int, ...], Fraction] = {}
    for exponents, value in terms(polynomial).items():
        kept, mean = list(exponents), value
        for slot, law in slots.items():
            mean *= law.moment(kept[slot])
            kept[slot] = 0
        found[tuple(kept)] = found.get(tuple(kept), Fraction(0)) + mean
    return ring.from_terms(found)
