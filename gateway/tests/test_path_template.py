import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_gateway.path_template import PathTemplate, TemplateInvalid, parse_template, split_path


def match(template: str, path: str) -> dict[str, str] | None:
    return parse_template(template).match(*split_path(path))


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/v1/methods", "/v1/methods", {}),
        ("/v1/{name=verdicts/*}", "/v1/verdicts/ab", {"name": "verdicts/ab"}),
        ("/v1/{name=sessions/*}:watch", "/v1/sessions/s1:watch", {"name": "sessions/s1"}),
        ("/v1/{parent=vendors/*}/seeds", "/v1/vendors/v/seeds", {"parent": "vendors/v"}),
        ("/v1/{name=operations/**}", "/v1/operations/a/b", {"name": "operations/a/b"}),
        (
            "/v1/{name=operations/**}:cancel",
            "/v1/operations/a/b:cancel",
            {"name": "operations/a/b"},
        ),
        ("/v1/{seed.name=seeds/*}", "/v1/seeds/x", {"seed.name": "seeds/x"}),
        ("/v1/{a}/{b}", "/v1/x/y", {"a": "x", "b": "y"}),
        ("/v1/certificates:validate", "/v1/certificates:validate", {}),
    ],
)
def test_a_path_gives_the_values_of_its_variables(
    template: str, path: str, values: dict[str, str]
) -> None:
    assert match(template, path) == values


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/v1/{name=verdicts/*}", "/v1/verdicts"),
        ("/v1/{name=verdicts/*}", "/v1/verdicts/"),
        ("/v1/{name=verdicts/*}", "/v1/verdicts/a/b"),
        ("/v1/{name=sessions/*}:watch", "/v1/sessions/s1"),
        ("/v1/{name=sessions/*}", "/v1/sessions/s1:watch"),
        ("/v1/{name=sessions/*}", "/v2/sessions/s1"),
    ],
)
def test_other_paths_do_not_match(template: str, path: str) -> None:
    assert match(template, path) is None


@pytest.mark.parametrize(
    "text",
    ["v1/x", "/v1/**/x", "/v1/{A=*}", "/v1/{a}/{a}", "/v1/{a=x//y}", "/v1/a b", "/v1/x:do-it"],
)
def test_what_is_not_a_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateInvalid):
        parse_template(text)


LITERALS = st.sampled_from(["a", "b", "c", "*"])
TEMPLATES = st.builds(
    lambda parts, verb, tail: PathTemplate((*parts, *tail), (), verb),
    st.lists(LITERALS, min_size=1, max_size=4),
    st.sampled_from(["", "do"]),
    st.sampled_from([(), ("**",)]),
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=5).map(tuple)


@given(one=TEMPLATES, two=TEMPLATES, path=PATHS, verb=st.sampled_from(["", "do"]))
def test_templates_that_match_one_path_collide(
    one: PathTemplate, two: PathTemplate, path: tuple[str, ...], verb: str
) -> None:
    if one.match(path, verb) is not None and two.match(path, verb) is not None:
        assert one.collides_with(two)
        assert two.collides_with(one)


@given(
    values=st.lists(st.text("abz09-", min_size=1, max_size=6), min_size=2, max_size=2),
)
def test_what_is_put_into_a_template_comes_out(values: list[str]) -> None:
    path = f"/v1/vendors/{values[0]}/seeds/{values[1]}"
    assert match("/v1/{name=vendors/*/seeds/*}", path) == {"name": path.removeprefix("/v1/")}
