"""The physical state nearest to given data.

It returns the density matrix closest to the DATA; it cannot bring back coherence that was lost.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.batch import RealArray, StateBatch, adjoint, hermitian_part
from lucid_coherence.states.violations import ProjectionTooFar


@dataclass(frozen=True, slots=True)
class Projection:
    """The nearest states and what it took; arrays of shape (count,).

    `distances` are Frobenius norms of the difference. `clipped_counts` says how many eigenvalues
    were set to zero, `smallest_before` is the smallest one of each Hermitian part.
    """

    batch: StateBatch
    distances: RealArray
    clipped_counts: npt.NDArray[np.int64]
    smallest_before: RealArray


def project(batch: StateBatch) -> Projection:
    """Return the Frobenius-nearest density matrix of every matrix [Smolin2012].

    The Hermitian part is diagonalised and its eigenvalues projected on the probability simplex.
    Idempotent up to rounding (1e-15 · d). Costs O(count · d³).
    """
    eigenvalues, vectors = np.linalg.eigh(hermitian_part(batch.matrices))
    weights = nearest_distribution(eigenvalues)
    nearest = hermitian_part((vectors * weights[:, None, :]) @ adjoint(vectors))
    difference = batch.matrices - nearest
    return Projection(
        batch=StateBatch(batch.dims, nearest),
        distances=np.sqrt((np.abs(difference) ** 2).sum(axis=(-1, -2))),
        clipped_counts=((weights == 0.0) & (eigenvalues != 0.0)).sum(axis=-1),
        smallest_before=eigenvalues[:, 0],
    )


def nearest_distribution(numbers: RealArray) -> RealArray:
    """Return the Euclidean projection of each ascending row on the probability simplex.

    Shape (..., d). The largest k entries are shifted equally to sum to 1, k as large as keeps
    them positive; the rest become 0. [Smolin2012, algorithm 2]
    """
    # An equal shift of all changes nothing, but beside large numbers the 1 would be lost.
    largest = numbers[..., -1:]
    numbers = numbers - np.where(np.abs(largest) > 2.0, largest, 0.0)
    descending = numbers[..., ::-1]
    sizes = np.arange(1, numbers.shape[-1] + 1)
    shifts = (np.cumsum(descending, axis=-1) - 1.0) / sizes
    kept = (descending > shifts).sum(axis=-1, keepdims=True) - 1
    return np.maximum(numbers - np.take_along_axis(shifts, kept, axis=-1), 0.0)


def require_near(projection: Projection, distance_max: float) -> None:
    """Refuse a projection that moved any state further than `distance_max` (Frobenius norm)."""
    worst = int(np.argmax(projection.distances))
    distance = float(projection.distances[worst])
    if distance > distance_max:
        raise ProjectionTooFar(
            f"State {worst} is {distance:.6g} from the nearest physical state; "
            f"{distance_max:.6g} is accepted.",
            field="max_distance",
            index=worst,
            distance=distance,
            maximum=distance_max,
        )
