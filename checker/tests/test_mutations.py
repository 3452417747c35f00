# ruff: noqa: E501 -- tables of examples read better one a line
"""Well-formed but false evidence is refused, and the reason names the part that is wrong."""

import pytest
from goldens import ALL, split, texts
from lucid_checker import check
from mutate import assert_refused, at, drop, of_problem, other, put

TINY = f"1/{2**60}"
INIT = ("obligations", "init", "proof", "cases", 0)
UNSAFE = ("obligations", "unsafe", "proof", "cases", 0)
FLOW = ("obligations", "flow", "proof", "cases", 0)
SEGMENT = ("obligations", "flow", "witness")


def rename(evidence, _problem):
    obligations = evidence["obligations"]
    obligations["flow"], obligations["unsafe"] = obligations["unsafe"], obligations["flow"]


FALSE = [
    # name, base, change, what the reason says
    ("multiplier off by 2^-60", "disk", put(*UNSAFE, "terms", 1, "coefficient", f"{4 * 2**60 + 1}/{2**60}"), "unsafe.*identity"),
    ("constant off by 2^-60", "level", put(*INIT, "terms", 1, "coefficient", TINY), "init.*identity"),
    ("strict coefficient zero", "disk", put(*UNSAFE, "strict", "coefficient", "0"), "must be positive"),
    ("strict coefficient negative", "level", put(*FLOW, "strict", "coefficient", "-2"), "must be positive"),
    ("strict factor that is not strict", "disk", put(*FLOW, "strict", "factors", [0]), "is not > 0"),
    ("strict factor dropped", "disk", put(*FLOW, "strict", "factors", []), "flow.*identity"),
    ("equation as a factor", "level", put(*FLOW, "terms", 0, "factors", [0]), "is not >= or > 0"),
    ("inequality as an ideal", "level", put(*FLOW, "ideal", 0, "constraint", 1), "not an equation"),
    ("negative coefficient", "disk", put(*UNSAFE, "terms", 1, "coefficient", "-4"), "not be negative"),
    ("gram entry changed", "disk", put(*UNSAFE, "terms", 2, "gram", "matrix", 2, 2, "2"), "identity"),
    ("gram not symmetric", "disk", put(*UNSAFE, "terms", 2, "gram", "matrix", 0, 1, "-3"), "symmetric"),
    ("gram indefinite", "disk", put(*UNSAFE, "terms", 2, "gram", "matrix", [["3", "-2", "0"], ["-2", "1", "0"], ["0", "0", "1"]]), "semidefinite"),
    ("gram with a zero pivot", "level", put(*UNSAFE, "terms", 2, "gram", "matrix", [["0", "-2"], ["-2", "1"]]), "semidefinite"),
    ("gram basis changed", "disk", put(*UNSAFE, "terms", 2, "gram", "basis", 1, [1, 1]), "identity"),
    ("ideal polynomial changed", "level", put(*FLOW, "ideal", 0, "polynomial", [[[0], "2"], [[1], TINY]]), "identity"),
    ("factor repeated", "disk", put(*UNSAFE, "terms", 0, "factors", [1, 1]), "identity"),
    ("case dropped", "disk", put("obligations", "init", "proof", "cases", []), "0 proofs for 1 cases"),
    ("case added", "cuts", lambda e, _: at(e, ("obligations", "unsafe", "proof", "cases")).append({"type": "empty"}), "2 proofs for 1"),
    ("cases swapped", "cuts", lambda e, _: at(e, ("obligations", "init", "proof", "cases")).reverse(), "init.*cases"),
    ("empty claimed of a case that is not", "disk", put("obligations", "flow", "proof", "cases", [{"type": "empty"}]), "false constant"),
    ("box shrunk", "disk", put(*INIT, "box", "x", ["0", "1/2"]), "does not give this bound"),
    ("box moved", "disk", put(*INIT, "box", "x", ["1/4", "1"]), "does not give this bound"),
    ("box enlarged until a leaf opens", "disk", put(*INIT, "box", "x", ["0", "2"]), "leaf is open"),
    ("box upside down", "disk", put(*INIT, "box", "x", ["1", "0"]), "lower bound"),
    ("reason of a bound wrong", "disk", put(*INIT, "bounds", "x", [0, 3]), "does not give this bound"),
    ("reasons of bounds swapped", "disk", put(*INIT, "bounds", "x", [1, 0]), "does not give this bound"),
    ("variable left out of the box", "disk", lambda e, _: (at(e, (*INIT, "box")).pop("y"), at(e, (*INIT, "bounds")).pop("y")), "without bounds"),
    ("leaf closed by a true constraint", "disk", put(*INIT, "tree", 1, {"constraint": 0}), "leaf is open"),
    ("leaf dropped", "disk", drop(*INIT, "tree", 4), "no two halves"),
    ("leaf added", "disk", lambda e, _: at(e, (*INIT, "tree")).append({"constraint": 4}), "exactly one tree"),
    ("leaves under the wrong half", "refuted", put("obligations", "init", {"verdict": "PROVED", "proof": {"cases": [split({"x": ["0", "4"]}, {"x": [0, 0]}, [0, {"constraint": 1}, {"constraint": 1}])]}}), "does not give"),
    ("combination with a negative weight", "disk", put(*INIT, "tree", 1, {"combination": [[4, "1"], [0, "-1"]]}), "negative weight"),
    ("combination of nothing", "disk", put(*INIT, "tree", 1, {"combination": [[4, "0"]]}), "no weight"),
    ("sign on an inequality", "disk", put(*INIT, "tree", 1, {"constraint": 4, "sign": -1}), "only for an equation"),
    ("mean value box too wide", "mean_value", put(*INIT, "box", "x", ["0", "4"]), "leaf is open"),
    ("functions as a Bernstein form", "interval", put(*INIT, "form", "bernstein"), "not polynomial"),
    ("functions in an identity", "interval", put("obligations", "init", "proof", "cases", [{"type": "positivstellensatz", "strict": {"coefficient": "1", "factors": [2]}, "terms": [], "ideal": []}]), "not polynomial"),
    ("other problem's evidence", "level", lambda e, p: p["unsafe"]["and"].append("x <= 9"), "another problem"),
    ("dynamics of another problem", "disk", other(lambda p: p["dynamics"].update(x="x")), "another problem"),
    ("strictness of the problem flipped", "level", other(lambda p: p["init"].update({"and": ["x**2 < 1/4"]})), "another problem"),
    ("hash copied, init changed", "level", of_problem("init", {"and": ["x**2 <= 2"]}), "identity"),
    ("proof under another obligation", "disk", rename, "flow|unsafe"),
    ("proof as a refutation", "disk", put("obligations", "init", "verdict", "REFUTED"), "missing|unknown"),
    ("witness moved", "refuted", put("obligations", "init", "witness", "values", "x", "1"), "does not hold"),
    ("witness on the boundary of a strict one", "left", put("obligations", "cut1", "witness", "values", "y", "5"), "does not hold"),
    ("witness of another case", "refuted", put("obligations", "unsafe", "witness", "case", 0), "does not hold"),
    ("witness of another conjunct", "left", put("obligations", "cut1", "witness", "conjunct", 1), "does not hold"),
    ("point for an equation it misses", "refuted", put("obligations", "flow", {"verdict": "REFUTED", "witness": {"type": "point", "case": 0, "values": {"x": "1414213562/1000000000"}}}), "does not hold"),
    ("segment end moved", "refuted", put(*SEGMENT, "to", {"x": "7/5"}), "opposite signs"),
    ("segment end on the surface", "level", put("obligations", "flow", {"verdict": "REFUTED", "witness": {"type": "segment", "case": 0, "equation": 0, "from": {"x": "1"}, "to": {"x": "2"}}}), "opposite signs"),
    ("segment leaves the domain", "refuted", put(*SEGMENT, "to", {"x": "2"}), "whole segment"),
    ("segment starts outside", "refuted", put(*SEGMENT, "from", {"x": "-1"}), "whole segment"),
    ("segment names another equation", "refuted", put(*SEGMENT, "equation", 1), "not the one equation"),
    ("theorem renamed", "disk", put("safety", "theorem", "strict_level_set"), "needs everywhere"),
    ("theorem of stronger sound", "weak", put("safety", "theorem", "everywhere"), "needs weak"),
    ("regularity dropped", "weak", drop("safety", "regularity"), "REGULARITY"),
    ("face dropped", "disk", drop("safety", "domain", 0), "DOMAIN_CAN_BE_LEFT"),
    ("face twice", "disk", put("safety", "domain", 1, "constraint", 0), "twice"),
    ("face proof with another constant", "disk", put("safety", "domain", 0, "proof", "cases", 0, "terms", 0, "coefficient", "2"), "safety.*identity"),
    ("face read as inside", "disk", put("safety", "domain", 0, "via", "inside"), "safety.domain"),
    ("start dropped", "disk", put("safety", "start", []), "INIT_OUTSIDE_DOMAIN"),
    ("start proof of the other side", "disk", lambda e, _: e["safety"]["start"][0].update(proof=e["safety"]["start"][1]["proof"]), "identity"),
    ("safety of what is unproved", "disk", drop("obligations", "unsafe"), "OBLIGATION_NOT_PROVED"),
    ("cofactor changed", "cuts", put("obligations", "cut1", "proof", "cofactor", [[[1, 0, 0], "2"]]), "false constant"),
    ("cofactor for an equation", "cuts", put("obligations", "cut1", "proof", "via", "cofactor"), "does not fit"),
    ("conjunct dropped", "cuts", drop("obligations", "cut2", "proof", "conjuncts", 1), "1 proofs for 2"),
    ("conjuncts swapped", "cuts", lambda e, _: at(e, ("obligations", "cut2", "proof", "conjuncts")).reverse(), "cut2"),
    ("decrease not shown", "decrease", put(*FLOW, "terms", 0, "gram", "matrix", [["1/2"]]), "identity"),
]  # fmt: skip

MALFORMED = [
    ("unknown field", "disk", put("note", "trust me"), "unknown"),
    ("unknown field inside", "disk", put(*INIT, "hint", 1), "unknown"),
    ("float for a rational", "disk", put(*UNSAFE, "terms", 1, "coefficient", 4.0), "not a rational"),
    ("decimal for a rational", "disk", put(*UNSAFE, "terms", 1, "coefficient", "4.0"), "not a rational"),
    ("denominator zero", "disk", put(*UNSAFE, "terms", 1, "coefficient", "4/0"), "denominator zero"),
    ("true for an index", "disk", put(*INIT, "tree", 1, "constraint", True), "not an integer"),
    ("index beyond the case", "disk", put(*INIT, "tree", 1, "constraint", 5), "not an integer"),
    ("negative index", "disk", put(*INIT, "bounds", "x", [-5, 1]), "not an integer"),
    ("huge exponent", "level", put(*FLOW, "ideal", 0, "polynomial", [[[10**9], "2"]]), "not an integer"),
    ("too many digits", "level", put(*INIT, "terms", 1, "coefficient", "1" * 5000), "digits"),
    ("monomial twice", "level", put(*FLOW, "ideal", 0, "polynomial", [[[0], "1"], [[0], "1"]]), "twice"),
    ("exponents of another dimension", "level", put(*FLOW, "ideal", 0, "polynomial", [[[0, 0], "2"]]), "at most 1"),
    ("a variable missing in a witness", "left", drop("obligations", "cut1", "witness", "values", "y"), "missing"),
    ("an obligation that does not exist", "disk", put("obligations", "easy", {"verdict": "PROVED"}), "unknown"),
    ("another format", "disk", put("format", "lucid-evidence/2"), "format"),
    ("nothing claimed", "disk", put("obligations", {}), "nothing is claimed"),
    ("a verdict that is none", "disk", put("obligations", "init", "verdict", "LIKELY"), "not PROVED"),
]  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_evidence_written_by_hand_is_accepted(name):
    report = check(*texts(name))
    assert report.accepted, report.reasons


@pytest.mark.parametrize(
    ("base", "change", "reason"),
    [pytest.param(*row[1:], id=row[0]) for row in FALSE + MALFORMED],
)
def test_evidence_that_is_false_is_refused_with_its_reason(base, change, reason):
    assert_refused(texts(base), change, reason)


def test_at_least_thirty_corruptions_are_tried_and_twenty_are_well_formed():
    assert len(FALSE) >= 30
    assert len(FALSE) + len(MALFORMED) >= 50


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        "[1]",
        "null",
        "",
        "{",
        "[" * 100_000,
        "{'a'}",
    ],
)
def test_texts_that_are_not_strict_json_objects_are_unreadable(text):
    good_problem, good_evidence = texts("disk")
    for report in (check(text, good_evidence), check(good_problem, text)):
        assert not report.accepted
        assert not report.readable


def test_a_key_given_twice_deep_inside_is_unreadable():
    problem, evidence = texts("disk")
    doubled = evidence.replace('"tree":', '"tree": [], "tree":', 1)
    assert not check(problem, doubled).readable
