"""Holding a seed for a session: a saga step and its compensation.

Both are idempotent by session: asking again changes nothing and returns the same. A release that
overtakes its reserve leaves a mark, so that the late reserve is refused instead of leaking.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lucid_vendor.vendors.refusals import ReservationConflict, SeedNotPublished
from lucid_vendor.vendors.seed import Seed, SeedState, expire_seed, require_proof


class ReservationState(StrEnum):
    """Whether the session holds the seed."""

    RESERVED = "RESERVED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one session holds. The counts are of effects that really happened."""

    session: str
    seed_name: str
    version: int
    state: ReservationState
    reserve_effects: int
    release_effects: int
    updated_at: datetime


def reserve(existing: Reservation | None, seed: Seed, session: str, now: datetime) -> Reservation:
    """Hold a published version for a session.

    Raises:
        SeedNotPublished: not published (any more).
        NotProved: no proof for exactly this version.
        ReservationConflict: the session holds another seed or has released this one.
    """
    if existing is not None:
        return _same_reservation(existing, seed)
    current = expire_seed(seed, now)
    if current.state is not SeedState.PUBLISHED:
        raise SeedNotPublished(seed.name, seed.version, current.state)
    require_proof(current)
    return Reservation(session, seed.name, seed.version, ReservationState.RESERVED, 1, 0, now)


def release(
    existing: Reservation | None, *, seed_name: str, version: int, session: str, now: datetime
) -> Reservation:
    """Let go of what a session holds; releasing nothing leaves a mark for a late reserve.

    Raises:
        ReservationConflict: the session holds another seed.
    """
    if existing is None:
        return Reservation(session, seed_name, version, ReservationState.RELEASED, 0, 0, now)
    if existing.seed_name != seed_name:
        raise ReservationConflict(session, f"holds {existing.seed_name}, not {seed_name}.")
    if existing.state is ReservationState.RELEASED:
        return existing
    return replace(existing, state=ReservationState.RELEASED, release_effects=1, updated_at=now)


def _same_reservation(existing: Reservation, seed: Seed) -> Reservation:
    if (existing.seed_name, existing.version) != (seed.name, seed.version):
        raise ReservationConflict(
            existing.session, f"holds version {existing.version} of {existing.seed_name} already."
        )
    if existing.state is ReservationState.RELEASED:
        raise ReservationConflict(
            existing.session, f"has released {existing.seed_name}; start a new session."
        )
    return existing
