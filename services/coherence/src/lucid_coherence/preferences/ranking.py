"""Seeds ranked by the Born rule, and the classical ranking beside it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_coherence.preferences.seed_features import SeedFeatures
from lucid_coherence.preferences.violations import PreferenceTooLarge
from lucid_coherence.states.batch import ComplexArray, RealArray

IntArray = npt.NDArray[np.int64]

PAIRS_MAX = 1_000_000
"""Probabilities in one request: states times seeds."""
PAIRS_AT_ONCE = 50_000
"""Probabilities that are ranked at one time; sorting them takes a dozen numbers for each."""
RANKED_MAX = 10_000
"""Ranked seeds in one answer: with the longest names they still fit in one message."""
ENTRIES_AT_ONCE = 2**18
"""Complex numbers of one intermediate result, 4 MiB."""
TIE_WIDTH = 1e-12
"""Probabilities closer than this are one: rounding must not decide who comes first."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Seeds of every state, most probable first; every array is (states, shown).

    `order` holds positions in the seeds of the request; `ranks` start at 1 and are shared by ties,
    as `classical_ranks` are, in which the same seeds stand in the ranking of the dephased state.
    `tied` is true where another seed has the same probability; such seeds are ordered by name.
    """

    order: IntArray
    probabilities: RealArray
    classical_probabilities: RealArray
    ranks: IntArray
    classical_ranks: IntArray
    tied: npt.NDArray[np.bool_]


def born_probabilities(matrices: ComplexArray, seeds: SeedFeatures) -> RealArray:
    """Return <s|rho|s> for every state and seed, (states, seeds), within [0, 1].

    States are physical within a tolerance, so that a value may be that much outside; it is moved
    to the nearest end. Costs O(states · seeds · d²).
    """
    values = np.empty((len(matrices), len(seeds.names)))
    # A few states at a time: all at once would take seeds · d numbers for each of them.
    step = max(1, ENTRIES_AT_ONCE // seeds.directions.size)
    for first in range(0, len(matrices), step):
        images = seeds.directions.conj() @ matrices[first : first + step]
        values[first : first + step] = (images * seeds.directions).sum(axis=-1).real
    return np.clip(values, 0.0, 1.0)


def classical_probabilities(matrices: ComplexArray, seeds: SeedFeatures) -> RealArray:
    """Return the same of the dephased states: sum over features of rho_ii |s_i|²."""
    diagonals = np.diagonal(matrices, axis1=-2, axis2=-1).real
    return np.clip(diagonals @ seeds.weights.T, 0.0, 1.0)


def rank_seeds(matrices: ComplexArray, seeds: SeedFeatures, top: int = 0) -> Ranking:
    """Rank the seeds for every state; `top` > 0 keeps only so many of each ranking.

    Raises:
        PreferenceTooLarge: too many probabilities to compute, or too many ranked seeds to answer.
    """
    count, total = matrices.shape[0], len(seeds.names)
    shown = min(top, total) if top else total
    _require_small("pairs_max", count * total, PAIRS_MAX, "probabilities")
    _require_small("ranked_max", count * shown, RANKED_MAX, "ranked seeds, so ask for the top few")
    by_name = np.argsort(np.argsort(np.array(seeds.names, dtype=object)))
    step = max(1, PAIRS_AT_ONCE // total)
    blocks = [
        _block(matrices[first : first + step], seeds, by_name, shown)
        for first in range(0, count, step)
    ]
    columns = (np.concatenate(column) for column in zip(*blocks, strict=True))
    order, born, classical, ranks, classical_ranks, tied = columns
    return Ranking(
        order=order,
        probabilities=born,
        classical_probabilities=classical,
        ranks=ranks,
        classical_ranks=classical_ranks,
        tied=tied.astype(np.bool_),
    )


def _block(
    matrices: ComplexArray, seeds: SeedFeatures, by_name: IntArray, shown: int
) -> list[npt.NDArray[Any]]:
    """Return the columns of a ranking, in the order of its fields, for some of the states."""
    born, classical = born_probabilities(matrices, seeds), classical_probabilities(matrices, seeds)
    order, ranks, tied = _ranked(born, by_name)
    _, classical_ranks, _ = _ranked(classical, by_name)
    order = order[:, :shown]
    columns = (born, classical, ranks, classical_ranks, tied)
    return [order, *(np.take_along_axis(column, order, axis=1) for column in columns)]


def _ranked(
    values: RealArray, by_name: IntArray
) -> tuple[IntArray, IntArray, npt.NDArray[np.bool_]]:
    """Return the order, and by position in the request the rank and whether it is shared."""
    count, total = values.shape
    falling = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, falling, axis=1)
    group = np.zeros((count, total), dtype=np.int64)
    start = np.zeros((count, total), dtype=np.int64)
    anchor = ordered[:, 0].copy()
    for place in range(1, total):
        # A tie is measured from its first member: a chain of near neighbours is not one tie.
        fresh = anchor - ordered[:, place] > TIE_WIDTH
        anchor = np.where(fresh, ordered[:, place], anchor)
        group[:, place] = group[:, place - 1] + fresh
        start[:, place] = np.where(fresh, place, start[:, place - 1])
    # Names decide within a tie; groups stay where they are.
    inside = np.argsort(group * total + by_name[falling], axis=1, kind="stable")
    order = np.take_along_axis(falling, inside, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, falling, start + 1, axis=1)
    shared = np.zeros((count, total), dtype=np.bool_)
    neighbours = group[:, 1:] == group[:, :-1]
    shared[:, 1:] |= neighbours
    shared[:, :-1] |= neighbours
    tied = np.empty_like(shared)
    np.put_along_axis(tied, falling, shared, axis=1)
    return order, ranks, tied


def _require_small(limit: str, value: int, maximum: int, what: str) -> None:
    if value > maximum:
        raise PreferenceTooLarge(
            f"The request asks for {value} {what}; the limit {limit} is {maximum}.",
            field="preferences",
            limit=limit,
            value=value,
            maximum=maximum,
        )
