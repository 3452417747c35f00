"""The numerical horizon is that of closed forms, whichever window it falls into."""

import math
from fractions import Fraction

import numpy as np
import pytest
from lucid_coherence.open_systems.certificates.exact_generator import exact_generator
from lucid_coherence.open_systems.certificates.numerical import (
    coherence_at,
    numerical_horizon,
)
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian

Z = np.diag([1.0, -1.0]).astype(complex)
START = np.array([Fraction(1), Fraction(0), Fraction(0)], dtype=object)


@pytest.mark.parametrize("detuning", [0.0, 5.0, 1e3])
@pytest.mark.parametrize("radius", [0.0, 0.125])
@pytest.mark.parametrize("theta", [0.01, 0.5, 0.874])
def test_dephasing_reaches_the_threshold_when_the_exponential_does(
    detuning: float, radius: float, theta: float
) -> None:
    # Coherence decays by 2 rate, of the whole ball, whatever the detuning; the largest rate is 0.5.
    generator = exact_generator(Lindbladian((2,), detuning * Z, (Jump(Z, 0.25, 0.5),)))
    found = numerical_horizon(generator, START, radius, theta, 0.0)
    assert found is not None
    assert found.h == (1.0,)
    # Up to 1e5 steps, each with the rounding of its exponential.
    assert found.horizon_s == pytest.approx(math.log((1 - radius) / theta), rel=1e-9)


def test_the_worst_of_rates_that_cross_within_one_step_is_found() -> None:
    rng = np.random.default_rng(3)
    parts = [rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)) for _ in range(2)]
    hamiltonian = parts[0] + parts[0].conj().T
    generator = exact_generator(Lindbladian((2,), hamiltonian, (Jump(parts[1], 0.3, 0.3001),)))
    found = numerical_horizon(generator, START, 0.0, 0.5, 0.0)
    assert found is not None
    for h in np.linspace(-1, 1, 5):
        assert coherence_at(generator, START, (float(h),), found.horizon_s) >= 0.5 - 1e-12


def test_a_search_ends_at_its_limit() -> None:
    generator = exact_generator(Lindbladian((2,), 0 * Z, (Jump(Z, 0.5, 0.5),)))
    crossing = math.log(2)  # s, at 1/s
    assert numerical_horizon(generator, START, 0.0, 0.5, 0.99 * crossing) is None
    assert numerical_horizon(generator, START, 0.0, 0.5, 1.1 * crossing) is not None
