"""Carriers and checkpoints as rows; every function works in its caller's transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from lucid.coherence.v1 import evolution_pb2
from lucid_rpc.resource_name import ResourceName
from sqlalchemy import Connection

from lucid_coherence.refusals import (
    CarrierAlreadyExists,
    CarrierDiscarded,
    CarrierNotFound,
    CheckpointNotFound,
)
from lucid_coherence.tables import CARRIERS, CHECKPOINTS, PREPARATIONS

CARRIER = ResourceName("carriers/{carrier}", {"carrier": "[a-z0-9-]{1,63}"})
CHECKPOINT = ResourceName(
    "carriers/{carrier}/checkpoints/{checkpoint}", {"carrier": "[a-z0-9-]{1,63}"}
)
READY, DISCARDED = "READY", "DISCARDED"
STATES = {
    READY: evolution_pb2.CARRIER_STATE_READY,
    DISCARDED: evolution_pb2.CARRIER_STATE_DISCARDED,
}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A stored state: little-endian complex128 bytes of one state, and when it was taken."""

    checkpoint_id: str
    carrier_id: str
    state: bytes
    state_sha256: str
    elapsed_s: float
    created_at: datetime


def insert_carrier(
    connection: Connection, carrier_id: str, declared: evolution_pb2.Carrier, now: datetime
) -> evolution_pb2.Carrier:
    """Store a prepared carrier and return it; raises CarrierAlreadyExists."""
    name = f"carriers/{carrier_id}"
    if _row(connection, carrier_id) is not None:
        raise CarrierAlreadyExists(name)
    kept = evolution_pb2.Carrier(
        name=name,
        system=declared.system,
        theta=declared.theta,
        initial_coherence=declared.initial_coherence,
        certified_horizon=declared.certified_horizon,
        session=declared.session,
        start_radius=declared.start_radius,
    )
    if declared.HasField("start"):
        kept.start.CopyFrom(declared.start)
    connection.execute(
        sa.insert(CARRIERS).values(
            carrier_id=carrier_id,
            message=kept.SerializeToString(deterministic=True),
            state=READY,
            session=declared.session,
            created_at=now.astimezone(UTC).replace(tzinfo=None),
            version=1,
        )
    )
    subject = declared.session or name
    connection.execute(sa.insert(PREPARATIONS).values(subject=subject, carrier_id=carrier_id))
    return find_carrier(connection, name)


def find_carrier(connection: Connection, name: str) -> evolution_pb2.Carrier:
    """Return the carrier; raises CarrierNotFound.

    `effect_count` counts the preparations for the same session, or of the same carrier where no
    session is named: were a saga to prepare twice, it would say 2.
    """
    row = _row(connection, CARRIER.parse(name)["carrier"])
    if row is None:
        raise CarrierNotFound(name)
    carrier = evolution_pb2.Carrier.FromString(row.message)
    subject = row.session or name
    counted = sa.select(sa.func.count()).where(PREPARATIONS.c.subject == subject)
    carrier.effect_count = connection.scalar(counted) or 0
    carrier.state = STATES[row.state]
    carrier.create_time.FromDatetime(row.created_at)
    carrier.etag = f"v{row.version}"
    return carrier


def require_ready(connection: Connection, name: str) -> evolution_pb2.Carrier:
    """Return the carrier; raises CarrierNotFound or CarrierDiscarded."""
    carrier = find_carrier(connection, name)
    if carrier.state != evolution_pb2.CARRIER_STATE_READY:
        raise CarrierDiscarded(name)
    return carrier


def discard_carrier(connection: Connection, name: str) -> evolution_pb2.Carrier:
    """Discard the carrier and return it; again changes nothing; raises CarrierNotFound."""
    found = find_carrier(connection, name)
    connection.execute(
        sa.update(CARRIERS)
        .where(
            CARRIERS.c.carrier_id == CARRIER.parse(found.name)["carrier"],
            CARRIERS.c.state == READY,
        )
        .values(state=DISCARDED, version=CARRIERS.c.version + 1)
    )
    return find_carrier(connection, name)


def insert_checkpoint(connection: Connection, checkpoint: Checkpoint) -> None:
    """Store a checkpoint; raises CarrierNotFound or CarrierDiscarded."""
    require_ready(connection, f"carriers/{checkpoint.carrier_id}")
    connection.execute(
        sa.insert(CHECKPOINTS).values(
            checkpoint_id=checkpoint.checkpoint_id,
            carrier_id=checkpoint.carrier_id,
            state=checkpoint.state,
            state_sha256=checkpoint.state_sha256,
            elapsed_s=checkpoint.elapsed_s,
            created_at=checkpoint.created_at.astimezone(UTC).replace(tzinfo=None),
        )
    )


def find_checkpoint(connection: Connection, carrier: str, name: str) -> Checkpoint:
    """Return a checkpoint of this carrier; raises CheckpointNotFound."""
    ids = CHECKPOINT.parse(name, field="checkpoint")
    row = connection.execute(
        sa.select(CHECKPOINTS).where(
            CHECKPOINTS.c.checkpoint_id == ids["checkpoint"],
            CHECKPOINTS.c.carrier_id == ids["carrier"],
        )
    ).one_or_none()
    if row is None or f"carriers/{ids['carrier']}" != carrier:
        raise CheckpointNotFound(name)
    return Checkpoint(
        row.checkpoint_id,
        row.carrier_id,
        bytes(row.state),
        row.state_sha256,
        row.elapsed_s,
        row.created_at.replace(tzinfo=UTC),
    )


def _row(connection: Connection, carrier_id: str) -> sa.Row[tuple[object, ...]] | None:
    return connection.execute(
        sa.select(CARRIERS).where(CARRIERS.c.carrier_id == carrier_id)
    ).one_or_none()
