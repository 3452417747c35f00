"""Failpoints: named places at which a test may kill the process or raise an error.

Nothing happens unless `LUCID_FAILPOINT` is set before the process starts, as a comma-separated
list of `name:kill` or `name:error`. A failpoint fires once per process.
"""

import os
import signal
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "LUCID_FAILPOINT"
_ACTIONS: Final = frozenset({"kill", "error"})


class FailpointReached(Exception):
    """A failpoint with the action `error` was reached."""


def _armed(environ: Mapping[str, str]) -> dict[str, str]:
    """Return name → action for the failpoints that an environment arms."""
    armed: dict[str, str] = {}
    for item in environ.get(VARIABLE, "").split(","):
        name, separator, action = item.strip().rpartition(":")
        if separator and action in _ACTIONS:
            armed[name] = action
    return armed


class Failpoints:
    """The failpoints armed in one process."""

    __slots__ = ("_armed",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._armed = _armed(environ)

    def reach(self, name: str) -> None:
        """Die by SIGKILL or raise `FailpointReached` if `name` is armed; else do nothing."""
        if not self._armed:
            return
        action = self._armed.pop(name, None)
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if action == "error":
            raise FailpointReached(name)


_PROCESS: Final = Failpoints(os.environ)


def reach(name: str) -> None:
    """Pass the failpoint `name` of this process. Free of cost when none is armed."""
    _PROCESS.reach(name)
