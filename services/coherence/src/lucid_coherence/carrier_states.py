"""The simulated state of a carrier, its checkpoints and their restoration; needs numpy.

A carrier starts at x = its declared initial coherence, y = z = 0, and decays at the largest
declared rate: the worst case that its horizon is certified for.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2, state_pb2
from lucid_store.faults import StoreCorrupt

from lucid_coherence.answers.states import batch_from_message, batch_to_message, projection_report
from lucid_coherence.convert import question_from
from lucid_coherence.open_systems.bloch import density_matrices
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.records import Checkpoint
from lucid_coherence.states.batch import StateBatch, batch_to_bytes
from lucid_coherence.states.projection import project
from lucid_coherence.states.violations import BatchMalformed


def checkpoint_at(
    carrier: evolution_pb2.Carrier, checkpoint_id: str, elapsed_s: float, now: datetime
) -> Checkpoint:
    """Return the carrier's state at a time since its preparation.

    Raises:
        TimesNotRising, AccuracyNotReached: the time has no meaning or is out of reach.
    """
    question = question_from(carrier.system, carrier.theta, carrier.initial_coherence)
    qubit = replace(question.qubit, decay_rate_low=question.qubit.decay_rate_high)
    start = density_matrices(np.array([[1.0, float(question.initial_coherence), 0.0, 0.0]]))
    (chunk,) = evolve(StateBatch((2,), start), qubit, [elapsed_s])
    state = batch_to_bytes(chunk.batch)
    return Checkpoint(
        checkpoint_id=checkpoint_id,
        carrier_id=carrier.name.removeprefix("carriers/"),
        state=state,
        state_sha256=hashlib.sha256(state).hexdigest(),
        elapsed_s=elapsed_s,
        created_at=now,
    )


def checkpoint_to_message(checkpoint: Checkpoint) -> evolution_pb2.CarrierCheckpoint:
    """Return the message of a checkpoint."""
    message = evolution_pb2.CarrierCheckpoint(
        name=f"carriers/{checkpoint.carrier_id}/checkpoints/{checkpoint.checkpoint_id}",
        state=state_pb2.StateBatch(count=1, dims=[2], data=checkpoint.state),
        elapsed_s=checkpoint.elapsed_s,
        state_sha256=checkpoint.state_sha256,
    )
    message.create_time.FromDatetime(checkpoint.created_at)
    return message


def restore(
    carrier: evolution_pb2.Carrier, source: Sequence[Checkpoint] | state_pb2.StateBatch
) -> service.RestoreCarrierResponse:
    """Return the physical states nearest to checkpoints or to data, and how far each was moved.

    Raises:
        StoreCorrupt: a checkpoint's bytes do not have its hash.
        BatchMalformed: the data is not states of one qubit.
    """
    if not isinstance(source, state_pb2.StateBatch):
        source = _stored_states(source)
    batch = batch_from_message(source)
    if batch.dims != (2,):
        raise BatchMalformed(
            f"A carrier's states have dims [2], not {list(batch.dims)}.",
            field="states",
            check="ONE_QUBIT",
            actual=list(batch.dims),
        )
    projection = project(batch)
    return service.RestoreCarrierResponse(
        carrier=carrier,
        states=batch_to_message(projection.batch),
        reports=[projection_report(projection, index) for index in range(batch.count)],
    )


def _stored_states(checkpoints: Sequence[Checkpoint]) -> state_pb2.StateBatch:
    for checkpoint in checkpoints:
        if hashlib.sha256(checkpoint.state).hexdigest() != checkpoint.state_sha256:
            raise StoreCorrupt
    data = b"".join(checkpoint.state for checkpoint in checkpoints)
    return state_pb2.StateBatch(count=len(checkpoints), dims=[2], data=data)
