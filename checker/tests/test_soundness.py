# ruff: noqa: E501 -- tables of examples read better one a line
"""Laws: enclosures hold the value, Bernstein forms bound, hostile input never raises."""

import json
import math
import random
import time
from fractions import Fraction

import pytest
from further import ALL as FURTHER
from goldens import ALL, barrier, document, problem, psatz, split
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_checker import check
from lucid_checker.algebra import Polynomial, Ring
from lucid_checker.bernstein import Layout, halves, to_bernstein
from lucid_checker.document import Json
from lucid_checker.enclosure import Encloser
from lucid_checker.expression import expand
from lucid_checker.functions import Unbounded, enclose_function, pi_bounds
from lucid_checker.identity import is_positive_semidefinite
from lucid_checker.limits import Refused, Work
from lucid_checker.univariate import positive, value

EVERY = {**ALL, **FURTHER}
small = st.fractions(-6, 6, max_denominator=1000)
FLOATS = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "tanh": math.tanh,
    "log": math.log, "sqrt": math.sqrt, "abs": abs, "1/": lambda x: 1 / x,
}  # fmt: skip


@given(name=st.sampled_from(sorted(FLOATS)), a=small, b=small, at=st.fractions(0, 1))
def test_an_enclosure_holds_the_value_at_every_point(name, a, b, at):
    low, high = min(a, b), max(a, b)
    try:
        bottom, top = enclose_function(name, (low, high))
    except Unbounded:
        assert name in ("tan", "log", "sqrt", "1/")
        return
    exact = FLOATS[name](float(low + at * (high - low)))
    assert float(bottom) - 1e-9 * (1 + abs(exact)) <= exact <= float(top) + 1e-9 * (1 + abs(exact))


@given(name=st.sampled_from(["sin", "cos", "exp", "tanh"]), a=small)
def test_an_enclosure_of_a_point_is_tight(name, a):
    bottom, top = enclose_function(name, (a, a))
    assert 0 <= top - bottom <= Fraction(1, 10**40) * (1 + abs(top))


def test_pi_lies_strictly_inside_its_bounds():
    low, high = pi_bounds()
    digits = Fraction("3.14159265358979323846264338327950288419716939937510")
    assert low - Fraction(1, 10**50) < digits < high + Fraction(1, 10**49)
    assert high - low < Fraction(1, 10**50)


def evaluate(polynomial, point):
    low, high = Encloser(polynomial.ring, {i: (x, x) for i, x in enumerate(point)}).natural(
        polynomial
    )
    assert low == high
    return low


coefficients = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 3)), small.filter(bool), max_size=6
)


@given(p=coefficients, x=st.fractions(0, 1), y=st.fractions(0, 1), axis=st.integers(0, 1))
def test_bernstein_coefficients_bound_the_polynomial_before_and_after_a_split(p, x, y, axis):
    box = {0: (Fraction(-1), Fraction(2)), 1: (Fraction(1, 3), Fraction(1))}
    ring = Ring(2, 0, Work())
    layout = Layout([3, 4], ring.work)
    tensor, scale = to_bernstein(Polynomial(ring, p), box, layout)
    at = [low + t * (high - low) for (low, high), t in zip(box.values(), (x, y), strict=True)]
    exact = evaluate(Polynomial(ring, p), at)
    assert min(tensor) * scale <= exact <= max(tensor) * scale
    half = halves(tensor, layout, axis)[int((x, y)[axis] > Fraction(1, 2))]
    smaller = scale / 2 ** layout.degree[axis]
    assert min(half) * smaller <= exact <= max(half) * smaller


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_matrix_of_squares_is_semidefinite_and_less_than_it_is_not(rows):
    gram = [[Fraction(sum(r[i] * r[j] for r in rows)) for j in range(3)] for i in range(3)]
    assert is_positive_semidefinite(gram, Work())
    gram[1][1] -= sum(r[1] ** 2 for r in rows) + Fraction(1, 2**60)
    assert not is_positive_semidefinite(gram, Work())


@given(st.lists(st.fractions(-1, 2, max_denominator=6), min_size=1, max_size=4), st.booleans())
def test_signs_on_the_unit_interval_agree_with_the_roots(roots, square):
    p = [Fraction(1)]
    for root in roots * (2 if square else 1):
        p = [a - root * b for a, b in zip([Fraction(0), *p], [*p, Fraction(0)], strict=True)]
    inside = [r for r in roots if 0 <= r <= 1]
    if positive(p, strict=True, work=Work()):
        assert not inside
    if square:
        assert positive(p, strict=False, work=Work())
        assert positive(p, strict=True, work=Work()) == (not inside)
    for k in range(13):
        if positive(p, strict=False, work=Work()):
            assert value(p, Fraction(k, 12)) >= 0


@given(
    st.lists(
        st.sampled_from(
            [
                "x",
                "y",
                "2",
                "1.5e-1",
                "+",
                "-",
                "*",
                "/",
                "**",
                "^",
                "(",
                ")",
                "sin",
                "log",
                ".",
                " ",
            ]
        ),
        max_size=12,
    )
)
@settings(max_examples=300)
def test_expressions_agree_with_python_or_are_refused(tokens):
    text = " ".join(tokens).replace("^", "**")
    problem_text = json.dumps(
        problem(
            ["x", "y"], {"x": text, "y": "0"}, {"and": []}, {"and": []}, barrier("x"), "everywhere"
        )
    )
    assert not check(problem_text, "{}").accepted
    if any(name in text for name in ("sin", "log", "/")):
        return
    try:
        ring = Ring(2, 0, Work())
        found = evaluate(expand(text, _names(ring), ring, Json(text)), [Fraction(2), Fraction(3)])
    except Refused:
        return
    names = {"x": Fraction(2), "y": Fraction(3)}
    assert abs(float(found) - float(eval(text, {}, names))) < 1e-9 * (1 + abs(float(found)))  # noqa: S307


def _names(ring):
    return {name: ring.generator(i) for i, name in enumerate("xy")}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just("1/2"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "cases", "box", "tree", "strict", "constraint", "via", "proof"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    name=st.sampled_from(sorted(EVERY)),
    seed=st.integers(0, 2**32),
    junk=json_values,
    which=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_junk_anywhere_never_raises_and_is_never_accepted_where_it_matters(name, seed, junk, which):
    texts_pair = list(json.loads(json.dumps(EVERY[name]())))
    rng, node = random.Random(seed), texts_pair[which]
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = rng.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key] or rng.random() < 0.2:
            node[key] = junk
            break
        node = node[key]
    report = check(*(json.dumps(t) for t in texts_pair))
    assert isinstance(report.accepted, bool)
    assert report.accepted or report.reasons


@given(a=json_values, b=json_values)
def test_any_json_is_refused_without_raising(a, b):
    assert not check(json.dumps(a), json.dumps(b)).accepted


def test_tangency_only_where_the_barrier_is_negative_does_not_close_a_domain():
    """f = (y - x, 1) leaves x <= 0 from the origin although every obligation holds there."""
    of = problem(
        ["x", "y"], {"x": "y - x", "y": "1"}, {"and": ["x == 0", "y == 0"]}, {"and": ["x >= 9", "x <= 0"]},
        barrier("y**2 - 2*x"), "everywhere", ["x <= 0"],
    )  # fmt: skip
    obligations = {
        "init": {
            "verdict": "PROVED",
            "proof": {"cases": [psatz([2], [], [(0, [[[0, 0], "2"]]), (1, [[[0, 1], "-1"]])])]},
        },
        "unsafe": {
            "verdict": "PROVED",
            "proof": {"cases": [psatz([], [([0], "1/9"), ([1], "1/9")])]},
        },
        "flow": {"verdict": "PROVED", "proof": {"cases": [psatz([1], [([0], "2")])]}},
    }
    without = check(json.dumps(of), json.dumps(document(of, obligations)))
    assert without.accepted, without.reasons
    tangent = psatz([3], [([1], "1")], [(2, [[[0, 0], "1"]])])
    for via in ("face", "inside"):
        entry = {"constraint": 0, "via": via, "proof": {"cases": [tangent]}}
        start = {"constraint": 0, "proof": {"cases": [psatz([2], [], [(0, [[[0, 0], "-1"]])])]}}
        safety = {"theorem": "everywhere", "domain": [entry], "start": [start]}
        report = check(json.dumps(of), json.dumps(document(of, obligations, safety)))
        assert not report.accepted
        assert "safety.domain" in report.reasons[0]


def test_a_strict_domain_cannot_be_closed_by_its_empty_face():
    of = problem(
        ["x"], {"x": "1"}, {"and": ["x == 0"]}, {"and": ["x >= 5"]}, barrier("x - 3"), "everywhere", ["x < 1"]
    )  # fmt: skip
    contradiction = psatz([0], [], [(1, [[[0], "-1"]])])
    safety = {
        "theorem": "everywhere",
        "domain": [{"constraint": 0, "via": "face", "proof": {"cases": [contradiction]}}],
        "start": [{"constraint": 0, "proof": {"cases": [psatz([], [], [(0, [])])]}}],
    }
    report = check(json.dumps(of), json.dumps(document(of, {"flow": {}}, safety)))
    assert not report.accepted


def test_ten_thousand_leaves_in_three_dimensions_take_seconds():
    of = problem(
        ["x", "y", "z"], {"x": "0", "y": "0", "z": "0"},
        {"and": [f"{v} {op}" for v in "xyz" for op in (">= -1/3", "<= 2/7")]}, {"and": ["x >= 9"]},
        barrier("x**4 + y**4*x + z**3*x - 2 + x*y*z"), "everywhere",
    )  # fmt: skip

    def tree(depth, axis=0):
        if depth == 0:
            return [{"combination": [[6, "1"], [0, "1/1000"]]}]
        return [axis % 3, *tree(depth - 1, axis + 1), *tree(depth - 1, axis + 1)]

    box = {v: ["-1/3", "2/7"] for v in "xyz"}
    bounds = {v: [2 * i, 2 * i + 1] for i, v in enumerate("xyz")}
    proof = {"cases": [split(box, bounds, tree(13))]}
    evidence = document(of, {"init": {"verdict": "PROVED", "proof": proof}})
    report = check(json.dumps(of), json.dumps(evidence))
    assert report.accepted, report.reasons


@pytest.mark.parametrize(
    "expression",
    [
        "((2**100)**100)**100",
        "(x + 1)**100 * (x + 2)**100",
        "x / (y - y)",
        "(" * 300 + "x" + ")" * 300,
    ],
)
def test_expressions_that_would_explode_are_refused_quickly(expression):
    of = problem(
        ["x", "y"],
        {"x": expression, "y": "0"},
        {"and": []},
        {"and": []},
        barrier("x"),
        "everywhere",
    )
    started = time.monotonic()
    report = check(
        json.dumps(of),
        json.dumps(
            document(
                of,
                {
                    "flow": {
                        "verdict": "PROVED",
                        "proof": {"cases": [split({}, {}, [{"constraint": 0}])]},
                    }
                },
            )
        ),
    )
    assert not report.accepted
    assert time.monotonic() - started < 5


def test_denominators_that_would_explode_are_refused_quickly():
    of = problem(
        ["x"], {"x": "-x"}, {"and": ["x >= 1"]}, {"and": ["x >= 9"]}, barrier("x"), "everywhere"
    )
    primes = [p for p in range(2, 4000) if all(p % d for d in range(2, int(p**0.5) + 1))]
    size = 60
    matrix = [
        ["1/" + str(primes[(i * j) % len(primes)] ** 300) for j in range(size)] for i in range(size)
    ]
    gram = {"basis": [[i] for i in range(size)], "matrix": matrix}
    proof = {"cases": [psatz([1], [([], gram)])]}
    started = time.monotonic()
    report = check(
        json.dumps(of), json.dumps(document(of, {"init": {"verdict": "PROVED", "proof": proof}}))
    )
    assert "bits" in report.reasons[0]
    assert time.monotonic() - started < 5


def test_a_gram_matrix_of_sixty_rows_is_decided_in_seconds():
    rng = random.Random(1)
    rows = [[Fraction(rng.randint(-(2**20), 2**20), 2**20) for _ in range(60)] for _ in range(60)]
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(60)] for i in range(60)]
    started = time.monotonic()
    assert is_positive_semidefinite(gram, Work())
    assert time.monotonic() - started < 10


def test_absolute_values_are_enclosed_but_not_differentiated():
    of = problem(
        ["x"], {"x": "-1"}, {"and": ["x >= -1", "x <= 1"]}, {"and": ["x >= 5"]}, barrier("abs(x) - 2"), "everywhere"
    )  # fmt: skip
    proof = {"cases": [split({"x": ["-1", "1"]}, {"x": [0, 1]}, [{"constraint": 2}], "interval")]}
    good = check(
        json.dumps(of), json.dumps(document(of, {"init": {"verdict": "PROVED", "proof": proof}}))
    )
    assert not good.accepted
    assert "no derivative" in good.reasons[0]
