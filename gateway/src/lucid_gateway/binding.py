"""Put a request together from its path, its query and its body.

One JSON tree is built and parsed once, so that every part obeys the same rules: names that the
message does not have are refused, and a field may be given in one place only.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from lucid_gateway.faults import (
    FieldFault,
    RequestInvalid,
    expectation,
    field_named,
    join,
    map_value,
    parse_message,
)
from lucid_gateway.routes import Route

QUERY_FIELDS_MAX = 64
TEXT_MESSAGES = frozenset(
    f"google.protobuf.{name}"
    for name in (
        "Timestamp",
        "Duration",
        "FieldMask",
        "BoolValue",
        "BytesValue",
        "DoubleValue",
        "FloatValue",
        "Int32Value",
        "Int64Value",
        "StringValue",
        "UInt32Value",
        "UInt64Value",
    )
)


def bind_request(
    route: Route, path_values: dict[str, str], query: str, body: Any | None
) -> Message:
    """Build the request message of a route.

    `body` is the JSON value of the body, or None where there was no body.

    Raises:
        RequestInvalid: with the field path of what does not fit.
    """
    tree = _body_tree(route, body)
    descriptor = route.rpc.input
    for field_path, text in path_values.items():
        _place(tree, descriptor, field_path, [text])
    for field_path, texts in _query_fields(query):
        _refuse_bound(route, field_path)
        _place(tree, descriptor, field_path, texts)
    return parse_message(tree, route.rpc.request)


def _body_tree(route: Route, body: Any | None) -> dict[str, Any]:
    if body is None:
        return {}
    if route.body == "":
        raise RequestInvalid(FieldFault("", "this request takes no body"))
    if route.body != "*":
        return {route.body: body}
    if not isinstance(body, dict):
        raise RequestInvalid(FieldFault("", "the body must be a JSON object"))
    return dict(body)


def _query_fields(query: str) -> Iterable[tuple[str, list[str]]]:
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=bool(query),
            max_num_fields=QUERY_FIELDS_MAX,
            errors="strict",
        )
    except ValueError:
        fault = FieldFault(
            "", f"the query must be at most {QUERY_FIELDS_MAX} UTF-8 pairs name=value"
        )
        raise RequestInvalid(fault) from None
    grouped: dict[str, list[str]] = {}
    for name, text in pairs:
        grouped.setdefault(name, []).append(text)
    return grouped.items()


def _refuse_bound(route: Route, field_path: str) -> None:
    if route.body == "*":
        raise RequestInvalid(FieldFault(field_path[:64], "belongs into the body, not the query"))
    first = field_path.split(".", maxsplit=1)[0]
    if route.body and first == route.body:
        raise RequestInvalid(FieldFault(field_path[:64], "is the body of this request"))


def _place(tree: dict[str, Any], descriptor: Descriptor, field_path: str, texts: list[str]) -> None:
    *parents, last = field_path.split(".")
    walked = ""
    for name in parents:
        field = _known(descriptor, name, walked)
        walked = join(walked, field.name)
        if field.message_type is None or field.is_repeated:
            raise RequestInvalid(FieldFault(walked, "has no fields that a path or query can set"))
        tree = tree.setdefault(_key_in(tree, field), {})
        if not isinstance(tree, dict):
            raise RequestInvalid(FieldFault(walked, "must be an object"))
        descriptor = field.message_type
    field = _known(descriptor, last, walked)
    value = _value_of(field, texts, join(walked, field.name))
    key = _key_in(tree, field)
    if key in tree and tree[key] not in (value, None, ""):
        fault = FieldFault(join(walked, field.name), "differs from what the path or query says")
        raise RequestInvalid(fault)
    tree[key] = value


def _known(descriptor: Descriptor, name: str, walked: str) -> FieldDescriptor:
    field = field_named(descriptor, name)
    if field is None:
        raise RequestInvalid(FieldFault(join(walked, name[:64]), "there is no such field"))
    return field


def _key_in(tree: dict[str, Any], field: FieldDescriptor) -> str:
    return field.camelcase_name if field.camelcase_name in tree else field.name


def _value_of(field: FieldDescriptor, texts: list[str], path: str) -> Any:
    message = field.message_type
    if map_value(field) is not None or (
        message is not None and message.full_name not in TEXT_MESSAGES
    ):
        raise RequestInvalid(FieldFault(path, "cannot be set by the path or query"))
    values = [_scalar(field, text, path) for text in texts]
    if field.is_repeated:
        return values
    if len(values) > 1:
        raise RequestInvalid(FieldFault(path, "is given more than once"))
    return values[0]


def _scalar(field: FieldDescriptor, text: str, path: str) -> Any:
    message = field.message_type
    is_boolean = field.cpp_type == FieldDescriptor.CPPTYPE_BOOL or (
        message is not None and message.name == "BoolValue"
    )
    if not is_boolean:
        return text
    if text not in ("true", "false"):
        raise RequestInvalid(FieldFault(path, f"must be {expectation(field)}"))
    return text == "true"
