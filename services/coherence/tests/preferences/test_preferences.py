"""Rankings and updates with known answers, and what is refused."""

import numpy as np
import pytest
from lucid_coherence.preferences.feedback import Feedback, order_effects, update
from lucid_coherence.preferences.ranking import rank_seeds
from lucid_coherence.preferences.seed_features import (
    SeedFeatures,
    maximally_mixed,
    require_features,
    seed_features,
)
from lucid_coherence.preferences.undecidedness import dephased, undecidedness
from lucid_coherence.preferences.violations import (
    FeedbackImpossible,
    PreferenceTooLarge,
    SeedFeatureInvalid,
)
from lucid_coherence.states.batch import StateBatch

H = float(np.sqrt(0.5))
PLUS = np.full((1, 2, 2), 0.5, dtype=np.complex128)


def seeds(*rows: tuple[str, list[complex]]) -> SeedFeatures:
    numbers = [np.array(row, dtype=np.complex128).view(np.float64).tolist() for _, row in rows]
    return seed_features([name for name, _ in rows], numbers, len(rows[0][1]))


PAIR = seeds(("calm", [1, 0]), ("both", [H, H]), ("neither", [H, -H]), ("wild", [0, 1]))


def test_interference_separates_seeds_that_a_classical_profile_cannot_tell_apart() -> None:
    ranking = rank_seeds(PLUS, PAIR)
    assert [PAIR.names[i] for i in ranking.order[0]] == ["both", "calm", "wild", "neither"]
    np.testing.assert_allclose(ranking.probabilities[0], [1, 0.5, 0.5, 0], atol=1e-15)
    np.testing.assert_allclose(ranking.classical_probabilities[0], [0.5] * 4, atol=1e-15)
    assert ranking.ranks[0].tolist() == [1, 2, 2, 4]
    assert ranking.classical_ranks[0].tolist() == [1, 1, 1, 1]
    assert ranking.tied[0].tolist() == [False, True, True, False]


def test_names_decide_a_tie_however_the_seeds_are_sent() -> None:
    turned = seeds(("wild", [0, 1]), ("both", [H, H]), ("calm", [1, 0]))
    ranking = rank_seeds(PLUS, turned)
    assert [turned.names[i] for i in ranking.order[0]] == ["both", "calm", "wild"]


def test_a_chain_of_near_neighbours_is_not_one_tie() -> None:
    angles = np.arcsin(np.sqrt(0.5 + 0.6e-12 * np.arange(4)))
    chain = seeds(*((name, [np.cos(a), np.sin(a)]) for name, a in zip("dcba", angles, strict=True)))
    ranking = rank_seeds(np.diag([0.0, 1.0]).astype(np.complex128)[None], chain)
    assert [chain.names[i] for i in ranking.order[0]] == ["a", "b", "c", "d"]
    assert ranking.ranks[0].tolist() == [1, 1, 3, 3]


def test_top_keeps_the_first_of_every_ranking() -> None:
    states = np.concatenate([PLUS, maximally_mixed(2).matrices])
    whole, few = rank_seeds(states, PAIR), rank_seeds(states, PAIR, top=2)
    np.testing.assert_array_equal(few.order, whole.order[:, :2])
    np.testing.assert_array_equal(few.classical_ranks, whole.classical_ranks[:, :2])
    assert rank_seeds(states, PAIR, top=9).order.shape == (2, 4)


def test_many_states_are_ranked_as_each_of_them_alone() -> None:
    """More states and seeds than are ranked at one time, so that blocks are put together."""
    rng = np.random.default_rng(8)
    g = rng.normal(size=(300, 2, 2)) + 1j * rng.normal(size=(300, 2, 2))
    rho = g @ g.conj().transpose(0, 2, 1)
    rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
    rows = rng.normal(size=(400, 2)) + 1j * rng.normal(size=(400, 2))
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    crowd = SeedFeatures(tuple(f"seed{i:03}" for i in range(400)), rows)
    together = rank_seeds(rho, crowd, top=30)
    for index in (0, 124, 125, 299):
        alone = rank_seeds(rho[index : index + 1], crowd, top=30)
        np.testing.assert_array_equal(together.order[index], alone.order[0])
        np.testing.assert_array_equal(together.classical_ranks[index], alone.classical_ranks[0])
        np.testing.assert_allclose(together.probabilities[index], alone.probabilities[0])


def test_the_mixed_start_is_all_ignorance_and_a_superposition_all_undecidedness() -> None:
    start, plus = undecidedness(maximally_mixed(4).matrices), undecidedness(PLUS)
    assert start.ignorance[0] == pytest.approx(2)
    assert start.relative_entropy[0] == start.l1[0] == 0
    assert plus.ignorance[0] == pytest.approx(0, abs=1e-14)
    assert plus.relative_entropy[0] == pytest.approx(1)
    assert plus.l1_normalised[0] == pytest.approx(1)
    assert undecidedness(dephased(PLUS)).l1[0] == 0


def test_liking_projects_and_disliking_removes() -> None:
    mixed = maximally_mixed(2)
    liked = update(mixed, PAIR, [Feedback(1, liked=True)])
    np.testing.assert_allclose(liked.batch.matrices, PLUS, atol=1e-15)
    assert liked.probabilities[0, 0] == pytest.approx(0.5)
    disliked = update(mixed, PAIR, [Feedback(2, liked=False)])
    np.testing.assert_allclose(disliked.batch.matrices, PLUS, atol=1e-15)


def test_the_order_of_clashing_questions_is_seen() -> None:
    """From the mixed start, calm then both: 1/2 · 1/2, ending in `both`; in reverse in `calm`."""
    mixed = maximally_mixed(2)
    asked = [Feedback(0, liked=True), Feedback(1, liked=True)]
    found = update(mixed, PAIR, asked)
    (effect,) = order_effects(mixed, PAIR, asked, found)
    assert not effect.commutes
    assert effect.probability == pytest.approx(0.25)
    assert effect.reversed_probability == pytest.approx(0.25)
    assert effect.distance == pytest.approx(H)


def test_a_reverse_order_without_probability_has_no_distance() -> None:
    """Of a calm user: both, then wild is possible; wild first is not."""
    calm = StateBatch((2,), np.diag([1.0, 0.0]).astype(np.complex128)[None])
    asked = [Feedback(1, liked=True), Feedback(3, liked=True)]
    found = update(calm, PAIR, asked)
    (effect,) = order_effects(calm, PAIR, asked, found)
    assert effect.probability == pytest.approx(0.25)
    assert effect.reversed_probability is None
    assert effect.distance is None


def test_feedback_reaches_only_the_state_that_it_names() -> None:
    two = StateBatch((2,), np.concatenate([PLUS, PLUS]))
    found = update(two, PAIR, [Feedback(0, liked=True, state=1), Feedback(3, liked=False)])
    np.testing.assert_array_equal(np.isnan(found.probabilities), [[True, False], [False, False]])
    np.testing.assert_allclose(found.batch.matrices, [np.diag([1, 0])] * 2, atol=1e-15)
    alone = update(two, PAIR, [Feedback(0, liked=True, state=1)])
    np.testing.assert_array_equal(alone.batch.matrices[0], PLUS[0])


def test_unsharp_feedback_moves_less_than_sharp() -> None:
    mixed = maximally_mixed(2)
    overlaps = [
        update(mixed, PAIR, [Feedback(0, liked=True, sharpness=k)]).batch.matrices[0, 0, 0].real
        for k in (0.1, 0.5, 1.0)
    ]
    np.testing.assert_allclose(overlaps, [0.55, 0.75, 1.0])


def test_feedback_without_probability_is_refused_and_never_scaled_up() -> None:
    calm = StateBatch((2,), np.diag([1.0, 0.0]).astype(np.complex128)[None])
    with pytest.raises(FeedbackImpossible) as caught:
        update(calm, PAIR, [Feedback(0, liked=True), Feedback(3, liked=True)])
    assert caught.value.metadata["feedback"] == "1"
    assert caught.value.metadata["seed"] == "wild"
    assert caught.value.field == "feedbacks[1]"
    nearly = np.diag([1 - 1e-10, 1e-10]).astype(np.complex128)[None]
    with pytest.raises(FeedbackImpossible):
        update(StateBatch((2,), nearly), PAIR, [Feedback(3, liked=True)])


def test_an_error_of_the_state_is_not_scaled_up_by_a_rare_answer() -> None:
    """Feature 2 holds -5e-10, within the tolerance; after an answer of 1e-7 it would be -5e-3."""
    flawed = np.diag([1 - 1e-7, 1e-7, -5e-10]).astype(np.complex128)[None]
    three = seeds(("first", [1, 0, 0]))
    with pytest.raises(FeedbackImpossible, match="Project it first"):
        update(StateBatch((3,), flawed), three, [Feedback(0, liked=False)])
    sound = np.diag([1 - 1e-7, 1e-7, 0]).astype(np.complex128)[None]
    found = update(StateBatch((3,), sound), three, [Feedback(0, liked=False)])
    np.testing.assert_allclose(found.batch.matrices[0], np.diag([0, 1, 0]), atol=1e-9)


@pytest.mark.parametrize(
    ("amplitudes", "check"),
    [
        ([1, 0], "NUMBER_COUNT"),
        ([1, 0, 0, 0, 0, 0], "NUMBER_COUNT"),
        ([0.7, 0, 0, 0], "NORM"),
        ([0, 0, 0, 0], "NORM"),
        ([1e200, 0, 1e200, 0], "NORM"),
        ([float("nan"), 0, 1, 0], "NORM"),
        ([float("inf"), 0, 0, 0], "NORM"),
    ],
)
def test_a_seed_that_is_no_unit_vector_is_refused_with_its_length(
    amplitudes: list[float], check: str
) -> None:
    with pytest.raises(SeedFeatureInvalid) as caught:
        seed_features(["good", "bad"], [[1, 0, 0, 0], amplitudes], 2)
    assert caught.value.metadata["check"] == check
    assert caught.value.field == "seeds[1].amplitudes"


def test_names_come_once_and_feedback_names_what_is_there() -> None:
    with pytest.raises(SeedFeatureInvalid, match="names are set and come once"):
        seed_features(["s", "s"], [[1, 0, 0, 0]] * 2, 2)
    assert PAIR.index_of("both", field="feedbacks[0].seed") == 1
    with pytest.raises(SeedFeatureInvalid) as caught:
        PAIR.index_of("nobody", field="feedbacks[0].seed")
    assert caught.value.metadata["check"] == "SEED_KNOWN"
    for wrong in (Feedback(0, liked=True, state=1), Feedback(0, liked=True, sharpness=0.0)):
        with pytest.raises(SeedFeatureInvalid):
            update(maximally_mixed(2), PAIR, [wrong])


def test_limits_are_named() -> None:
    def limit_of(call: object, *arguments: object, **named: object) -> str:
        with pytest.raises(PreferenceTooLarge) as caught:
            call(*arguments, **named)  # type: ignore[operator]
        return str(caught.value.metadata["limit"])

    many = np.repeat(PLUS, 4000, axis=0)
    assert limit_of(rank_seeds, many, PAIR) == "ranked_max"
    assert rank_seeds(many, PAIR, top=2).order.shape == (4000, 2)
    crowd = SeedFeatures(tuple(map(str, range(400))), np.repeat(PAIR.directions, 100, axis=0))
    assert limit_of(rank_seeds, many, crowd, top=1) == "pairs_max"
    asked = [Feedback(0, liked=True)]
    assert limit_of(update, maximally_mixed(2), PAIR, asked * 65) == "feedbacks_max"
    assert limit_of(update, StateBatch((2,), many), PAIR, asked * 13) == "effects_max"
    assert limit_of(require_features, 65, field="preferences") == "features_max"
    assert limit_of(maximally_mixed, 65) == "features_max"
    assert limit_of(seed_features, ["s"] * 1001, [[1.0, 0.0]] * 1001, 1) == "seeds_max"
    with pytest.raises(SeedFeatureInvalid):
        maximally_mixed(1)
