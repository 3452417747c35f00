import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lucid_gateway
import protovalidate
import pytest
from lucid_gateway.binding import bind_request
from lucid_gateway.docs_page import render
from lucid_gateway.openapi import build_openapi
from lucid_gateway.pages import data
from lucid_gateway.reasons import GATEWAY_REASONS, all_reasons
from lucid_gateway.routes import build_table, mesh_services
from openapi_spec_validator import validate

TABLE = build_table(mesh_services())
COMMENTS = data("lucid", "comments.json")
EXAMPLES = data("lucid_gateway", "examples.json")
SOURCES = Path(lucid_gateway.__file__).parent


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build_openapi(TABLE, COMMENTS, EXAMPLES, "0.1.0")


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_every_route_is_an_operation_of_its_own(document: dict[str, Any]) -> None:
    ids = [one["operationId"] for item in document["paths"].values() for one in item.values()]
    assert len(ids) == len(TABLE.routes)
    assert len(set(ids)) == len(ids)


def test_every_operation_and_field_is_described(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for one in item.values():
            own = not one["tags"][0].startswith("google.")
            assert not own or one["summary"] != one["operationId"].split("_")[1], path
    for name, schema in document["components"]["schemas"].items():
        if name.startswith("lucid."):
            for field, value in schema.get("properties", {}).items():
                assert value.get("description"), f"{name}.{field}"


def test_every_failure_has_the_problem_schema(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for one in item.values():
            assert one["responses"]["default"] == {"$ref": "#/components/responses/Problem"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_requests_that_the_services_accept(name: str) -> None:
    route = next(r for r in TABLE.routes if r.is_canonical and r.rpc.full_name == name)
    values = {v.field_path: "x/x" for v in route.template.variables}
    message = bind_request(route, values, "", EXAMPLES[name])
    protovalidate.validate(message)


def test_the_page_explains_every_reason(document: dict[str, Any]) -> None:
    reasons = all_reasons(COMMENTS)
    html = render(document, reasons).decode()
    assert len({reason.anchor for reason in reasons}) == len(reasons)
    for reason in reasons:
        assert f'id="{reason.anchor}"' in html
        assert reason.text, reason


def _reasons_used() -> Iterator[str]:
    for path in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_problem = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
            if is_problem and isinstance(node.args[1], ast.Constant):
                yield node.args[1].value
    from lucid_gateway.failures import _UNEXPLAINED

    yield from (reason for reason, _, _ in _UNEXPLAINED.values())
    yield "CALL_FAILED"


def test_every_reason_of_the_gateway_is_listed_and_used() -> None:
    assert set(_reasons_used()) == set(GATEWAY_REASONS)
