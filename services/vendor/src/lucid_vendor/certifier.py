"""Fetches verdicts for seeds that wait, in the background and across restarts.

A seed that is VALIDATING is a promise written in the database. The certifier keeps it: at once when
a seed is handed in, and again and again for every seed that still waits, also after a crash. Two
processes may ask about one seed; the first verdict written down counts.
"""

import asyncio
import logging
from typing import Final, Protocol

from lucid_rpc import deadline
from lucid_runtime.clock import Clock

from lucid_vendor import records, seed_desk
from lucid_vendor.bell import Bell
from lucid_vendor.store import Store
from lucid_vendor.vendors.seed import Seed, SeedState
from lucid_vendor.vendors.verdict import VerdictRecord

_LOG: Final = logging.getLogger(__name__)

_WAITING: Final = "Validation does not answer; the seed waits and is checked again by itself."

Key = tuple[str, str, int]


class ValidationUnavailable(Exception):
    """Validation gave no answer now; nothing is known about the seed."""


class Validator(Protocol):
    """Whoever decides certificates."""

    async def certify(self, seed: Seed) -> VerdictRecord:
        """Return a verdict about exactly this version. Raises `ValidationUnavailable`."""


class Certifier:
    """Keeps the promise that every VALIDATING seed gets its verdict."""

    def __init__(
        self,
        store: Store,
        validator: Validator,
        clock: Clock,
        bell: Bell,
        *,
        certifications_max: int,
        retry_s: float,
    ) -> None:
        self._store = store
        self._validator = validator
        self._clock = clock
        self._bell = bell
        self._places = asyncio.Semaphore(certifications_max)
        self._retry_s = retry_s
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._told: set[Key] = set()
        self._rounds: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to visit the seeds that wait; those of a former process come first."""
        with deadline.detached():
            self._rounds = asyncio.create_task(self._visit_for_ever(), name="certifier")

    async def stop(self) -> None:
        """Stop; what waits is resumed by the next process."""
        tasks = [task for task in (self._rounds, *self._running.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, seed: Seed) -> asyncio.Task[None]:
        """Certify a VALIDATING seed now, unless that is being done; return the work."""
        key = (seed.vendor_id, seed.seed_id, seed.version)
        task = self._running.get(key)
        if task is None:
            with deadline.detached():
                task = asyncio.create_task(self._certify(key, seed))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return task

    async def visit(self) -> None:
        """Go once through the seeds that wait and those whose time is over."""
        now = self._clock.now()
        if await self._store.read(lambda c: bool(records.seeds_past_expiry(c, now, 1))):
            await self._store.write(lambda c: seed_desk.expire_seeds(c, now))
            self._bell.ring()
        waiting = await self._store.read(lambda c: records.seeds_in(c, SeedState.VALIDATING))
        await asyncio.gather(*(self.begin(seed) for seed in waiting))

    async def _visit_for_ever(self) -> None:
        while True:
            try:
                await self.visit()
            except Exception:  # noqa: BLE001  # a fault of the store must not end the rounds
                _LOG.exception("seeds could not be visited")
            await asyncio.sleep(self._retry_s)

    async def _certify(self, key: Key, seed: Seed) -> None:
        try:
            async with self._places:
                verdict = await self._validator.certify(seed)
            self._told.discard(key)
            await self._conclude(seed, verdict)
        except ValidationUnavailable as error:
            await self._tell_once(key, seed, str(error))
        except Exception:  # noqa: BLE001  # the promise is in the database: the next visit retries
            _LOG.exception("a seed could not be certified", extra={"seed": seed.name})

    async def _conclude(self, seed: Seed, verdict: VerdictRecord) -> None:
        now = self._clock.now()
        concluded = await self._store.write(lambda c: seed_desk.conclude(c, seed, verdict, now))
        if concluded is not None:
            _LOG.info("certified", extra={"seed": seed.name, "state": str(concluded.state)})
        self._bell.ring()

    async def _tell_once(self, key: Key, seed: Seed, detail: str) -> None:
        """Tell watchers of an outage once, not at every visit."""
        if key in self._told:
            return
        self._told.add(key)
        _LOG.warning("validation unavailable", extra={"seed": seed.name, "detail": detail})
        now = self._clock.now()
        await self._store.write(lambda c: seed_desk.note(c, seed, _WAITING, now))
        self._bell.ring()
