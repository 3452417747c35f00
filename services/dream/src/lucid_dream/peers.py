"""The other services as this one needs them: one method per effect, each carrying its key.

A failure is one of two: the peer said no (`PeerRefused`, with its reason), or it did not answer
(`PeerUnavailable`), and then nobody knows whether the effect took place.
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
from lucid.cache.v1 import cache_service_pb2 as cache
from lucid.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from lucid.coherence.v1 import coherence_service_pb2 as coherence
from lucid.coherence.v1 import evolution_pb2
from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub
from lucid.validation.v1 import problem_pb2, verdict_pb2
from lucid.validation.v1 import validation_service_pb2 as validation
from lucid.validation.v1.validation_service_pb2_grpc import ValidationServiceStub
from lucid.vendor.v1 import commerce_service_pb2 as commerce
from lucid.vendor.v1 import seed_service_pb2 as seeds
from lucid.vendor.v1.commerce_service_pb2_grpc import CommerceServiceStub
from lucid.vendor.v1.seed_service_pb2_grpc import SeedServiceStub
from lucid_rpc.channel import connect
from lucid_rpc.status import failure_of

from lucid_dream.settings import Settings

ATTEMPTS = 3
BACKOFF_S = 0.3
CACHE_TIMEOUT_S = 1.0
CACHE_SCHEMA = "dream-certificate/1"

_NAMESPACE = uuid.UUID("6f1d2f6e-6c75-4369-9472-647265616d00")
_NO = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAUTHENTICATED,
    }
)
"""Codes with which a peer has said no. After every other one the effect is in doubt."""

Answer = TypeVar("Answer")


class PeerUnavailable(Exception):
    """A peer did not answer; whether the effect took place is unknown."""

    def __init__(self, peer: str, reason: str) -> None:
        super().__init__(f"{peer} did not answer: {reason}")
        self.peer = peer
        self.reason = reason


class PeerRefused(Exception):
    """A peer said no, and why."""

    def __init__(self, peer: str, reason: str, message: str) -> None:
        super().__init__(f"{peer} said no: {message}")
        self.peer = peer
        self.reason = reason


def request_id_of(key: str) -> str:
    """Return the request id of an idempotency key: the same UUID on every attempt."""
    return str(uuid.uuid5(_NAMESPACE, key))


class Peers:
    """Channels to the peers, opened at the first call and closed at the end."""

    def __init__(self, settings: Settings) -> None:
        self._timeout_s = settings.peer_timeout_s
        self._channels = {
            noun: connect(getattr(settings, noun), service=noun, caller="dream")
            for noun in ("validation", "coherence", "vendor", "cache")
        }
        self._seeds = SeedServiceStub(self._channels["vendor"])
        self._commerce = CommerceServiceStub(self._channels["vendor"])
        self._validation = ValidationServiceStub(self._channels["validation"])
        self._coherence = CoherenceServiceStub(self._channels["coherence"])
        self._cache = CacheServiceStub(self._channels["cache"])

    async def close(self) -> None:
        """Close the channels."""
        for channel in self._channels.values():
            await channel.close()

    async def reserve_seed(self, seed: str, session: str, key: str) -> seeds.ReserveSeedResponse:
        """Set a published seed aside for a session."""
        request = seeds.ReserveSeedRequest(
            name=seed, session=session, request_id=request_id_of(key)
        )
        answer: seeds.ReserveSeedResponse = await self._ask(
            "vendor", self._seeds.ReserveSeed, request
        )
        return answer

    async def release_seed(self, seed: str, session: str, key: str) -> None:
        """Undo a reservation."""
        request = seeds.ReleaseSeedRequest(
            name=seed, session=session, request_id=request_id_of(key)
        )
        await self._ask("vendor", self._seeds.ReleaseSeed, request)

    async def record_entry(self, request: commerce.RecordEntryRequest, key: str) -> str:
        """Record a settlement and return the entry's name."""
        request.request_id = request_id_of(key)
        entry = await self._ask("vendor", self._commerce.RecordEntry, request)
        return str(entry.name)

    async def reverse_entry(self, vendor: str, event_id: str, key: str) -> None:
        """Reverse a settlement."""
        request = commerce.ReverseEntryRequest(
            vendor=vendor, event_id=event_id, request_id=request_id_of(key)
        )
        await self._ask("vendor", self._commerce.ReverseEntry, request)

    async def validate(self, problem: problem_pb2.Problem) -> verdict_pb2.Verdict:
        """Return validation's verdict; it answers from its cache where it can."""
        request = validation.ValidateCertificateRequest(problem=problem)
        request.budget.FromSeconds(10)
        answer = await self._ask("validation", self._validation.ValidateCertificate, request)
        found: verdict_pb2.Verdict = answer.verdict
        return found

    async def evidence(self, name: str) -> verdict_pb2.Evidence:
        """Return evidence by its name."""
        request = validation.GetEvidenceRequest(name=name)
        found: verdict_pb2.Evidence = await self._ask(
            "validation", self._validation.GetEvidence, request
        )
        return found

    async def create_carrier(
        self, carrier_id: str, carrier: evolution_pb2.Carrier, min_horizon_s: str, key: str
    ) -> evolution_pb2.Carrier:
        """Prepare a carrier whose certified horizon is at least `min_horizon_s`."""
        request = coherence.CreateCarrierRequest(
            carrier_id=carrier_id,
            carrier=carrier,
            min_horizon_s=min_horizon_s,
            request_id=request_id_of(key),
        )
        found: evolution_pb2.Carrier = await self._ask(
            "coherence", self._coherence.CreateCarrier, request
        )
        return found

    async def delete_carrier(self, name: str, key: str) -> None:
        """Discard a carrier."""
        request = coherence.DeleteCarrierRequest(name=name, request_id=request_id_of(key))
        await self._ask("coherence", self._coherence.DeleteCarrier, request)

    async def remember(self, key: str, value: dict[str, str]) -> None:
        """Put a value into the cache; a fault of the cache is nothing."""
        entry = cache.Entry(
            key=key,
            value=json.dumps(value).encode(),
            entry_class=cache.ENTRY_CLASS_IMMUTABLE,
            schema=CACHE_SCHEMA,
        )
        try:
            await self._cache.Put(cache.PutRequest(entry=entry), timeout=CACHE_TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return

    async def recall(self, key: str) -> dict[str, str] | None:
        """Return a value from the cache, or None: a fault of the cache is a miss."""
        request = cache.GetRequest(key=key, schema=CACHE_SCHEMA)
        try:
            answer = await self._cache.Get(request, timeout=CACHE_TIMEOUT_S)
            return json.loads(answer.entry.value) if answer.hit else None
        except (grpc.aio.AioRpcError, ValueError):
            return None

    async def _ask(self, peer: str, call: Callable[..., Awaitable[Any]], request: Any) -> Any:
        """Call with a few attempts. Raises PeerRefused, or PeerUnavailable after the last one."""
        reason = ""
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(BACKOFF_S * attempt)
            try:
                return await call(request, timeout=self._timeout_s)
            except grpc.aio.AioRpcError as error:
                failure = failure_of(error)
                if error.code() in _NO:
                    raise PeerRefused(peer, failure.reason, failure.message) from error
                reason = failure.reason
        raise PeerUnavailable(peer, reason)
