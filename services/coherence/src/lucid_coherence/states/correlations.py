"""What the two sides of a cut know of each other: Schmidt coefficients and mutual information."""

import math

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray
from lucid_coherence.states.cuts import Cut, sides, vectors_by_side
from lucid_coherence.states.factor import ROUNDING
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.measures import entropy_bits, entropy_uncertainty, purities
from lucid_coherence.states.physicality import Inspection
from lucid_coherence.states.spectra import hermitian_eigenvalues
from lucid_coherence.states.violations import MeasureUndefined


def mutual_information(matrices: ComplexArray, eigenvalues: RealArray, cut: Cut) -> Measured:
    """I = S(A) + S(B) − S(AB) in bits, in [0, 2 log2 m], m the smaller side; normalised by that.

    [Groisman2005] `eigenvalues` is (count, d), of the whole.
    """
    inside, outside = (_entropy(side) for side in sides(matrices, cut))
    values = np.maximum(inside + outside - entropy_bits(eigenvalues), 0.0)
    bound = 2 * math.log2(cut.smaller)
    return Measured(
        values=values,
        normalised=np.minimum(values / bound, 1.0),
        uncertainties=np.array([2 * entropy_uncertainty(matrices.shape[-1])]),
        unit="bit",
        basis=cut.text,
        method="entropies of the two sides minus the entropy of the whole",
    )


def schmidt_coefficients(inspection: Inspection, cut: Cut) -> Measured:
    """Schmidt coefficients of pure states, descending; their squares sum to 1.

    The value is the Schmidt number K = 1/Σ c⁴, in [1, m], normalised (K − 1)/(m − 1): the number of
    equal terms that would be as entangled [Grobe1994]. `coefficients` is (count, m).

    Raises:
        MeasureUndefined: a state is mixed: its largest eigenvalue is further from 1 than the
            eigenvalue tolerance; names the state and its purity.
    """
    _require_pure(inspection)
    vectors = _state_vectors(inspection.hermitian)
    singular = np.linalg.svd(vectors_by_side(vectors, cut), compute_uv=False)
    coefficients: RealArray = singular.astype(np.float64)
    values = 1.0 / (coefficients**4).sum(axis=-1)
    rest = 1.0 - inspection.eigenvalues[:, -1]
    return Measured(
        values=values,
        normalised=np.clip((values - 1.0) / (cut.smaller - 1), 0.0, 1.0),
        uncertainties=4
        * cut.smaller
        * (np.abs(rest) + 8 * inspection.eigenvalues.shape[-1] * ROUNDING),
        unit="1",
        basis=cut.text,
        method="singular values of the amplitudes; K = 1/sum of 4th powers",
        note="pure states only",
        coefficients=coefficients,
    )


def _entropy(matrices: ComplexArray) -> RealArray:
    return entropy_bits(hermitian_eigenvalues(matrices))


def _require_pure(inspection: Inspection) -> None:
    dimension = inspection.eigenvalues.shape[-1]
    allowed = inspection.tolerances.eigenvalue + inspection.tolerances.trace
    mixed = 1.0 - inspection.eigenvalues[:, -1] > allowed + 8 * dimension * ROUNDING
    if mixed.any():
        index = int(np.argmax(mixed))
        found = float(purities(inspection.hermitian[index : index + 1])[0])
        raise MeasureUndefined(
            f"Schmidt coefficients belong to pure states; state {index} has purity {found:.6g}.",
            field="measures",
            measure="SCHMIDT_COEFFICIENTS",
            index=index,
            purity=found,
            required="purity 1",
        )


def _state_vectors(matrices: ComplexArray) -> ComplexArray:
    """Return the vector of each pure state, (count, d).

    The column through the largest diagonal entry is the vector already; one multiplication by the
    state squares away what a small admixture of others leaves in it.
    """
    chosen = np.einsum("nii->ni", matrices).real.argmax(axis=-1)
    columns = matrices[np.arange(len(matrices)), :, chosen][:, :, None]
    vectors = (matrices @ columns)[:, :, 0]
    normed: ComplexArray = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return normed
