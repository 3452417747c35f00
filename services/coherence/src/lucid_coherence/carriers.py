"""What is done with carriers: prepare, find, discard, checkpoint and restore, each request once."""

import asyncio
from fractions import Fraction
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2
from lucid_rpc.request_id import parse_request_id, request_hash
from lucid_runtime.clock import Clock
from lucid_runtime.identifiers import RandomBytes, opaque_id
from sqlalchemy import Connection

from lucid_coherence import records
from lucid_coherence.carrier_horizons import FROM_START, Certify, horizon_from_start
from lucid_coherence.certifier import Certifier, certify_at_least
from lucid_coherence.convert import question_from, with_comparison
from lucid_coherence.open_systems.exact import parse_exact
from lucid_coherence.records import Checkpoint
from lucid_coherence.store import Store

_SERVICE: Final = "lucid.coherence.v1.CoherenceService"


class Carriers:
    """The carriers of this service."""

    def __init__(
        self, store: Store, certifier: Certifier, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._store = store
        self._certifier = certifier
        self._clock = clock
        self._random_bytes = random_bytes

    async def create(
        self, request: service.CreateCarrierRequest, certify: Certify
    ) -> evolution_pb2.Carrier:
        """Certify and store a carrier; a repeated request gets the first answer.

        The horizon is certified before the transaction: validation may take seconds. `certify`
        answers CertifyCoherence, for systems whose horizon is asked of a start state.
        """
        identity = _identity("CreateCarrier", request)
        first = await self._store.answered(*identity)
        if first is not None:
            return evolution_pb2.Carrier.FromString(first)
        declared = request.carrier
        needed = request.min_horizon_s
        needed_s = parse_exact(needed, field="min_horizon_s") if needed else Fraction(0)
        horizon = await self._horizon(declared, needed_s, certify)
        prepared = evolution_pb2.Carrier()
        prepared.CopyFrom(declared)
        prepared.certified_horizon.CopyFrom(horizon)
        carrier_id = request.carrier_id or opaque_id(self._random_bytes, "c")

        def insert(connection: Connection) -> bytes:
            stored = records.insert_carrier(connection, carrier_id, prepared, self._clock.now())
            return stored.SerializeToString(deterministic=True)

        return evolution_pb2.Carrier.FromString(await self._store.once(*identity, insert))

    async def get(self, name: str) -> evolution_pb2.Carrier:
        """Return one carrier; raises CarrierNotFound."""
        return await self._store.read(lambda connection: records.find_carrier(connection, name))

    async def discard(self, request: service.DeleteCarrierRequest) -> evolution_pb2.Carrier:
        """Discard a carrier; again changes nothing; raises CarrierNotFound."""

        def discard(connection: Connection) -> bytes:
            found = records.discard_carrier(connection, request.name)
            return found.SerializeToString(deterministic=True)

        answer = await self._store.once(*_identity("DeleteCarrier", request), discard)
        return evolution_pb2.Carrier.FromString(answer)

    async def checkpoint(
        self, request: service.CheckpointCarrierRequest
    ) -> evolution_pb2.CarrierCheckpoint:
        """Record the carrier's state at a time; raises CarrierNotFound or CarrierDiscarded."""
        identity = _identity("CheckpointCarrier", request)
        first = await self._store.answered(*identity)
        if first is not None:
            return evolution_pb2.CarrierCheckpoint.FromString(first)
        carrier = await self._ready(request.name)
        taken, answer = await asyncio.to_thread(self._take, carrier, request.elapsed_s)

        def insert(connection: Connection) -> bytes:
            records.insert_checkpoint(connection, taken)
            return answer.SerializeToString(deterministic=True)

        stored = await self._store.once(*identity, insert)
        return evolution_pb2.CarrierCheckpoint.FromString(stored)

    async def restore(
        self, request: service.RestoreCarrierRequest
    ) -> service.RestoreCarrierResponse:
        """Return the physical states nearest to checkpoints or to data; changes nothing stored."""
        carrier = await self._ready(request.name)
        source: Any = request.states
        if request.WhichOneof("source") != "states":
            names = list(request.checkpoints.names) or [request.checkpoint]
            source = await self._store.read(
                lambda connection: [
                    records.find_checkpoint(connection, request.name, name) for name in names
                ]
            )
        return await asyncio.to_thread(_restore, carrier, source)

    async def _horizon(
        self, declared: evolution_pb2.Carrier, needed_s: Fraction, certify: Certify
    ) -> evolution_pb2.CertifiedHorizon:
        if declared.system.WhichOneof("model") in FROM_START:
            return await horizon_from_start(declared, needed_s, certify)
        asked = (declared.system, declared.theta, declared.initial_coherence)
        question = question_from(*asked, prefix="carrier.")
        return with_comparison(await certify_at_least(self._certifier, question, needed_s), *asked)

    async def _ready(self, name: str) -> evolution_pb2.Carrier:
        return await self._store.read(lambda connection: records.require_ready(connection, name))

    def _take(
        self, carrier: evolution_pb2.Carrier, elapsed_s: float
    ) -> tuple[Checkpoint, evolution_pb2.CarrierCheckpoint]:
        from lucid_coherence.carrier_states import (
            carrier_dims,
            checkpoint_at,
            checkpoint_to_message,
        )

        checkpoint_id = opaque_id(self._random_bytes, "k")
        taken = checkpoint_at(carrier, checkpoint_id, elapsed_s, self._clock.now())
        return taken, checkpoint_to_message(taken, carrier_dims(carrier))


def _restore(carrier: evolution_pb2.Carrier, source: Any) -> service.RestoreCarrierResponse:
    from lucid_coherence.carrier_states import restore

    return restore(carrier, source)


def _identity(method: str, request: Any) -> tuple[str, str, bytes]:
    """Return method, request id (empty if none) and hash, as the store takes them."""
    request_id = parse_request_id(request.request_id) if request.request_id else ""
    return f"{_SERVICE}/{method}", request_id, bytes.fromhex(request_hash(request))
