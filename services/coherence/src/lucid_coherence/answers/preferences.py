"""Requests about preferences, answered."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as service

from lucid_coherence.answers.states import batch_from_message, batch_to_message
from lucid_coherence.preferences.feedback import (
    Feedback,
    OrderEffect,
    Updated,
    order_effects,
    update,
)
from lucid_coherence.preferences.ranking import Ranking, rank_seeds
from lucid_coherence.preferences.seed_features import (
    RANKING_LIMITS,
    UPDATE_LIMITS,
    SeedFeatures,
    maximally_mixed,
    require_features,
    seed_features,
)
from lucid_coherence.preferences.undecidedness import Undecidedness, undecidedness
from lucid_coherence.states.batch import Limits, StateBatch
from lucid_coherence.states.physicality import Tolerances, require_physical

_ONE_QUESTION: Final = 1


def answer_ranking(request: service.RankSeedsRequest) -> service.RankSeedsResponse:
    """Answer RankSeeds."""
    batch = _start(request, RANKING_LIMITS)
    seeds = _seeds(request, batch.dimension)
    ranking = rank_seeds(batch.matrices, seeds, request.top)
    doubts = _doubts(undecidedness(batch.matrices))
    rankings = [
        service.SeedRanking(ranked=_ranked(ranking, seeds, index), undecidedness=doubt)
        for index, doubt in enumerate(doubts)
    ]
    return service.RankSeedsResponse(rankings=rankings)


def answer_update(request: service.UpdatePreferenceRequest) -> service.UpdatePreferenceResponse:
    """Answer UpdatePreference."""
    batch = _start(request, UPDATE_LIMITS)
    seeds = _seeds(request, batch.dimension)
    feedbacks = [
        Feedback(
            seed=seeds.index_of(said.seed, field=f"feedbacks[{number}].seed"),
            liked=said.liked,
            sharpness=said.sharpness or 1.0,
            state=said.state_index if said.HasField("state_index") else None,
        )
        for number, said in enumerate(request.feedbacks)
    ]
    found = update(batch, seeds, feedbacks)
    effects = order_effects(batch, seeds, feedbacks, found)
    before = _doubts(undecidedness(batch.matrices))
    after = _doubts(undecidedness(found.batch.matrices))
    updates = [
        _update_to_message(found, index, effect, doubts)
        for index, (effect, *doubts) in enumerate(zip(effects, before, after, strict=True))
    ]
    return service.UpdatePreferenceResponse(
        preferences=batch_to_message(found.batch), updates=updates
    )


def _start(request: Any, limits: Limits) -> StateBatch:
    """Return the preferences to start from; what is sent must be physical within 1e-9."""
    if request.WhichOneof("start") == "maximally_mixed":
        return maximally_mixed(request.maximally_mixed)
    batch = batch_from_message(request.preferences, limits)
    require_features(batch.dimension, field="preferences")
    require_physical(batch, Tolerances(), field="preferences")
    return batch


def _seeds(request: Any, dimension: int) -> SeedFeatures:
    names = [seed.seed for seed in request.seeds]
    return seed_features(names, [seed.amplitudes for seed in request.seeds], dimension)


def _ranked(ranking: Ranking, seeds: SeedFeatures, index: int) -> Iterator[service.RankedSeed]:
    columns = (
        ranking.order,
        ranking.probabilities,
        ranking.classical_probabilities,
        ranking.ranks,
        ranking.classical_ranks,
        ranking.tied,
    )
    for place, born, classical, rank, classical_rank, tied in zip(
        *(column[index].tolist() for column in columns), strict=True
    ):
        yield service.RankedSeed(
            seed=seeds.names[place],
            probability=born,
            classical_probability=classical,
            rank=rank,
            classical_rank=classical_rank,
            tied=tied,
        )


def _doubts(found: Undecidedness) -> Iterator[service.Undecidedness]:
    columns = (
        found.relative_entropy,
        found.relative_entropy_normalised,
        found.l1,
        found.l1_normalised,
        found.ignorance,
    )
    for relative, relative_share, l1, l1_share, ignorance in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        yield service.Undecidedness(
            relative_entropy_of_coherence_bits=relative,
            relative_entropy_of_coherence_normalized=relative_share,
            c_l1=l1,
            c_l1_normalized=l1_share,
            ignorance_bits=ignorance,
        )


def _update_to_message(
    found: Updated, index: int, effect: OrderEffect, doubts: list[service.Undecidedness]
) -> service.PreferenceUpdate:
    own = ~np.isnan(found.probabilities[index])
    before, after = doubts
    message = service.PreferenceUpdate(
        probabilities=found.probabilities[index][own].tolist(),
        classical_probabilities=found.classical_probabilities[index][own].tolist(),
        before=before,
        after=after,
    )
    if own.sum() > _ONE_QUESTION:
        message.order_effect.CopyFrom(
            service.OrderEffect(
                commutes=effect.commutes,
                probability=effect.probability,
                reversed_probability=effect.reversed_probability,
                trace_distance=effect.distance,
            )
        )
    return message
