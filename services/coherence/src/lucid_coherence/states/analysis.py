"""Everything that was asked about a batch: a value, or the check that a state fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from lucid_coherence.states.batch import StateBatch, hermitian_part
from lucid_coherence.states.entanglement import concurrence, log_negativity, negativity
from lucid_coherence.states.measures import (
    Measured,
    coherence_l1,
    purity,
    relative_entropy_of_coherence,
    von_neumann_entropy,
)
from lucid_coherence.states.physicality import Inspection, Tolerances, inspect, require_valid
from lucid_coherence.states.violations import MeasureUndefined


class Measure(Enum):
    """What can be measured of a state."""

    C_L1 = "C_l1"
    RELATIVE_ENTROPY_OF_COHERENCE = "relative entropy of coherence"
    PURITY = "purity"
    CONCURRENCE = "concurrence"
    NEGATIVITY = "negativity"
    LOG_NEGATIVITY = "log-negativity"
    VON_NEUMANN_ENTROPY = "von Neumann entropy"


@dataclass(frozen=True, slots=True)
class Analysis:
    """The inspection of all states and the wanted measures, in the order of the question."""

    inspection: Inspection
    measured: tuple[tuple[Measure, Measured], ...]


def analyze(
    batch: StateBatch,
    measures: Sequence[Measure],
    tolerances: Tolerances,
    cut: Sequence[int] = (),
) -> Analysis:
    """Inspect every state and measure it; without measures any matrix may be inspected.

    Raises:
        StateUnphysical: a measure was asked for and a state is not physical: no number is made up.
        MeasureUndefined: a measure does not exist for this system, whatever the states.
        CutInvalid: negativity was asked for and the cut does not split the system.
    """
    _require_subsystems(batch, measures)
    inspection = inspect(batch, tolerances)
    if measures:
        require_valid(inspection, field="states")
    compute = _measuring(batch, inspection, cut)
    return Analysis(inspection, tuple((measure, compute[measure]()) for measure in measures))


def _require_subsystems(batch: StateBatch, measures: Sequence[Measure]) -> None:
    needs_cut = {Measure.NEGATIVITY, Measure.LOG_NEGATIVITY}
    for measure in measures:
        if measure in needs_cut and len(batch.dims) < 2:
            raise MeasureUndefined(
                f"The {measure.value} needs at least two subsystems; the system has one.",
                field="measures",
                measure=measure.name,
                dims=batch.dims[0],
                required="2 subsystems",
            )


def _measuring(
    batch: StateBatch, inspection: Inspection, cut: Sequence[int]
) -> dict[Measure, Callable[[], Measured]]:
    matrices, eigenvalues = hermitian_part(batch.matrices), inspection.eigenvalues
    return {
        Measure.C_L1: lambda: coherence_l1(matrices),
        Measure.RELATIVE_ENTROPY_OF_COHERENCE: lambda: relative_entropy_of_coherence(
            matrices, eigenvalues
        ),
        Measure.PURITY: lambda: purity(matrices),
        Measure.CONCURRENCE: lambda: concurrence(matrices, batch.dims),
        Measure.NEGATIVITY: lambda: negativity(matrices, batch.dims, cut),
        Measure.LOG_NEGATIVITY: lambda: log_negativity(matrices, batch.dims, cut),
        Measure.VON_NEUMANN_ENTROPY: lambda: von_neumann_entropy(eigenvalues),
    }
