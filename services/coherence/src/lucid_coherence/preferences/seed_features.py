"""Seeds as directions in the feature space, and the limits that hold before any work is done."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.preferences.violations import PreferenceTooLarge, SeedFeatureInvalid
from lucid_coherence.states.batch import (
    BYTES_MAX,
    ComplexArray,
    Limits,
    RealArray,
    StateBatch,
)

DIMENSION_MAX = 64
"""Features that one preference may be about."""
SEEDS_MAX = 1000
"""Seeds in one request."""
STATES_MAX = 4096
"""Preferences in one request: what is said about each still fits in one message."""
NORM_TOLERANCE = 1e-9
"""How far from 1 the length of a seed's direction may be; within it, it is made exactly 1."""

RANKING_LIMITS = Limits(states_max=STATES_MAX, bytes_max=BYTES_MAX)
UPDATE_LIMITS = Limits(states_max=STATES_MAX, bytes_max=2_000_000)
"""The answer holds the states again, and what each feedback did beside them."""


@dataclass(frozen=True, slots=True)
class SeedFeatures:
    """Named directions: `directions` is (seeds, d) complex128, each row of length 1."""

    names: tuple[str, ...]
    directions: ComplexArray

    @property
    def weights(self) -> RealArray:
        """|s_i|² of every seed and feature, (seeds, d); each row sums to 1."""
        squares: RealArray = np.abs(self.directions) ** 2
        return squares

    def index_of(self, name: str, *, field: str) -> int:
        """Return the position of a seed; raises SeedFeatureInvalid."""
        if name not in self.names:
            raise SeedFeatureInvalid(
                f"There is no seed {name} among the seeds of the request.",
                field=field,
                seed=name,
                check="SEED_KNOWN",
            )
        return self.names.index(name)


def seed_features(
    names: Sequence[str], amplitudes: Sequence[Sequence[float]], dimension: int
) -> SeedFeatures:
    """Return seeds from their amplitudes: real, imaginary, real, ... of every feature.

    Raises:
        PreferenceTooLarge: more than 1000 seeds.
        SeedFeatureInvalid: a name that comes twice or is empty; amplitudes of the wrong number,
            not finite, or of a length that is not 1.
    """
    if len(names) > SEEDS_MAX:
        raise PreferenceTooLarge(
            f"The request has {len(names)} seeds; the limit seeds_max is {SEEDS_MAX}.",
            field="seeds",
            limit="seeds_max",
            value=len(names),
            maximum=SEEDS_MAX,
        )
    seen: set[str] = set()
    directions = np.empty((len(names), dimension), dtype=np.complex128)
    for index, (name, numbers) in enumerate(zip(names, amplitudes, strict=True)):
        field = f"seeds[{index}]"
        if not name or name in seen:
            raise SeedFeatureInvalid(
                f"Seed {index} has the name {name!r}; names are set and come once.",
                field=f"{field}.seed",
                seed=name,
                check="NAME_UNIQUE",
            )
        seen.add(name)
        directions[index] = _direction(name, numbers, dimension, f"{field}.amplitudes")
    return SeedFeatures(tuple(names), directions)


def _direction(name: str, numbers: Sequence[float], dimension: int, field: str) -> ComplexArray:
    if len(numbers) != 2 * dimension:
        raise SeedFeatureInvalid(
            f"The preference has {dimension} features, so that seed {name} takes {2 * dimension} "
            f"numbers, not {len(numbers)}.",
            field=field,
            seed=name,
            check="NUMBER_COUNT",
            value=len(numbers),
            expected=2 * dimension,
        )
    vector = np.array(numbers, dtype=np.float64).view(np.complex128)
    # hypot does not overflow where the sum of squares would.
    length = math.hypot(*numbers)
    if not abs(length - 1.0) <= NORM_TOLERANCE:
        raise SeedFeatureInvalid(
            f"The direction of seed {name} has the length {length:.6g}, not 1.",
            field=field,
            seed=name,
            check="NORM",
            value=length,
            tolerance=NORM_TOLERANCE,
        )
    unit: ComplexArray = vector / length
    return unit


def maximally_mixed(dimension: int) -> StateBatch:
    """Return the preference that nothing is known about: 1/d, no coherence.

    Raises:
        SeedFeatureInvalid: fewer than two features.
        PreferenceTooLarge: more than 64.
    """
    if dimension < 2:
        raise SeedFeatureInvalid(
            f"A preference is about at least 2 features, not {dimension}.",
            field="maximally_mixed",
            seed="",
            check="FEATURE_COUNT",
            value=dimension,
            expected=2,
        )
    require_features(dimension, field="maximally_mixed")
    return StateBatch((dimension,), np.eye(dimension, dtype=np.complex128)[None] / dimension)


def require_features(dimension: int, *, field: str) -> None:
    """Refuse more features than are served."""
    if dimension > DIMENSION_MAX:
        raise PreferenceTooLarge(
            f"The preference has {dimension} features; the limit features_max is {DIMENSION_MAX}.",
            field=field,
            limit="features_max",
            value=dimension,
            maximum=DIMENSION_MAX,
        )
