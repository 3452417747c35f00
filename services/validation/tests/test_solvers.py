import subprocess
import sys
import time
from fractions import Fraction

import psutil
import pytest
from lucid_validation.children import end_group
from lucid_validation.solvers import SOLVERS, FirstAnswer, SolverChild

HARD = "\n".join(
    [
        "(declare-const v0 Real)",
        "(declare-const v1 Real)",
        "(declare-const v2 Real)",
        "(assert (= (+ (* v0 v0 v0 v0 v0 v1) (* v1 v1 v1 v2 v2) v0) 7.0))",
        "(assert (> (- (* v0 v1 v2 v0 v1) (* v2 v2 v2 v2 v2 v2 v2)) (* v0 v0 v1 v1 v1)))",
        "(assert (= (+ (* v0 v0 v2 v2 v1 v1 v1) (* v1 v2)) (* 3.0 v2 v2 v0)))",
    ]
)


@pytest.fixture(scope="module", params=sorted(SOLVERS))
def solver(request: pytest.FixtureRequest) -> SolverChild:
    child = SolverChild(request.param)
    yield child  # type: ignore[misc]
    child.close()


def test_a_model_is_exact_where_it_is_rational(solver: SolverChild) -> None:
    found = solver("(declare-const v0 Real)(assert (= (* 3.0 v0) 1.0))", 5.0)
    assert found.status == "sat"
    assert found.model == {"v0": Fraction(1, 3)}


def test_an_algebraic_model_is_rounded_closely() -> None:
    z3 = SolverChild("z3")
    found = z3("(declare-const v0 Real)(assert (= (* v0 v0) 2.0))(assert (> v0 0.0))", 5.0)
    assert found.model is not None
    assert abs(found.model["v0"] ** 2 - 2) < Fraction(1, 10**20)
    z3.close()


def test_unsat_is_said(solver: SolverChild) -> None:
    assert solver("(declare-const v0 Real)(assert (< (* v0 v0) 0.0))", 5.0).status == "unsat"


def test_nonsense_is_unknown_and_the_child_survives(solver: SolverChild) -> None:
    assert solver("(assert (= nonsense", 5.0).status == "unknown"
    assert solver("(declare-const v0 Real)(assert (> v0 0.0))", 5.0).status == "sat"


def test_the_time_limit_ends_the_question(solver: SolverChild) -> None:
    assert solver(HARD, 0.2).status in {"unknown", "unsat", "sat"}
    assert solver("(declare-const v0 Real)(assert (> v0 0.0))", 5.0).status == "sat"


def test_the_second_solver_is_asked_where_the_first_does_not_know() -> None:
    asked = FirstAnswer()
    assert asked("(declare-const v0 Real)(assert (< (* v0 v0) 0.0))", 5.0).name == "z3"
    assert asked("(assert (= nonsense", 2.0).name == "cvc5"
    asked.close()


def test_a_question_that_is_never_answered_ends_with_the_group_of_its_asker() -> None:
    # The asker dies without a word while the solver, deaf to everything, still computes.
    code = (
        "import sys; from lucid_validation.solvers import SolverChild;"
        "child = SolverChild('cvc5'); child('(declare-const v0 Real)', 1.0);"
        "print(child._child._process.pid, flush=True); child(sys.argv[1], 300.0)"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", code, HARD],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert asker.stdout is not None
    pid = int(asker.stdout.readline())
    time.sleep(0.5)  # somewhere in the middle of the question; any moment will do
    end_group(asker.pid)
    asker.wait()
    asker.stdout.close()
    process = psutil.Process(pid) if psutil.pid_exists(pid) else None
    if process is not None:
        process.wait(timeout=10)
