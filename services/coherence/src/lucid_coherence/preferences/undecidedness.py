"""How undecided a preference is, and how much is simply not known.

The uncertainty about the features splits exactly: S(diag rho) = C_rel(rho) + S(rho). The coherence
C_rel is undecidedness, which a question resolves one way or the other; the entropy S(rho) is
ignorance, as in a classical profile. The maximally mixed start is all ignorance.
"""

from dataclasses import dataclass

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part
from lucid_coherence.states.measures import coherence_l1, entropy_bits

BASIS = "features"


@dataclass(frozen=True, slots=True)
class Undecidedness:
    """Of every state, each array (count,); coherence in the basis of the features [Baumgratz2014].

    `relative_entropy` and `ignorance` are in bits, in [0, log2 d]; `l1` is in [0, d - 1];
    `relative_entropy_normalised` and `l1_normalised` are those divided by their largest values.
    """

    relative_entropy: RealArray
    relative_entropy_normalised: RealArray
    l1: RealArray
    l1_normalised: RealArray
    ignorance: RealArray


def undecidedness(matrices: ComplexArray) -> Undecidedness:
    """Return how undecided each (count, d, d) state is. Costs O(count · d³)."""
    bits = float(np.log2(matrices.shape[-1]))
    spectrum: RealArray = np.linalg.eigvalsh(hermitian_part(matrices)).astype(np.float64)
    ignorance = np.maximum(entropy_bits(spectrum), 0.0)
    diagonal = np.diagonal(matrices, axis1=-2, axis2=-1).real
    relative = np.maximum(entropy_bits(diagonal) - ignorance, 0.0)
    l1 = coherence_l1(matrices)
    return Undecidedness(
        relative_entropy=relative,
        relative_entropy_normalised=np.minimum(relative / bits, 1.0),
        l1=l1.values,
        l1_normalised=l1.normalised,
        ignorance=ignorance,
    )


def dephased(matrices: ComplexArray) -> ComplexArray:
    """Return the classical limit: the same diagonals, nothing beside them."""
    diagonals = np.diagonal(matrices, axis1=-2, axis2=-1)
    only: ComplexArray = diagonals[..., None] * np.eye(matrices.shape[-1])
    return only
