from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from lucid_gateway.binding import bind_request
from lucid_gateway.faults import FieldFault, RequestInvalid
from lucid_gateway.routes import Found, build_table, mesh_services

TABLE = build_table(mesh_services())


def found(method: str, path: str) -> Found:
    route = TABLE.find(method, path)
    assert route is not None, path
    return route


def bound(method: str, path: str, query: str = "", body: Any = None) -> dict[str, Any]:
    one = found(method, path)
    message = bind_request(one.route, one.path_values, query, body)
    tree: dict[str, Any] = json_format.MessageToDict(message)
    return tree


def fault(method: str, path: str, query: str = "", body: Any = None) -> str:
    with pytest.raises(RequestInvalid) as caught:
        bound(method, path, query, body)
    return caught.value.faults[0].field


def test_path_query_and_body_meet_in_one_message() -> None:
    tree = bound("POST", "/v1/vendors/v1/seeds", "seedId=s1", {"title": "Tide"})
    assert tree["parent"] == "vendors/v1"
    assert tree["seedId"] == "s1"
    assert tree["seed"] == {"title": "Tide"}


def test_a_nested_field_of_the_path_joins_the_body() -> None:
    tree = bound("PATCH", "/v1/vendors/v1", "updateMask=legalName", {"legalName": "New"})
    assert tree == {"vendor": {"name": "vendors/v1", "legalName": "New"}, "updateMask": "legalName"}


def test_the_body_may_repeat_the_path_but_not_contradict_it() -> None:
    path = "/v1/vendors/v1"
    assert bound("PATCH", path, body={"name": "vendors/v1"})["vendor"]["name"] == "vendors/v1"
    assert fault("PATCH", path, body={"name": "vendors/v2"}) == "vendor.name"


def test_names_may_be_written_in_both_ways_but_once() -> None:
    assert bound("GET", "/v1/vendors", "page_size=3") == bound("GET", "/v1/vendors", "pageSize=3")
    assert fault("GET", "/v1/vendors", "page_size=3&pageSize=4") == "page_size"


def test_booleans_and_times_of_a_query_are_read_by_type() -> None:
    path = "/v1/sessions/s1:watch"
    assert bound("GET", path, "afterSequence=7")["afterSequence"] == "7"
    assert fault("GET", path, "afterSequence=7.5") == "after_sequence"


@pytest.mark.parametrize(
    ("query", "field"),
    [("name=x", "name"), ("nope=1", "nope"), ("a.b=1", "a"), ("name.x=1", "name"), ("=1", "")],
)
def test_a_query_field_that_cannot_be_set_is_named(query: str, field: str) -> None:
    assert fault("GET", "/v1/sessions/s1", query) == field


def test_where_the_body_is_the_request_the_query_is_empty() -> None:
    assert fault("POST", "/v1/certificates:validate", "skipCache=true", {}) == "skipCache"


def test_a_request_without_body_refuses_one() -> None:
    assert fault("GET", "/v1/sessions/s1", body={}) == ""


def test_one_choice_excludes_the_other() -> None:
    body = {"evidenceName": "evidence/x", "evidenceDocument": "{}"}
    assert fault("POST", "/v1/evidence:check", body=body) == "evidence_document"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["problem", "system", "variables", "dynamics", "budget", "all", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_bound_or_refused_with_one_described_fault(body: Any) -> None:
    faults: tuple[FieldFault, ...] = ()
    try:
        bound("POST", "/v1/certificates:validate", body=body)
    except RequestInvalid as error:
        faults = error.faults
    assert len(faults) <= 1
    assert all(fault.description for fault in faults)


def test_depth_of_messages_is_bounded_by_the_reader_not_by_the_stack() -> None:
    body: Any = {"atom": "x <= 1"}
    for _ in range(12):
        body = {"all": {"formulas": [body]}}
    assert bound("POST", "/v1/certificates:validate", body={"problem": {"initial": body}})
