"""The run of a session: programme, telemetry and monitor, tick by tick, until it ends.

Re-enterable: what was delivered is stored as it goes, and a run that was cut off by a crash goes
on from there, with consent and stops looked at again before anything is delivered.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from lucid.dream.v1 import dream_service_pb2 as api
from lucid_runtime.clock import Clock

from lucid_dream import people, sessions
from lucid_dream.convert import state_to_message
from lucid_dream.effects import vendor_of
from lucid_dream.journal import Bell
from lucid_dream.live import Live, LiveSessions
from lucid_dream.outcomes import Outcome
from lucid_dream.saga import monitor
from lucid_dream.saga.compose import RAMP_S
from lucid_dream.saga.consent import check_consent, need_for
from lucid_dream.saga.guard import guard_of
from lucid_dream.saga.history import Result
from lucid_dream.saga.programme import Phase, Programme, programme
from lucid_dream.saga.states import Mode, SessionState
from lucid_dream.sessions import Stored
from lucid_dream.store import Store

LOOK_S = 0.5
"""Seconds between two looks at the store for stops, pauses and revocations: well within 2."""

SAVE_S = 2.0
"""Seconds between two saves of the progress: what a crash may make a session deliver again."""

STEP_MAX_S = 10.0
"""Most session seconds between two ticks, and (compressed) ahead of the newest report."""


@dataclass(slots=True)
class Progress:
    """How far a run is. Times in seconds; `summary` is what the session shows of the monitor."""

    time_s: float
    watch: monitor.Watch
    nominal: dict[str, float]
    sequence: int = 0
    ticks: int = 0
    max_barrier: float = float("-inf")
    max_intensity: float = 0.0
    delivered: bool = False
    heard_at: float = 0.0

    def count(self) -> None:
        """Count the tick that was just made."""
        self.ticks += 1
        self.max_barrier = max(self.max_barrier, self.watch.barrier_upper)
        self.max_intensity = max(self.max_intensity, self.watch.delivered)
        self.delivered = self.delivered or self.watch.delivered > 0.0


class Runs:
    """Runs sessions; one per session and process at a time."""

    def __init__(self, store: Store, clock: Clock, live: LiveSessions, bell: Bell) -> None:
        self._store = store
        self._clock = clock
        self._live = live
        self._bell = bell

    async def run(self, session_id: str) -> Outcome:
        """Run a session to its end and return what came of it."""
        stored = await self._store.read(lambda c: sessions.get(c, session_id))
        stop, paused = await self._look(stored)
        run = _Run(stored, self._live.of(session_id), self._clock)
        if stop and not run.progress.delivered:
            return Outcome(Result.STOPPED, stop, "stopped before anything was delivered")
        await self._enter(session_id, SessionState.RUNNING)
        looked = saved = self._clock.monotonic()
        while not run.is_over:
            now = self._clock.monotonic()
            if now - looked >= LOOK_S or run.live.wake.is_set():
                looked = now
                stop, paused = await self._look(stored)
            run.tick(stop, paused)
            if now - saved >= SAVE_S:
                saved = now
                await self._save(session_id, run)
            await run.wait()
        await self._enter(session_id, SessionState.EMERGING)
        await self._save(session_id, run)
        return run.outcome()

    async def _look(self, stored: Stored) -> tuple[str, bool]:
        """Return why the session must stop (or nothing), and whether it is paused."""
        now = self._clock.now()
        fresh, consents = await self._store.read(
            lambda c: (sessions.get(c, stored.id), people.consents_of(c, stored.user_id))
        )
        vendor = vendor_of(fresh) if fresh.facts["running_mode"] == Mode.FULL else None
        allowed = check_consent(consents, need_for(vendor), now).allowed
        return fresh.stop_reason or ("" if allowed else "CONSENT_REVOKED"), fresh.paused

    async def _enter(self, session_id: str, state: SessionState) -> None:
        now = self._clock.now()

        def work(connection: Any) -> None:
            stored = sessions.get(connection, session_id, lock=True)
            stored.move(state)
            sessions.save(connection, stored, now)
            sessions.tell(connection, stored, f"state/{state}", now, message=state.lower())

        await self._store.write(work)
        self._bell.ring(sessions.topic_of(session_id))

    async def _save(self, session_id: str, run: "_Run") -> None:
        now = self._clock.now()

        def work(connection: Any) -> None:
            stored = sessions.get(connection, session_id, lock=True)
            run.write_to(stored)
            sessions.save(connection, stored, now)

        await self._store.write(work)


class _Run:
    """One run in this process: the clockwork without the store."""

    def __init__(self, stored: Stored, live: Live, clock: Clock) -> None:
        self.live = live
        self._clock = clock
        self._stored = stored
        cap = float(stored.facts["cap"])
        duration_s = float(stored.message.duration.seconds)
        self._compression = stored.message.time_compression or 1.0
        self._unattended = stored.message.unattended
        self._guard = guard_of(stored.facts["problem"], cap=cap, horizon_s=duration_s + RAMP_S)
        self._programme = _programme_of(stored, duration_s, cap)
        self._last = clock.monotonic()
        self.progress = self._restore(stored)

    def _restore(self, stored: Stored) -> Progress:
        kept = stored.facts.get("run") or {}
        time_s = float(kept.get("time_s", 0.0))
        nominal = kept.get("nominal") or monitor.nominal_start(self._guard)
        estimate = {name: (low, high) for name, (low, high) in (kept.get("estimate") or {}).items()}
        watch = monitor.begin(self._guard, time_s, estimate)
        if kept.get("ends"):
            watch = monitor.ramp_down(watch, kept["ends"])
        shown = stored.message.monitor
        progress = Progress(time_s, watch, dict(nominal), heard_at=self._clock.monotonic())
        if kept:
            progress.sequence = int(kept["sequence"])
            progress.ticks, progress.max_barrier = shown.ticks, shown.max_barrier
            progress.max_intensity = shown.max_intensity
            progress.delivered = shown.max_intensity > 0.0
        return progress

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be delivered."""
        done = self.progress.time_s >= self._programme.duration_s
        return self.progress.watch.phase is monitor.Phase.ENDED or (
            done and self.progress.watch.phase is monitor.Phase.DELIVERING
        )

    def tick(self, stop: str, paused: bool) -> None:
        """Make one step of session time: reports first, then the monitor, then the stimulus."""
        progress = self.progress
        time_s = self._advance()
        watch = self._hear(progress.watch, time_s)
        watch = monitor.pause(watch) if paused else monitor.resume(watch)
        silent_s = self._clock.monotonic() - progress.heard_at
        if not self._unattended and silent_s >= self._guard.silence_s:
            watch = monitor.ramp_down(watch, "TELEMETRY_SILENT")
        if stop:
            watch = monitor.ramp_down(watch, stop)
        wanted = self._programme.intensity_at(time_s)
        progress.watch = monitor.tick(self._guard, watch, wanted, time_s)
        progress.time_s = time_s
        progress.count()
        self._send()

    async def wait(self) -> None:
        """Wait for a report, a wake-up, or the next tick."""
        tick_s = min(1.0, max(0.05, STEP_MAX_S / 2 / self._compression))
        try:
            await asyncio.wait_for(self.live.wake.wait(), tick_s)
        except TimeoutError:
            return
        self.live.wake.clear()
        # Reports may come faster than they can matter: a tick lasts at least this long.
        await asyncio.sleep(0.01)

    def outcome(self) -> Outcome:
        """Return what came of the run."""
        watch = self.progress.watch
        if watch.reason:
            return Outcome(Result.ABORTED, watch.reason, "ramped down safely")
        return Outcome(Result.DONE, "", f"{self.progress.time_s:.0f} s of session time delivered")

    def write_to(self, stored: Stored) -> None:
        """Write the progress into a stored session."""
        progress, watch = self.progress, self.progress.watch
        bounded = all(abs(x) < 1e9 for pair in watch.estimate.values() for x in pair)
        stored.facts["run"] = {
            "time_s": progress.time_s,
            "sequence": progress.sequence,
            "nominal": progress.nominal,
            "estimate": {n: list(pair) for n, pair in watch.estimate.items()} if bounded else {},
            "ends": watch.reason,
        }
        shown = stored.message.monitor
        shown.ticks, shown.max_barrier = progress.ticks, progress.max_barrier
        shown.max_intensity = progress.max_intensity
        shown.intervened = bool(watch.reason)
        shown.reason = watch.reason

    def _advance(self) -> float:
        """Return the session time of this tick.

        Compressed time is for demonstration: it waits for the reports of a slow client, so that
        a busy machine is not mistaken for a silent sensor. Real time waits for nobody.
        """
        now = self._clock.monotonic()
        elapsed_s, self._last = now - self._last, now
        step_s = elapsed_s * self._compression
        if self._compression > 1.0:
            step_s = min(step_s, STEP_MAX_S)
            if not self._unattended and self.progress.watch.phase is monitor.Phase.DELIVERING:
                ahead = self.progress.watch.heard_s + STEP_MAX_S
                step_s = min(step_s, max(0.0, ahead - self.progress.time_s))
        return min(self.progress.time_s + step_s, self._guard.horizon_s)

    def _hear(self, watch: monitor.Watch, time_s: float) -> monitor.Watch:
        progress = self.progress
        if self._unattended:
            progress.nominal = monitor.predict(
                self._guard, progress.nominal, time_s - progress.time_s
            )
            return monitor.hear(self._guard, watch, progress.nominal[self._guard.measured], time_s)
        while self.live.telemetry:
            report = self.live.telemetry.popleft()
            progress.heard_at = self._clock.monotonic()
            watch = monitor.hear(self._guard, watch, report.arousal_estimate, time_s)
        return watch

    def _send(self) -> None:
        progress, watch = self.progress, self.progress.watch
        progress.sequence += 1
        ramping = watch.phase in (monitor.Phase.RAMPING, monitor.Phase.ENDED)
        phase = self._programme.phase_at(progress.time_s).name
        state = SessionState.EMERGING if ramping else SessionState.RUNNING
        self.live.send(
            api.RunSessionResponse(
                sequence=progress.sequence,
                session_time_s=progress.time_s,
                phase="ramp-down" if ramping else phase,
                intensity=watch.delivered,
                cue="" if ramping else _cue_of(self._stored, phase),
                disclosure=self._stored.seed.disclosure,
                barrier_value=watch.barrier_upper,
                margin=-watch.barrier_upper,
                ramping_down=ramping,
                state=state_to_message(state),
                message=watch.reason,
            )
        )


def _programme_of(stored: Stored, duration_s: float, cap: float) -> Programme:
    phases = [
        Phase(each.phase, max(1.0, float(each.duration.seconds)), each.intensity)
        for each in stored.seed.phases
    ]
    return programme(phases, duration_s=duration_s, cap=cap)


def _cue_of(stored: Stored, phase: str) -> str:
    return next((each.cue for each in stored.seed.phases if each.phase == phase), "")
