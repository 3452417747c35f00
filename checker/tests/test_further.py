# ruff: noqa: E501 -- tables of examples read better one a line
"""The further kinds and forms: what is true is accepted, what is well-formed but false is not."""

import json
from fractions import Fraction

import pytest
from further import ALL, COIN, NORMAL, UNIFORM, chance, taylor, texts
from goldens import ALL as OTHERS
from goldens import EMPTY, psatz
from lucid_checker import check
from mutate import assert_refused, at, drop, of_problem, put

EVERY = {**OTHERS, **ALL}
TINY = f"1/{2**60}"
PROVED = ("proof", "cases", 0)
INIT, UNSAFE, FLOW = (("obligations", name, *PROVED) for name in ("init", "unsafe", "flow"))
CUT = ("obligations", "cut1", "proof")
HEAT = ("obligations", "flow.heat", *PROVED)


def both(*changes):
    return lambda evidence, problem: [change(evidence, problem) for change in changes]


FALSE = [
    # name, base, change, what the reason says
    ("band read as everywhere", "band", of_problem("flow_condition", "everywhere"), "band.*does not belong"),
    ("band widened", "band", both(of_problem("certificate", "band", "2"), put(*FLOW, "terms", 0, "factors", [1])), "flow.*identity"),
    ("band of zero", "band", of_problem("certificate", "band", "0"), "band: not a positive"),
    ("band left out", "band", of_problem("certificate", "band", None), "band: not a text"),
    ("multiplier in the band off by 2^-60", "band", put(*FLOW, "terms", 1, "coefficient", f"{2**60 + 1}/{2**60}"), "flow.*identity"),
    ("top of the band used as its bottom", "band", put(*FLOW, "terms", 0, "factors", [1]), "flow.*identity"),
    ("safety of a band in discrete time", "band_discrete", put("safety", {"theorem": "band"}), "BAND_IN_DISCRETE_TIME"),
    ("evidence of the continuous band", "band_discrete", put(*FLOW, "terms", 0, "coefficient", "1"), "flow.*identity"),
    ("vertex dropped", "control", of_problem("inputs", "vertices", [["1"]]), "flow.*identity"),
    ("vertex moved", "control", of_problem("inputs", "vertices", [[f"-1{'0' * 20}1/1{'0' * 21}"], ["1"]]), "flow.*identity"),
    ("vertex with one value too many", "control", of_problem("inputs", "vertices", [["-1", "1"], ["1"]]), "vertices"),
    ("no vertex", "control", of_problem("inputs", "vertices", []), "there is none"),
    ("vertex of the wrong proof", "control", put(*FLOW, "strict", "factors", [1]), "flow.*identity"),
    ("lambda with the other sign", "control", of_problem("certificate", "lambda", "1"), "flow.*identity"),
    ("input squared", "control", of_problem("dynamics", "x", "u**2 - x"), "not affine"),
    ("input inside a function", "control", of_problem("dynamics", "x", "sin(u) - x"), "inside a function"),
    ("input in the barrier", "control", of_problem("certificate", "expr", "x**2 - 1 + 0*x*u + u"), "outside of the dynamics"),
    ("input in the unsafe set", "control", of_problem("unsafe", {"and": ["x >= 2 - u"]}), "outside of the dynamics"),
    ("input that moves", "control", of_problem("dynamics", "u", "1"), "dynamics other"),
    ("input that is a parameter", "control", of_problem("parameters", ["u"]), "a parameter"),
    ("input twice", "control", of_problem("inputs", "names", ["u", "u"]), "twice"),
    ("input that is no variable", "control", of_problem("inputs", "names", ["v"]), "not a variable"),
    ("selection dropped", "control", drop("safety", "selection"), "CONTROLLER"),
    ("selection by the weak inequality of one vertex", "control", put("safety", "selection", "cases", 0, "terms", 1, "factors", [0]), "selection.*identity"),
    ("selection within a domain", "control", of_problem("domain", ["x <= 9"]), "flow|CONTROLLER"),
    ("time that runs faster", "horizon", of_problem("dynamics", "t", "2"), "rate is not 1"),
    ("time that is no variable", "horizon", of_problem("time", "s"), "not a variable"),
    ("horizon further away", "horizon", of_problem("horizon", "3"), "unsafe.*identity"),
    ("horizon negative", "horizon", of_problem("horizon", "-2"), "horizon: not a positive"),
    ("horizon left out", "horizon", of_problem("horizon", None), "horizon: not a text"),
    ("start at t = 0 not used", "horizon", put(*INIT, "ideal", []), "init.*identity"),
    ("time running out not used", "horizon", put(*UNSAFE, "terms", 2, "factors", [1]), "unsafe.*identity"),
    ("horizon where there is none", "band", of_problem("horizon", "2"), "horizon.*does not belong"),
    ("off-diagonal entry negative", "vector", of_problem("certificate", "matrix", 0, 1, "-1/2"), "off the diagonal"),
    ("row missing", "vector", of_problem("certificate", "matrix", [["-1", "1/2"]]), "matrix"),
    ("entry missing", "vector", of_problem("certificate", "matrix", 1, ["-1"]), "matrix"),
    ("matrix changed", "vector", of_problem("certificate", "matrix", 0, 1, "3/2"), "flow1.*false constant"),
    ("rows swapped", "vector", of_problem("certificate", "matrix", [["0", "-1"], ["-1", "1/2"]]), "diagonal"),
    ("flow of a component dropped", "vector", drop("obligations", "flow2"), "OBLIGATION_NOT_PROVED: flow2"),
    ("case of a component dropped", "vector", put("obligations", "init", "proof", "cases", []), "0 proofs for 2"),
    ("matrix for a single barrier", "band", of_problem("certificate", "matrix", [["0"]]), "matrix.*does not belong"),
    ("k raised", "k_inductive", of_problem("certificate", "k", 3), "init.*2 proofs for 3"),
    ("k lowered", "k_inductive", of_problem("certificate", "k", 1), "init.*2 proofs for 1"),
    ("k of zero", "k_inductive", of_problem("certificate", "k", 0), "k: not an integer"),
    ("later step not shown at the start", "k_inductive", put("obligations", "init", "proof", "cases", 1, EMPTY), "cases\\[1\\].*false constant"),
    ("previous state used for the one before", "k_inductive", put(*FLOW, "terms", 0, "factors", [5]), "flow.*identity"),
    ("domain kept without proof", "k_inductive", put("safety", "domain", []), "DOMAIN_CAN_BE_LEFT"),
    ("gamma lowered", "chance", of_problem("certificate", "gamma", "1/5"), "init.*identity"),
    ("gamma negative", "chance", of_problem("certificate", "gamma", "-1"), "gamma"),
    ("gamma left out", "chance", of_problem("certificate", "gamma", None), "gamma"),
    ("drift lowered by 2^-60", "chance", of_problem("certificate", "drift", f"{2**60 - 100}/{100 * 2**60}"), "flow.*identity"),
    ("drift without a horizon", "chance", of_problem("horizon", None), "drift without a horizon"),
    ("half a step as horizon", "chance", of_problem("horizon", "1/2"), "number of steps"),
    ("variance doubled", "chance", of_problem("noise", "w", {**NORMAL, "variance": "1/50"}), "flow.*identity"),
    ("variance negative", "chance", of_problem("noise", "w", {**NORMAL, "variance": "-1/100"}), "variance is negative"),
    ("mean moved", "chance", of_problem("noise", "w", {**NORMAL, "mean": TINY}), "flow.*identity"),
    ("uniform noise wider", "uniform", of_problem("noise", "w", {**UNIFORM, "high": "2"}), "flow.*identity"),
    ("uniform noise upside down", "uniform", of_problem("noise", "w", {**UNIFORM, "low": "2"}), "low is not below"),
    ("weights with sum below 1", "finite", of_problem("noise", "w", "values", 0, 1, "1/3"), "sum 1"),
    ("negative weight", "finite", of_problem("noise", "w", "values", [["0", "3/2"], ["1/10", "-1/2"]]), "sum 1"),
    ("value of the noise moved", "finite", of_problem("noise", "w", "values", 1, 0, "1/5"), "flow.*identity"),
    ("unknown distribution", "finite", of_problem("noise", "w", {**COIN, "distribution": "coin"}), "not a normal"),
    ("noise in the barrier", "chance", of_problem("certificate", "expr", "x**2 + w"), "outside of the dynamics"),
    ("noise inside a function", "chance", of_problem("dynamics", "x", "x/2 + sin(w)"), "inside a function"),
    ("noise that moves", "chance", of_problem("dynamics", "w", "w"), "dynamics other"),
    ("steps out of the domain ignored", "chance", drop("safety", "nonnegative"), "DOMAIN_CAN_BE_LEFT"),
    ("probability claimed as safety", "chance", put("safety", "theorem", "everywhere"), "needs supermartingale"),
    ("nonnegativity dropped", "chance", drop("obligations", "nonnegative"), "OBLIGATION_NOT_PROVED"),
    ("diffusion doubled", "diffusion", of_problem("diffusion", 0, "x", "1"), "flow.*identity"),
    ("a second Wiener process", "diffusion", of_problem("diffusion", [{"x": "1/2"}, {"x": "1/2"}]), "flow.*identity"),
    ("diffusion of another variable", "diffusion", of_problem("diffusion", [{"y": "1"}]), "unknown"),
    ("paths out of a strict domain", "diffusion", of_problem("domain", ["x**2 < 4"]), "STRICTNESS"),
    ("noise where a diffusion belongs", "diffusion", of_problem("noise", {}), "noise.*does not belong"),
    ("jump dropped", "hybrid", drop("obligations", "jump2"), "OBLIGATION_NOT_PROVED: jump2"),
    ("reset dropped", "hybrid", of_problem("transitions", 0, {"from": "heat", "to": "cool", "guard": "x >= 2"}), "jump1.*identity"),
    ("guard of another transition", "hybrid", of_problem("transitions", 1, "guard", "x >= 1"), "jump2.*identity"),
    ("jump to a mode that is none", "hybrid", of_problem("transitions", 0, "to", "warm"), "no such mode"),
    ("mode twice", "hybrid", of_problem("modes", 1, "name", "heat"), "twice"),
    ("barrier of a mode missing", "hybrid", of_problem("certificate", "exprs", {"heat": "x - 3"}), "cool.*missing"),
    ("barriers exchanged", "hybrid", of_problem("certificate", "exprs", {"cool": "x - 3", "heat": "x - 5/2"}), "heat.*identity"),
    ("dynamics of a mode turned", "hybrid", of_problem("modes", 1, "dynamics", "x", "1"), "flow.cool.*false constant"),
    ("domain of a mode dropped", "hybrid", of_problem("modes", 0, "domain", None), "heat"),
    ("dynamics above the modes", "hybrid", of_problem("dynamics", {"x": "0"}), "in its modes"),
    ("ideal multiplier of a mode changed", "hybrid", put(*HEAT, "ideal", 0, "polynomial", [[[0], "2"]]), "flow.heat.*identity"),
    ("order too small", "lie", put(*CUT, "atoms", 0, {"order": 0, "cofactors": [[]]}), "not that combination"),
    ("order larger than its cofactors", "lie", put(*CUT, "atoms", 0, "order", 2), "2 items, not exactly 3"),
    ("cofactor changed by 2^-60", "lie", put(*CUT, "atoms", 1, "cofactors", 1, [[[0], f"{2**60 + 1}/{2**60}"]]), "atoms\\[1\\].*not that combination"),
    ("atom without an entry", "lie", drop(*CUT, "atoms", 1), "atoms"),
    ("order beyond the limit", "lie", put(*CUT, "atoms", 0, "order", 17), "order: not an integer"),
    ("states outside not looked at", "lie", lambda e, _: at(e, (*CUT, "cases")).__delitem__(slice(8, None)), "8 proofs for 14"),
    ("cases of the inside exchanged", "lie", lambda e, _: at(e, (*CUT, "cases")).insert(0, at(e, (*CUT, "cases")).pop(7)), "cases\\[0\\]"),
    ("cut that is none under the flow", "lie", of_problem("dynamics", "x", "-x"), "cut1"),
    ("disjunction without a Lie proof", "lie", put(*CUT, {"conjuncts": []}), "needs a proof via lie"),
    ("disjunction by a cofactor", "lie", put(*CUT, {"via": "cofactor", "cofactor": [], "cases": []}), "needs a proof via lie"),
    ("disjunction refuted", "lie", put("obligations", "cut1", {"verdict": "REFUTED", "witness": {"type": "point", "case": 0, "values": {"x": "0"}}}), "only a conjunction"),
    ("functions in a Lie proof", "lie", of_problem("dynamics", "x", "x + sin(x)"), "must be polynomial"),
    ("order of a witness too small", "order_two", put("obligations", "flow", "witness", "order", 1), "does not hold"),
    ("order of a witness too large", "order_two", put("obligations", "flow", "witness", "order", 3), "does not hold"),
    ("order of a witness left out", "order_two", drop("obligations", "flow", "witness", "order"), "does not hold"),
    ("even order for a strict set", "order_two", of_problem("certificate", {"type": "barrier", "expr": "x", "original_invariant": "x < 0"}), "odd order"),
    ("order of a segment", "order_two", put("obligations", "flow", "witness", {"type": "segment", "case": 0, "equation": 0, "from": {"x": "0", "y": "1"}, "to": {"x": "1", "y": "1"}, "order": 1}), "order.*unknown"),
    ("order for an obligation without one", "order_two", put("obligations", {"init": {"verdict": "REFUTED", "witness": {"type": "point", "case": 0, "values": {"x": "0", "y": "0"}, "order": 1}}}), "order.*unknown"),
    ("circle with the terms exchanged", "circle", put(*INIT, "facts", 0, {"fact": "circle", "term": 1, "other": 0}), "no fact about cos"),
    ("circle of one term", "circle", put(*INIT, "facts", 0, {"fact": "circle", "term": 0, "other": 0}), "circle needs"),
    ("fact about another function", "circle", put(*INIT, "facts", 0, {"fact": "square", "term": 0}), "no fact about sin"),
    ("fact that is none", "circle", put(*INIT, "facts", 0, {"fact": "small", "term": 0}), "no fact"),
    ("fact dropped", "circle", put(*INIT, "facts", []), "not an integer"),
    ("term of another argument", "circle", put(*INIT, "terms", 1, "cos(2*x)"), "no function that occurs"),
    ("term that does not occur", "circle", put(*INIT, "terms", 1, "log(x - 9)"), "no function that occurs"),
    ("variable as a term", "circle", put(*INIT, "terms", 1, "x"), "no function that occurs"),
    ("sum as a term", "circle", put(*INIT, "terms", 1, "sin(x) + cos(x)"), "no function that occurs"),
    ("term twice", "circle", put(*INIT, "terms", 1, "sin(x)"), "named twice"),
    ("term left out of the lift", "circle", both(put(*INIT, "terms", ["sin(x)"]), put(*INIT, "facts", [{"fact": "unit", "term": 0}]), put(*INIT, "proof", psatz([1], []))), "not polynomial"),
    ("lifted identity off by 2^-60", "circle", put(*INIT, "proof", "terms", 0, "coefficient", f"{2**60 + 1}/{2**60}"), "init.*identity"),
    ("lift inside a lift", "circle", lambda e, _: at(e, INIT).update(proof=dict(at(e, INIT))), "not positivstellensatz or split"),
    ("bound of a lifted term by another fact", "box_of_terms", put(*INIT, "proof", "bounds", "tanh(x)", [3, 2]), "does not give this bound"),
    ("box of a lifted term too small", "box_of_terms", put(*INIT, "proof", "box", "sin(x)", ["-1", "9/10"]), "does not give this bound"),
    ("lifted split by intervals", "box_of_terms", put(*INIT, "proof", "form", "interval"), "lifted terms"),
    ("function without its fact", "box_of_terms", put(*INIT, "facts", [{"fact": "unit", "term": 0}]), "not an integer"),
    ("Taylor order lowered until a leaf opens", "taylor", put(*INIT, "order", 3), "leaf is open"),
    ("Taylor order of zero", "taylor", put(*INIT, "order", 0), "not an integer"),
    ("Taylor order left out", "taylor", drop(*INIT, "order"), "order.*missing"),
    ("Taylor leaves joined", "taylor", put(*INIT, "tree", [{"constraint": 2}]), "leaf is open"),
    ("order for another form", "taylor", put(*INIT, "form", "interval"), "order.*unknown"),
    ("Taylor proof of a larger function", "taylor", lambda e, p: of_problem("certificate", "expr", p["certificate"]["expr"].replace("87/100", "86/100"))(e, p), "leaf is open"),
]  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_evidence_of_a_further_kind_written_by_hand_is_accepted(name):
    report = check(*texts(name))
    assert report.accepted, report.reasons


@pytest.mark.parametrize(
    ("base", "change", "reason"), [pytest.param(*row[1:], id=row[0]) for row in FALSE]
)
def test_further_evidence_that_is_false_is_refused_with_its_reason(base, change, reason):
    assert_refused(texts(base), change, reason)


@pytest.mark.parametrize(
    ("name", "bound"), [("chance", "7/20"), ("finite", "7/20"), ("diffusion", "3/8")]
)
def test_a_supermartingale_bounds_a_probability_and_implies_no_safety(name, bound):
    report = check(*texts(name))
    assert report.probability_bound == bound
    assert not report.implies_safety
    assert report.reasons[0].startswith("PROBABILISTIC")


def test_a_bound_above_one_says_one():
    of, evidence = chance(UNIFORM, "1/3")
    assert check(json.dumps(of), json.dumps(evidence)).probability_bound == "1"


@pytest.mark.parametrize("name", ["band_discrete", "control", "chance"])
def test_what_is_missing_for_safety_is_named(name):
    problem, evidence = (json.loads(text) for text in texts(name))
    evidence.pop("safety", None)
    report = check(json.dumps(problem), json.dumps(evidence))
    assert report.accepted
    expected = {"band_discrete": "BAND_IN", "control": "CONTROLLER", "chance": "PROBABILISTIC"}
    assert any(reason.startswith(expected[name]) for reason in report.reasons)


def test_a_higher_order_closes_what_a_lower_one_leaves_open():
    accepted = [check(*map(json.dumps, taylor(order))).accepted for order in range(1, 6)]
    assert accepted == sorted(accepted)
    assert not accepted[0]
    assert accepted[-1]


def numbers_of_identities(node, path=(), *, inside=False):
    """Yield the path of every rational inside a positivstellensatz proof or a cofactor."""
    if isinstance(node, dict | list):
        inside = inside or (isinstance(node, dict) and node.get("type") == "positivstellensatz")
        entries = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in entries:
            deeper = inside or key in ("cofactor", "cofactors")
            yield from numbers_of_identities(value, (*path, key), inside=deeper)
    elif inside and isinstance(node, str) and path[-1] != "type":
        yield path


@pytest.mark.parametrize("name", EVERY)
def test_no_number_of_an_identity_may_be_off_by_two_to_the_minus_sixty(name):
    problem, evidence = EVERY[name]()
    for path in numbers_of_identities(evidence["obligations"]):
        changed = json.loads(json.dumps(evidence["obligations"]))
        at(changed, path[:-1])[path[-1]] = str(Fraction(at(changed, path)) + Fraction(TINY))
        report = check(json.dumps(problem), json.dumps({**evidence, "obligations": changed}))
        assert not report.accepted, path
