"""The OpenAPI 3.1 document, generated from the same table that serves."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from lucid_gateway.binding import TEXT_MESSAGES
from lucid_gateway.faults import map_value
from lucid_gateway.messages import RESUME_FIELD
from lucid_gateway.path_template import PathTemplate
from lucid_gateway.problem import HTTP_STATUS_OF
from lucid_gateway.routes import CallKind, Route, RouteTable
from lucid_gateway.schemas import Schema, Schemas, behaviours

QUERY_DEPTH_MAX: Final = 2
_REQUIRED_BEHAVIOUR: Final = 2  # google.api.FieldBehavior.REQUIRED

PROBLEM_SCHEMA: Final[Schema] = {
    "type": "object",
    "description": "A failure (RFC 9457) with the ErrorInfo of the service that refused.",
    "required": ["type", "title", "status", "detail", "instance", "reason", "domain", "metadata"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "What explains it."},
        "title": {"type": "string"},
        "status": {
            "type": "integer",
            "enum": sorted({*HTTP_STATUS_OF.values(), 405, 408, 413, 415}),
        },
        "detail": {"type": "string", "description": "One sentence for a person."},
        "instance": {"type": "string", "description": "The trace, as urn:lucid:trace:<id>."},
        "reason": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,62}$"},
        "domain": {"type": "string", "description": "Whose reason it is, as validation.lucid."},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
        "code": {"type": "string", "description": "The gRPC code by its name."},
        "violations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "description"],
                "properties": {"field": {"type": "string"}, "description": {"type": "string"}},
            },
        },
        "retryAfterSeconds": {"type": "number", "minimum": 0},
    },
    "examples": [
        {
            "type": "/docs#validation-VALIDATION_NOT_FOUND",
            "title": "There is no such thing here",
            "status": 404,
            "detail": "There is no validation validations/v1.",
            "instance": "urn:lucid:trace:4bf92f3577b34da6a3ce929d0e0e4736",
            "reason": "VALIDATION_NOT_FOUND",
            "domain": "validation.lucid",
            "metadata": {"name": "validations/v1"},
            "code": "NOT_FOUND",
        }
    ],
}
_HEADERS: Final = (
    ("X-Request-Timeout", "Seconds that the call may take, such as 2.5; at most 600.", "number"),
    ("X-Request-Id", "Echoed in the answer; the trace id where it is left out.", "string"),
    ("traceparent", "W3C trace context; the answer's trace continues it.", "string"),
)


def build_openapi(
    table: RouteTable, comments: Mapping[str, str], examples: Mapping[str, Any], version: str
) -> dict[str, Any]:
    """Return the document.

    `comments` are the protos' by element name; `examples` are request bodies by method name.
    """
    schemas = Schemas(comments)
    schemas.components["Problem"] = PROBLEM_SCHEMA
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(table.routes, key=lambda one: (one.path, one.http_method)):
        path, names = openapi_path(route.template)
        operation = _Operation(route, names, schemas, examples).document()
        paths.setdefault(path, {})[route.http_method.lower()] = operation
    tags = sorted({route.rpc.full_name.split("/")[0] for route in table.routes})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lucid",
            "version": version,
            "summary": "A mesh of services in which nothing runs without a proof",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": schemas.comment(tag)} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "parameters": {name: _header(name, text, kind) for name, text, kind in _HEADERS},
            "responses": {
                "Problem": {
                    "description": "The request failed.",
                    "content": {"application/problem+json": {"schema": _ref("schemas", "Problem")}},
                }
            },
        },
    }


def openapi_path(template: PathTemplate) -> tuple[str, dict[str, str]]:
    """Return a template in OpenAPI's form, and its parameters with what each stands for."""
    names: dict[str, str] = {}
    parts: list[str] = []
    for position, segment in enumerate(template.segments):
        if segment not in ("*", "**"):
            parts.append(segment)
            continue
        before = template.segments[position - 1] if position else "value"
        name = re.sub(r"[^A-Za-z0-9]", "", _singular(before))
        while name in names:
            name += "2"
        names[name] = f"The {name}'s id, one segment of `{_pattern_of(template, position)}`."
        parts.append("{" + name + "}")
    return "/" + "/".join(parts) + (f":{template.verb}" if template.verb else ""), names


class _Operation:
    """Builds one operation object."""

    def __init__(
        self,
        route: Route,
        path_names: Mapping[str, str],
        schemas: Schemas,
        examples: Mapping[str, Any],
    ) -> None:
        self._route = route
        self._path_names = path_names
        self._schemas = schemas
        self._examples = examples
        self._bound = frozenset(v.field_path for v in route.template.variables)

    def document(self) -> dict[str, Any]:
        rpc = self._route.rpc
        service, method = rpc.full_name.split("/")
        text = self._schemas.comment(f"{service}.{method}")
        suffix = "" if self._route.is_canonical else f"_{self._route.http_method.lower()}"
        operation: dict[str, Any] = {
            "operationId": f"{service.split('.')[-1]}_{method}{suffix}",
            "tags": [service],
            "summary": text.split(". ")[0].rstrip(".") or method,
            "description": f"{text}\n\ngRPC: `{rpc.full_name}` ({rpc.kind.value}).".strip(),
            "parameters": [*self._path_parameters(), *self._query_parameters(), *_common()],
            "responses": {**self._responses(), "default": _ref("responses", "Problem")},
        }
        body = self._body()
        if body is not None:
            operation["requestBody"] = body
        return operation

    def _path_parameters(self) -> Iterator[dict[str, Any]]:
        for name, text in self._path_names.items():
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "description": text,
                "schema": {"type": "string", "minLength": 1},
            }

    def _query_parameters(self) -> Iterator[dict[str, Any]]:
        route = self._route
        if route.body == "*":
            return
        for path, field in _leaves(route.rpc.input, "", QUERY_DEPTH_MAX):
            if path in self._bound or path.split(".")[0] == route.body:
                continue
            yield {
                "name": path,
                "in": "query",
                "required": "." not in path and _REQUIRED_BEHAVIOUR in behaviours(field),
                "description": self._schemas.comment(field.full_name),
                "schema": self._schemas.field(field),
            }

    def _body(self) -> dict[str, Any] | None:
        route = self._route
        if not route.body:
            return None
        descriptor = route.rpc.input
        if route.body != "*":
            body = descriptor.fields_by_name[route.body].message_type
            schema = self._schemas.reference(cast("Descriptor", body))
        elif self._bound:
            schema = self._schemas.object(descriptor, without=self._bound)
        else:
            schema = self._schemas.reference(descriptor)
        is_stream = route.rpc.kind in (CallKind.CLIENT_STREAM, CallKind.BIDI_STREAM)
        content: dict[str, Any] = {"schema": schema}
        if is_stream and not self._bound:
            lines = {"type": "string", "description": "One JSON message a line."}
            line = {**lines, "contentMediaType": "application/json", "contentSchema": schema}
            return {"required": True, "content": {"application/x-ndjson": {"schema": line}}}
        example = self._examples.get(route.rpc.full_name)
        if example is not None:
            content["example"] = example
        return {"required": True, "content": {"application/json": content}}

    def _responses(self) -> dict[str, Any]:
        route = self._route
        schema = self._schemas.reference(route.rpc.output)
        kind = route.rpc.kind
        if kind is CallKind.BIDI_STREAM and self._bound and route.http_method == "POST":
            accepted = {"type": "object", "properties": {"accepted": {"const": True}}}
            return {"202": _answer("Sent into the open stream.", "application/json", accepted)}
        if kind is CallKind.SERVER_STREAM or (
            kind is CallKind.BIDI_STREAM and route.http_method == "GET"
        ):
            text = "Server-sent events: the data of each is one message; `end` or `error` is last."
            if RESUME_FIELD in route.rpc.input.fields_by_name:
                text += " Resume with Last-Event-ID."
            return {"200": _answer(text, "text/event-stream", _embedded(schema))}
        if kind is CallKind.BIDI_STREAM:
            text = 'One line for each message: {"result": …}; {"error": …} is the last one.'
            return {"200": _answer(text, "application/x-ndjson", _embedded(schema))}
        return {"200": _answer("The answer.", "application/json", schema)}


def _leaves(
    descriptor: Descriptor, prefix: str, depth: int
) -> Iterator[tuple[str, FieldDescriptor]]:
    for field in descriptor.fields:
        path = f"{prefix}{field.name}"
        if map_value(field) is not None:
            continue
        if field.message_type is None or field.message_type.full_name in TEXT_MESSAGES:
            yield path, field
        elif depth > 1 and not field.is_repeated:
            yield from _leaves(field.message_type, f"{path}.", depth - 1)


def _pattern_of(template: PathTemplate, position: int) -> str:
    for variable in template.variables:
        if variable.start <= position < variable.stop:
            return "/".join(template.segments[variable.start : variable.stop])
    return template.segments[position]


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


def _embedded(schema: Schema) -> Schema:
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}


def _answer(text: str, media_type: str, schema: Schema) -> dict[str, Any]:
    return {"description": text, "content": {media_type: {"schema": schema}}}


def _header(name: str, text: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": text, "schema": {"type": kind}}


def _common() -> list[dict[str, str]]:
    return [_ref("parameters", name) for name, _, _ in _HEADERS]


def _ref(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}
