from collections import Counter

import pytest
from google.api import annotations_pb2
from lucid_gateway.immutable import is_immutable
from lucid_gateway.path_template import parse_template
from lucid_gateway.redirects import Redirects
from lucid_gateway.routes import (
    CallKind,
    Route,
    RouteTable,
    RouteTableInvalid,
    build_table,
    mesh_services,
)

SERVICES = mesh_services()
TABLE = build_table(SERVICES)
INTERNAL = {
    "lucid.vendor.v1.SeedService/ReserveSeed",
    "lucid.vendor.v1.SeedService/ReleaseSeed",
    "lucid.vendor.v1.CommerceService/RecordEntry",
    "lucid.vendor.v1.CommerceService/ReverseEntry",
    "lucid.metrics.v1.MetricsService/ReportSamples",
}


def names() -> set[str]:
    return {f"{s.full_name}/{m.name}" for s in SERVICES for m in s.methods}


def test_every_method_of_the_edge_has_exactly_one_canonical_route() -> None:
    canonical = Counter(route.rpc.full_name for route in TABLE.routes if route.is_canonical)
    internal = {name for name in names() if name.startswith("lucid.cache.")} | INTERNAL
    assert set(canonical.values()) == {1}
    assert set(canonical) == names() - internal


def test_every_http_rule_of_the_protos_is_a_route() -> None:
    rules = 0
    for service in SERVICES:
        for method in service.methods:
            options = method.GetOptions()
            if options.HasExtension(annotations_pb2.http):
                rules += 1 + len(options.Extensions[annotations_pb2.http].additional_bindings)
    assert len(TABLE.routes) == rules + 1  # and WaitOperation, to which Google gives no path


def test_each_route_finds_itself() -> None:
    for route in TABLE.routes:
        parts = ["x1" if segment in ("*", "**") else segment for segment in route.template.segments]
        verb = f":{route.template.verb}" if route.template.verb else ""
        found = TABLE.find(route.http_method, "/" + "/".join(parts) + verb)
        assert found is not None
        assert found.route is route


def test_two_routes_for_one_request_are_refused() -> None:
    route = TABLE.routes[0]
    with pytest.raises(RouteTableInvalid, match="can answer the same request"):
        RouteTable([route, route])


def test_an_identifier_with_a_colon_is_not_a_verb() -> None:
    found = TABLE.find("GET", "/v1/verdicts/sha256:ab")
    assert found is not None
    assert found.path_values == {"name": "verdicts/sha256:ab"}


def test_a_verb_wins_over_an_identifier_with_a_colon() -> None:
    found = TABLE.find("GET", "/v1/sessions/s1:watch")
    assert found is not None
    assert found.path_values == {"name": "sessions/s1"}


@pytest.mark.parametrize(
    ("method", "path", "name", "values"),
    [
        ("GET", "/v1/operations", "ListOperations", {"name": "operations"}),
        ("GET", "/v1/operations/o1", "GetOperation", {"name": "operations/o1"}),
        ("POST", "/v1/operations/o1:cancel", "CancelOperation", {"name": "operations/o1"}),
        ("POST", "/v1/operations/o1:wait", "WaitOperation", {"name": "operations/o1"}),
        ("DELETE", "/v1/operations/o1", "DeleteOperation", {"name": "operations/o1"}),
    ],
)
def test_operations_have_googles_paths(
    method: str, path: str, name: str, values: dict[str, str]
) -> None:
    found = TABLE.find(method, path)
    assert found is not None
    assert found.route.rpc.full_name == f"google.longrunning.Operations/{name}"
    assert found.path_values == values


def test_content_addressed_routes_are_those_named_by_a_hash() -> None:
    immutable = {route.path for route in TABLE.routes if is_immutable(route)}
    assert immutable == {"/v1/{name=verdicts/*}", "/v1/{name=evidence/*}"}


def test_streams_that_browsers_open_have_a_place_to_send_to() -> None:
    for route in TABLE.routes:
        if route.rpc.kind is CallKind.BIDI_STREAM and route.http_method == "GET":
            posts = [one for one in TABLE.siblings(route) if one.template.variables]
            assert {one.http_method for one in posts} == {"GET", "POST"}
            fields = {tuple(v.field_path for v in one.template.variables) for one in posts}
            assert len(fields) == 1


def test_old_addresses_lead_to_routes_that_exist() -> None:
    redirects = Redirects(TABLE)
    target = redirects.target_of("/api/test/circuit-breaker/reset/dream read")
    assert target == "/admin/v1/breakers/dream%20read:reset"
    assert redirects.target_of("/validate/x") is None


def test_a_field_that_does_not_exist_cannot_be_bound() -> None:
    route = next(route for route in TABLE.routes if route.template.variables)
    template = parse_template("/v1/{nope=x/*}")
    broken = Route("GET", "/v1/{nope=x/*}", template, "", "", route.rpc, is_canonical=True)
    from lucid_gateway.routes import _check_fields

    with pytest.raises(RouteTableInvalid, match="no such field"):
        _check_fields(broken)
