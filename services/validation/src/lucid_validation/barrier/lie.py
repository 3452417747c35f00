"""Higher Lie derivatives: where all of them vanish is decided by an ideal, exactly.

With L_0 = p and L_j = dL_(j-1)/dt along a polynomial flow, the ideals <L_0, .., L_N> grow with N
and stop growing (Noether). An N and cofactors with L_(N+1) = K_0 L_0 + .. + K_N L_N show that where
the first N + 1 vanish all others do. From there the criterion of Liu, Zhan and Zhao says which
states a trajectory enters at once, and where it comes from. [Liu2011]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .formula import And, Atom, Formula, Or
from .ideal import cofactors_of
from .polynomial import Polynomial, Ring

ORDER_MAX = 16
# Derivatives of nonlinear flows grow fast; beyond this no method decides cases made of them.
_TERMS_MAX = 600
_DEGREE_MAX = 40


@dataclass(frozen=True, slots=True)
class LieChain:
    """L_0 .. L_N of one polynomial, and K_0 .. K_N with L_(N+1) = sum K_i L_i."""

    derivatives: tuple[Polynomial, ...]
    cofactors: tuple[Polynomial, ...]


def lie_derivatives(
    polynomial: Polynomial, dynamics: Mapping[str, Polynomial], ring: Ring
) -> Iterator[Polynomial]:
    """Yield L_0, L_1, .. while they are of a size that can be worked with; at most 18."""
    for _ in range(ORDER_MAX + 2):
        yield polynomial
        polynomial = ring.lie_derivative(polynomial, dynamics)
        if len(polynomial) > _TERMS_MAX or polynomial.total_degree() > _DEGREE_MAX:
            return


def lie_chain(
    polynomial: Polynomial,
    dynamics: Mapping[str, Polynomial],
    ring: Ring,
    goes_on: Callable[[], bool],
) -> LieChain | None:
    """Return the chain of the smallest order that is found; None where none is, or on a stop.

    `polynomial` and `dynamics` must be plain. `goes_on` is asked between orders.
    """
    known: list[Polynomial] = []
    for derivative in lie_derivatives(polynomial, dynamics, ring):
        if known:
            if not goes_on():
                return None
            found = cofactors_of(derivative, known)
            if found is not None:
                return LieChain(tuple(known), tuple(found))
        known.append(derivative)
        if len(known) > ORDER_MAX + 1:
            return None
    return None


def enters(
    formula: Formula, chains: Sequence[LieChain], *, negated: bool = False, backward: bool = False
) -> Formula:
    """Return `In(formula)`: from where trajectories are in the set for a while, at once.

    With `negated` the set is the complement, atom by atom; with `backward` time runs backwards,
    which is `IvIn`. One chain for each atom, in textual order.
    """
    return _enters(formula, iter(chains), negated=negated, backward=backward)


def _enters(
    formula: Formula, chains: Iterator[LieChain], *, negated: bool, backward: bool
) -> Formula:
    match formula:
        case And(children) | Or(children):
            parts = tuple(
                _enters(child, chains, negated=negated, backward=backward) for child in children
            )
            return And(parts) if isinstance(formula, And) != negated else Or(parts)
        case Atom(_, sense):
            chain = list(next(chains).derivatives)
            if backward:
                chain = [-value if j % 2 else value for j, value in enumerate(chain)]
            opposite = [-value for value in chain]
            if sense == "==":
                return Or((_above(chain), _above(opposite))) if negated else _vanishes(chain)
            if negated:
                return _above(opposite) if sense == ">=" else _not_below(opposite)
            return _above(chain) if sense == ">" else _not_below(chain)


def _above(chain: Sequence[Polynomial]) -> Or:
    """Return `p > 0 or (L_0 == 0 and L_1 > 0) or ..`."""
    parts: list[Formula] = []
    for j, value in enumerate(chain):
        equations = tuple(Atom(earlier, "==") for earlier in chain[:j])
        parts.append(And((*equations, Atom(value, ">"))))
    return Or(tuple(parts))


def _not_below(chain: Sequence[Polynomial]) -> Or:
    return Or((_above(chain), _vanishes(chain)))


def _vanishes(chain: Sequence[Polynomial]) -> And:
    return And(tuple(Atom(value, "==") for value in chain))
