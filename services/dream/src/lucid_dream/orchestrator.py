"""The saga as the durable engine runs it: ask what is next, perform it, remember, ask again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from lucid.dream.v1 import session_pb2
from lucid_rpc.deadline import detached
from lucid_runtime import failpoint
from lucid_runtime.clock import Clock
from lucid_store.faults import StoreFault
from lucid_telemetry import Telemetry, span
from lucid_telemetry.tracing import resumed

from lucid_dream import sessions
from lucid_dream.convert import mode_to_message
from lucid_dream.effects import Effects
from lucid_dream.journal import Bell, append_audit
from lucid_dream.live import LiveSessions
from lucid_dream.outcomes import Outcome
from lucid_dream.run import Runs
from lucid_dream.runner import Context, Json
from lucid_dream.saga.history import Direction, Finish, Perform, Record, Result, Step
from lucid_dream.saga.states import TERMINAL, Mode, SessionState
from lucid_dream.saga.steps import STATE_AFTER, decide, mode_of, turning_point
from lucid_dream.sessions import Stored
from lucid_dream.store import Store

WORKFLOW = "session"
BEGIN = "begin"
"""The signal that the user has come, or that there is a reason not to wait any longer."""

STORE_RETRY_S = 1.0

_LOG = logging.getLogger(__name__)
_UNSTOPPABLE = frozenset({Step.RUN, Step.SETTLE})
"""RUN stops by its own ramp-down; what was delivered is settled whatever is asked afterwards."""


class Orchestrator:
    """Performs the actions that `saga.steps.decide` asks for, each at most once in effect."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        effects: Effects,
        runs: Runs,
        live: LiveSessions,
        bell: Bell,
        telemetry: Telemetry,
        *,
        attach_timeout_s: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self._effects = effects
        self._runs = runs
        self._live = live
        self._bell = bell
        self._telemetry = telemetry
        self._attach_timeout_s = attach_timeout_s

    async def workflow(self, context: Context, session_id: str, argument: Json) -> Json:
        """Run a session's saga. No side effect here: every one is in a step."""
        requested = Mode(argument["mode"])
        history: list[Record] = []
        while True:
            action = decide(requested, history)
            if isinstance(action, Finish):
                return await self._finish(context, session_id, action)
            await context.sleep(action.delay_s)
            begun = True
            if (action.direction, action.step) == (Direction.DO, Step.RUN):
                begun = await self._wait_for_user(context, argument)
            history.append(await self._act(context, session_id, requested, history, action, begun))

    async def _wait_for_user(self, context: Context, argument: Json) -> bool:
        if argument["unattended"]:
            return True
        return await context.receive(BEGIN, self._attach_timeout_s) is not None

    async def _act(
        self,
        context: Context,
        session_id: str,
        requested: Mode,
        history: list[Record],
        action: Perform,
        begun: bool,
    ) -> Record:
        mode = mode_of(requested, history)
        turned = turning_point(history) is not None

        async def step() -> Json:
            return await _while_store_faults(
                lambda: self._perform(session_id, mode, action, turned=turned, begun=begun)
            )

        found = await context.step(f"{action.direction}.{action.step}", step)
        return Record(action.direction, action.step, Result(found["result"]), found["reason"])

    async def _finish(self, context: Context, session_id: str, end: Finish) -> Json:
        async def step() -> Json:
            await _while_store_faults(lambda: self.end(session_id, end))
            return {"state": end.state.value, "reason": end.reason}

        return await context.step("finish", step)

    async def _perform(
        self, session_id: str, mode: Mode, action: Perform, *, turned: bool, begun: bool
    ) -> Json:
        """Perform one attempt; if its record is there already, only return it."""
        key = f"{action.direction}/{action.step}/{action.attempt}"
        stored = await self._start(session_id, key, mode, action, turned=turned)
        recorded = stored.facts["records"].get(key)
        if recorded is not None:
            return recorded
        undo = "undo_" if action.direction is Direction.UNDO else ""
        failpoint.reach(f"saga.before_{undo}{action.step}")
        with (
            resumed(stored.headers),
            detached(),
            span("lucid.dream.step", {"lucid.dream.step": f"{undo}{action.step}"}),
        ):
            outcome = await self._attempt(stored, mode, action, begun=begun)
        failpoint.reach(f"saga.after_{undo}{action.step}")
        await self._record(session_id, key, action, outcome)
        failpoint.reach(f"saga.recorded_{undo}{action.step}")
        return {"result": outcome.result.value, "reason": outcome.reason}

    async def _attempt(
        self, stored: Stored, mode: Mode, action: Perform, *, begun: bool
    ) -> Outcome:
        forward = action.direction is Direction.DO
        if forward and stored.stop_reason and action.step not in _UNSTOPPABLE:
            return Outcome(Result.STOPPED, stored.stop_reason, "stopped before it ran")
        try:
            if forward and action.step is Step.RUN:
                if not begun:
                    return Outcome(Result.STOPPED, "NOBODY_ATTENDED", "nobody came in time")
                return await self._runs.run(stored.id)
            return await self._effects.perform(stored, mode, action.direction, action.step)
        except StoreFault:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must end the saga, not hang it
            _LOG.exception("a step failed", extra={"session": stored.id, "step": action.step})
            return Outcome(Result.FAILED, "INTERNAL", "an internal error occurred")

    async def _start(
        self, session_id: str, key: str, mode: Mode, action: Perform, *, turned: bool
    ) -> Stored:
        """Note that an attempt has begun, and return the session."""
        now = self._clock.now()

        def work(connection: Any) -> Stored:
            stored = sessions.get(connection, session_id, lock=True)
            stored.facts.setdefault("records", {})
            if key in stored.facts["records"]:
                return stored
            stored.facts["running_mode"] = mode.value
            stored.message.mode = mode_to_message(mode)
            if turned:
                stored.move(SessionState.COMPENSATING)
            step = _step_record(stored, action)
            if not step.status:
                step.status = "started"
                step.start_time.FromDatetime(now)
            sessions.save(connection, stored, now)
            sessions.tell(connection, stored, f"{key}/started", now, step=step)
            return stored

        stored = await self._store.write(work)
        self._bell.ring(sessions.topic_of(session_id))
        return stored

    async def _record(self, session_id: str, key: str, action: Perform, outcome: Outcome) -> None:
        now = self._clock.now()

        def work(connection: Any) -> None:
            stored = sessions.get(connection, session_id, lock=True)
            stored.facts.setdefault("records", {})
            if key in stored.facts["records"]:
                return
            outcome.change(stored)
            stored.facts["records"][key] = {
                "result": outcome.result.value,
                "reason": outcome.reason,
            }
            if outcome.result is Result.DONE and action.direction is Direction.DO:
                stored.move(STATE_AFTER.get(action.step, stored.state))
            step = _step_record(stored, action)
            step.status = _status_of(action, outcome)
            step.end_time.FromDatetime(now)
            step.detail = ": ".join(filter(None, (outcome.reason, outcome.detail)))[:500]
            sessions.save(connection, stored, now)
            sessions.tell(connection, stored, key, now, step=step)
            append_audit(
                connection,
                at=now,
                actor="service dream",
                action=f"{action.direction} {action.step}",
                object_=stored.name,
                result=f"{outcome.result} {outcome.reason}".strip(),
            )

        await self._store.write(work)
        self._bell.ring(sessions.topic_of(session_id))

    async def end(self, session_id: str, end: Finish) -> None:
        """Bring a session into its terminal state; one that is over stays as it is."""
        now = self._clock.now()

        def work(connection: Any) -> bool:
            stored = sessions.get(connection, session_id, lock=True)
            if stored.state in TERMINAL:
                return False
            stored.move(end.state)
            stored.message.outcome_reason = end.reason
            stored.message.message = _sentence(end, stored)
            sessions.save(connection, stored, now)
            sessions.tell(connection, stored, "end", now, message=stored.message.message)
            append_audit(
                connection,
                at=now,
                actor="service dream",
                action="EndSession",
                object_=stored.name,
                result=f"{end.state} {end.reason}".strip(),
            )
            return True

        if await self._store.write(work):
            attributes = (("lucid.dream.outcome", end.state.value),)
            self._telemetry.instruments.count("lucid.dream.sessions", 1, attributes)
        self._live.forget(session_id)
        self._bell.ring(sessions.topic_of(session_id))


async def _while_store_faults(work: Callable[[], Awaitable[Json]]) -> Json:
    """Return what `work` returns, tried again while the store is at fault.

    A full or locked store is no reason to end a saga: nothing was recorded, every effect is
    keyed, and the saga goes on when the store does.
    """
    while True:
        try:
            return await work()
        except StoreFault:
            _LOG.warning("the store is at fault; the step is tried again", exc_info=True)
            await asyncio.sleep(STORE_RETRY_S)


def _step_record(stored: Stored, action: Perform) -> session_pb2.StepRecord:
    """Return the record of this step (or of its compensation), made at the first call."""
    undo = action.direction is Direction.UNDO
    name = f"undo_{action.step}" if undo else action.step.value
    for step in stored.message.steps:
        if step.step == name:
            step.attempt = action.attempt + 1
            return step
    return stored.message.steps.add(step=name, attempt=action.attempt + 1)


def _status_of(action: Perform, outcome: Outcome) -> str:
    if outcome.result is not Result.DONE:
        return "failed"
    return "compensated" if action.direction is Direction.UNDO else "done"


def _sentence(end: Finish, stored: Stored) -> str:
    """Say how a session ended and, where it did not complete, which step said why."""
    words = [end.state.value.lower().replace("_", " ")]
    failed = [step for step in stored.message.steps if step.status == "failed" and step.detail]
    if end.reason and failed:
        words.append(f"step {failed[-1].step}: {failed[-1].detail}")
    elif end.reason:
        words.append(end.reason)
    return ": ".join(words)
