"""Follows the events of a seed: from any number on, each exactly once, with signs of life."""

from collections.abc import AsyncIterator
from typing import Final

from lucid_runtime.clock import Clock

from lucid_vendor import records, seed_desk
from lucid_vendor.bell import Bell, rings_within
from lucid_vendor.store import Store
from lucid_vendor.vendors.seed import SeedEvent, SeedState

LOOK_S: Final = 1.0
"""How often the store is looked at without a ring: another process may have written to it."""


class Watcher:
    """Turns what is written in the store into streams."""

    def __init__(self, store: Store, clock: Clock, bell: Bell, *, heartbeat_s: float) -> None:
        self._store = store
        self._clock = clock
        self.bell = bell
        self._heartbeat_s = heartbeat_s

    async def follow(self, key: tuple[str, str], after: int) -> AsyncIterator[SeedEvent | None]:
        """Yield the events that follow a sequence number, and None as a sign of life.

        Ends after the event that revokes the newest version: nothing can follow it.

        Raises:
            SeedNotFound: there is no such seed.
        """
        await self._store.read(lambda c: seed_desk.get_seed(c, *key))
        last, spoke_s = after, self._clock.monotonic()
        while True:
            ring = self.bell.listen()
            seen = last
            events = await self._store.read(lambda c: records.events_after(c, *key, seen))  # noqa: B023  # awaited in this turn
            for event in events:
                last, spoke_s = event.sequence, self._clock.monotonic()
                yield event
            if events:
                continue
            if await self._is_over(key):
                return
            await rings_within(ring, min(LOOK_S, self._heartbeat_s))
            if self._clock.monotonic() - spoke_s >= self._heartbeat_s:
                spoke_s = self._clock.monotonic()
                yield None

    async def _is_over(self, key: tuple[str, str]) -> bool:
        seed = await self._store.read(lambda c: seed_desk.get_seed(c, *key))
        return seed.state is SeedState.REVOKED
