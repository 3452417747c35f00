"""Random small problems of every kind: what is decided is compared with a second reading.

A PROVED obligation must have no bad point on a grid, and the point of a REFUTED one must be bad,
both by `exact_reading`, which shares nothing with the engine or the checker.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from fractions import Fraction
from itertools import product
from typing import Any

import lucid_checker
import pytest
from exact_reading import Point, is_bad
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import Proved, Refuted

FLOWS = (
    "everywhere",
    "boundary_strict",
    "exponential",
    "band",
    "zeroing_cbf",
    "finite_horizon",
    "vector",
    "discrete_decrease",
    "discrete_inductive",
    "band discrete",
    "k_inductive",
    "supermartingale discrete",
    "supermartingale continuous",
    "boundary_weak",
    "invariant",
    "hybrid",
)
PROBLEMS_OF_A_FLOW = 14
BUDGET_S = 0.5
GRID = [Fraction(k, 2) for k in range(-4, 5)]


class Maker:
    """Draws texts; small numbers, so that both verdicts are common."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def number(self) -> str:
        return str(Fraction(self.draw.randint(-6, 6), self.draw.choice((1, 2, 4))))

    def positive(self) -> str:
        return str(Fraction(self.draw.randint(1, 8), self.draw.choice((1, 2, 4))))

    def linear(self, damping: str = "") -> str:
        return f"{damping} + ({self.number()})*x + ({self.number()})*y".removeprefix(" + ")

    def rate(self, own: str) -> str:
        shapes = (f"-{self.positive()}*{own}", f"-{own}**3", f"-{own}")
        extra = self.draw.choice(("0", self.linear(), f"({self.number()})*x*y"))
        return f"{self.draw.choice(shapes)} + {extra}"

    def step(self, own: str) -> str:
        return f"{own}/{self.draw.randint(2, 4)} + ({self.number()})*x*y/8 + ({self.number()})*y/8"

    def barrier(self) -> str:
        shapes = (
            f"x**2 + {self.positive()}*y**2 - {self.positive()}",
            f"x + ({self.number()})*y - {self.positive()}",
            f"x**2 + y**2 + ({self.number()})*x*y - {self.positive()}",
        )
        return self.draw.choice(shapes)

    def problem(self, flow: str) -> dict[str, Any]:
        """Return a problem of this flow condition."""
        condition, _, way = flow.partition(" ")
        discrete = condition in ("discrete_decrease", "discrete_inductive", "k_inductive")
        kind = "discrete" if discrete or way == "discrete" else "continuous"
        make = self.step if kind == "discrete" else self.rate
        found: dict[str, Any] = {
            "kind": kind,
            "vars": ["x", "y"],
            "dynamics": {"x": make("x"), "y": make("y")},
            "domain": self.draw.choice((None, ["x >= -2", "x <= 2", "y >= -2", "y <= 2"])),
            "init": f"x**2 + y**2 <= {self.positive()}/4",
            "unsafe": f"x >= {self.positive()}",
            "certificate": {"type": "barrier", "expr": self.barrier()},
            "flow_condition": condition,
        }
        getattr(self, f"_{condition}", lambda *_: None)(found, way)
        return found

    def _exponential(self, found: dict[str, Any], _: str) -> None:
        found["certificate"]["lambda"] = self.number()

    def _band(self, found: dict[str, Any], _: str) -> None:
        found["certificate"]["band"] = self.positive()

    def _zeroing_cbf(self, found: dict[str, Any], _: str) -> None:
        found["certificate"]["lambda"] = self.number()
        found["vars"].append("u")
        found["dynamics"] = {**found["dynamics"], "u": "0"}
        found["dynamics"]["x"] += " + u"
        reach = self.positive()
        found["inputs"] = {"names": ["u"], "vertices": [[f"-{reach}"], [reach]]}

    def _finite_horizon(self, found: dict[str, Any], _: str) -> None:
        found["vars"].append("t")
        found["dynamics"]["t"] = "1"
        found["certificate"]["expr"] += f" - {self.positive()}*t"
        found["time"], found["horizon"] = "t", self.positive()

    def _vector(self, found: dict[str, Any], _: str) -> None:
        off = [self.positive() for _ in range(2)]
        found["certificate"] = {
            "type": "vector",
            "exprs": [self.barrier(), self.barrier()],
            "matrix": [[self.number(), off[0]], [off[1], self.number()]],
        }

    def _invariant(self, found: dict[str, Any], _: str) -> None:
        # Radii of the grid, so that the boundary has points of it.
        found["certificate"]["expr"] = f"x**2 + y**2 - {self.draw.choice(('1', '1/4', '9/4'))}"

    _boundary_weak = _invariant

    def _hybrid(self, found: dict[str, Any], _: str) -> None:
        found |= {"kind": "hybrid", "flow_condition": "everywhere"}
        given = {key: found[key] for key in ("dynamics", "domain", "init", "unsafe")}
        other = {
            "name": "b",
            "dynamics": {"x": self.rate("x"), "y": self.rate("y")},
            "domain": self.draw.choice((None, ["x >= -1"])),
            "init": None,
            "unsafe": f"y >= {self.positive()}",
        }
        found |= dict.fromkeys(given, None)
        found["modes"] = [{"name": "a", **given}, other]
        back = {"x": f"x/{self.draw.randint(1, 3)}", "y": f"({self.number()})*y"}
        found["transitions"] = [
            {"from": "a", "to": "b", "guard": f"x >= {self.number()}", "reset": {"x": "x/2"}},
            {"from": "b", "to": "a", "guard": "y <= 1", "reset": back},
        ]
        exprs = {"a": self.barrier(), "b": self.barrier()}
        found["certificate"] = {"type": "modes", "exprs": exprs}

    def _k_inductive(self, found: dict[str, Any], _: str) -> None:
        found["certificate"]["k"] = self.draw.randint(1, 3)

    def _supermartingale(self, found: dict[str, Any], way: str) -> None:
        found["kind"] = f"stochastic_{way}"
        found["certificate"] = {
            "type": "barrier",
            "expr": f"(x**2 + {self.positive()}*y**2)/{self.draw.randint(1, 8)}",
            "gamma": self.positive(),
            "drift": self.positive(),
        }
        found["horizon"] = 5 if way == "discrete" else "5"
        if way == "continuous":
            found["diffusion"] = [{"x": f"{self.positive()}*y/4", "y": "1/4"}]
            return
        found["dynamics"] = {"x": self.step("x") + " + w", "y": self.step("y"), "w": "0"}
        found["vars"].append("w")
        values = [["-1/2", "1/4"], ["0", "1/2"], ["1/2", "1/4"]]
        found["noise"] = {"w": {"distribution": "finite", "values": values}}


def grid(problem: dict[str, Any]) -> list[Point]:
    names = problem["vars"]
    sides = [
        [Fraction(0)]
        if name in ("u", "w")
        else [Fraction(k, 2) for k in range(9)]
        if name == "t"
        else GRID
        for name in names
    ]
    return [dict(zip(names, values, strict=True)) for values in product(*sides)]


@pytest.mark.parametrize("flow", FLOWS)
def test_what_is_decided_agrees_with_a_second_reading(flow: str) -> None:
    make = Maker(seed=FLOWS.index(flow))
    words: Counter[str] = Counter()
    for _ in range(PROBLEMS_OF_A_FLOW):
        raw = make.problem(flow)
        budget = Budget(time.monotonic, time.monotonic() + BUDGET_S)
        decision = decide_problem(parse_problem(raw), budget=budget, check=lucid_checker.check)
        points = grid(raw)
        for name, result in decision.obligations.items():
            match result.verdict:
                case Proved():
                    words["proved"] += 1
                    assert not [at for at in points if is_bad(raw, name, at)], (raw, name)
                case Refuted(_, {"type": "point", "values": values, **rest}):
                    words["refuted"] += 1
                    if rest.get("order", 1) != 1:
                        continue  # a higher derivative than the second reading takes
                    at = {variable: Fraction(text) for variable, text in values.items()}
                    assert is_bad(raw, name, at), (raw, name, values)
    # Not a test that says nothing: both answers are given, many times.
    assert words["proved"] >= PROBLEMS_OF_A_FLOW / 2
    assert words["refuted"] >= PROBLEMS_OF_A_FLOW / 4
