"""One peer, one query: SMT-LIB on standard input, one JSON line with answer and CPU seconds.

    python bench/validation/peer.py z3|cvc5 LIMIT_CPU_S < query.smt2

Only reading the text and solving are timed, not the start of Python, the import of the solver or a
first trivial query. The kernel ends the process (SIGXCPU) when the limit is over; the caller reads
that as "limit".
"""

from __future__ import annotations

import json
import resource
import sys
import time


def _z3(text: str) -> tuple[str, float]:
    import z3

    start = time.process_time()
    solver = z3.SolverFor("QF_NRA")
    solver.from_string(text)
    answer = str(solver.check())
    return answer, time.process_time() - start


def _cvc5(text: str) -> tuple[str, float]:
    import cvc5

    start = time.process_time()
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols, answer = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(solver, symbols).strip() or answer
    return answer, time.process_time() - start


def main() -> int:
    """Solve and print."""
    name, limit = sys.argv[1], float(sys.argv[2])
    solve = {"z3": _z3, "cvc5": _cvc5}[name]
    text = sys.stdin.read()
    # The import is paid before the limit starts to count.
    # So is the first query of a process, which builds the solver's tables.
    solve("(set-logic QF_NRA)(declare-const x Real)(assert (< (* x x) 0.0))(check-sat)")
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = int(used.ru_utime + used.ru_stime + limit) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard + 1))
    answer, seconds = solve(text)
    if seconds > limit:
        answer = "limit"
    print(json.dumps({"answer": answer, "seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
