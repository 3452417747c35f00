import copy
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_vendor.vendors.model import compose, parse_model, parse_unit_decimal, problem_sha256
from lucid_vendor.vendors.refusals import SeedInvalid


def test_composing_replaces_the_cap_everywhere_and_only_the_cap(problem_of):
    problem = problem_of()
    problem["vars"].append("capacity")
    problem["parameters"].append("capacity")
    problem["dynamics"]["capacity"] = "0"
    problem["domain"].append("capacity <= cap")
    composed = compose(parse_model(problem), "0.75")
    assert composed["unsafe"] == "a >= (0.75)"
    assert composed["certificate"]["expr"] == "a**2 + h**2/4 - (0.99*(0.75))**2"
    assert composed["domain"][-1] == "capacity <= (0.75)"
    assert composed["vars"] == problem["vars"]


def test_labels_and_names_change_neither_the_model_nor_its_hash(problem_of):
    plain = parse_model(problem_of())
    labelled = parse_model({**problem_of(), "id": "x", "expected": "valid", "notes": "trust me"})
    assert plain == labelled
    assert problem_sha256(compose(plain, "0.8")) == problem_sha256(compose(labelled, "0.8"))


def test_another_cap_is_another_problem(problem_of):
    model = parse_model(problem_of())
    assert problem_sha256(compose(model, "0.8")) != problem_sha256(compose(model, "0.75"))


@pytest.mark.parametrize(
    "unsafe",
    [
        "a >= cap",
        "cap <= a",
        "  a>=cap ",
        {"and": ["a >= cap"]},
        {"or": ["h >= 0.9", "a >= cap"]},
    ],
)
def test_the_cap_may_be_protected_together_with_more(problem_of, unsafe):
    assert parse_model({**problem_of(), "unsafe": unsafe}).document()["unsafe"] == unsafe


@pytest.mark.parametrize(
    "unsafe",
    [
        "a >= cap + 5",
        "a > cap",
        "h >= cap",
        "a >= 0.8",
        {"and": ["a >= cap", "h >= 2"]},
        {"or": ["a >= cap + 1", {"and": ["a >= cap", "h >= 2"]}]},
        {"or": []},
        {"and": [{"or": ["h >= 1", "a >= 2"]}]},
    ],
)
def test_a_model_that_protects_less_than_the_cap_is_refused(problem_of, unsafe):
    with pytest.raises(SeedInvalid) as refused:
        parse_model({**problem_of(), "unsafe": unsafe})
    assert refused.value.field == "seed.model.unsafe"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vars": ["a", "h", "la", "g", "d", "cap"]}, "system.variables[5]"),
        ({"vars": []}, "system.variables"),
        ({"vars": ["a", "a"]}, "system.variables[1]"),
        ({"vars": ["__import__('os')"]}, "system.variables[0]"),
        ({"dynamics": {"a": "0"}}, "system.dynamics"),
        ({"parameters": ["b"]}, "system.parameters[0]"),
        ({"parameters": ["la", "a"]}, "system.parameters[1]"),
        ({"kind": "discrete"}, "system.time_kind"),
        ({"vars": ["b"], "dynamics": {"b": "0"}, "parameters": []}, "system.variables"),
        ({"init": None}, "initial"),
        ({"certificate": {"type": "barrier"}}, "certificate.barrier"),
        ({"certificate": {"type": "invariant", "cuts": []}}, "certificate.cuts"),
    ],
)
def test_a_malformed_model_is_refused_by_the_path_of_its_field(problem_of, change, field):
    with pytest.raises(SeedInvalid) as refused:
        parse_model({**problem_of(), **change})
    assert refused.value.field == f"seed.model.{field}"


def test_a_deep_formula_and_a_long_model_hit_named_limits(problem_of):
    deep: object = "a >= 0"
    for _ in range(40):
        deep = {"and": [deep]}
    with pytest.raises(SeedInvalid, match="nested deeper than 16"):
        parse_model({**problem_of(), "init": deep})
    with pytest.raises(SeedInvalid, match="the limit is 65536"):
        parse_model({**problem_of(), "init": "a >= 0" + " " * 70_000})


@given(st.integers(0, 10**12), st.integers(0, 12), st.integers(0, 5))
def test_a_cap_keeps_its_exact_value_in_one_text_only(digits, places, zeros):
    value = Fraction(digits, 10**places)
    text = f"{digits // 10**places}.{digits % 10**places:0{places}d}" if places else str(digits)
    text += "0" * zeros if places else ""
    if not 0 < value <= 1 or len(text) > 19:
        with pytest.raises(SeedInvalid):
            parse_unit_decimal(text, "seed.intensity_cap")
        return
    parsed = parse_unit_decimal(text, "seed.intensity_cap")
    assert Fraction(parsed) == value
    assert parse_unit_decimal(parsed, "seed.intensity_cap") == parsed
    assert not re.search(r"\.\d*0$|\.$", parsed)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1.1",
        "-0.5",
        "",
        "0.8e0",
        "1/2",
        "0,8",
        "nan",
        "0.8)*(2",
        "00.5",
        "٠.٥",
        "0." + "1" * 40,
    ],
)
def test_what_is_not_a_plain_decimal_in_range_is_no_cap(text):
    with pytest.raises(SeedInvalid):
        parse_unit_decimal(text, "seed.intensity_cap")


def test_composing_leaves_the_model_as_it_was(problem_of):
    problem = problem_of()
    before = copy.deepcopy(problem)
    model = parse_model(problem)
    compose(model, "0.5")["vars"].append("z")
    assert problem == before
    assert "z" not in model.document()["vars"]


def test_composing_keeps_of_the_certificate_what_its_type_uses(problem_of):
    problem = problem_of()
    problem["certificate"] |= {"cuts": ["a <= cap"], "formula": "a <= cap"}
    composed = compose(parse_model(problem), "0.8")["certificate"]
    assert (composed["cuts"], composed["formula"]) == (None, None)
    problem["certificate"]["type"] = "invariant"
    composed = compose(parse_model(problem), "0.8")["certificate"]
    assert (composed["expr"], composed["cuts"]) == (None, ["a <= (0.8)"])
