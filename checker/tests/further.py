# ruff: noqa: E501 -- tables of examples read better one a line
"""Evidence written by hand for the further kinds, Lie criteria, lifted and Taylor proofs."""

import json
from typing import Any

from goldens import EMPTY, barrier, document, problem, proved, psatz, split

SQUARE = {"basis": [[1]], "matrix": [["1"]]}
LESS_ONE = {"basis": [[0], [1]], "matrix": [["1", "-1"], ["-1", "1"]]}  # (x - 1)^2


def farkas(strict, *weights, coefficient="1", ideal=()):
    """Return the identity of a linear contradiction: [index or None for 1, weight]…"""
    terms = [([] if i is None else [i], q) for i, q in weights]
    return psatz(strict, terms, [(j, [[e, q]]) for j, e, q in ideal], coefficient)


def band(kind="continuous") -> tuple[Any, Any]:
    """x' = -x or x+ = x/2: B = x - 1 does not grow on [0, 1]."""
    rate = "-x" if kind == "continuous" else "x/2"
    of = problem(
        ["x"], {"x": rate}, {"and": ["x <= 0", "x >= -1"]}, {"and": ["x >= 3"]},
        barrier("x - 1", band="1"), "band", kind=kind,
    )  # fmt: skip
    half = "1" if kind == "continuous" else "1/2"
    obligations = {
        "init": proved(farkas([2], (0, "1"), (None, "1"))),
        "unsafe": proved(farkas([], (0, "1"), (1, "1"), coefficient="2")),
        "flow": proved(farkas([2], (0, half), (None, half))),
    }
    return of, document(of, obligations, {"theorem": "band"} if kind == "continuous" else None)


def control() -> tuple[Any, Any]:
    """x' = u - x with u in [-1, 1]: at u = -1 and 1, L + B = -(x + 1)^2 and -(x - 1)^2."""
    of = problem(
        ["x", "u"], {"x": "u - x", "u": "0"}, {"and": ["x**2 <= 1/4"]}, {"and": ["x >= 2"]},
        barrier("x**2 - 1", **{"lambda": "-1"}), "zeroing_cbf",
    )  # fmt: skip
    of["inputs"] = {"names": ["u"], "vertices": [["-1"], ["1"]]}
    basis = [[0, 0], [1, 0]]
    two = {"basis": [[1, 0]], "matrix": [["2"]]}
    obligations = {
        "init": proved(psatz([1], [([0], "1"), ([], "3/4")])),
        "unsafe": proved(
            psatz(
                [],
                [
                    ([1], "1"),
                    ([0], "4"),
                    ([], {"basis": basis, "matrix": [["4", "-2"], ["-2", "1"]]}),
                ],
                coefficient="3",
            )
        ),
        "flow": proved(psatz([0], [([], {"basis": basis, "matrix": [["1", "1"], ["1", "1"]]})])),
    }
    selection = {"cases": [psatz([], [([0], "1"), ([1], "1"), ([], two)], coefficient="2")]}
    return of, document(of, obligations, {"theorem": "zeroing_cbf", "selection": selection})


def horizon() -> tuple[Any, Any]:
    """x' = 1 until t = 2: B = x - t - 1 stays as it is, and x = 4 is not reached from x <= 0."""
    of = problem(
        ["x", "t"], {"x": "1", "t": "1"}, {"and": ["x <= 0"]}, {"and": ["x >= 4"]},
        barrier("x - t - 1"), "finite_horizon", ["x <= 10"],
    )  # fmt: skip
    of |= {"time": "t", "horizon": "2"}
    obligations = {
        "init": proved(farkas([2], (0, "1"), (None, "1"), ideal=[(1, [0, 0], "1")])),
        "unsafe": proved(farkas([], (0, "1"), (3, "1"), (2, "1"), coefficient="1")),
        "flow": proved(EMPTY),
    }
    inside = farkas([], (3, "1"), (2, "1"), coefficient="7", ideal=[(4, [0, 0], "-1")])
    start = farkas([2], (0, "1"), (None, "10"))
    safety = {
        "theorem": "finite_horizon",
        "domain": [{"constraint": 0, "via": "inside", "proof": {"cases": [inside]}}],
        "start": [{"constraint": 0, "proof": {"cases": [start]}}],
    }
    return of, document(of, obligations, safety)


def vector() -> tuple[Any, Any]:
    """x' = y/2 - x, y' = -y: B = (x - 1, y - 1) stays below the solution of z' = Az."""
    of = problem(
        ["x", "y"], {"x": "y/2 - x", "y": "-y"}, {"and": ["x <= 0", "y <= 0"]}, {"and": ["x >= 3"]},
        {"type": "vector", "exprs": ["x - 1", "y - 1"], "matrix": [["-1", "1/2"], ["0", "-1"]]}, "vector",
    )  # fmt: skip
    obligations = {
        "init": proved(*(farkas([2], (i, "1"), (None, "1")) for i in (0, 1))),
        "unsafe": proved(farkas([], (0, "1"), (1, "1"), coefficient="2")),
        "flow1": proved(EMPTY),
        "flow2": proved(EMPTY),
    }
    return of, document(of, obligations, {"theorem": "vector"})


def inductive() -> tuple[Any, Any]:
    """x+ = -x/2 on [-8, 8]: B = x - 1 is 2-inductive."""
    of = problem(
        ["x"], {"x": "-x/2"}, {"and": ["x >= -1/2", "x <= 1/2"]}, {"and": ["x >= 3"]},
        barrier("x - 1", k=2), "k_inductive", ["x >= -8", "x <= 8"], "discrete",
    )  # fmt: skip
    obligations = {
        "init": proved(
            farkas([2], (1, "1"), (None, "1/2")), farkas([2], (0, "1/2"), (None, "3/4"))
        ),
        "unsafe": proved(farkas([], (0, "1"), (1, "1"), coefficient="2")),
        "flow": proved(farkas([6], (4, "1/4"), (None, "3/4"))),
    }
    safety = {
        "theorem": "k_inductive",
        "domain": [
            {"constraint": i, "proof": {"cases": [farkas([3], (1 - i, "1/2"), (None, "4"))]}}
            for i in (0, 1)
        ],
        "start": [
            {"constraint": i, "proof": {"cases": [farkas([2], (i, "1"), (None, "15/2"))]}}
            for i in (0, 1)
        ],
    }
    return of, document(of, obligations, safety)


NORMAL = {"distribution": "normal", "mean": "0", "variance": "1/100"}
UNIFORM = {"distribution": "uniform", "low": "-1", "high": "1"}
COIN = {"distribution": "finite", "values": [["-1/10", "1/2"], ["1/10", "1/2"]]}


def chance(noise=NORMAL, drift="1/100") -> tuple[Any, Any]:
    """x+ = x/2 + w: E[B] - B = var(w) - 3/4 x^2 for B = x^2; ten steps from x^2 <= 1/4."""
    of = problem(
        ["x", "w"], {"x": "x/2 + w", "w": "0"}, {"and": ["x**2 <= 1/4"]}, {"and": ["x >= 1"]},
        barrier("x**2", gamma="1/4", drift=drift), "supermartingale", ["x >= -2", "x <= 2"], "stochastic_discrete",
    )  # fmt: skip
    of |= {"noise": {"w": noise}, "horizon": 10}
    square = {"basis": [[1, 0]], "matrix": [["1"]]}
    growth = {"basis": [[1, 0]], "matrix": [["3/4"]]}
    below_one = {"basis": [[0, 0], [1, 0]], "matrix": [["1", "-1"], ["-1", "1"]]}
    obligations = {
        "init": proved(psatz([1], [([0], "1")])),
        "unsafe": proved(psatz([1], [([0], "2"), ([], below_one)])),
        "nonnegative": proved(psatz([2], [([], square)])),
        "flow": proved(psatz([2], [([], growth)])),
    }
    everywhere = {"cases": [psatz([0], [([], square)])]}
    return of, document(of, obligations, {"theorem": "supermartingale", "nonnegative": everywhere})


def diffusion() -> tuple[Any, Any]:
    """dx = -x dt + 1/2 dW: AB = 1/4 - 2 x^2 for B = x^2, within |x| <= 2 for one unit of time."""
    of = problem(
        ["x"], {"x": "-x"}, {"and": ["x**2 <= 1/4"]}, {"and": ["x >= 1"]},
        barrier("x**2", gamma="1/4", drift="1/4"), "supermartingale", ["x**2 <= 4"], "stochastic_continuous",
    )  # fmt: skip
    of |= {"diffusion": [{"x": "1/2"}], "horizon": "1/2"}
    obligations = {
        "init": proved(psatz([1], [([0], "1")])),
        "unsafe": proved(psatz([1], [([0], "2"), ([], LESS_ONE)])),
        "nonnegative": proved(psatz([1], [([], SQUARE)])),
        "flow": proved(psatz([1], [([], {"basis": [[1]], "matrix": [["2"]]})])),
    }
    return of, document(of, obligations, {"theorem": "supermartingale"})


def hybrid() -> tuple[Any, Any]:
    """A thermostat: x' = 1 while x <= 2, then x' = -1 while x >= 0, and x is halved between."""
    of = problem(
        ["x"], None, None, None,
        {"type": "modes", "exprs": {"heat": "x - 3", "cool": "x - 5/2"}}, "boundary_strict", kind="hybrid",
    )  # fmt: skip
    of["modes"] = [
        {
            "name": "heat",
            "dynamics": {"x": "1"},
            "domain": ["x <= 2"],
            "init": {"and": ["x <= 1"]},
            "unsafe": {"and": ["x >= 4"]},
        },
        {
            "name": "cool",
            "dynamics": {"x": "-1"},
            "domain": ["x >= 0"],
            "unsafe": {"and": ["x >= 4"]},
        },
    ]
    of["transitions"] = [
        {"from": "heat", "to": "cool", "guard": "x >= 2", "reset": {"x": "x/2"}},
        {"from": "cool", "to": "heat", "guard": ["x <= 0"]},
    ]
    obligations = {
        "init.heat": proved(farkas([1], (0, "1"), (None, "2"))),
        "unsafe.heat": proved(farkas([], (0, "1"), (1, "1"))),
        "flow.heat": proved(farkas([], (0, "1"), ideal=[(1, [0], "1")])),
        "unsafe.cool": proved(farkas([], (0, "1"), (1, "1"), coefficient="3/2")),
        "flow.cool": proved(EMPTY),
        "jump1": proved(farkas([3], (0, "1/2"), (None, "3/2"))),
        "jump2": proved(farkas([3], (1, "1"), (None, "3"))),
    }
    return of, document(of, obligations, {"theorem": "hybrid"})


def lie() -> tuple[Any, Any]:
    """x' = x keeps x >= 1 or x <= -1, which is no conjunction; each chain ends with x'' = x'."""
    of = problem(
        ["x"], {"x": "x"}, {"and": ["x == 2"]}, {"and": ["x == 0"]},
        {"type": "invariant", "cuts": [{"or": ["x >= 1", "x <= -1"]}]}, "invariant",
    )  # fmt: skip
    order = {"order": 1, "cofactors": [[], [[[0], "1"]]]}

    def linear(strict, *weights, ideal=(), coefficient="1"):
        return farkas(
            strict, *weights, coefficient=coefficient, ideal=[(j, [0], q) for j, q in ideal]
        )

    right, left = (  # S, then In of 1 - x > 0 and of 1 + x > 0, two ways each
        [
            linear([1], (0, "1")),  # x - 1 >= 0, 1 - x > 0
            linear([1], (0, "1")),
            linear([2], (0, "1"), (None, "1")),  # x - 1 >= 0, 1 - x == 0, -x > 0
            linear([2], (0, "1"), (None, "1")),
        ],
        [
            linear([2], (0, "1")),  # -1 - x >= 0, 1 - x > 0, 1 + x > 0
            linear([3], (0, "1"), (None, "1")),  # -1 - x >= 0, 1 - x > 0, 1 + x == 0, x > 0
            linear([3], (0, "1")),
            linear([4], (0, "1"), (None, "1")),
        ],
    )
    enter = [  # 1 - x > 0 and 1 + x > 0, then IvIn of x - 1 >= 0 and of -1 - x >= 0
        linear([0], (2, "1")),
        linear([0], ideal=[(2, "1")]),
        linear([0], ideal=[(2, "1")]),
        linear([1], (2, "1")),
        linear([1], ideal=[(2, "1")]),
        linear([1], ideal=[(2, "1")]),
    ]
    proof = {"via": "lie", "atoms": [order, order], "cases": [*right, *left, *enter]}
    obligations = {
        "init": proved(linear([1], (None, "1"), ideal=[(0, "1")])),
        "unsafe": proved(
            linear([], (0, "1"), ideal=[(1, "-1")]), linear([], (0, "1"), ideal=[(1, "1")])
        ),
        "cut1": {"verdict": "PROVED", "proof": proof},
    }
    return of, document(of, obligations, {"theorem": "differential_cuts"})


def order_two() -> tuple[Any, Any]:
    """x' = y, y' = 1: {x <= 0} is left at (0, 0), where dx/dt = 0 and x'' = 1."""
    of = problem(
        ["x", "y"], {"x": "y", "y": "1"}, {"and": ["x <= -1"]}, {"and": ["x >= 1"]}, barrier("x"), "invariant",
    )  # fmt: skip
    witness = {"type": "point", "case": 0, "values": {"x": "0", "y": "0"}, "order": 2}
    return of, document(of, {"flow": {"verdict": "REFUTED", "witness": witness}})


def lifted(terms, facts, proof):
    return {"type": "lift", "terms": terms, "facts": facts, "proof": proof}


def circle() -> tuple[Any, Any]:
    """B = sin^2 + cos^2 - 2 is -1 everywhere."""
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x >= 0"]}, {"and": ["x >= 1", "x <= 0"]},
        barrier("sin(x)**2 + cos(x)**2 - 2"), "everywhere",
    )  # fmt: skip
    identity = farkas([1], (None, "1"), ideal=[(2, [0, 0, 0], "-1")])
    facts = [{"fact": "circle", "term": 0, "other": 1}]
    obligations = {
        "init": proved(lifted(["sin(x)", "cos(x)"], facts, identity)),
        "unsafe": proved(farkas([], (0, "1"), (1, "1"))),
        "flow": proved(EMPTY),
    }
    return of, document(of, obligations, {"theorem": "everywhere"})


def box_of_terms() -> tuple[Any, Any]:
    """B = sin(x) + exp(x) - x*exp(x) - 4 over s = sin(x), e = exp(x) and x >= 1."""
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x >= 1"]}, {"and": ["x >= 1", "x <= 0"]},
        barrier("sin(x) + tanh(x)/2 - 2"), "everywhere",
    )  # fmt: skip
    facts = [{"fact": "unit", "term": 0}, {"fact": "unit", "term": 1}]
    sides = {"sin(x)": ["-1", "1"], "tanh(x)": ["-1", "1"]}
    bounds = {"sin(x)": [3, 2], "tanh(x)": [5, 4]}
    proof = split(sides, bounds, [1, {"constraint": 1}, 2, {"constraint": 1}, {"constraint": 1}])
    return of, document(of, {"init": proved(lifted(["sin(x)", "tanh(x)"], facts, proof))})


def taylor(order=4) -> tuple[Any, Any]:
    """B = sin(x) - 9/10 + x*exp(x)/100 on [0, 1], and each other function once."""
    of = problem(
        ["x"], {"x": "-1"}, {"and": ["x >= 0", "x <= 1"]}, {"and": ["x >= 5", "x <= 6"]},
        barrier("sin(x)*cos(x) + log(1 + exp(x)) - sqrt(1 + x**2) + tanh(x)/(2 + x) + tan(x/4) - 87/100"), "everywhere",
    )  # fmt: skip
    whole = split(
        {"x": ["0", "1"]}, {"x": [0, 1]}, [0, {"constraint": 2}, {"constraint": 2}], "taylor"
    )
    return of, document(of, {"init": proved({**whole, "order": order})})


ALL = {
    "band": band,
    "band_discrete": lambda: band("discrete"),
    "control": control,
    "horizon": horizon,
    "vector": vector,
    "k_inductive": inductive,
    "chance": chance,
    "uniform": lambda: chance(UNIFORM, "1/3"),
    "finite": lambda: chance(COIN),
    "diffusion": diffusion,
    "hybrid": hybrid,
    "lie": lie,
    "order_two": order_two,
    "circle": circle,
    "box_of_terms": box_of_terms,
    "taylor": taylor,
}


def texts(name: str) -> tuple[str, str]:
    of, evidence = ALL[name]()
    return json.dumps(of), json.dumps(evidence)
