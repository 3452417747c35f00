"""Search for a certificate on this machine without a server, in a child under a hard deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from lucid_validation.barrier.synthesis.task import DEGREE_DEFAULT
from lucid_validation.children import Child, ChildGone

_START_TIMEOUT_S = 60.0
_RESERVE = 0.1

Message = dict[str, Any]
OnProgress = Callable[[Message], None]


def synthesize(
    problem: Mapping[str, Any],
    timeout_s: float,
    *,
    degree: int = DEGREE_DEFAULT,
    seed: int = 0,
    on_progress: OnProgress = lambda _: None,
) -> Message:
    """Search within `timeout_s` seconds for a certificate of at most this degree.

    Returns `outcome` (FOUND, DEGREE_EXHAUSTED, BUDGET_EXHAUSTED, IMPOSSIBLE), `reason`, `progress`
    and, where there is one, `candidate` with `problem`, `decision` and `obligations`; or `verdict`
    INVALID_INPUT or ERROR with `reason`, `field` and `message`. FOUND was proved and checked.
    """
    child = Child("lucid_validation.synthesis_worker")
    progress: Message = {}
    try:
        if child.receive(_START_TIMEOUT_S) is None:
            return _ended("the search does not start", progress)
        deadline = time.monotonic() + timeout_s
        budget_s = timeout_s * (1 - _RESERVE)
        child.send({"problem": problem, "budget_s": budget_s, "degree": degree, "seed": seed})
        while True:
            message = child.receive(max(0.0, deadline - time.monotonic()))
            if message is None:
                return _ended("the time is over", progress)
            if "done" in message:
                return dict(message["done"])
            progress = message.get("progress", progress)
            on_progress(progress)
    except ChildGone:
        return {"verdict": "ERROR", "reason": "WORKER_DIED", "message": "the search ended"}
    finally:
        child.kill()


def _ended(reason: str, progress: Message) -> Message:
    return {"outcome": "BUDGET_EXHAUSTED", "reason": reason, "progress": progress}
