"""The order of logical error rates below and above the thresholds; no threshold is asserted.

Seeds are fixed; the shots are chosen so that a wrong order would be off by over five standard
deviations, which each test also checks of the order that it finds.
"""

import itertools
import math

import pytest
from lucid_coherence.correction.codes import surface
from lucid_coherence.correction.decoders import DecoderKind
from lucid_coherence.correction.noise_models import Experiment, NoiseModel
from lucid_coherence.correction.problems import shot_source
from lucid_coherence.correction.sampling import StoppingRule, estimate


def rate(d: int, noise: NoiseModel, p: float, shots: int) -> float:
    rounds = d if noise is NoiseModel.CIRCUIT_LEVEL else 1
    source = shot_source(Experiment(surface(d), noise, p, rounds, "Z"), DecoderKind.MATCHING)
    rule = StoppingRule(max_shots=shots)
    clock = itertools.count(0.0, 1e-6)
    *_, found = estimate(source.blocks(20261), source.decoder, rule, lambda: next(clock))
    assert found.failures == 0
    return found.errors / found.shots


@pytest.mark.parametrize(
    ("noise", "p", "distances", "shots", "rises"),
    [
        (NoiseModel.BIT_FLIP, 0.09, (3, 9), 400_000, False),
        (NoiseModel.BIT_FLIP, 0.11, (3, 5, 9), 120_000, True),
        (NoiseModel.CIRCUIT_LEVEL, 0.006, (3, 9), 45_000, False),
        (NoiseModel.CIRCUIT_LEVEL, 0.008, (3, 9), 30_000, True),
    ],
)
def test_larger_codes_help_below_the_threshold_and_hurt_above(
    noise: NoiseModel, p: float, distances: tuple[int, ...], shots: int, rises: bool
) -> None:
    rates = [rate(d, noise, p, shots) for d in distances]
    for smaller, larger in itertools.pairwise(rates):
        change = larger - smaller if rises else smaller - larger
        spread = math.sqrt((smaller * (1 - smaller) + larger * (1 - larger)) / shots)
        assert change > 5 * spread, rates
