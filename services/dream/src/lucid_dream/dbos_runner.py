"""The port's adapter onto DBOS (MIT core only: no Conductor, no enterprise parts, no phoning).

DBOS is imported in a thread after the service serves, because the import alone costs a second
of CPU; it is launched on the service's own loop, so steps share its gRPC channels.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lucid_dream.runner import (
    Context,
    EngineNotReady,
    EngineSettings,
    Json,
    RunNotFound,
    RunStatus,
    StepFunction,
    Workflow,
)

log = logging.getLogger("lucid.dream.runner")

_STATUS = {
    "SUCCESS": RunStatus.SUCCEEDED,
    "ERROR": RunStatus.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": RunStatus.FAILED,
    "CANCELLED": RunStatus.CANCELLED,
}


class DbosContext:
    """A workflow's view of DBOS."""

    def __init__(self, dbos: Any) -> None:
        self._dbos = dbos

    async def step(self, name: str, function: StepFunction) -> Json:
        """Run a step, or return what it returned before the restart."""
        return await self._dbos.run_step_async({"name": name, "retries_allowed": False}, function)

    async def sleep(self, seconds: float) -> None:
        """Wait durably."""
        if seconds > 0.0:
            await self._dbos.sleep_async(seconds)

    async def receive(self, topic: str, timeout_s: float) -> Json | None:
        """Return the next signal of this topic, or None after the timeout."""
        return await self._dbos.recv_async(topic, timeout_seconds=timeout_s)


class DbosRunner:
    """A DurableRunner over one DBOS instance. DBOS is a singleton: one runner per process."""

    def __init__(self, settings: EngineSettings, workflows: Mapping[str, Workflow]) -> None:
        self._settings = settings
        self._workflows = dict(workflows)
        self._functions: dict[str, Any] = {}
        self._live: set[str] = set()
        self._ready = asyncio.Event()
        self._failure: BaseException | None = None
        self._dbos: Any = None

    @property
    def live(self) -> frozenset[str]:
        """Ids of the runs that have a live task in this process."""
        return frozenset(self._live)

    async def launch(self) -> None:
        """Import, configure and launch DBOS; runs that were interrupted go on."""
        try:
            module = await asyncio.to_thread(_import_dbos)
            await asyncio.to_thread(_prepare_database, self._settings.url)
            self._dbos = module.DBOS
            self._dbos(config=_config(self._settings, module))
            for name, workflow in self._workflows.items():
                self._functions[name] = self._register(name, workflow)
            # On this loop, not in the thread: DBOS runs recovered workflows where it is launched.
            self._dbos.launch()
            self._ready.set()
        except BaseException as error:
            self._failure = error
            self._ready.set()
            raise

    async def close(self) -> None:
        """Stop DBOS; interrupted runs go on after the next launch."""
        if self._dbos is not None:
            dbos, self._dbos = self._dbos, None
            await asyncio.to_thread(lambda: dbos.destroy(destroy_registry=True))

    async def wait_ready(self, timeout_s: float) -> None:
        """Wait until the engine runs. Raises EngineNotReady after the timeout."""
        try:
            await asyncio.wait_for(self._ready.wait(), timeout_s)
        except TimeoutError:
            raise EngineNotReady("the session engine is still starting") from None
        if self._failure is not None or self._dbos is None:
            raise EngineNotReady("the session engine could not be started")

    async def start(self, run_id: str, name: str, argument: Json) -> None:
        """Start a run once; starting the same id again changes nothing."""
        dbos = await self._engine()
        from dbos import SetWorkflowID

        with SetWorkflowID(run_id):
            await dbos.start_workflow_async(self._functions[name], argument)

    async def signal(self, run_id: str, topic: str, payload: Json, key: str) -> None:
        """Send a durable signal; the same key is delivered once."""
        dbos = await self._engine()
        await dbos.send_async(run_id, payload, topic=topic, idempotency_key=f"{run_id}/{key}")

    async def cancel(self, run_id: str) -> None:
        """End a run at its next step, without compensations."""
        await (await self._engine()).cancel_workflow_async(run_id)

    async def status(self, run_id: str) -> RunStatus:
        """Return where a run stands. Raises RunNotFound."""
        found = await (await self._engine()).get_workflow_status_async(run_id)
        if found is None:
            raise RunNotFound(run_id)
        return _STATUS.get(found.status, RunStatus.PENDING)

    async def result(self, run_id: str, timeout_s: float) -> Json:
        """Wait for a run's end and return its result. Raises RunNotFound or TimeoutError."""
        dbos = await self._engine()
        await self.status(run_id)
        handle = await dbos.retrieve_workflow_async(run_id)
        return await asyncio.wait_for(handle.get_result(polling_interval_sec=0.2), timeout_s)

    async def pending(self) -> frozenset[str]:
        """Return ids of this executor's runs that have not ended."""
        dbos = await self._engine()
        found = await dbos.list_workflows_async(
            status=["PENDING"],
            executor_id=self._settings.executor_id,
            app_version=self._settings.application_version,
            load_input=False,
            load_output=False,
        )
        return frozenset(status.workflow_id for status in found)

    async def _engine(self) -> Any:
        await self.wait_ready(20.0)
        return self._dbos

    def _register(self, name: str, workflow: Workflow) -> Any:
        dbos, live = self._dbos, self._live

        async def run(argument: Json) -> Json:
            run_id = str(dbos.workflow_id)
            live.add(run_id)
            try:
                return await workflow(DbosContext(dbos), run_id, argument)
            finally:
                live.discard(run_id)

        run.__name__ = run.__qualname__ = name
        # Recovery is not given up on by count: the saga itself bounds its attempts.
        return dbos.workflow(name=name, max_recovery_attempts=1_000_000)(run)


async def watch_stuck(
    runner: DbosRunner,
    stuck_after_s: float,
    monotonic: Callable[[], float],
    on_stuck: Callable[[str], None],
) -> None:
    """Call `on_stuck` with a run that is ours, pending and without a task for too long.

    Seen after a full disk: runs whose task died stay pending until the process restarts, so the
    caller ends the process and the supervisor starts it anew (crash-only).
    """
    first_seen: dict[str, float] = {}
    while True:
        await asyncio.sleep(stuck_after_s / 3)
        try:
            lost = await runner.pending() - runner.live
        except Exception:
            log.warning("pending runs could not be listed", exc_info=True)
            continue
        now = monotonic()
        first_seen = {run_id: first_seen.get(run_id, now) for run_id in lost}
        for run_id, since in first_seen.items():
            if now - since >= stuck_after_s:
                on_stuck(run_id)
                return


def _import_dbos() -> Any:
    import dbos

    return dbos


def _config(settings: EngineSettings, module: Any) -> dict[str, Any]:
    config: dict[str, Any] = {
        "name": "lucid-dream",
        "system_database_url": settings.url,
        "executor_id": settings.executor_id,
        "application_version": settings.application_version,
        "log_level": "ERROR",
        "enable_otlp": False,
        "serializer": _json_serializer(module),
        "notification_listener_polling_interval_sec": settings.poll_s,
        "scheduler_polling_interval_sec": 3600.0,
        "sys_db_pool_size": 4,
        "max_executor_threads": 8,
    }
    if settings.url.startswith("sqlite"):
        import pysqlite3

        # The interpreter's own SQLite is too old for DBOS and has the WAL-reset bug.
        config["db_engine_kwargs"] = {"module": pysqlite3}
    return config


def _prepare_database(url: str) -> None:
    """Put an SQLite file into WAL mode (it stays so); nothing to do for PostgreSQL."""
    if not url.startswith("sqlite"):
        return
    import pysqlite3

    path = Path(url.split("///", 1)[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = pysqlite3.connect(str(path))
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _json_serializer(module: Any) -> Any:
    del module
    from dbos import Serializer

    class JsonSerializer(Serializer):
        """JSON text in the engine's tables: readable by people, and never executed."""

        def serialize(self, data: Any) -> str:
            return json.dumps(data, default=_failure_of, separators=(",", ":"))

        def deserialize(self, serialized_data: str) -> Any:
            data = json.loads(serialized_data)
            if isinstance(data, dict) and set(data) == {"__error__"}:
                return RuntimeError(data["__error__"])
            return data

        def name(self) -> str:
            return "lucid_json"

    return JsonSerializer()


def _failure_of(value: object) -> dict[str, str]:
    return {"__error__": f"{type(value).__name__}: {value}"}


_: type[Context] = DbosContext
