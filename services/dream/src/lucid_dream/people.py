"""Users and their consents in the store. Every function works in the caller's transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from lucid_dream.journal import from_us, to_us
from lucid_dream.refusals import ConsentNotFound, UserAlreadyExists, UserNotFound
from lucid_dream.saga.consent import Consent, Level, Scope, VendorSharing
from lucid_dream.tables import CONSENTS, USERS


@dataclass(frozen=True, slots=True)
class User:
    """A registered adult. `epoch` rises with every change of consent."""

    id: str
    born: date
    attestation: str
    time_zone: str
    cap: Fraction
    epoch: int
    created_at: datetime

    @property
    def name(self) -> str:
        """The resource name."""
        return f"users/{self.id}"


def add_user(connection: Connection, user: User, cap_text: str) -> None:
    """Store a new user. Raises UserAlreadyExists."""
    if connection.scalar(sa.select(USERS.c.user_id).where(USERS.c.user_id == user.id)):
        raise UserAlreadyExists(user.name)
    connection.execute(
        sa.insert(USERS).values(
            user_id=user.id,
            born=user.born.isoformat(),
            attestation=user.attestation,
            time_zone=user.time_zone,
            cap=cap_text,
            epoch=user.epoch,
            created_us=to_us(user.created_at),
        )
    )


def get_user(connection: Connection, user_id: str, *, lock: bool = False) -> User:
    """Return one user; `lock` holds the row until the transaction ends. Raises UserNotFound."""
    query = sa.select(USERS).where(USERS.c.user_id == user_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UserNotFound(f"users/{user_id}")
    return User(
        id=row.user_id,
        born=date.fromisoformat(row.born),
        attestation=row.attestation,
        time_zone=row.time_zone,
        cap=Fraction(row.cap),
        epoch=int(row.epoch),
        created_at=from_us(row.created_us),
    )


def grant(connection: Connection, user_id: str, consent: Consent) -> Consent:
    """Store a consent under the user's next epoch and return it. Raises UserNotFound."""
    granted = replace(consent, epoch=_next_epoch(connection, user_id))
    connection.execute(
        sa.insert(CONSENTS).values(
            user_id=user_id,
            consent_id=granted.id,
            level=int(granted.level),
            scope=granted.scope.value,
            subject=granted.subject,
            sharing=granted.sharing.value,
            data_sources=json.dumps(granted.data_sources),
            epoch=granted.epoch,
            granted_us=to_us(granted.granted_at),
            expires_us=None if granted.expires_at is None else to_us(granted.expires_at),
            revoked_us=None,
        )
    )
    return granted


def revoke(connection: Connection, user_id: str, consent_id: str, now: datetime) -> Consent:
    """Revoke a consent; revoking again changes nothing. Raises ConsentNotFound."""
    get_user(connection, user_id, lock=True)
    found = [c for c in consents_of(connection, user_id) if c.id == consent_id]
    if not found:
        raise ConsentNotFound(f"users/{user_id}/consents/{consent_id}")
    if found[0].revoked_at is not None:
        return found[0]
    revoked = replace(found[0], revoked_at=now, epoch=_next_epoch(connection, user_id))
    connection.execute(
        sa.update(CONSENTS)
        .where(CONSENTS.c.user_id == user_id, CONSENTS.c.consent_id == consent_id)
        .values(revoked_us=to_us(now), epoch=revoked.epoch)
    )
    return revoked


def consents_of(connection: Connection, user_id: str) -> Sequence[Consent]:
    """Return all consents of a user, revoked ones included, the oldest first."""
    rows = connection.execute(
        sa.select(CONSENTS)
        .where(CONSENTS.c.user_id == user_id)
        .order_by(CONSENTS.c.granted_us, CONSENTS.c.consent_id)
    )
    return [_consent(row) for row in rows]


def _next_epoch(connection: Connection, user_id: str) -> int:
    user = get_user(connection, user_id, lock=True)
    connection.execute(
        sa.update(USERS).where(USERS.c.user_id == user_id).values(epoch=user.epoch + 1)
    )
    return user.epoch + 1


def _consent(row: Any) -> Consent:
    return Consent(
        id=row.consent_id,
        level=Level(row.level),
        scope=Scope(row.scope),
        granted_at=from_us(row.granted_us),
        subject=row.subject,
        sharing=VendorSharing(row.sharing),
        data_sources=tuple(json.loads(row.data_sources)),
        epoch=int(row.epoch),
        expires_at=None if row.expires_us is None else from_us(row.expires_us),
        revoked_at=None if row.revoked_us is None else from_us(row.revoked_us),
    )
