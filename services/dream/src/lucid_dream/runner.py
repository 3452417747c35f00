"""The port onto a durable engine: five methods, so that the engine stays replaceable.

A workflow is a coroutine over a `Context`. Its body has no side effect: whatever touches the
world is a step, and every step may run more than once (a crash after the effect, before the
checkpoint), so every step carries an idempotency key that its callee dedupes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

Json = Any
"""A JSON value: what steps and workflows take and return. Never a pickle."""

StepFunction = Callable[[], Awaitable[Json]]


class RunStatus(StrEnum):
    """Where a durable run stands."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class RunNotFound(Exception):
    """No durable run has this id."""


class EngineNotReady(Exception):
    """The durable engine is still starting, or could not be started."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine needs to know.

    Attributes:
        url: SQLAlchemy URL of the engine's own database; its tables are private to it.
        executor_id: Name of this executor; the same after a restart, so that it recovers its own.
        application_version: Raised only with a changed order of steps.
        poll_s: Seconds between two looks for signals; the engine idles in between.
        stuck_after_s: Seconds after which a run that is ours, pending and without a live task
            counts as stuck.
    """

    url: str
    executor_id: str
    application_version: str = "saga-1"
    poll_s: float = 0.5
    stuck_after_s: float = 30.0


class Context(Protocol):
    """What a workflow may do besides computing."""

    async def step(self, name: str, function: StepFunction) -> Json:
        """Run a step, or return what it returned before the restart."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait durably: a restart does not start the wait anew."""
        ...

    async def receive(self, topic: str, timeout_s: float) -> Json | None:
        """Return the next signal of this topic, or None after the timeout."""
        ...


Workflow = Callable[[Context, str, Json], Awaitable[Json]]
"""A workflow: `(context, run id, argument) -> result`."""


class DurableRunner(Protocol):
    """Starts runs that survive a crash of this process."""

    async def start(self, run_id: str, name: str, argument: Json) -> None:
        """Start a run once; starting the same id again changes nothing."""
        ...

    async def signal(self, run_id: str, topic: str, payload: Json, key: str) -> None:
        """Send a durable signal; the same key is delivered once."""
        ...

    async def cancel(self, run_id: str) -> None:
        """End a run at its next step, without compensations: an operator's last resort."""
        ...

    async def status(self, run_id: str) -> RunStatus:
        """Return where a run stands. Raises RunNotFound."""
        ...

    async def result(self, run_id: str, timeout_s: float) -> Json:
        """Wait for a run's end and return its result. Raises RunNotFound or TimeoutError."""
        ...
