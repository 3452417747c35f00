"""What feedback does to a preference: Lueders' rule, sharp or unsharp.

A sharp "liked" projects onto the seed's direction, a sharp "disliked" onto what is orthogonal to
it [Lueders1951]. An unsharp answer of sharpness k asks the same question less firmly: its effect is
(1 ± k (2P - 1))/2 and its Lueders operation the positive square root of that [Busch1995]. Feedback
in another order may give another state: answers to questions that do not commute depend on the
order in which they are asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lucid_coherence.preferences.seed_features import SeedFeatures
from lucid_coherence.preferences.violations import (
    FeedbackImpossible,
    PreferenceTooLarge,
    SeedFeatureInvalid,
)
from lucid_coherence.states.batch import ComplexArray, RealArray, StateBatch, hermitian_part
from lucid_coherence.states.physicality import Tolerances, inspect

FEEDBACKS_MAX = 64
"""Feedbacks in one request."""
EFFECTS_MAX = 50_000
"""States times feedbacks in one request: the probability of each is in the answer."""
PROBABILITY_MIN = 1e-9
"""Below this a probability is within the tolerance of the state: what is left would be noise."""
COMMUTING_MAX = 1e-12
"""Largest squared norm of a commutator that rounding explains; of one direction it is 1e-16."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One answer about the seed at position `seed`; `state` None means every state.

    `sharpness` is in (0, 1]; 1 is the projective question.
    """

    seed: int
    liked: bool
    sharpness: float = 1.0
    state: int | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """States after feedback; arrays are (states, feedbacks), NaN where a feedback is not theirs.

    `probabilities` are those of each answer from the state before it, `classical_probabilities`
    the same from that state dephased.
    """

    batch: StateBatch
    probabilities: RealArray
    classical_probabilities: RealArray


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """What the reverse order would have done to one state.

    `probability` is that of the whole sequence as given, `reversed_probability` in reverse order,
    `distance` the trace distance of the two final states; both are None if the reverse order
    meets an answer without probability. `commutes` is true if all the questions commute: then
    order has no effect.
    """

    probability: float
    reversed_probability: float | None
    distance: float | None
    commutes: bool


def update(batch: StateBatch, seeds: SeedFeatures, feedbacks: Sequence[Feedback]) -> Updated:
    """Apply the feedbacks in order; each answered state is a density matrix within 1e-9.

    Costs O(feedbacks · states · d²), and O(states · d³) for the check at the end.

    Raises:
        PreferenceTooLarge: too many feedbacks.
        SeedFeatureInvalid: a feedback about a state that is not there, or no sharpness.
        FeedbackImpossible: an answer that has no probability, or so little that the given state's
            own error would grow beyond the tolerance.
    """
    _require_meaningful(batch.count, feedbacks)
    found = _chain(batch, seeds, feedbacks)
    for number, feedback in enumerate(feedbacks):
        _require_possible(found.probabilities[:, number], feedback, number, seeds)
    _require_physical(found, feedbacks, seeds)
    return found


def order_effects(
    batch: StateBatch, seeds: SeedFeatures, feedbacks: Sequence[Feedback], given: Updated
) -> list[OrderEffect]:
    """Return for every state what the reverse order would have done to it."""
    other = _chain(batch, seeds, list(reversed(feedbacks)))
    possible = ~(other.probabilities <= PROBABILITY_MIN).any(axis=1)
    possible &= inspect(other.batch, Tolerances()).valid
    spectra = np.linalg.eigvalsh(given.batch.matrices - other.batch.matrices)
    columns = zip(
        np.nanprod(given.probabilities, axis=1).tolist(),
        np.nanprod(other.probabilities, axis=1).tolist(),
        (0.5 * np.abs(spectra).sum(axis=-1)).tolist(),
        possible.tolist(),
        _commuting(batch.count, seeds, feedbacks).tolist(),
        strict=True,
    )
    return [
        OrderEffect(there, back if defined else None, distance if defined else None, same)
        for there, back, distance, defined, same in columns
    ]


def _chain(batch: StateBatch, seeds: SeedFeatures, feedbacks: Sequence[Feedback]) -> Updated:
    """Apply feedbacks; a state that one of them cannot update is left as it is by that one."""
    matrices = hermitian_part(batch.matrices)
    matrices /= np.trace(matrices, axis1=-2, axis2=-1).real[:, None, None]
    born = np.full((batch.count, len(feedbacks)), np.nan)
    classical = born.copy()
    for number, feedback in enumerate(feedbacks):
        first = feedback.state or 0
        chosen = slice(0, batch.count) if feedback.state is None else slice(first, first + 1)
        direction = seeds.directions[feedback.seed]
        weights = np.diagonal(matrices[chosen], axis1=-2, axis2=-1).real @ np.abs(direction) ** 2
        yes, no = _strengths(feedback)
        classical[chosen, number] = np.clip(yes * weights + no * (1 - weights), 0, 1)
        after, probabilities = _lueders(matrices[chosen], direction, yes, no)
        born[chosen, number] = np.clip(probabilities, 0, 1)
        possible = (probabilities > PROBABILITY_MIN)[:, None, None]
        divisors = np.where(possible, probabilities[:, None, None], 1.0)
        matrices[chosen] = np.where(possible, after / divisors, matrices[chosen])
    asked = ~np.isnan(born).all(axis=1)
    # A state that nobody was asked about stays what it was, to the last bit.
    answered = np.where(asked[:, None, None], matrices, batch.matrices)
    return Updated(StateBatch(batch.dims, answered), born, classical)


def _commuting(
    count: int, seeds: SeedFeatures, feedbacks: Sequence[Feedback]
) -> npt.NDArray[np.bool_]:
    """Say for each state whether all its questions commute.

    The squared norm of [P, Q] is |<p|q>|² (1 - |<p|q>|²): zero for the same direction and for
    orthogonal ones. Unsharp questions commute exactly where the sharp ones do.
    """
    directions = seeds.directions[[feedback.seed for feedback in feedbacks]]
    overlaps = np.abs(directions.conj() @ directions.T) ** 2
    clashing = (overlaps * (1 - overlaps) > COMMUTING_MAX).astype(np.float64)
    owners = np.array([-1 if one.state is None else one.state for one in feedbacks])
    applies = (owners == -1) | (owners == np.arange(count)[:, None])
    applied = applies.astype(np.float64)
    commuting: npt.NDArray[np.bool_] = ((applied @ clashing) * applied).sum(axis=1) == 0
    return commuting


def _strengths(feedback: Feedback) -> tuple[float, float]:
    """Return the eigenvalues of the effect on the seed's direction and beside it; they sum to 1."""
    with_it, against_it = (1 + feedback.sharpness) / 2, (1 - feedback.sharpness) / 2
    return (with_it, against_it) if feedback.liked else (against_it, with_it)


def _lueders(
    matrices: ComplexArray, direction: ComplexArray, yes: float, no: float
) -> tuple[ComplexArray, RealArray]:
    """Return K rho K and its trace, K = sqrt(yes) P + sqrt(no) (1 - P), for every state."""
    along, beside = np.sqrt(yes), np.sqrt(no)
    image = matrices @ direction
    inside = (image @ direction.conj()).real
    crossed = direction[:, None] * image.conj()[:, None, :]
    projector = np.outer(direction, direction.conj())
    after = no * matrices + beside * (along - beside) * (
        crossed + np.conj(np.swapaxes(crossed, -1, -2))
    )
    after += ((along - beside) ** 2 * inside)[:, None, None] * projector
    after = hermitian_part(after)
    return after, np.trace(after, axis1=-2, axis2=-1).real


def _require_meaningful(count: int, feedbacks: Sequence[Feedback]) -> None:
    pairs = sum(count if feedback.state is None else 1 for feedback in feedbacks)
    for limit, value, maximum in (
        ("feedbacks_max", len(feedbacks), FEEDBACKS_MAX),
        ("effects_max", pairs, EFFECTS_MAX),
    ):
        if value > maximum:
            raise PreferenceTooLarge(
                f"The request asks for {value} updates; the limit {limit} is {maximum}.",
                field="feedbacks",
                limit=limit,
                value=value,
                maximum=maximum,
            )
    for number, feedback in enumerate(feedbacks):
        if feedback.state is not None and not 0 <= feedback.state < count:
            raise SeedFeatureInvalid(
                f"Feedback {number} is about state {feedback.state}; there are {count} states.",
                field=f"feedbacks[{number}].state_index",
                seed="",
                check="STATE_KNOWN",
                value=feedback.state,
                expected=count,
            )
        if not 0 < feedback.sharpness <= 1:
            raise SeedFeatureInvalid(
                f"Feedback {number} has the sharpness {feedback.sharpness:.6g}, not in (0, 1].",
                field=f"feedbacks[{number}].sharpness",
                seed="",
                check="SHARPNESS",
                value=feedback.sharpness,
                expected=1,
            )


def _require_possible(
    probabilities: RealArray, feedback: Feedback, number: int, seeds: SeedFeatures
) -> None:
    state = int(np.nanargmin(probabilities))
    least = float(probabilities[state])
    if least > PROBABILITY_MIN:
        return
    name = seeds.names[feedback.seed]
    raise FeedbackImpossible(
        f"Feedback {number} ({'liked' if feedback.liked else 'disliked'} {name}) has the "
        f"probability {least:.3g} for state {state}; Lueders' rule is not defined there.",
        field=f"feedbacks[{number}]",
        state=state,
        feedback=number,
        seed=name,
        probability=least,
        minimum=PROBABILITY_MIN,
    )


def _require_physical(found: Updated, feedbacks: Sequence[Feedback], seeds: SeedFeatures) -> None:
    inspection = inspect(found.batch, Tolerances())
    passed = inspection.valid | np.isnan(found.probabilities).all(axis=1)
    if passed.all():
        return
    state = int(np.argmin(passed))
    worst = inspection.violations(state)[0]
    number = int(np.nanargmin(found.probabilities[state]))
    name, least = seeds.names[feedbacks[number].seed], float(found.probabilities[state, number])
    raise FeedbackImpossible(
        f"State {state} would fail the check {worst.check} with {worst.value:.3g}: its own error, "
        f"divided by the probability {least:.3g} of feedback {number}, is too large. Project it "
        "first.",
        field=f"feedbacks[{number}]",
        state=state,
        feedback=number,
        seed=name,
        probability=least,
        minimum=PROBABILITY_MIN,
    )
