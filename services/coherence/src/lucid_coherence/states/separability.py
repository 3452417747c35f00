"""Tests of separability: what they prove, and where they say nothing."""

import numpy as np

from lucid_coherence.states.batch import RealArray
from lucid_coherence.states.cuts import Cut, realigned
from lucid_coherence.states.factor import ROUNDING
from lucid_coherence.states.measured import Measured, Separability
from lucid_coherence.states.physicality import Inspection

_MARGIN_NOTE = "within the margin of rounding and of the state's own departure: INCONCLUSIVE"


def ppt(inspection: Inspection, transposed: RealArray, cut: Cut) -> Measured:
    """Smallest eigenvalue of the partial transpose, in [−1/2, 1/d] [Horodecki1996].

    Negative means ENTANGLED. Positive means SEPARABLE for 2x2 and 2x3, and nothing beyond.
    `transposed` holds the eigenvalues of the partial transposes, (count, d), ascending. The
    normalised value is −2 times the negative part. A value closer to 0 than rounding and the
    matrix's distance from a physical state is INCONCLUSIVE: product pure states lie there.
    """
    values: RealArray = transposed[:, 0]
    margins = _margins(inspection)
    decisive = transposed.shape[-1] <= 6
    conclusions = np.full(len(values), Separability.INCONCLUSIVE.value)
    conclusions[values < -margins] = Separability.ENTANGLED.value
    if decisive:
        conclusions[values > margins] = Separability.SEPARABLE.value
    return Measured(
        values=values,
        normalised=np.clip(-2 * values, 0.0, 1.0),
        uncertainties=margins,
        unit="1",
        basis=cut.text,
        method="smallest eigenvalue of the partial transpose",
        note=_MARGIN_NOTE
        if decisive
        else f"a positive value proves nothing beyond 2x2 and 2x3; {_MARGIN_NOTE}",
        conclusions=conclusions,
    )


def realignment(inspection: Inspection, cut: Cut) -> Measured:
    """Trace norm of the realigned matrix, in [0, m], m the smaller side [Chen2003].

    Above 1 means ENTANGLED, also for some states that the partial transpose does not see; at or
    below 1 it says nothing. The normalised value is (norm − 1)/(m − 1), 0 below 1.
    """
    singular = np.linalg.svd(realigned(inspection.hermitian, cut), compute_uv=False)
    values: RealArray = singular.sum(axis=-1)
    margins = np.sqrt(singular.shape[-1]) * _margins(inspection)
    return Measured(
        values=values,
        normalised=np.clip((values - 1.0) / (cut.smaller - 1), 0.0, 1.0),
        uncertainties=margins,
        unit="1",
        basis=cut.text,
        method="singular values of the realigned matrix",
        note=f"a value up to 1 proves nothing; {_MARGIN_NOTE}",
        conclusions=np.where(
            values > 1.0 + margins, Separability.ENTANGLED.value, Separability.INCONCLUSIVE.value
        ),
    )


def _margins(inspection: Inspection) -> RealArray:
    """Bound how far rounding and the distance to a physical state move an eigenvalue."""
    dimension = inspection.eigenvalues.shape[-1]
    margins: RealArray = 8 * dimension**1.5 * ROUNDING + inspection.departures
    return margins
