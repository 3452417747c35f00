"""Real solvers say of the scripts what is known of the obligations."""

import json
import subprocess
import sys
from typing import Any

import pytest
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.exchange.errors import NotExpressible
from lucid_validation.exchange.smt_writer import obligation_names, write_smt

LIMIT_S = 10
ASK_Z3 = """
import sys, z3
solver = z3.Solver()
solver.set("timeout", 8000)
solver.from_string(sys.stdin.read().replace("(exit)", ""))
print(solver.check())
"""
ASK_CVC5 = """
import sys, cvc5
solver = cvc5.Solver()
solver.setOption("tlimit-per", "8000")
parser = cvc5.InputParser(solver)
parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.stdin.read(), "script")
while not (command := parser.nextCommand()).isNull():
    answer = command.invoke(solver, parser.getSymbolManager())
    if answer: print(str(answer).strip())
"""
SOLVERS = {"z3": ASK_Z3, "cvc5": ASK_CVC5}


def ask(solver: str, script: str) -> str:
    """What a solver says; it is a process of its own and killed when it takes too long."""
    command = [sys.executable, "-c", SOLVERS[solver]]
    try:
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return "unknown"
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def answers(problem: dict[str, Any], solver: str) -> dict[str, str]:
    scripts = write_smt(parse_problem(problem), "smt2")
    return {script.obligation: ask(solver, script.text) for script in scripts}


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_true_certificate_is_unsat_in_every_obligation(disc: dict[str, Any], solver: str) -> None:
    assert answers(disc, solver) == {"init": "unsat", "unsafe": "unsat", "flow": "unsat"}


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_false_certificate_is_sat_where_it_fails(disc: dict[str, Any], solver: str) -> None:
    disc["certificate"]["expr"] = "x**2 + y**2 - 1/8"
    assert answers(disc, solver) == {"init": "sat", "unsafe": "unsat", "flow": "unsat"}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("cut", "said"), [("x*x + y*y < 1", "unsat"), ("x < 1", "sat")])
def test_invariance_is_its_exact_criterion(
    disc: dict[str, Any], solver: str, cut: str, said: str
) -> None:
    cuts = disc | {
        "certificate": {"type": "invariant", "cuts": [{"and": [cut]}]},
        "flow_condition": "invariant",
    }
    (script,) = write_smt(parse_problem(cuts), "smt2", "cut1")
    assert script.exact
    assert ask(solver, script.text) == said


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("1/(1 + x**2) > 1", "unsat"),
        ("1/(1 + x**2) >= 1", "sat"),
        ("sqrt(x) < 0", "unsat"),
        ("sqrt(x) > 100", "sat"),
        ("abs(x) < 0", "unsat"),
        ("abs(x) == -x", "sat"),
        ("1/x > 0", "sat"),
    ],
)
def test_algebraic_terms_keep_their_meaning(disc: dict[str, Any], bad: str, said: str) -> None:
    disc |= {"init": {"and": [bad]}, "certificate": {"type": "barrier", "expr": "1"}}
    (script,) = write_smt(parse_problem(disc), "smt2", "init")
    assert "(set-logic QF_NRA)" in script.text
    assert {solver: ask(solver, script.text) for solver in SOLVERS} == dict.fromkeys(SOLVERS, said)


@pytest.mark.parametrize(
    "bad", ["sin(x) > 1", "exp(x) < 0", "tanh(x) >= 1", "log(x)*0 + exp(y) < 0"]
)
def test_functions_are_written_as_cvc5_has_them(disc: dict[str, Any], bad: str) -> None:
    disc |= {"init": {"and": [bad]}, "certificate": {"type": "barrier", "expr": "1"}}
    (script,) = write_smt(parse_problem(disc), "smt2", "init")
    assert "(set-logic QF_NRAT)" in script.text
    assert ask("cvc5", script.text) == "unsat"


def test_dreal_gets_its_own_dialect(disc: dict[str, Any]) -> None:
    disc |= {"init": {"and": ["tanh(x)**3 + 1/y > sin(x*y)"]}}
    (script,) = write_smt(parse_problem(disc), "dreal", "init")
    assert "(set-logic QF_NRA)" in script.text
    for part in ("(^ (tanh x) 3)", "(/ 1.0 y)", "(sin (* x y))", "(declare-fun x () Real)"):
        assert part in script.text
    assert script.text.count("(") == script.text.count(")")


def test_names_that_solvers_know_are_changed(disc: dict[str, Any]) -> None:
    text = (
        json.dumps(disc).replace('"x"', '"and"').replace("x**2", "and**2").replace("x >", "and >")
    )
    renamed = json.loads(text.replace("-x", "-and"))
    assert answers(renamed, "z3")["flow"] == "unsat"


def test_published_obligations_of_known_status_get_it(
    corpus: list[dict[str, Any]], known: dict[tuple[str, str], str]
) -> None:
    wrong, decided = [], 0
    easy = [e for e in corpus if e.get("dim", 9) <= 2 and e.get("max_degree", 9) <= 3]
    for entry in easy[::25]:
        problem = parse_problem(entry)
        for name in {"init", "unsafe", "flow"} & set(obligation_names(problem)):
            expected = {"valid": "unsat", "invalid": "sat"}.get(known.get((entry["id"], name), ""))
            if expected is None:
                continue
            (script,) = write_smt(problem, "smt2", name)
            said = ask("z3", script.text)
            decided += said != "unknown"
            if said not in {expected, "unknown"}:
                wrong.append((entry["id"], name, expected, said))
    assert not wrong
    assert decided > 5


def test_solvers_agree_with_the_checked_verdicts_of_every_kind(example: Any) -> None:
    for script in write_smt(parse_problem(example.raw), "smt2"):
        verdict = example.report.obligations[script.obligation]
        said = ask("cvc5" if "QF_NRAT" in script.text else "z3", script.text)
        wrong = {"PROVED": "sat" if script.exact else "", "REFUTED": "unsat"}[verdict]
        assert said != wrong, script.obligation


def test_a_criterion_that_is_out_of_reach_is_said_to_be(disc: dict[str, Any]) -> None:
    many = {"or": [f"x + {k} > 0" for k in range(14)]}
    cut = {"and": [many, {"or": [{"and": ["x < 1", "y < 1"]}, "x*y < 1"]}]}
    disc |= {
        "certificate": {"type": "invariant", "cuts": [cut]},
        "flow_condition": "invariant",
    }
    with pytest.raises(NotExpressible, match="out of reach"):
        write_smt(parse_problem(disc), "smt2", "cut1")


def test_a_sufficient_condition_does_not_claim_to_be_exact(disc: dict[str, Any]) -> None:
    cuts = {"type": "invariant", "cuts": [{"and": ["x**2 + y**2 < 1"]}]}
    inside = disc | {"certificate": cuts, "flow_condition": "invariant", "domain": ["x <= 1/2"]}
    (script,) = write_smt(parse_problem(inside), "smt2", "cut1")
    assert not script.exact
    assert "sufficient only" in script.text
    functions = inside | {"dynamics": {"x": "-sin(x)", "y": "-y"}, "domain": None}
    (script,) = write_smt(parse_problem(functions), "smt2", "cut1")
    assert not script.exact


def test_an_unknown_obligation_is_refused_with_the_known_ones(disc: dict[str, Any]) -> None:
    with pytest.raises(NotExpressible, match="init, unsafe, flow"):
        write_smt(parse_problem(disc), "smt2", "jump1")
