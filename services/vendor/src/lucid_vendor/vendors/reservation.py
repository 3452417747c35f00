"""Holding a seed for a session: a saga step and its compensation.

Both are idempotent by session: asking again changes nothing and returns the same. A release that
overtakes its reserve leaves a mark, so that the late reserve is refused instead of leaking.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lucid_vendor.vendors.refusals import ReservationNotFound, SeedStateForbids
from lucid_vendor.vendors.seed import Seed, SeedState, expire_seed, require_proof

RESERVED = "RESERVED"


class ReservationState(StrEnum):
    """Whether the session holds the seed."""

    RESERVED = "RESERVED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one session holds; version 0 marks a release that came before its reserve.

    `reserve_effects` counts how often reserving really took effect, as the store recorded it.
    """

    session: str
    seed_name: str
    version: int
    state: ReservationState
    updated_at: datetime
    reserve_effects: int = 0


def reserve(existing: Reservation | None, seed: Seed, session: str, now: datetime) -> Reservation:
    """Hold a published version for a session.

    Raises:
        SeedStateForbids: not published (any more), or the session holds another seed or has
            released this one.
        SeedNotCertified: no proof for exactly this version.
    """
    if existing is not None:
        return _same_reservation(existing, seed)
    current = expire_seed(seed, now)
    if current.state is not SeedState.PUBLISHED:
        raise SeedStateForbids(seed.name, current.state, RESERVED, SeedState.PUBLISHED)
    require_proof(current)
    return Reservation(session, seed.name, seed.version, ReservationState.RESERVED, now)


def release(
    existing: Reservation | None, *, seed_name: str, session: str, now: datetime
) -> Reservation:
    """Let go of what a session holds; releasing nothing leaves a mark for a late reserve.

    Raises:
        ReservationNotFound: the session holds another seed.
    """
    if existing is None:
        return Reservation(session, seed_name, 0, ReservationState.RELEASED, now)
    if existing.seed_name != seed_name:
        raise ReservationNotFound(session, seed_name, existing.seed_name)
    if existing.state is ReservationState.RELEASED:
        return existing
    return replace(existing, state=ReservationState.RELEASED, updated_at=now)


def _same_reservation(existing: Reservation, seed: Seed) -> Reservation:
    if existing.seed_name != seed.name:
        raise SeedStateForbids(
            existing.session,
            f"holding {existing.seed_name}",
            RESERVED,
            "a session that holds no other seed",
        )
    if existing.state is ReservationState.RELEASED:
        raise SeedStateForbids(
            existing.session, existing.state, RESERVED, "a session that has not released its seed"
        )
    return existing
