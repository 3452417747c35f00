"""Outside solvers, each in a child process that can be killed: z3, and cvc5 where it is installed.

`SolverChild` asks one of them, `FirstAnswer` one after the other; both are what `decide_problem`
takes as `solver`. The child runs this module. A solver may ignore its own time limit, so the parent
waits no longer than asked and then kills it.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from lucid_validation.barrier.obligation_work import SolverAnswer
from lucid_validation.children import Child, ChildGone, serve_lines

_START_ALLOWANCE_S = 5.0
_GRACE_S = 0.3
_DIGITS = 30
_CPU_GRACE_S = 2.0

Model = dict[str, str]


class SolverChild:
    """Ask one solver about a script; the child is started on first use and again after a kill."""

    def __init__(self, name: str = "z3") -> None:
        self._name = name
        self._child: Child | None = None

    def __call__(self, script: str, timeout_s: float) -> SolverAnswer:
        """Return what the solver says within `timeout_s` seconds; `unknown` after that."""
        allowance = 0.0
        if self._child is None:
            # Some solvers hold the interpreter while they solve: the child cannot see by itself
            # that its parent is gone, so it must end with the parent's group.
            self._child = Child("lucid_validation.solvers", leads_group=False)
            allowance = _START_ALLOWANCE_S
        job = {"solver": self._name, "script": script, "timeout_ms": max(1, int(timeout_s * 1000))}
        try:
            self._child.send(job)
            reply = self._child.receive(timeout_s + _GRACE_S + allowance)
        except ChildGone:
            reply = None
        if reply is None:
            self.close()
            return SolverAnswer("unknown", name=self._name)
        return self._answer(reply)

    def close(self) -> None:
        """Kill the child, if any."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _answer(self, reply: dict[str, Any]) -> SolverAnswer:
        if reply["status"] == "sat":
            model = {name: Fraction(value) for name, value in reply["model"].items()}
            return SolverAnswer("sat", model, self._name)
        return SolverAnswer("unsat" if reply["status"] == "unsat" else "unknown", name=self._name)


class FirstAnswer:
    """Ask the installed solvers one after the other until one of them knows."""

    def __init__(self) -> None:
        names = [name for name in SOLVERS if importlib.util.find_spec(name) is not None]
        self._children = [SolverChild(name) for name in names]

    def __call__(self, script: str, timeout_s: float) -> SolverAnswer:
        """Return the first sat or unsat; each solver has an equal part of the time."""
        answer = SolverAnswer("unknown")
        for child in self._children:
            answer = child(script, timeout_s / len(self._children))
            if answer.status != "unknown":
                break
        return answer

    def close(self) -> None:
        """Kill the children."""
        for child in self._children:
            child.close()


def _z3(script: str, timeout_ms: int) -> tuple[str, Model]:
    import z3

    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", timeout_ms)
    try:
        solver.from_string(script)
        status = str(solver.check())
        if status != "sat":
            return status, {}
        model = solver.model()
        return status, {str(d): _z3_value(model[d]) for d in model.decls()}
    except z3.Z3Exception:
        return "unknown", {}


def _z3_value(value: Any) -> str:
    """Return the value, an algebraic number rounded to `_DIGITS` digits, as p/q."""
    import z3

    if z3.is_algebraic_value(value):
        value = value.approx(_DIGITS)
    return str(Fraction(value.numerator_as_long(), value.denominator_as_long()))


def _cvc5(script: str, timeout_ms: int) -> tuple[str, Model]:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(timeout_ms))
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    try:
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "question")
        symbols = parser.getSymbolManager()
        while not (command := parser.nextCommand()).isNull():
            command.invoke(solver, symbols)
        result = solver.checkSat()
        if not result.isSat():
            return ("unsat" if result.isUnsat() else "unknown"), {}
        # Algebraic values have no rational; the others may be enough to confirm a point.
        values = {str(term): solver.getValue(term) for term in symbols.getDeclaredTerms()}
        return "sat", {
            k: str(Fraction(v.getRealValue())) for k, v in values.items() if v.isRealValue()
        }
    except RuntimeError:  # what cvc5 raises for everything it cannot read or do
        return "unknown", {}


SOLVERS: dict[str, Callable[[str, int], tuple[str, Model]]] = {"z3": _z3, "cvc5": _cvc5}


def _solve(job: dict[str, Any]) -> dict[str, Any]:
    # The last resort, where nobody is left to kill this process: the kernel does.
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = used.ru_utime + used.ru_stime + job["timeout_ms"] / 1000 + _CPU_GRACE_S
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, hard))
    status, model = SOLVERS[job["solver"]](job["script"], int(job["timeout_ms"]))
    return {"status": status, "model": model}


if __name__ == "__main__":
    sys.exit(serve_lines(lambda job, emit: emit(_solve(json.loads(job)))))
