"""Laws of rankings and updates: hypothesis draws states, seeds and answers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lucid_coherence.preferences.feedback import Feedback, order_effects, update
from lucid_coherence.preferences.ranking import (
    born_probabilities,
    classical_probabilities,
    rank_seeds,
)
from lucid_coherence.preferences.seed_features import SeedFeatures
from lucid_coherence.preferences.undecidedness import dephased, undecidedness
from lucid_coherence.states.batch import StateBatch, adjoint
from lucid_coherence.states.physicality import Tolerances, inspect

ROUNDING = 1e-12
"""A few hundred operations on numbers of size 1, each rounded by 1e-16."""
LIKELY = 1e-3
"""Dividing by a probability grows rounding; rarer answers have tests of their own."""
LAWS = settings(deadline=None, max_examples=50)


@dataclass(frozen=True)
class Case:
    batch: StateBatch
    seeds: SeedFeatures
    feedbacks: list[Feedback]


@st.composite
def cases(draw: st.DrawFn, *, feature_seeds: bool = False, sharp: bool = False) -> Case:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    d, count = draw(st.integers(2, 6)), draw(st.integers(1, 5))
    rank = draw(st.integers(1, d))
    g = rng.normal(size=(count, d, rank)) + 1j * rng.normal(size=(count, d, rank))
    rho = g @ adjoint(g)
    rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
    if feature_seeds:
        rows = np.eye(d, dtype=np.complex128)[rng.permutation(d)]
    else:
        rows = rng.normal(size=(7, d)) + 1j * rng.normal(size=(7, d))
        rows /= np.linalg.norm(rows, axis=1)[:, None]
    sharpness = st.just(1.0) if sharp else st.floats(0.05, 1.0)
    said = st.builds(
        Feedback,
        seed=st.integers(0, len(rows) - 1),
        liked=st.booleans(),
        sharpness=sharpness,
    )
    names = tuple(f"seed{index}" for index in range(len(rows)))
    feedbacks = draw(st.lists(said, min_size=1, max_size=4))
    return Case(StateBatch((d,), rho), SeedFeatures(names, rows), feedbacks)


def likely(case: Case, feedbacks: list[Feedback]) -> npt.NDArray[np.complex128]:
    """The updated states; draws in which an answer is rare are left to other tests."""
    matrices = case.batch
    for feedback in feedbacks:
        born = born_probabilities(matrices.matrices, case.seeds)[:, feedback.seed]
        share = (1 + feedback.sharpness * (2 * born - 1)) / 2
        assume((share if feedback.liked else 1 - share).min() > LIKELY)
        matrices = update(matrices, case.seeds, [feedback]).batch
    return matrices.matrices


@given(case=cases())
@LAWS
def test_probabilities_lie_between_zero_and_one_and_are_those_of_the_projectors(
    case: Case,
) -> None:
    born = born_probabilities(case.batch.matrices, case.seeds)
    assert ((born >= 0) & (born <= 1)).all()
    for index, s in enumerate(case.seeds.directions):
        projector = np.outer(s, s.conj())
        expected = np.trace(projector @ case.batch.matrices, axis1=1, axis2=2).real
        np.testing.assert_allclose(born[:, index], expected, atol=ROUNDING)


@given(case=cases())
@LAWS
def test_a_ranking_falls_and_holds_every_seed_once(case: Case) -> None:
    ranking = rank_seeds(case.batch.matrices, case.seeds)
    assert (np.diff(ranking.probabilities, axis=1) <= ROUNDING).all()
    assert (np.sort(ranking.order, axis=1) == np.arange(len(case.seeds.names))).all()
    assert (ranking.ranks[:, 0] == 1).all()
    assert (np.diff(ranking.ranks, axis=1) >= 0).all()


@given(case=cases(), share=st.floats(0, 1))
@LAWS
def test_the_dephased_limit_is_the_classical_ranking_and_is_reached_linearly(
    case: Case, share: float
) -> None:
    rho, plain = case.batch.matrices, dephased(case.batch.matrices)
    classical = classical_probabilities(rho, case.seeds)
    limit = rank_seeds(plain, case.seeds)
    np.testing.assert_allclose(born_probabilities(plain, case.seeds), classical, atol=ROUNDING)
    np.testing.assert_array_equal(limit.ranks, limit.classical_ranks)
    between = born_probabilities((1 - share) * rho + share * plain, case.seeds)
    expected = (1 - share) * born_probabilities(rho, case.seeds) + share * classical
    np.testing.assert_allclose(between, expected, atol=ROUNDING)


@given(case=cases())
@LAWS
def test_an_updated_state_is_physical_and_has_the_probability_of_the_effects(case: Case) -> None:
    found_states = likely(case, case.feedbacks)
    found = update(case.batch, case.seeds, case.feedbacks)
    assert inspect(found.batch, Tolerances()).valid.all()
    np.testing.assert_allclose(found.batch.matrices, found_states, atol=1e-9)
    product = np.eye(case.batch.dimension, dtype=np.complex128)
    for one in case.feedbacks:
        s = case.seeds.directions[one.seed]
        effect = 0.5 * (
            np.eye(len(s))
            + (1 if one.liked else -1)
            * one.sharpness
            * (2 * np.outer(s, s.conj()) - np.eye(len(s)))
        )
        values, vectors = np.linalg.eigh(effect)
        root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.conj().T
        product = root @ product
    whole = product @ case.batch.matrices @ product.conj().T
    expected = np.trace(whole, axis1=1, axis2=2).real
    np.testing.assert_allclose(found.probabilities.prod(axis=1), expected, atol=ROUNDING)


@given(case=cases(sharp=True))
@LAWS
def test_repeating_the_same_sharp_feedback_changes_nothing(case: Case) -> None:
    once = likely(case, case.feedbacks[:1])
    twice = update(StateBatch(case.batch.dims, once), case.seeds, case.feedbacks[:1])
    np.testing.assert_allclose(twice.probabilities, 1, atol=1e-9)
    np.testing.assert_allclose(twice.batch.matrices, once, atol=1e-9)


@given(case=cases(feature_seeds=True))
@LAWS
def test_feedback_about_features_is_bayes_rule_and_order_has_no_effect(case: Case) -> None:
    likely(case, case.feedbacks)
    likely(case, case.feedbacks[::-1])
    found = update(case.batch, case.seeds, case.feedbacks)
    belief = np.diagonal(case.batch.matrices, axis1=1, axis2=2).real.copy()
    for one in case.feedbacks:
        yes = 0.5 * (1 + one.sharpness * (2 * case.seeds.weights[one.seed] - 1))
        belief *= yes if one.liked else 1 - yes
    belief /= belief.sum(axis=1)[:, None]
    diagonal = np.diagonal(found.batch.matrices, axis1=1, axis2=2).real
    np.testing.assert_allclose(diagonal, belief, atol=1e-9)
    np.testing.assert_allclose(found.probabilities, found.classical_probabilities, atol=1e-9)
    for effect in order_effects(case.batch, case.seeds, case.feedbacks, found):
        assert effect.commutes
        assert effect.distance is not None
        assert effect.distance < 1e-9


@given(case=cases(sharp=True))
@LAWS
def test_both_orders_agree_on_how_often_two_answers_are_the_same(case: Case) -> None:
    """p(A yes, B yes) + p(A no, B no) does not depend on the order [Wang2014]."""

    def same(first: int, second: int) -> float:
        total = 0.0
        for liked in (True, False):
            asked = [Feedback(first, liked), Feedback(second, liked)]
            likely(case, asked)
            total += float(update(case.batch, case.seeds, asked).probabilities.prod(axis=1)[0])
        return total

    assert abs(same(0, 1) - same(1, 0)) < 1e-9


@given(case=cases())
@LAWS
def test_undecidedness_and_ignorance_add_up_to_what_a_classical_profile_does_not_know(
    case: Case,
) -> None:
    found, plain = undecidedness(case.batch.matrices), undecidedness(dephased(case.batch.matrices))
    np.testing.assert_allclose(found.relative_entropy + found.ignorance, plain.ignorance, atol=1e-9)
    np.testing.assert_allclose(plain.l1, 0, atol=ROUNDING)
