"""SeedService: it translates and decides nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Final

from lucid.vendor.v1 import seed_pb2, seed_service_pb2_grpc
from lucid.vendor.v1 import seed_service_pb2 as messages
from lucid_rpc import deadline
from lucid_rpc.page_token import next_token, page_of
from lucid_runtime.clock import Clock
from lucid_runtime.identifiers import RandomBytes, opaque_id
from sqlalchemy import Connection

from lucid_vendor import book_desk, convert, convert_seed, records, seed_desk
from lucid_vendor.certifier import Certifier
from lucid_vendor.requests import answer_once
from lucid_vendor.store import Store
from lucid_vendor.vendor_servicer import PAGE_SIZE, PAGE_SIZE_MAX
from lucid_vendor.vendors.seed import Seed, SeedState
from lucid_vendor.watcher import Watcher

_SEEDS: Final = "lucid.vendor.v1.SeedService"
_HOME_S: Final = 0.5
"""Kept back from the caller's deadline for reading and sending the answer."""


class SeedServicer(seed_service_pb2_grpc.SeedServiceServicer):
    """Takes seeds from draft to published; nothing is published without a proof."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        certifier: Certifier,
        watcher: Watcher,
        random_bytes: RandomBytes,
        *,
        submit_wait_s: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self._certifier = certifier
        self._watcher = watcher
        self._random_bytes = random_bytes
        self._submit_wait_s = submit_wait_s

    async def CreateSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Write a seed."""
        vendor_id = convert.vendor_id_of(request.parent, "parent")
        seed_id = request.seed_id or opaque_id(self._random_bytes, "s")
        content = convert_seed.content_from_message(request.seed)
        return await self._mutate(
            "CreateSeed",
            request,
            lambda c, now: seed_desk.create_seed(c, vendor_id, seed_id, content, now),
        )

    async def GetSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Return the newest version of a seed."""
        key = convert.seed_key_of(request.name)
        seed = await self._store.read(lambda c: seed_desk.get_seed(c, *key))
        return convert_seed.seed_to_message(seed)

    async def ListSeeds(self, request: Any, _context: Any) -> messages.ListSeedsResponse:
        """Return a page of seeds, by vendor and seed id."""
        page = page_of(request, default=PAGE_SIZE, maximum=PAGE_SIZE_MAX)
        vendor_id = convert.parent_of_seeds(request.parent)
        state = convert_seed.state_from_message(request.state)
        after = convert.seed_key_of(page.after, "page_token") if page.after else ("", "")
        found = await self._store.read(
            lambda c: records.list_seeds(
                c, vendor_id=vendor_id, state=state, after=after, limit=page.size + 1
            )
        )
        shown, more = found[: page.size], len(found) > page.size
        return messages.ListSeedsResponse(
            seeds=map(convert_seed.seed_to_message, shown),
            next_page_token=next_token(request, shown[-1].name) if more else "",
        )

    async def UpdateSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Change a seed."""
        key = convert.seed_key_of(request.seed.name, "seed.name")
        change, etag = convert_seed.seed_change(request), request.seed.etag
        return await self._mutate(
            "UpdateSeed",
            request,
            lambda c, now: seed_desk.update_seed(c, key, etag, change, now),
        )

    async def SubmitSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Hand a seed in; the answer has the verdict if it comes soon, else it is VALIDATING."""
        key = convert.seed_key_of(request.name)
        submitted = await self._mutate(
            "SubmitSeed", request, lambda c, now: seed_desk.submit_seed(c, key, now)
        )
        version = submitted.version
        seed = await self._store.read(lambda c: seed_desk.get_seed(c, *key, version))
        if seed.state is SeedState.VALIDATING:
            await asyncio.wait({self._certifier.begin(seed)}, timeout=self._patience_s())
            seed = await self._store.read(lambda c: seed_desk.get_seed(c, *key, version))
        return convert_seed.seed_to_message(seed)

    async def PublishSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Publish a certified version."""
        key, version = convert.seed_key_of(request.name), request.version
        return await self._mutate(
            "PublishSeed",
            request,
            lambda c, now: seed_desk.publish_seed(c, key, version, now),
        )

    async def PauseSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Take no new sessions."""
        key = convert.seed_key_of(request.name)
        return await self._mutate(
            "PauseSeed", request, lambda c, now: seed_desk.pause_seed(c, key, now)
        )

    async def RevokeSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Withdraw a seed."""
        key, reason = convert.seed_key_of(request.name), request.reason
        return await self._mutate(
            "RevokeSeed", request, lambda c, now: seed_desk.revoke_seed(c, key, reason, now)
        )

    async def ReviewSeed(self, request: Any, _context: Any) -> seed_pb2.Seed:
        """Decide a seed that needs a person."""
        key = convert.seed_key_of(request.name)
        approved = request.decision == messages.REVIEW_DECISION_APPROVE
        return await self._mutate(
            "ReviewSeed",
            request,
            lambda c, now: seed_desk.review_seed(
                c, key, approved=approved, reason=request.reason, now=now
            ),
        )

    async def WatchSeed(
        self, request: Any, _context: Any
    ) -> AsyncIterator[messages.WatchSeedResponse]:
        """Follow a seed from the event after the last one seen."""
        key = convert.seed_key_of(request.name)
        async for event in self._watcher.follow(key, request.after_sequence):
            yield (self._heartbeat() if event is None else convert_seed.event_to_message(event))

    async def ReserveSeed(self, request: Any, _context: Any) -> messages.ReserveSeedResponse:
        """Set a published seed aside; the session is the key of idempotency."""
        key, now = convert.seed_key_of(request.name), self._clock.now()
        held, seed = await self._store.write(
            lambda c: book_desk.reserve_seed(c, key, request.session, now)
        )
        return messages.ReserveSeedResponse(
            reservation=convert.reservation_to_message(held),
            seed=convert_seed.seed_to_message(seed),
        )

    async def ReleaseSeed(self, request: Any, _context: Any) -> messages.ReleaseSeedResponse:
        """Undo a reservation; the session is the key of idempotency."""
        key, now = convert.seed_key_of(request.name), self._clock.now()
        released = await self._store.write(
            lambda c: book_desk.release_seed(c, key, request.session, now)
        )
        return messages.ReleaseSeedResponse(reservation=convert.reservation_to_message(released))

    async def _mutate(
        self, method: str, request: Any, work: Callable[[Connection, datetime], Seed]
    ) -> seed_pb2.Seed:
        now = self._clock.now()
        answer = await answer_once(
            self._store,
            f"{_SEEDS}/{method}",
            request,
            seed_pb2.Seed,
            lambda c: convert_seed.seed_to_message(work(c, now)),
        )
        self._watcher.bell.ring()
        return answer

    def _patience_s(self) -> float:
        left_s = deadline.remaining_s()
        own_s = self._submit_wait_s
        return own_s if left_s is None else max(min(own_s, left_s - _HOME_S), 0.0)

    def _heartbeat(self) -> messages.WatchSeedResponse:
        return messages.WatchSeedResponse(
            heartbeat=True, event_time=convert.timestamp_of(self._clock.now())
        )
