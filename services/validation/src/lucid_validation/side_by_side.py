"""Attempts side by side, each in a forked copy of this process; losers are killed at once.

A fork starts in milliseconds with everything imported, needs no copy of the problem, and can be
killed in the middle of a solver's C code. Only the JSON of its answer comes back. The forks belong
to this process's group: whoever kills the worker kills the group.
"""

from __future__ import annotations

import json
import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lucid_validation.barrier.methods.evidence import CaseProof, Witness
from lucid_validation.barrier.obligation_work import Answer

_CHUNK = 1 << 16
_POLL_S = 0.02


@dataclass(slots=True)
class _Fork:
    """One running attempt."""

    number: int
    pid: int
    pipe: int
    data: bytearray = field(default_factory=bytearray)

    def end(self) -> None:
        """Kill it, whatever it does, and collect it."""
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.pipe)
        os.waitpid(self.pid, 0)


class SideBySide:
    """The `race` of `decide_problem`, with at most `cores` forks at a time."""

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def __call__(
        self, attempts: Sequence[Callable[[], Answer]], is_wanted: Callable[[int], bool]
    ) -> Iterator[tuple[int, Answer]]:
        """Yield (number, answer) as answers come; unwanted attempts are killed or never start."""
        waiting = list(range(len(attempts)))[::-1]
        running: list[_Fork] = []
        try:
            while True:
                running = _without_unwanted(running, is_wanted)
                while waiting and len(running) < self._cores:
                    number = waiting.pop()
                    if is_wanted(number):
                        running.append(_start(number, attempts[number]))
                if not running:
                    return
                for fork in _ended(running):
                    running.remove(fork)
                    yield fork.number, _collect(fork)
        finally:
            for fork in running:
                fork.end()


def _without_unwanted(running: list[_Fork], is_wanted: Callable[[int], bool]) -> list[_Fork]:
    kept = []
    for fork in running:
        if is_wanted(fork.number):
            kept.append(fork)
        else:
            fork.end()
    return kept


def _start(number: int, attempt: Callable[[], Answer]) -> _Fork:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        # Nothing of the parent may run here again: no cleanup, no flush of its buffers.
        status = 1
        try:
            os.close(reader)
            _write(writer, attempt())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    return _Fork(number, pid, reader)


def _write(pipe: int, answer: Answer) -> None:
    message: dict[str, object] = {}
    if isinstance(answer, CaseProof):
        message = {"proof": answer.proof}
    elif isinstance(answer, Witness):
        message = {"witness": answer.witness}
    data = json.dumps(message).encode()
    while data:
        data = data[os.write(pipe, data) :]


def _ended(running: list[_Fork]) -> list[_Fork]:
    """Read for at most `_POLL_S` seconds; return the forks that closed their pipe."""
    by_pipe = {fork.pipe: fork for fork in running}
    ready, _, _ = select.select(list(by_pipe), [], [], _POLL_S)
    ended = []
    for pipe in ready:
        data = os.read(pipe, _CHUNK)
        by_pipe[pipe].data += data
        if not data:
            ended.append(by_pipe[pipe])
    return ended


def _collect(fork: _Fork) -> Answer:
    """Return its answer; None if it died (out of memory, say) or found nothing."""
    os.close(fork.pipe)
    os.waitpid(fork.pid, 0)
    try:
        message = json.loads(bytes(fork.data))
    except ValueError:
        return None
    if "proof" in message:
        return CaseProof(message["proof"])
    return Witness(message["witness"]) if "witness" in message else None
