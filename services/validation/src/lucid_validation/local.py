"""Decide problems on this machine without a server, each under a hard deadline.

`decide` never raises on bad input and never waits longer than it was allowed: the work is done in a
child process that is killed at the deadline; what it had decided and checked by then is kept.
Safe to call from several threads: each call has a worker of its own while it runs.
"""

from __future__ import annotations

import atexit
import json
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from lucid_validation.children import Child, ChildGone

PROBLEM_CHARACTERS_MAX = 8_000_000
_START_TIMEOUT_S = 60.0
# The part of the time limit that is left for the last check and for the way back.
_RESERVE = 0.08
_IDLE_MAX = 4

Message = dict[str, Any]
OnProgress = Callable[[Message], None]


class Worker:
    """A warm child that decides one problem at a time."""

    def __init__(self) -> None:
        self._child = Child("lucid_validation.worker")
        self._ready = False

    def decide(
        self, job: Message, timeout_s: float, on_progress: OnProgress
    ) -> tuple[Message | None, list[Message], Message]:
        """Return (final message or None, obligations so far, what was parsed).

        The clock starts when the child is ready.

        None means that the deadline passed or the child died: it is gone then.
        """
        self._await_ready()
        deadline = time.monotonic() + timeout_s
        budget_s = timeout_s * (1 - _RESERVE) - 0.02
        obligations: list[Message] = []
        parsed: Message = {}
        self._child.send({**job, "budget_s": budget_s})
        while True:
            message = self._child.receive(max(0.0, deadline - time.monotonic()))
            if message is None:
                self.close()
                return None, obligations, parsed
            if "parsed" in message:
                parsed = message["parsed"]
            elif "obligation" in message:
                obligations.append(message["obligation"])
                on_progress(message["obligation"])
            elif "done" in message:
                return message["done"], obligations, parsed

    def _await_ready(self) -> None:
        if not self._ready:
            if self._child.receive(_START_TIMEOUT_S) is None:
                self.close()
                raise ChildGone("the worker does not start")
            self._ready = True

    def cancel(self) -> None:
        """End the running decision from another thread: its `decide` raises `ChildGone`."""
        self._child.cancel()

    def close(self) -> None:
        """Kill the child and release it; not while another thread reads it."""
        self._child.kill()


_idle: list[Worker] = []
_lock = threading.Lock()


def _take() -> Worker:
    with _lock:
        if _idle:
            return _idle.pop()
    return Worker()


def _give_back(worker: Worker) -> None:
    with _lock:
        if len(_idle) < _IDLE_MAX:
            _idle.append(worker)
            return
    worker.close()


@atexit.register
def close() -> None:
    """End the idle workers."""
    with _lock:
        workers = list(_idle)
        _idle.clear()
    for worker in workers:
        worker.close()


def decide(
    problem: Mapping[str, Any],
    timeout_s: float,
    *,
    seed: int = 0,
    cores: int = 1,
    only: Collection[str] | None = None,
    on_progress: OnProgress = lambda _: None,
    remember: bool = True,
) -> Message:
    """Decide one problem object within `timeout_s` seconds of wall clock, on at most `cores`.

    With `only`, just the obligations of these names; the verdict is then theirs, and no safety.
    Without `remember`, nothing is taken from what the worker decided before.

    Returns `id`, `verdict`, `implies_safety`, `safety`, `obligations` and `seconds`, and where
    there is one `evidence` (accepted by the checker) and `reason`. `verdict` is PROVED, REFUTED,
    UNDECIDED, INVALID_INPUT (with `"field"`) or ERROR. `on_progress` hears each decided obligation.
    """
    started = time.monotonic()
    refusal = _refusal(problem, timeout_s)
    if refusal is not None:
        return _line(problem, started, {}, refusal)
    worker = _take()
    done: Message | None = None
    obligations: list[Message] = []
    parsed: Message = {}
    try:
        job: Message = {"problem": problem, "seed": seed, "cores": cores, "remember": remember}
        if only is not None:
            job["only"] = sorted(only)
        done, obligations, parsed = worker.decide(job, timeout_s, on_progress)
    except ChildGone:
        worker.close()
        broken = {"verdict": "ERROR", "reason": "WORKER_DIED", "message": "the worker ended"}
        return _line(problem, started, {}, broken)
    if done is None:
        done = _partial(obligations, parsed)
        # The next call finds a worker that has started meanwhile.
        _give_back(Worker())
    else:
        _give_back(worker)
    return _line(problem, started, _in_order(obligations, parsed), done)


def _refusal(problem: Any, timeout_s: float) -> Message | None:
    """Return the answer to what is no problem object at all."""
    if not timeout_s > 0:
        return _invalid("timeout_s", "NOT_POSITIVE", "a positive number of seconds is expected")
    if not isinstance(problem, Mapping):
        return _invalid("$", "OBJECT_EXPECTED", "a JSON object is expected")
    try:
        size = len(json.dumps(problem, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return _invalid("$", "NOT_JSON", "this is not a JSON document")
    if size > PROBLEM_CHARACTERS_MAX:
        return _invalid("$", "TOO_LONG", f"limit {PROBLEM_CHARACTERS_MAX}, found {size}")
    return None


def _invalid(field: str, code: str, message: str) -> Message:
    return {"verdict": "INVALID_INPUT", "reason": code, "field": field, "message": message}


def _partial(obligations: list[Message], parsed: Message) -> Message:
    """Return what a killed worker had decided and checked; only its safety is lost."""
    entries = {o["name"]: entry for o in obligations if (entry := _entry(o)) is not None}
    words = [o["verdict"] for o in obligations]
    names = parsed.get("obligations")
    verdict = "UNDECIDED"
    if "REFUTED" in words:
        verdict = "REFUTED"
    elif names and words == ["PROVED"] * len(names):
        verdict = "PROVED"
    found: Message = {
        "verdict": verdict,
        "reason": "TIMEOUT",
        "message": "the deadline passed",
        "implies_safety": False,
        "safety": {"missing": "TIMEOUT" if verdict == "PROVED" else "OBLIGATION_NOT_PROVED"},
    }
    if entries:
        found["evidence"] = {
            "format": "lucid-evidence/1",
            "problem_sha256": parsed["sha256"],
            "obligations": entries,
        }
    return found


def _entry(obligation: Message) -> Message | None:
    kept = {"PROVED": "proof", "REFUTED": "witness"}.get(obligation["verdict"])
    if kept is None:
        return None
    return {"verdict": obligation["verdict"], kept: obligation[kept]}


def _in_order(obligations: list[Message], parsed: Message) -> dict[str, Message]:
    """Return the obligations in the problem's order, whatever was decided first."""
    by_name = {obligation["name"]: _short(obligation) for obligation in obligations}
    names = [name for name in parsed.get("obligations", []) if name in by_name]
    return {name: by_name[name] for name in [*names, *by_name]}


def _short(obligation: Message) -> Message:
    kept = ("verdict", "method", "seconds", "witness", "reason", "detail", "residual")
    return {key: obligation[key] for key in kept if key in obligation}


def _line(
    problem: Any, started: float, obligations: Mapping[str, Message], done: Message
) -> Message:
    name = problem.get("id") if isinstance(problem, Mapping) else None
    found: Message = {
        "id": name if isinstance(name, str | int) else None,
        "verdict": done["verdict"],
        "implies_safety": bool(done.get("implies_safety", False)),
        "safety": done.get("safety", {"missing": "OBLIGATION_NOT_PROVED"}),
        "obligations": dict(obligations),
        "seconds": round(time.monotonic() - started, 6),
    }
    for key in ("evidence", "reason", "field", "message", "method_set_version"):
        if done.get(key) is not None:
            found[key] = done[key]
    if found["verdict"] == "UNDECIDED" and "reason" not in found:
        found["reason"] = _first_reason(obligations)
    return found


def _first_reason(obligations: Mapping[str, Message]) -> str:
    reasons = [o["reason"] for o in obligations.values() if "reason" in o]
    return reasons[0] if reasons else "NUMERIC"
