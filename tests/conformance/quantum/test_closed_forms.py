"""Published closed forms: every value of the data files, by the service's domain."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lucid_coherence.open_systems.barrier_problem import barrier_problem
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.horizon import HorizonQuestion, attempts
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.measured import Separability
from lucid_coherence.states.physicality import Tolerances
from lucid_coherence.states.projection import project

HERE = Path(__file__).parent
STATES = json.loads((HERE / "closed_forms.json").read_text())["states"]
PROJECTIONS = json.loads((HERE / "projections.json").read_text())["cases"]
HORIZONS = json.loads((HERE / "horizons.json").read_text())["cases"]
ABSOLUTE_ERROR = 2e-13
INTERVAL = 1e-9
ROUNDING = 1e-15
"""Of the closed forms themselves, and of the entries of the matrices in the file."""


def _id(entry: dict[str, Any]) -> str:
    return str(entry["id"])


@pytest.mark.parametrize("entry", STATES, ids=_id)
def test_measures_equal_their_closed_forms(entry: dict[str, Any]) -> None:
    matrix = np.array(entry["real"]) + 1j * np.array(entry["imag"])
    batch = StateBatch(tuple(entry["dims"]), matrix[None])
    order = float(entry["renyi_order"]) if "renyi_order" in entry else None
    measures = [Measure[name] for name in entry["expected"]]
    analysis = analyze(batch, measures, Tolerances(), entry["cut"], renyi_order=order)
    for measure, measured in analysis.measured:
        expected = entry["expected"][measure.name]
        error = abs(measured.values[0] - expected)
        if measured.low is not None and measured.high is not None:
            assert measured.low[0] - ROUNDING <= expected <= measured.high[0] + ROUNDING, measure
            assert measured.high[0] - measured.low[0] <= INTERVAL, measure
            continue
        assert error <= ABSOLUTE_ERROR, (measure, measured.values[0], expected)
        assert error <= measured.uncertainties[0] + ROUNDING, (measure, "beyond its uncertainty")


WITH_CONCLUSIONS = [entry for entry in STATES if "conclusions" in entry]


@pytest.mark.parametrize("entry", WITH_CONCLUSIONS, ids=_id)
def test_tests_of_separability_conclude_what_is_known(entry: dict[str, Any]) -> None:
    matrix = np.array(entry["real"]) + 1j * np.array(entry["imag"])
    batch = StateBatch(tuple(entry["dims"]), matrix[None])
    measures = [Measure[name] for name in entry["conclusions"]]
    for measure, measured in analyze(batch, measures, Tolerances(), entry["cut"]).measured:
        assert measured.conclusions is not None
        concluded = Separability(int(measured.conclusions[0])).name
        assert concluded == entry["conclusions"][measure.name], measure


@pytest.mark.parametrize("entry", PROJECTIONS, ids=_id)
def test_projection_gives_the_published_spectrum(entry: dict[str, Any]) -> None:
    before = np.diag(np.array(entry["before"], dtype=np.complex128))
    projection = project(StateBatch((len(before),), before[None]))
    after = np.diagonal(projection.batch.matrices[0]).real
    np.testing.assert_allclose(after, entry["after"], atol=1e-15)
    assert projection.clipped_counts[0] == entry["clipped"]
    expected = np.linalg.norm(np.array(entry["before"]) - np.array(entry["after"]))
    assert projection.distances[0] == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("entry", HORIZONS, ids=_id)
@pytest.mark.parametrize("gap_percent", [1.0, 0.01])
def test_claimed_horizons_stay_below_the_exact_one_and_close(
    entry: dict[str, Any], gap_percent: float
) -> None:
    qubit = DampedQubit(
        Fraction(entry["relaxation_rate"]),
        Fraction(entry["decay_low"]),
        Fraction(entry["decay_high"]),
        Fraction(entry["detuning"]),
        Fraction(entry["equilibrium_z"]),
    )
    question = HorizonQuestion(qubit, Fraction(entry["theta"]), Fraction(entry["initial"]))
    *_, claim = attempts(question, gap_percent)
    assert question.exact_s == pytest.approx(entry["exact_s"], rel=1e-14)
    assert float(claim.horizon_s) < entry["exact_s"]
    assert 0 < claim.gap_percent <= gap_percent
    assert barrier_problem(claim).variables[:4] == ("x", "y", "z", "t")
