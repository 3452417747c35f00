"""A solver in a child process that can be killed: z3 behind JSON lines.

`Z3Child` is the callable that `decide_problem` takes as `solver`. The child runs this module. z3
may ignore its own time limit, so the parent waits no longer than asked and then kills it.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from typing import Any

from lucid_validation.barrier.obligation_work import SolverAnswer
from lucid_validation.children import Child, ChildGone, serve_lines

_START_ALLOWANCE_S = 5.0
_GRACE_S = 0.3
_DIGITS = 30
_UNKNOWN = SolverAnswer("unknown")


class Z3Child:
    """Ask z3 about a script; the child is started on first use and again after a kill."""

    def __init__(self) -> None:
        self._child: Child | None = None

    def __call__(self, script: str, timeout_s: float) -> SolverAnswer:
        """Return what z3 says within `timeout_s` seconds; `unknown` after that."""
        allowance = 0.0
        if self._child is None:
            self._child = Child("lucid_validation.racing")
            allowance = _START_ALLOWANCE_S
        try:
            self._child.send({"script": script, "timeout_ms": max(1, int(timeout_s * 1000))})
            reply = self._child.receive(timeout_s + _GRACE_S + allowance)
        except ChildGone:
            reply = None
        if reply is None:
            self.close()
            return _UNKNOWN
        return _answer(reply)

    def close(self) -> None:
        """Kill the child, if any."""
        if self._child is not None:
            self._child.kill()
            self._child = None


def _answer(reply: dict[str, Any]) -> SolverAnswer:
    status = reply.get("status")
    if status == "unsat":
        return SolverAnswer("unsat")
    if status == "sat":
        return SolverAnswer("sat", {k: Fraction(v) for k, v in reply["model"].items()})
    return _UNKNOWN


def _solve(job: dict[str, Any]) -> dict[str, Any]:
    import z3

    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", int(job["timeout_ms"]))
    try:
        solver.from_string(job["script"])
        status = str(solver.check())
        if status != "sat":
            return {"status": status}
        model = solver.model()
        values = {str(d): _rational(model[d]) for d in model.decls()}
    except z3.Z3Exception:
        return {"status": "unknown"}
    return {"status": "sat", "model": values}


def _rational(value: Any) -> str:
    """Return the value, an algebraic number rounded to `_DIGITS` digits, as p/q."""
    import z3

    if z3.is_algebraic_value(value):
        value = value.approx(_DIGITS)
    return str(Fraction(value.numerator_as_long(), value.denominator_as_long()))


if __name__ == "__main__":
    sys.exit(serve_lines(lambda job, emit: emit(_solve(json.loads(job)))))
