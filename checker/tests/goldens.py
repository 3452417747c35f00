# ruff: noqa: E501 -- tables of examples read better one a line
"""Evidence written by hand: every type of proof and witness at least once."""

import json
from typing import Any

from lucid_checker.derive import canonical_problem


def psatz(strict, terms=(), ideal=(), coefficient="1"):
    return {
        "type": "positivstellensatz",
        "strict": {"coefficient": coefficient, "factors": list(strict)},
        "terms": [
            {"factors": f, ("gram" if isinstance(q, dict) else "coefficient"): q} for f, q in terms
        ],
        "ideal": [{"constraint": j, "polynomial": p} for j, p in ideal],
    }


def proved(*cases, **more):
    return {"verdict": "PROVED", "proof": {**more, "cases": list(cases)}}


def split(box, bounds, tree, form="bernstein"):
    return {"type": "split", "box": box, "bounds": bounds, "form": form, "tree": tree}


EMPTY = {"type": "empty"}


def problem(variables, dynamics, init, unsafe, certificate, flow, domain=None, kind="continuous"):
    return {
        "kind": kind,
        "vars": variables,
        "parameters": [],
        "dynamics": dynamics,
        "domain": domain,
        "init": init,
        "unsafe": unsafe,
        "certificate": certificate,
        "flow_condition": flow,
    }


def document(of, obligations, safety=None):
    result = {
        "format": "lucid-evidence/1",
        "problem_sha256": canonical_problem(of)[1],
        "obligations": obligations,
    }
    return result if safety is None else {**result, "safety": safety}


def barrier(expr, **more):
    return {"type": "barrier", "expr": expr, **more}


def point(case, **values):
    return {"verdict": "REFUTED", "witness": {"type": "point", "case": case, "values": values}}


def disk() -> tuple[Any, Any]:
    """x' = -x, y' = -y in a box; B = x^2 + y^2 - 2 nowhere increases."""
    of = problem(
        ["x", "y"],
        {"x": "-x", "y": "-y"},
        {"and": ["x >= 0", "x <= 1", "y >= 0", "y <= 1"]},
        {"and": ["x >= 2"]},
        barrier("x**2 + y**2 - 2"),
        "everywhere",
        ["x <= 3", "x >= -3", "y <= 3", "y >= -3"],
    )
    gram = {
        "basis": [[0, 0], [1, 0], [0, 1]],
        "matrix": [["4", "-2", "0"], ["-2", "1", "0"], ["0", "0", "1"]],
    }
    squares = {"basis": [[1, 0], [0, 1]], "matrix": [["2", "0"], ["0", "2"]]}
    init = split(
        {"x": ["0", "1"], "y": ["0", "1"]},
        {"x": [0, 1], "y": [2, 3]},
        [0, {"constraint": 4}, 1, {"constraint": 4}, {"constraint": 4}],
    )
    face = {"strict": [5], "terms": [([], "3")]}
    monomial = {0: [[[0, 0], "-1"]], 1: [[[0, 0], "-1"]]}
    safety = {
        "theorem": "everywhere",
        "domain": [
            {
                "constraint": i,
                "via": "face",
                "proof": {"cases": [psatz(face["strict"], face["terms"], [(4, monomial[i % 2])])]},
            }
            for i in range(4)
        ],
        "start": [
            {"constraint": i, "proof": {"cases": [psatz([4], [([k], "1"), ([], free)])]}}
            for i, k, free in ((0, 1, "2"), (1, 0, "3"), (2, 3, "2"), (3, 2, "3"))
        ],
    }
    obligations = {
        "init": proved(init),
        "unsafe": proved(psatz([], [([1], "1"), ([0], "4"), ([], gram)], coefficient="2")),
        "flow": proved(psatz([4], [([], squares)])),
    }
    return of, document(of, obligations, safety)


def level() -> tuple[Any, Any]:
    """x' = -x with the strict level set of x^2 - 1."""
    of = problem(
        ["x"], {"x": "-x"}, {"and": ["x**2 <= 1/4"]}, {"and": ["x >= 2"]},
        barrier("x**2 - 1"), "boundary_strict",
    )  # fmt: skip
    gram = {"basis": [[0], [1]], "matrix": [["4", "-2"], ["-2", "1"]]}
    obligations = {
        "init": proved(psatz([1], [([0], "1"), ([], "3/4")])),
        "unsafe": proved(psatz([], [([1], "1"), ([0], "4"), ([], gram)], coefficient="3")),
        "flow": proved(psatz([], [([1], "1")], [(0, [[[0], "2"]])], coefficient="2")),
    }
    return of, document(of, obligations, {"theorem": "strict_level_set"})


def line(flow, theorem, rate="-1", **more) -> tuple[Any, Any]:
    of = problem(
        ["x"], {"x": rate}, {"and": ["x <= -1"]}, {"and": ["x >= 1"]}, barrier("x", **more), flow
    )
    obligations = {
        "init": proved(psatz([1], [([0], "1"), ([], "1")])),
        "unsafe": proved(psatz([], [([0], "1"), ([1], "1")])),
        "flow": proved(EMPTY),
    }
    return of, document(of, obligations, {"theorem": theorem})


def weak() -> tuple[Any, Any]:
    """x' = -1 with the weak level set of x, which is regular."""
    of, evidence = line("boundary_weak", "weak_level_set_regular")
    evidence["safety"]["regularity"] = {"cases": [EMPTY]}
    return of, evidence


def exponential() -> tuple[Any, Any]:
    """x' = -x - 1 and dB/dt <= -B."""
    return line("exponential", "exponential", "-x - 1", **{"lambda": "-1"})


def invariant(via="cofactor") -> tuple[Any, Any]:
    """x' = -1: {x <= 0} is invariant, by a cofactor or by its strict boundary."""
    of, evidence = line("invariant", "positive_invariance")
    proof = {"via": via, "cases": [EMPTY]}
    if via == "cofactor":
        proof["cofactor"] = []
    evidence["obligations"]["flow"] = {"verdict": "PROVED", "proof": proof}
    return of, evidence


def halving(flow="discrete_decrease") -> tuple[Any, Any]:
    """x+ = x/2 on [-2, 2]."""
    of = problem(
        ["x"], {"x": "x/2"}, {"and": ["x**2 <= 1/4"]}, {"and": ["x >= 3/2"]},
        barrier("x**2 - 1"), flow, ["x >= -2", "x <= 2"], "discrete",
    )  # fmt: skip
    square = {"basis": [[1]], "matrix": [["3/4"]]}
    step = psatz([2], [([], square)])
    if flow == "discrete_inductive":
        step = psatz([3], [([2], "1/4"), ([], "3/4")])
    half = {"basis": [[0], [1]], "matrix": [["9/4", "-3/2"], ["-3/2", "1"]]}
    obligations = {
        "init": proved(psatz([1], [([0], "1"), ([], "3/4")])),
        "unsafe": proved(psatz([], [([1], "1"), ([0], "3"), ([], half)], coefficient="5/4")),
        "flow": proved(step),
    }
    # domain, 1 - x^2 >= 0, and -(x/2 + 2) > 0 or -(2 - x/2) > 0; each against the domain itself.
    safety = {
        "theorem": flow,
        "domain": [
            {"constraint": i, "proof": {"cases": [psatz([3], [([i], "1/2"), ([], "1")])]}}
            for i in (0, 1)
        ],
        "start": [
            {
                "constraint": i,
                "proof": {
                    "cases": [psatz([1], [([0], "1"), ([], {"basis": [[0], [1]], "matrix": m})])]
                },
            }
            for i, m in ((0, [["7/4", "1/2"], ["1/2", "1"]]), (1, [["7/4", "-1/2"], ["-1/2", "1"]]))
        ],
    }
    return of, document(of, obligations, safety)


def waves(form="interval") -> tuple[Any, Any]:
    """B = sin(x) - 2 + x*exp(x)/100 on [0, 1]: functions by enclosures."""
    of = problem(
        ["x"], {"x": "-1"}, {"and": ["x >= 0", "x <= 1"]}, {"and": ["x >= 5", "x <= 6"]},
        barrier("sin(x) - 9/10 + x*exp(x)/100"), "everywhere",
    )  # fmt: skip
    init = split(
        {"x": ["0", "1"]}, {"x": [0, 1]}, [0, {"constraint": 2}, 0, {"constraint": 2}, {"constraint": 2}], form
    )  # fmt: skip
    return of, document(of, {"init": proved(init)})


def cuts() -> tuple[Any, Any]:
    """x' = -x, y' = -1: y == y kept, then x <= 1 and y <= 1 in one conjunction, then z == 0."""
    of = problem(
        ["x", "y", "z"],
        {"x": "-x", "y": "-1", "z": "x*z"},
        {"and": ["x == 0", "y == 0", "z == 0"]},
        {"and": ["z >= 1"]},
        {"type": "invariant", "cuts": ["z == 0", {"and": ["x <= 1", "y < 1"]}]},
        "invariant",
    )
    cofactor = [[[1, 0, 0], "1"]]
    obligations = {
        "init": proved(
            psatz([3], [], [(2, [[[0, 0, 0], "-1"]])]),
            psatz([3], [], [(2, [[[0, 0, 0], "1"]])]),
            psatz([3], [([], "1")], [(0, [[[0, 0, 0], "-1"]])]),
            psatz([], [([3], "1")], [(1, [[[0, 0, 0], "-1"]])]),
        ),
        "unsafe": proved(psatz([], [([3], "1")], [(0, [[[0, 0, 0], "-1"]])])),
        "cut1": proved(EMPTY, EMPTY, via="equation", cofactor=cofactor),
        "cut2": {
            "verdict": "PROVED",
            "proof": {
                "conjuncts": [
                    {
                        "via": "strict_boundary",
                        "cases": [psatz([], [([2], "1")], [(1, [[[0, 0, 0], "1"]])])],
                    },
                    {"via": "cofactor", "cofactor": [], "cases": [EMPTY]},
                ]
            },
        },
    }
    return of, document(of, obligations, {"theorem": "differential_cuts"})


def refuted() -> tuple[Any, Any]:
    """x' = 1: everything about B = x^2 - 2 fails somewhere; a segment crosses x = sqrt(2)."""
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x >= 0"]}, {"or": ["x >= 7", "x <= 1"]},
        barrier("x**2 - 2"), "boundary_strict", ["x >= 0", "x < 2"],
    )  # fmt: skip
    segment = {"type": "segment", "case": 0, "equation": 2, "from": {"x": "1"}, "to": {"x": "3/2"}}
    obligations = {
        "init": point(0, x="2"),
        "unsafe": point(1, x="1/2"),
        "flow": {"verdict": "REFUTED", "witness": segment},
    }
    return of, document(of, obligations)


def left() -> tuple[Any, Any]:
    """x' = 1: {x <= 0 and y <= 5} is left through its first conjunct at (0, 0)."""
    of = problem(
        ["x", "y"], {"x": "1", "y": "0"}, {"and": ["x == -1", "y == 0"]}, {"and": ["y >= 6"]},
        {"type": "invariant", "cuts": [{"and": ["x <= 0", "y <= 5"]}]}, "invariant",
    )  # fmt: skip
    witness = {"type": "point", "case": 0, "conjunct": 0, "values": {"x": "0", "y": "0"}}
    return of, document(of, {"cut1": {"verdict": "REFUTED", "witness": witness}})


ALL = {
    "disk": disk,
    "level": level,
    "weak": weak,
    "exponential": exponential,
    "cofactor": invariant,
    "strict_boundary": lambda: invariant("strict_boundary"),
    "decrease": halving,
    "inductive": lambda: halving("discrete_inductive"),
    "interval": waves,
    "mean_value": lambda: waves("mean_value"),
    "cuts": cuts,
    "refuted": refuted,
    "left": left,
}


def texts(name: str) -> tuple[str, str]:
    of, evidence = ALL[name]()
    return json.dumps(of), json.dumps(evidence)
