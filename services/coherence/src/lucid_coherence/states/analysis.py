"""Everything that was asked about a batch: a value, or the check that a state fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lucid_coherence.states import geometric, robustness
from lucid_coherence.states.batch import RealArray, StateBatch
from lucid_coherence.states.correlations import mutual_information, schmidt_coefficients
from lucid_coherence.states.cuts import Cut, check_cut, transposed_spectrum
from lucid_coherence.states.enclosure import Check, no_check
from lucid_coherence.states.entanglement import (
    concurrence,
    entanglement_of_formation,
    log_negativity,
    negativity,
    require_two_qubits,
)
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.measures import (
    coherence_l1,
    purity,
    relative_entropy_of_coherence,
    renyi_entropy,
    require_order,
    von_neumann_entropy,
)
from lucid_coherence.states.physicality import Inspection, Tolerances, inspect, require_valid
from lucid_coherence.states.separability import ppt, realignment
from lucid_coherence.states.violations import BatchTooLarge, MeasureUndefined

ANSWER_BYTES_MAX = 4_000_000
"""Bytes of one answer: below the 4 MiB limit of one message, with room for the rest of it."""
_REPORT_BYTES = 25
"""Three numbers and a flag for each state."""
_RESULT_BYTES = 24
"""Value, normalised value and uncertainty of one measure for each state."""


class Measure(Enum):
    """What can be measured of a state."""

    C_L1 = "C_l1"
    RELATIVE_ENTROPY_OF_COHERENCE = "relative entropy of coherence"
    PURITY = "purity"
    CONCURRENCE = "concurrence"
    NEGATIVITY = "negativity"
    LOG_NEGATIVITY = "log-negativity"
    VON_NEUMANN_ENTROPY = "von Neumann entropy"
    ROBUSTNESS_OF_COHERENCE = "robustness of coherence"
    GEOMETRIC_COHERENCE = "geometric coherence"
    RENYI_ENTROPY = "Rényi entropy"
    ENTANGLEMENT_OF_FORMATION = "entanglement of formation"
    PPT = "test of the partial transpose"
    REALIGNMENT = "realignment test"
    SCHMIDT_COEFFICIENTS = "Schmidt coefficients"
    MUTUAL_INFORMATION = "mutual information"


OVER_A_CUT = frozenset(
    {
        Measure.NEGATIVITY,
        Measure.LOG_NEGATIVITY,
        Measure.PPT,
        Measure.REALIGNMENT,
        Measure.SCHMIDT_COEFFICIENTS,
        Measure.MUTUAL_INFORMATION,
    }
)
"""Measures that need two sides."""
_FROM_TRANSPOSE = frozenset({Measure.NEGATIVITY, Measure.LOG_NEGATIVITY, Measure.PPT})
_INTERVALS = frozenset({Measure.ROBUSTNESS_OF_COHERENCE, Measure.GEOMETRIC_COHERENCE})


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
    *,
    renyi_order: float | None = None,
    check: Check = no_check,
) -> Analysis:
    """Inspect every state and measure it; without measures any matrix may be inspected.

    `check` is called between the steps of long computations; what it raises ends them.

    Raises:
        StateUnphysical: a measure was asked for and a state is not physical: no number is made up.
        MeasureUndefined: a measure does not exist for this system, or for one of the states.
        CutInvalid: a measure over a cut was asked for and the cut does not split the system.
        RenyiOrderInvalid: the Rényi entropy was asked for without an order of at least 0.
        BatchTooLarge: the answer, or a state for one of the measures, is over a limit.
    """
    _require_defined(batch, measures, renyi_order)
    _require_small_answer(batch, measures)
    inspection = inspect(batch, tolerances)
    if measures:
        require_valid(inspection, field="states")
    question = _question(batch, inspection, measures, cut, renyi_order, check)
    found = []
    for measure in measures:
        check()
        across = question.cut if measure in OVER_A_CUT else None
        value = _over_a_cut(question, across, measure) if across else _local(question, measure)
        found.append((measure, value))
    return Analysis(inspection, tuple(found))


def _require_defined(
    batch: StateBatch, measures: Sequence[Measure], renyi_order: float | None
) -> None:
    """Refuse what cannot be measured whatever the states are, before any work."""
    for measure in measures:
        match measure:
            case Measure.CONCURRENCE | Measure.ENTANGLEMENT_OF_FORMATION:
                require_two_qubits(batch.dims, measure.name)
            case Measure.ROBUSTNESS_OF_COHERENCE:
                robustness.require_dimension(batch.dimension)
            case Measure.GEOMETRIC_COHERENCE:
                geometric.require_dimension(batch.dimension)
            case Measure.RENYI_ENTROPY:
                require_order(renyi_order)
        if measure in OVER_A_CUT and len(batch.dims) < 2:
            raise MeasureUndefined(
                f"The {measure.value} needs at least two subsystems; the system has one.",
                field="measures",
                measure=measure.name,
                dims=batch.dims[0],
                required="2 subsystems",
            )


def _require_small_answer(batch: StateBatch, measures: Sequence[Measure]) -> None:
    each = _REPORT_BYTES + _RESULT_BYTES * len(measures)
    each += 16 * sum(measure in _INTERVALS for measure in measures)
    each += 8 * batch.dimension * (Measure.SCHMIDT_COEFFICIENTS in measures)
    size = batch.count * each
    if size > ANSWER_BYTES_MAX:
        raise BatchTooLarge(
            f"The answer would take {size} bytes; answer_bytes_max is {ANSWER_BYTES_MAX}.",
            field="measures",
            limit="answer_bytes_max",
            value=size,
            maximum=ANSWER_BYTES_MAX,
            unit="bytes",
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """What one analysis computes from; what several measures need is computed once.

    `transposed` holds the eigenvalues of the partial transposes, empty if no measure is made of
    them.
    """

    batch: StateBatch
    inspection: Inspection
    cut: Cut | None
    transposed: RealArray
    renyi_order: float | None
    check: Check


def _question(
    batch: StateBatch,
    inspection: Inspection,
    measures: Sequence[Measure],
    cut: Sequence[int],
    renyi_order: float | None,
    check: Check,
) -> _Question:
    over = check_cut(batch.dims, cut) if OVER_A_CUT.intersection(measures) else None
    wanted = not _FROM_TRANSPOSE.isdisjoint(measures)
    needed = inspection.hermitian if wanted else inspection.hermitian[:0]
    spectrum = transposed_spectrum(needed, over) if over else np.empty((0, batch.dimension))
    return _Question(batch, inspection, over, spectrum, renyi_order, check)


def _local(question: _Question, measure: Measure) -> Measured:
    """Measure what needs no cut."""
    matrices, eigenvalues = question.inspection.hermitian, question.inspection.eigenvalues
    dims = question.batch.dims
    transposed = question.transposed if len(question.transposed) else None
    compute: dict[Measure, Callable[[], Measured]] = {
        Measure.C_L1: lambda: coherence_l1(matrices),
        Measure.RELATIVE_ENTROPY_OF_COHERENCE: lambda: relative_entropy_of_coherence(
            matrices, eigenvalues
        ),
        Measure.PURITY: lambda: purity(matrices),
        Measure.VON_NEUMANN_ENTROPY: lambda: von_neumann_entropy(eigenvalues),
        Measure.RENYI_ENTROPY: lambda: renyi_entropy(eigenvalues, question.renyi_order),
        Measure.ROBUSTNESS_OF_COHERENCE: lambda: robustness.robustness_of_coherence(
            matrices, question.check
        ),
        Measure.GEOMETRIC_COHERENCE: lambda: geometric.geometric_coherence(
            matrices, eigenvalues, question.check
        ),
        Measure.CONCURRENCE: lambda: concurrence(matrices, eigenvalues, dims, transposed),
        Measure.ENTANGLEMENT_OF_FORMATION: lambda: entanglement_of_formation(
            matrices, eigenvalues, dims, transposed
        ),
    }
    return compute[measure]()


def _over_a_cut(question: _Question, cut: Cut, measure: Measure) -> Measured:
    inspection = question.inspection
    match measure:
        case Measure.REALIGNMENT:
            return realignment(inspection, cut)
        case Measure.SCHMIDT_COEFFICIENTS:
            return schmidt_coefficients(inspection, cut)
        case Measure.MUTUAL_INFORMATION:
            return mutual_information(inspection.hermitian, inspection.eigenvalues, cut)
    transposed = question.transposed
    if measure is Measure.PPT:
        return ppt(inspection, transposed, cut)
    return (negativity if measure is Measure.NEGATIVITY else log_negativity)(transposed, cut)
