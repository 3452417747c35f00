"""DreamService: sessions start, stop, pause and are followed; the saga does the rest."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from fractions import Fraction
from typing import Any

from lucid.dream.v1 import dream_service_pb2 as api
from lucid.dream.v1 import session_pb2
from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceServicer
from lucid_rpc.page_token import next_token, page_of
from lucid_runtime.clock import Clock
from lucid_runtime.identifiers import RandomBytes, opaque_id
from lucid_store.idempotency import once
from lucid_telemetry.tracing import carrier, trace_id
from sqlalchemy import Connection

from lucid_dream import people, sessions
from lucid_dream.consent_servicer import Nudge, current_actor, key_of, user_id_of
from lucid_dream.convert import (
    inputs_from_message,
    mode_from_message,
    mode_to_message,
    parse_cap,
    readiness_to_message,
    state_to_message,
)
from lucid_dream.following import follow
from lucid_dream.journal import Bell, append_audit
from lucid_dream.live import LiveSessions, Outbox
from lucid_dream.refusals import SessionStateForbids, TelemetryNotUsable
from lucid_dream.saga.readiness import assess
from lucid_dream.saga.states import Mode, SessionState
from lucid_dream.sessions import Stored
from lucid_dream.store import Store

SERVICE = "lucid.dream.v1.DreamService"
PAGE_MAX = 500
TAKE_S = 0.5
"""Seconds between two looks at a session that has nothing to deliver at the moment."""

Launch = Callable[[str], None]
"""Has the durable engine run this session's saga, now or as soon as it is there."""

_OUTPUT_ONLY = (
    "state",
    "outcome_reason",
    "message",
    "effective_cap",
    "verdict",
    "evidence",
    "carrier",
    "steps",
    "degradations",
    "monitor",
    "consent_epoch",
    "retry_time",
    "trace_id",
    "create_time",
    "update_time",
)


class DreamServicer(DreamServiceServicer):
    """Serves sessions."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        random: RandomBytes,
        bell: Bell,
        live: LiveSessions,
        launch: Launch,
        nudge: Nudge,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._bell = bell
        self._live = live
        self._launch = launch
        self._nudge = nudge

    async def StartSession(
        self, request: api.StartSessionRequest, _context: Any
    ) -> session_pb2.Session:
        """Accept a session; once it is answered, it is never lost."""
        now = self._clock.now()
        stored = self._new(request)

        def produce(connection: Connection) -> bytes:
            people.get_user(connection, stored.user_id, lock=True)
            sessions.insert(connection, stored, now)
            _audit_start(connection, stored, now)
            return stored.message.SerializeToString()

        answer = await self._once("StartSession", request, produce)
        started = session_pb2.Session.FromString(answer)
        self._launch(started.name.removeprefix("sessions/"))
        return started

    async def GetSession(
        self, request: api.GetSessionRequest, _context: Any
    ) -> session_pb2.Session:
        """Return one session."""
        return (await self._get(request.name)).message

    async def ListSessions(
        self, request: api.ListSessionsRequest, _context: Any
    ) -> api.ListSessionsResponse:
        """List sessions, newest first."""
        page = page_of(request, maximum=PAGE_MAX)
        user_id = request.user.removeprefix("users/") or None
        found = await self._store.read(
            lambda c: sessions.newest(c, user_id=user_id, after=page.after, size=page.size + 1)
        )
        shown = found[: page.size]
        more = len(found) > page.size
        return api.ListSessionsResponse(
            sessions=[stored.message for _, stored in shown],
            next_page_token=next_token(request, shown[-1][0]) if more else "",
        )

    async def StopSession(
        self, request: api.StopSessionRequest, _context: Any
    ) -> session_pb2.Session:
        """Stop a session; always accepted, again changes nothing."""
        session_id = _session_id(request.name)
        reason, now, actor = "STOPPED_BY_USER", self._clock.now(), current_actor()
        stored = await self._store.write(lambda c: sessions.stop(c, session_id, reason, actor, now))
        self._bell.ring(request.name)
        if not stored.is_over:
            await self._nudge(session_id, reason)
        return stored.message

    async def PauseSession(
        self, request: api.PauseSessionRequest, _context: Any
    ) -> session_pb2.Session:
        """Pause a running session."""
        return await self._set_paused(request, paused=True)

    async def ResumeSession(
        self, request: api.ResumeSessionRequest, _context: Any
    ) -> session_pb2.Session:
        """Resume a paused session."""
        return await self._set_paused(request, paused=False)

    async def WatchSession(
        self, request: api.WatchSessionRequest, _context: Any
    ) -> AsyncIterator[api.WatchSessionResponse]:
        """Follow a session until its terminal event."""
        await self._get(request.name)
        async for sequence, payload in follow(
            self._store, self._bell, request.name, request.after_sequence
        ):
            if payload is None:
                yield api.WatchSessionResponse(heartbeat=True)
                continue
            event = api.WatchSessionResponse.FromString(payload)
            event.sequence = sequence
            yield event
            if event.terminal:
                return

    async def RunSession(
        self, requests: AsyncIterator[api.RunSessionRequest], _context: Any
    ) -> AsyncIterator[api.RunSessionResponse]:
        """Take part in a session's run: telemetry in, stimulus and safety state out."""
        first = await anext(aiter(requests), None)
        if first is None or not first.name:
            raise TelemetryNotUsable("the first message must name the session")
        name = first.name
        stored = await self._get(name)
        outbox = self._live.of(stored.id).attach()
        reading = asyncio.create_task(self._hear(stored.id, first, requests))
        try:
            await self._nudge(stored.id, "")
            async for response in self._deliver(name, outbox, reading):
                yield response
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await reading

    async def GetReadiness(
        self, request: api.GetReadinessRequest, _context: Any
    ) -> session_pb2.Readiness:
        """Say what readiness would allow now."""
        user = await self._store.read(lambda c: people.get_user(c, user_id_of(request.user)))
        now = self._clock.now()
        wanted = user.cap
        if request.intensity_cap:
            wanted = min(wanted, parse_cap(request.intensity_cap, "intensity_cap"))
        inputs = inputs_from_message(request.inputs, user.time_zone, now)
        return readiness_to_message(assess(inputs, wanted=wanted, seed_cap=Fraction(1), now=now))

    def _new(self, request: api.StartSessionRequest) -> Stored:
        asked = session_pb2.Session()
        asked.CopyFrom(request.session)
        for field in _OUTPUT_ONLY:
            asked.ClearField(field)
        if asked.intensity_cap:
            parse_cap(asked.intensity_cap, "session.intensity_cap")
        mode = mode_from_message(asked)
        if mode is Mode.BASIC:
            asked.seed = ""
        asked.mode = mode_to_message(mode)
        asked.state = state_to_message(SessionState.REQUESTED)
        asked.trace_id = trace_id()
        return Stored(
            id=request.session_id or opaque_id(self._random, "s"),
            user_id=user_id_of(asked.user),
            message=asked,
            facts={"mode": mode.value, "records": {}, "running_mode": mode.value},
            headers=carrier(),
        )

    async def _hear(
        self,
        session_id: str,
        first: api.RunSessionRequest,
        requests: AsyncIterator[api.RunSessionRequest],
    ) -> None:
        """Hand on the reports; a stream that names another session is refused."""
        live = self._live.of(session_id)
        if first.HasField("telemetry"):
            live.hear(first.telemetry)
        async for request in requests:
            if request.name not in ("", first.name):
                raise TelemetryNotUsable("a stream belongs to one session")
            if request.HasField("telemetry"):
                live.hear(request.telemetry)

    async def _deliver(
        self, name: str, outbox: Outbox, reading: asyncio.Task[None]
    ) -> AsyncIterator[api.RunSessionResponse]:
        sequence = 0
        while not outbox.is_closed:
            if reading.done() and reading.exception() is not None:
                reading.result()
            response = await outbox.take(TAKE_S)
            if response is not None:
                sequence = response.sequence
                yield response
                continue
            stored = await self._get(name)
            if stored.is_over:
                yield _last(stored, sequence + 1)
                return

    async def _get(self, name: str) -> Stored:
        return await self._store.read(lambda c: sessions.get(c, _session_id(name)))

    async def _set_paused(self, request: Any, *, paused: bool) -> session_pb2.Session:
        session_id, now = _session_id(request.name), self._clock.now()
        word = "PAUSED" if paused else "RESUMED"

        def produce(connection: Connection) -> bytes:
            stored = sessions.get(connection, session_id, lock=True)
            if stored.state is not SessionState.RUNNING:
                raise SessionStateForbids(stored.state.value, word)
            stored.paused = paused
            sessions.save(connection, stored, now)
            key = f"{word}/{now.isoformat()}"
            sessions.tell(connection, stored, key, now, message=word.lower())
            return stored.message.SerializeToString()

        answer = await self._once("PauseSession" if paused else "ResumeSession", request, produce)
        self._live.wake(session_id)
        self._bell.ring(request.name)
        return session_pb2.Session.FromString(answer)

    async def _once(
        self, method: str, request: Any, produce: Callable[[Connection], bytes]
    ) -> bytes:
        request_id, digest = key_of(request)
        return await self._store.write(
            lambda c: once(c, f"{SERVICE}/{method}", request_id, digest, lambda: produce(c))
        )


def _audit_start(connection: Connection, stored: Stored, now: datetime) -> None:
    append_audit(
        connection,
        at=now,
        actor=current_actor(),
        action="StartSession",
        object_=stored.name,
        result=stored.facts["mode"],
    )


def _session_id(name: str) -> str:
    return name.removeprefix("sessions/")


def _last(stored: Stored, sequence: int) -> api.RunSessionResponse:
    """Return the terminal response of a stream: how the session ended."""
    run = stored.facts.get("run") or {}
    return api.RunSessionResponse(
        sequence=sequence,
        session_time_s=float(run.get("time_s", 0.0)),
        phase="ended",
        disclosure=stored.seed.disclosure,
        barrier_value=stored.message.monitor.max_barrier,
        margin=-stored.message.monitor.max_barrier,
        ramping_down=stored.message.monitor.intervened,
        state=stored.message.state,
        message=stored.message.message,
        terminal=True,
    )
