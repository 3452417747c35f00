import numpy as np
import pytest
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances, inspect
from lucid_coherence.states.violations import (
    CutInvalid,
    MeasureUndefined,
    StatesRefused,
    StateUnphysical,
    ToleranceOutOfRange,
)

BELL = np.zeros((4, 4), dtype=complex)
BELL[np.ix_([0, 3], [0, 3])] = 0.5


def _batch(*matrices: object, dims: tuple[int, ...] = (2,)) -> StateBatch:
    return StateBatch(dims, np.array(matrices, dtype=complex))


def test_an_unphysical_state_is_reported_and_never_measured() -> None:
    batch = _batch(np.eye(2) / 2, np.diag([1.2, -0.2]))
    report = analyze(batch, [], Tolerances()).inspection
    assert report.valid.tolist() == [True, False]
    assert report.smallest_eigenvalues[1] == pytest.approx(-0.2)
    with pytest.raises(StateUnphysical) as refused:
        analyze(batch, [Measure.VON_NEUMANN_ENTROPY], Tolerances())
    assert refused.value.metadata == {
        "check": "min_eigenvalue",
        "index": "1",
        "value": "-0.2",
        "tolerance": "1e-09",
    }


@pytest.mark.parametrize(
    ("matrix", "check"),
    [
        ([[0.5, 0.1], [0.2, 0.5]], "hermiticity_error"),
        ([[0.5, 0], [0, 0.6]], "trace_error"),
        ([[0.5, 0.6], [0.6, 0.5]], "min_eigenvalue"),
    ],
)
def test_each_check_is_named(matrix: object, check: str) -> None:
    inspection = inspect(_batch(matrix), Tolerances())
    assert [violation.check for violation in inspection.violations(0)] == [check]


def test_tolerances_can_be_widened_only_so_far() -> None:
    slightly_off = _batch([[0.5, 0], [0, 0.5 + 5e-7]])
    assert not inspect(slightly_off, Tolerances()).valid[0]
    assert inspect(slightly_off, Tolerances(trace=1e-6)).valid[0]
    for wrong in (-1e-9, 2e-6, float("nan")):
        with pytest.raises(ToleranceOutOfRange):
            Tolerances(trace=wrong)


@pytest.mark.parametrize("dims", [(4,), (2, 3), (2, 2, 2)])
def test_concurrence_is_refused_beyond_two_qubits(dims: tuple[int, ...]) -> None:
    d = int(np.prod(dims))
    with pytest.raises(MeasureUndefined) as refused:
        analyze(_batch(np.eye(d) / d, dims=dims), [Measure.CONCURRENCE], Tolerances())
    assert refused.value.metadata["dims"] == "x".join(map(str, dims))


@pytest.mark.parametrize(
    "later", [Measure.ENTANGLEMENT_OF_FORMATION, Measure.GEOMETRIC_COHERENCE, Measure.RENYI_ENTROPY]
)
def test_what_cannot_be_measured_is_refused_before_any_work(later: Measure) -> None:
    def check() -> None:
        raise AssertionError("work has begun")

    batch = _batch(np.eye(20) / 20, dims=(4, 5))
    with pytest.raises(StatesRefused):
        analyze(batch, [Measure.ROBUSTNESS_OF_COHERENCE, later], Tolerances(), check=check)


def test_negativity_needs_two_sides() -> None:
    with pytest.raises(MeasureUndefined):
        analyze(_batch(np.eye(2) / 2), [Measure.NEGATIVITY], Tolerances())


@pytest.mark.parametrize("cut", [[0, 1], [2], [0, 0], [7]])
def test_a_cut_must_split_the_system(cut: list[int]) -> None:
    with pytest.raises(CutInvalid):
        analyze(_batch(BELL, dims=(2, 2)), [Measure.NEGATIVITY], Tolerances(), cut)


def test_the_cut_is_stated_and_defaults_to_the_first_half() -> None:
    ghz = np.zeros((8, 8))
    ghz[np.ix_([0, 7], [0, 7])] = 0.5
    batch = _batch(ghz, dims=(2, 2, 2))
    ((_, default),) = analyze(batch, [Measure.NEGATIVITY], Tolerances()).measured
    ((_, chosen),) = analyze(batch, [Measure.NEGATIVITY], Tolerances(), [2, 1]).measured
    assert (default.basis, chosen.basis) == ("cut {0} | {1,2}", "cut {1,2} | {0}")
    assert default.values == pytest.approx(chosen.values)
    assert "does not prove separability" in default.note


def test_every_measure_covers_the_whole_batch() -> None:
    batch = StateBatch((2, 2), np.stack([BELL, np.diag([1, 0, 0, 0])]))
    for measure, measured in analyze(batch, list(Measure), Tolerances(), renyi_order=2).measured:
        assert measured.values.shape == measured.normalised.shape == (2,), measure
        assert (measured.normalised >= 0).all()
        assert (measured.normalised <= 1).all()
        assert measured.uncertainties.shape in {(1,), (2,)}
        assert measured.method
        assert measured.basis


def test_concurrence_keeps_its_accuracy_at_lost_rank() -> None:
    angles = np.linspace(1e-6, np.pi / 4, 50)
    kets = np.zeros((50, 4))
    kets[:, 0], kets[:, 3] = np.cos(angles), np.sin(angles)
    batch = StateBatch((2, 2), (kets[:, :, None] * kets[:, None, :]).astype(complex))
    ((_, measured),) = analyze(batch, [Measure.CONCURRENCE], Tolerances()).measured
    assert np.abs(measured.values - np.sin(2 * angles)).max() < 5e-15
    assert (measured.uncertainties < 1e-6).all()
