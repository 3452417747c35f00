import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_checker.derive import Problem as CheckedProblem
from lucid_checker.limits import Work
from lucid_validation.barrier.errors import ProblemInvalid, Unsupported
from lucid_validation.barrier.problem import Cuts, load_json, parse_problem, sha256_of

Spiral = Callable[..., dict[str, Any]]


def test_labels_never_reach_the_engine(spiral: Spiral) -> None:
    labelled = spiral(expected="invalid", witnesses=[1], notes="x", violated_conditions=["init"])
    assert parse_problem(labelled).text == parse_problem(spiral()).text
    assert "invalid" not in parse_problem(labelled).text


def test_the_hash_is_the_one_the_checker_computes(spiral: Spiral) -> None:
    raw = spiral(expected="valid")
    assert sha256_of(raw) == CheckedProblem(raw, Work()).sha256
    assert sha256_of(json.loads(parse_problem(raw).text)) == sha256_of(raw)


def test_the_hash_depends_on_the_mathematics_only(spiral: Spiral) -> None:
    assert sha256_of(spiral(id="other")) == sha256_of(spiral())
    assert sha256_of(spiral(flow_condition="boundary_strict")) != sha256_of(spiral())


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"kind": "magic"}, "kind", "UNKNOWN_VALUE"),
        ({"vars": "xy"}, "vars", "LIST_EXPECTED"),
        ({"vars": []}, "vars", "EMPTY"),
        ({"vars": ["x", "x"]}, "vars[1]", "DUPLICATE_NAME"),
        ({"vars": ["x", "sin"]}, "vars[1]", "BAD_NAME"),
        ({"vars": [f"v{i}" for i in range(65)]}, "vars", "TOO_MANY_VARIABLES"),
        ({"parameters": ["q"]}, "parameters[0]", "UNKNOWN_NAME"),
        ({"dynamics": {"x": "y"}}, "dynamics.y", "MISSING"),
        ({"dynamics": {"x": "y", "y": "1", "z": "1"}}, "dynamics.z", "UNKNOWN_NAME"),
        ({"dynamics": {"x": "y +", "y": "1"}}, "dynamics.x", "OPERAND_EXPECTED"),
        ({"dynamics": {"x": 1, "y": "1"}}, "dynamics.x", "TEXT_EXPECTED"),
        ({"dynamics": {"x": "1/(y-y)", "y": "1"}}, "dynamics.x", "DIVISION_BY_ZERO"),
        (
            {"dynamics": {"x": "(x+y)**60*(x-y)**60", "y": "1"}},
            "dynamics.x",
            "POLYNOMIAL_TOO_LARGE",
        ),
        ({"parameters": ["y"]}, "dynamics.y", "PARAMETER_MOVES"),
        ({"domain": 3}, "domain", "LIST_EXPECTED"),
        ({"domain": ["x >= 0", "x"]}, "domain[1]", "RELATION_EXPECTED"),
        ({"init": None}, "init", "FORMULA_EXPECTED"),
        ({"unsafe": {"and": ["x>=0", "q>1"]}}, "unsafe.and[1]", "UNKNOWN_NAME"),
        ({"certificate": None}, "certificate", "MISSING"),
        ({"certificate": {"type": "spell"}}, "certificate.type", "UNSUPPORTED_TYPE"),
        ({"certificate": {"type": "barrier"}}, "certificate.expr", "TEXT_EXPECTED"),
        (
            {"certificate": {"type": "invariant", "cuts": []}, "flow_condition": "invariant"},
            "certificate.cuts",
            "LIST_EXPECTED",
        ),
        ({"flow_condition": "sometimes"}, "flow_condition", "UNKNOWN_VALUE"),
        ({"flow_condition": "discrete_decrease"}, "flow_condition", "UNKNOWN_VALUE"),
        ({"flow_condition": "exponential"}, "certificate.lambda", "MISSING"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(
    spiral: Spiral, changes: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(ProblemInvalid) as caught:
        parse_problem(spiral(**changes))
    assert (caught.value.field, caught.value.code) == (field, code)


@pytest.mark.parametrize("raw", [None, [], "x", 3])
def test_only_objects_are_problems(raw: object) -> None:
    with pytest.raises(ProblemInvalid):
        parse_problem(raw)


def test_hybrid_and_stochastic_systems_are_unsupported(spiral: Spiral) -> None:
    for kind in ("hybrid", "stochastic_discrete", "stochastic_continuous"):
        with pytest.raises(Unsupported):
            parse_problem(spiral(kind=kind))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "DUPLICATE_KEY"),
        ('{"a": NaN}', "NOT_A_NUMBER"),
        ('{"a": Infinity}', "NOT_A_NUMBER"),
        ("{", "NOT_JSON"),
        ("[" * 100_000, "NOT_JSON"),
    ],
)
def test_json_is_read_strictly(text: str, code: str) -> None:
    with pytest.raises(ProblemInvalid) as caught:
        load_json(text)
    assert caught.value.code == code


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        st.floats(allow_nan=False),
        st.sampled_from(["x", "y >= 0", "x +", "continuous", "barrier", "((", "1/0", "x**y", "\0"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["and", "or", "type", "expr", "x", "cuts"]), inner),
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["kind", "vars", "parameters", "dynamics", "domain", "init", "unsafe", "certificate"]
        ),
        json_values,
        min_size=1,
        max_size=3,
    )
)
def test_any_json_is_read_or_refused_by_name(spiral: Spiral, changes: dict[str, Any]) -> None:
    try:
        parse_problem(spiral(**changes))
    except (ProblemInvalid, Unsupported) as refusal:
        sentence = str(refusal)
    else:
        sentence = "read"
    assert sentence


def test_strictness_follows_the_original_invariant(spiral: Spiral) -> None:
    for relations, strict in ((["x < 1"], True), (["x <= 1"], False), (["x<1", "y<1"], False)):
        certificate = {"type": "barrier", "expr": "x - 1", "original_invariant": relations}
        problem = parse_problem(spiral(certificate=certificate, flow_condition="invariant"))
        assert not isinstance(problem.certificate, Cuts)
        assert problem.certificate.strict is strict
