"""Puts the service together: store, engine, saga, servicers, and who may call what."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from typing import Any

from lucid.dream.v1 import audit_service_pb2 as _audit
from lucid.dream.v1 import (
    audit_service_pb2_grpc,
    consent_service_pb2_grpc,
    dream_service_pb2,
    dream_service_pb2_grpc,
    provenance_service_pb2_grpc,
)
from lucid.dream.v1 import consent_service_pb2 as _consent
from lucid.dream.v1 import provenance_service_pb2 as _provenance
from lucid_rpc.authorization import GATEWAY, OPERATOR, Policy
from lucid_rpc.server import ServerDefinition
from lucid_runtime.clock import Clock, SystemClock
from lucid_runtime.identifiers import RandomBytes, system_random
from lucid_telemetry import Telemetry

from lucid_dream import sessions
from lucid_dream.consent_servicer import ConsentServicer
from lucid_dream.dbos_runner import DbosRunner, watch_stuck
from lucid_dream.dream_servicer import DreamServicer
from lucid_dream.effects import Effects
from lucid_dream.errors import ERRORS
from lucid_dream.journal import Bell
from lucid_dream.live import LiveSessions
from lucid_dream.orchestrator import BEGIN, WORKFLOW, Orchestrator
from lucid_dream.peers import Peers
from lucid_dream.run import Runs
from lucid_dream.runner import EngineSettings, RunNotFound, RunStatus
from lucid_dream.saga.history import Finish
from lucid_dream.saga.states import SessionState
from lucid_dream.settings import Settings
from lucid_dream.store import Store

EXIT_STUCK = 70
RECONCILE_S = 15.0

_LOG = logging.getLogger(__name__)
_FILES = (
    _audit.DESCRIPTOR,
    _consent.DESCRIPTOR,
    dream_service_pb2.DESCRIPTOR,
    _provenance.DESCRIPTOR,
)


def policy() -> Policy:
    """Return who may call what: the operator of this machine and the gateway, everything."""
    callers = frozenset({OPERATOR, GATEWAY})
    names = [
        f"{service.full_name}/{method.name}"
        for file in _FILES
        for service in file.services_by_name.values()
        for method in service.methods
    ]
    return Policy(dict.fromkeys(names, callers))


class DreamApplication:
    """Everything that lives as long as the service does."""

    def __init__(
        self,
        settings: Settings,
        telemetry: Telemetry,
        *,
        clock: Clock | None = None,
        random: RandomBytes = system_random,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self.store = Store.connect(settings.store_url)
        self._peers = Peers(settings)
        self._bell = Bell()
        self._live = LiveSessions()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.orchestrator = Orchestrator(
            self.store,
            self._clock,
            Effects(self.store, self._peers, self._clock),
            Runs(self.store, self._clock, self._live, self._bell),
            self._live,
            self._bell,
            telemetry,
            attach_timeout_s=settings.attach_timeout_s,
        )
        engine = EngineSettings(
            url=settings.engine_url,
            executor_id=settings.executor,
            stuck_after_s=settings.stuck_after_s,
        )
        self.runner = DbosRunner(engine, {WORKFLOW: self.orchestrator.workflow})
        self.consents = ConsentServicer(self.store, self._clock, random, self._bell, self.nudge)
        self.sessions = DreamServicer(
            self.store, self._clock, random, self._bell, self._live, self.launch, self.nudge
        )

    def definition(self) -> ServerDefinition:
        """Return what is served."""
        return ServerDefinition(
            name="dream",
            servicers=[
                (consent_service_pb2_grpc.add_ConsentServiceServicer_to_server, self.consents),
                (dream_service_pb2_grpc.add_DreamServiceServicer_to_server, self.sessions),
                (
                    provenance_service_pb2_grpc.add_ProvenanceServiceServicer_to_server,
                    provenance_service_pb2_grpc.ProvenanceServiceServicer(),
                ),
                (
                    audit_service_pb2_grpc.add_AuditServiceServicer_to_server,
                    audit_service_pb2_grpc.AuditServiceServicer(),
                ),
            ],
            service_names=[
                service.full_name for file in _FILES for service in file.services_by_name.values()
            ],
            errors=ERRORS,
            policy=policy(),
            on_start=self.start,
            on_stop=self.stop,
        )

    async def start(self) -> None:
        """Prepare the store; the durable engine comes up beside the serving."""
        await self.store.prepare()
        self._spawn(self._run_engine())

    async def stop(self) -> None:
        """Stop the engine and everything else; interrupted sagas go on after the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.runner.close()
        await self._peers.close()
        self.store.close()

    def launch(self, session_id: str) -> None:
        """Have the saga of a stored session run."""
        self._spawn(self._launch(session_id))

    async def nudge(self, session_id: str, reason: str) -> None:
        """Wake a session that waits or runs: somebody came (no reason), or it has to stop."""
        self._live.wake(session_id)
        key = "stop" if reason else "attended"
        self._spawn(self.runner.signal(session_id, BEGIN, {"reason": reason}, key))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _LOG.warning("background work failed", exc_info=task.exception())

    async def _run_engine(self) -> None:
        try:
            await self.runner.launch()
        except Exception:  # noqa: BLE001 - whatever it is, the supervisor starts us anew
            _LOG.exception("the session engine could not be started")
            os._exit(EXIT_STUCK)
        _LOG.info("the session engine runs", extra={"executor": self._settings.executor})
        stuck_after_s = self._settings.stuck_after_s
        self._spawn(watch_stuck(self.runner, stuck_after_s, self._clock.monotonic, _give_up))
        while True:
            for stored in await self.store.read(sessions.active_of):
                await self._launch(stored.id)
            await asyncio.sleep(RECONCILE_S)

    async def _launch(self, session_id: str) -> None:
        """Start the saga of a session that has none; close one whose saga has died."""
        try:
            status = await self.runner.status(session_id)
        except RunNotFound:
            stored = await self.store.read(lambda c: sessions.get(c, session_id))
            argument = {
                "mode": stored.facts["mode"],
                "unattended": stored.message.unattended,
            }
            await self.runner.start(session_id, WORKFLOW, argument)
            return
        if status in (RunStatus.FAILED, RunStatus.CANCELLED):
            end = Finish(SessionState.FAILED_NEEDS_OPERATOR, f"SAGA_{status.value}")
            await self.orchestrator.end(session_id, end)


def _give_up(run_id: str) -> None:
    """End the process: a supervisor starts it anew, and the saga goes on from its records."""
    _LOG.critical("a saga is stuck; the process ends to recover it", extra={"session": run_id})
    os._exit(EXIT_STUCK)


async def build(settings: Settings, telemetry: Telemetry) -> ServerDefinition:
    """Return the definition of the service."""
    return DreamApplication(settings, telemetry).definition()
