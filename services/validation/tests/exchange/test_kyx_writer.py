"""What is written for KeYmaera X is read back as the same mathematics."""

from typing import Any

import pytest
from lucid_validation.barrier.formula import Atom, Formula
from lucid_validation.barrier.polynomial import terms
from lucid_validation.barrier.problem import Cuts, parse_problem
from lucid_validation.exchange.errors import NotExpressible
from lucid_validation.exchange.kyx_problem import read_kyx
from lucid_validation.exchange.kyx_writer import write_kyx


def meaning(formula: Formula | None) -> Any:
    """A formula with nested conjunctions and disjunctions flattened, polynomials expanded."""
    if formula is None:
        return None
    if isinstance(formula, Atom):
        return formula.sense, sorted(terms(formula.polynomial).items())
    kind, flat = type(formula).__name__, []
    for child in formula.children:
        part = meaning(child)
        flat.extend(part[1] if part[0] == kind else [part])
    return flat[0] if len(flat) == 1 else (kind, flat)


def back(problem: dict[str, Any]) -> dict[str, Any]:
    (entry,) = read_kyx(write_kyx(problem))
    assert entry.refusal is None, entry.refusal
    assert entry.problem is not None
    return entry.problem | {"vars": problem["vars"]}


def polynomial_problems(corpus: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for entry in corpus:
        if entry["kind"] == "continuous":
            try:
                write_kyx(entry)
            except NotExpressible:
                continue
            found.append(entry)
    return found


def test_published_problems_survive_the_round_trip(corpus: list[dict[str, Any]]) -> None:
    chosen = polynomial_problems(corpus)[::12]
    assert len(chosen) > 30
    for entry in chosen:
        once, twice = parse_problem(entry), parse_problem(back(entry))
        for name in once.variables:
            assert terms(once.dynamics[name]) == terms(twice.dynamics[name]), entry["id"]
        assert meaning(once.init) == meaning(twice.init), entry["id"]
        assert meaning(once.unsafe) == meaning(twice.unsafe), entry["id"]
        if isinstance(once.certificate, Cuts):
            assert isinstance(twice.certificate, Cuts)
            assert [meaning(c) for c in once.certificate.formulas] == [
                meaning(c) for c in twice.certificate.formulas
            ]


def test_a_barrier_becomes_the_invariant(disc: dict[str, Any]) -> None:
    assert "@invariant(x^2 + y^2 - 1 <= 0)" in write_kyx(disc)
    assert back(disc)["certificate"]["cuts"] == [{"and": ["x**2 + y**2 - 1 <= 0"]}]


def test_a_finite_horizon_becomes_bounds_on_the_time(disc: dict[str, Any]) -> None:
    timed = disc | {
        "vars": ["x", "y", "t"],
        "dynamics": disc["dynamics"] | {"t": "1"},
        "flow_condition": "finite_horizon",
        "time": "t",
        "horizon": "3/2",
    }
    parse_problem(timed)
    again = back(timed)
    assert again["domain"] == ["t >= 0", "t <= 3/2"]
    assert "t == 0" in again["init"]["and"]


def test_a_vector_becomes_one_conjunction(disc: dict[str, Any]) -> None:
    certificate = {
        "type": "vector",
        "exprs": ["x - 1", "y - 1"],
        "matrix": [["-1", "1"], ["0", "-1"]],
    }
    vector = disc | {"certificate": certificate, "flow_condition": "vector"}
    parse_problem(vector)
    assert back(vector)["certificate"]["cuts"] == [{"and": ["x - 1 <= 0", "y - 1 <= 0"]}]


def test_names_that_the_dialect_lacks_are_changed_and_kept_apart(disc: dict[str, Any]) -> None:
    odd = ["x_pos", "xPos", "_", "End", "x_1"]
    many = disc | {
        "vars": odd,
        "dynamics": {name: f"-{name}" for name in odd},
        "init": {"and": [f"{name} <= 1" for name in odd]},
        "unsafe": {"and": ["x_pos + xPos + _ + End >= 9"]},
        "certificate": {"type": "barrier", "expr": "x_pos - 2"},
    }
    parse_problem(many)
    text = write_kyx(many)
    assert "/* x_pos */" in text
    (entry,) = read_kyx(text)
    assert entry.problem is not None
    names = entry.problem["vars"]
    assert len(set(names)) == len(odd)
    assert names[4] == "x_1"
    assert entry.problem["dynamics"] == {name: f"-{name}" for name in names}
    assert entry.problem["unsafe"] == {"and": [f"{' + '.join(names[:4])} >= 9"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "discrete"}, "discrete"),
        ({"kind": "hybrid"}, "hybrid"),
        ({"dynamics": {"x": "tanh(y)", "y": "-x"}}, "tanh"),
        ({"inputs": {"names": ["u"], "vertices": [["1"]]}}, "controller"),
    ],
)
def test_what_keymaera_x_cannot_say_is_refused(
    disc: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotExpressible, match=said):
        write_kyx(disc | change)
