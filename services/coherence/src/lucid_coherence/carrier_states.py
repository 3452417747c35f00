"""The simulated state of a carrier, its checkpoints and their restoration; needs numpy.

A carrier is simulated at the largest declared rates. A damped qubit starts at x = its declared
initial coherence, y = z = 0: then that is the worst case that its horizon is certified for. An
encoded qubit starts so, too; its state is the logical qubit once corrected at that time. Other
systems start in their declared state, and their horizon covers the whole interval of rates.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2, state_pb2
from lucid_store.faults import StoreCorrupt

from lucid_coherence.answers.states import batch_from_message, batch_to_message, projection_report
from lucid_coherence.answers.systems import system_from
from lucid_coherence.open_systems.bloch import density_matrices
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exact import parse_exact
from lucid_coherence.open_systems.generators import System, dims_of
from lucid_coherence.open_systems.lindblad import Lindbladian
from lucid_coherence.open_systems.logical_decay import logical_survival
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.open_systems.violations import TimesNotRising
from lucid_coherence.records import Checkpoint
from lucid_coherence.states.batch import StateBatch, batch_to_bytes
from lucid_coherence.states.projection import project
from lucid_coherence.states.violations import BatchMalformed


def checkpoint_at(
    carrier: evolution_pb2.Carrier, checkpoint_id: str, elapsed_s: float, now: datetime
) -> Checkpoint:
    """Return the carrier's state at a time since its preparation.

    Raises:
        TimesNotRising: the time has no meaning.
        AccuracyNotReached, WorkTooLarge: it is out of reach.
    """
    if not math.isfinite(elapsed_s):
        raise TimesNotRising(
            f"The time since preparation is {elapsed_s}, not finite.",
            field="elapsed_s",
            index=0,
            value=elapsed_s,
        )
    state = batch_to_bytes(_state_at(carrier, elapsed_s))
    return Checkpoint(
        checkpoint_id=checkpoint_id,
        carrier_id=carrier.name.removeprefix("carriers/"),
        state=state,
        state_sha256=hashlib.sha256(state).hexdigest(),
        elapsed_s=elapsed_s,
        created_at=now,
    )


def carrier_dims(carrier: evolution_pb2.Carrier) -> tuple[int, ...]:
    """Return the dims of a carrier's state; of an encoded qubit, of the logical one."""
    if carrier.system.WhichOneof("model") == "encoded_qubit":
        return (2,)
    return dims_of(system_from(carrier.system))


def _state_at(carrier: evolution_pb2.Carrier, elapsed_s: float) -> StateBatch:
    model = carrier.system.WhichOneof("model")
    if model not in {"damped_qubit", "encoded_qubit"}:
        return _evolved(batch_from_message(carrier.start), carrier, elapsed_s)
    start = float(parse_exact(carrier.initial_coherence, field="carrier.initial_coherence"))
    if model == "damped_qubit":
        return _evolved(_along_x(start), carrier, elapsed_s)
    encoded = carrier.system.encoded_qubit
    rate, period = (
        float(parse_exact(getattr(encoded, name), field=f"carrier.system.encoded_qubit.{name}"))
        for name in ("dephasing_rate_high_per_s", "correction_period_s")
    )
    return _along_x(start * logical_survival(encoded.physical_qubits, rate, period, elapsed_s))


def _evolved(begun: StateBatch, carrier: evolution_pb2.Carrier, elapsed_s: float) -> StateBatch:
    (chunk,) = evolve(begun, _at_largest_rates(system_from(carrier.system)), [elapsed_s])
    return chunk.batch


def _along_x(coherence: float) -> StateBatch:
    return StateBatch((2,), density_matrices(np.array([[1.0, coherence, 0.0, 0.0]])))


def _at_largest_rates(system: System) -> System:
    if isinstance(system, DampedQubit):
        return replace(system, decay_rate_low=system.decay_rate_high)
    if isinstance(system, Lindbladian):
        dense = tuple(replace(jump, rate_low=jump.rate_high) for jump in system.jumps)
        return replace(system, jumps=dense)
    jumps = tuple(replace(jump, rate_low=jump.rate_high) for jump in system.jumps)
    return replace(system, jumps=jumps)


def checkpoint_to_message(
    checkpoint: Checkpoint, dims: Sequence[int]
) -> evolution_pb2.CarrierCheckpoint:
    """Return the message of a checkpoint of a carrier with these dims."""
    message = evolution_pb2.CarrierCheckpoint(
        name=f"carriers/{checkpoint.carrier_id}/checkpoints/{checkpoint.checkpoint_id}",
        state=state_pb2.StateBatch(count=1, dims=dims, data=checkpoint.state),
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
        BatchMalformed: the data is not states of this carrier.
    """
    dims = carrier_dims(carrier)
    if not isinstance(source, state_pb2.StateBatch):
        source = _stored_states(source, dims)
    batch = batch_from_message(source)
    if batch.dims != dims:
        raise BatchMalformed(
            f"This carrier's states have dims {list(dims)}, not {list(batch.dims)}.",
            field="states.dims",
            check="CARRIER_DIMS",
            expected=list(dims),
            actual=list(batch.dims),
        )
    projection = project(batch)
    return service.RestoreCarrierResponse(
        carrier=carrier,
        states=batch_to_message(projection.batch),
        reports=[projection_report(projection, index) for index in range(batch.count)],
    )


def _stored_states(checkpoints: Sequence[Checkpoint], dims: Sequence[int]) -> state_pb2.StateBatch:
    for checkpoint in checkpoints:
        if hashlib.sha256(checkpoint.state).hexdigest() != checkpoint.state_sha256:
            raise StoreCorrupt
    data = b"".join(checkpoint.state for checkpoint in checkpoints)
    return state_pb2.StateBatch(count=len(checkpoints), dims=dims, data=data)
