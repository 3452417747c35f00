"""Say which field of a JSON value does not fit a message, in our own words.

`json_format` stops at the first thing it dislikes and describes it with its own internals. Its
answer is used only as yes or no; this module looks for the field and names what was expected.
"""

from dataclasses import dataclass
from typing import Any, Final, cast

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_REFUSALS: Final = (json_format.ParseError, TypeError, ValueError, KeyError, AttributeError)
_ENUM_NAMES_MAX = 24
_INTEGERS: Final = {
    FieldDescriptor.CPPTYPE_INT32: "a whole number of 32 bits",
    FieldDescriptor.CPPTYPE_UINT32: "a whole number >= 0 of 32 bits",
    FieldDescriptor.CPPTYPE_INT64: "a whole number of 64 bits (a string keeps it exact)",
    FieldDescriptor.CPPTYPE_UINT64: "a whole number >= 0 of 64 bits (a string keeps it exact)",
}
_OTHERS: Final = {
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_DOUBLE: "a number",
    FieldDescriptor.CPPTYPE_FLOAT: "a number of 32 bits",
}
_WELL_KNOWN: Final = {
    "google.protobuf.Timestamp": "a time such as 2026-01-31T12:00:00Z",
    "google.protobuf.Duration": "a duration such as 1.5s",
    "google.protobuf.FieldMask": "field paths with commas between them",
    "google.protobuf.Struct": "an object",
    "google.protobuf.ListValue": "an array",
    "google.protobuf.Value": "any JSON value",
    "google.protobuf.Any": 'an object with "@type"',
}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field path ("" for the whole value) and what is wrong with it."""

    field: str
    description: str


class RequestInvalid(ValueError):
    """A request cannot become its message; carries the faults that were found."""

    def __init__(self, *faults: FieldFault) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.description}" for fault in faults))
        self.faults = faults


def parse_message(value: Any, message: type[Message]) -> Message:
    """Turn a JSON value into a message.

    Raises:
        RequestInvalid: an unknown field, one field under both of its names, or a value that
            does not fit its field.
    """
    descriptor = cast("Descriptor", message.DESCRIPTOR)
    refuse_unknown(value, descriptor, "")
    found = message()
    try:
        json_format.ParseDict(value, found, max_recursion_depth=64)
    except _REFUSALS:
        raise RequestInvalid(find_fault(value, descriptor, "")) from None
    return found


def refuse_unknown(value: Any, descriptor: Descriptor, path: str) -> None:
    """Refuse names that a message does not have, and a field named in both of its spellings."""
    if descriptor.full_name in _WELL_KNOWN or not isinstance(value, dict):
        return
    seen: set[str] = set()
    for key, item in value.items():
        field = field_named(descriptor, key)
        if field is None:
            raise RequestInvalid(FieldFault(join(path, key[:64]), "there is no such field"))
        if field.name in seen:
            raise RequestInvalid(FieldFault(join(path, field.name), "is given twice"))
        seen.add(field.name)
        below = _message_below(field)
        if below is not None:
            for place, part in _parts(field, item, join(path, field.name)):
                refuse_unknown(part, below, place)


def find_fault(value: Any, descriptor: Descriptor, path: str) -> FieldFault:
    """Return the first fault of a value that `json_format` refused."""
    if descriptor.full_name in _WELL_KNOWN:
        return FieldFault(path, f"must be {_WELL_KNOWN[descriptor.full_name]}")
    if not isinstance(value, dict):
        return FieldFault(path, "must be an object")
    for key, item in value.items():
        field = field_named(descriptor, key)
        if field is not None and not _fits({key: item}, descriptor):
            return _field_fault(field, item, join(path, field.name))
    return _oneof_fault(value, descriptor, path)


def field_named(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    """Return the field of that proto name or JSON name."""
    found = descriptor.fields_by_name.get(name)
    if found is None:
        found = descriptor.fields_by_camelcase_name.get(name)
    return found


def expectation(field: FieldDescriptor) -> str:
    """Say what one value of a field must be."""
    if field.enum_type is not None:
        names = [value.name for value in field.enum_type.values]
        more = "" if len(names) <= _ENUM_NAMES_MAX else ", …"
        return f"one of {', '.join(names[:_ENUM_NAMES_MAX])}{more}"
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return "base64 text" if field.type == FieldDescriptor.TYPE_BYTES else "a string"
    if field.cpp_type in _INTEGERS:
        return _INTEGERS[field.cpp_type]
    if field.message_type is not None:
        return _WELL_KNOWN.get(field.message_type.full_name, "an object")
    return _OTHERS[field.cpp_type]


def join(path: str, name: str) -> str:
    """Append a name to a dotted field path."""
    return f"{path}.{name}" if path else name


def map_value(field: FieldDescriptor) -> FieldDescriptor | None:
    """Return the field that describes the values of a map; None for a field that is no map."""
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        return None
    return entry.fields_by_name["value"]


def _message_below(field: FieldDescriptor) -> Descriptor | None:
    return (map_value(field) or field).message_type


def _parts(field: FieldDescriptor, value: Any, path: str) -> list[tuple[str, Any]]:
    if map_value(field) is not None:
        pairs = value.items() if isinstance(value, dict) else ()
        return [(f"{path}[{str(key)[:64]!r}]", item) for key, item in pairs]
    if field.is_repeated:
        items = value if isinstance(value, list) else []
        return [(f"{path}[{index}]", item) for index, item in enumerate(items)]
    return [(path, value)]


def _field_fault(field: FieldDescriptor, value: Any, path: str) -> FieldFault:
    in_map = map_value(field)
    if in_map is not None and not isinstance(value, dict):
        return FieldFault(path, "must be an object")
    if field.is_repeated and in_map is None and not isinstance(value, list):
        return FieldFault(path, "must be an array")
    single = in_map or field
    below = single.message_type
    for place, part in _parts(field, value, path):
        if below is not None and not _fits(part, below):
            return find_fault(part, below, place)
        if below is None and not _scalar_fits(single, part):
            return FieldFault(place, f"must be {expectation(single)}")
    return FieldFault(path, "has a key or an element that does not fit")


def _scalar_fits(field: FieldDescriptor, part: Any) -> bool:
    container = cast("Descriptor", field.containing_type)
    return _fits({field.name: [part] if field.is_repeated else part}, container)


def _fits(value: Any, descriptor: Descriptor) -> bool:
    try:
        json_format.ParseDict(value, message_factory.GetMessageClass(descriptor)())
    except _REFUSALS:
        return False
    return True


def _oneof_fault(value: dict[str, Any], descriptor: Descriptor, path: str) -> FieldFault:
    chosen: dict[str, str] = {}
    for key, item in value.items():
        field = field_named(descriptor, key)
        oneof = field.containing_oneof if field is not None else None
        if field is None or oneof is None or item is None:
            continue
        if oneof.name in chosen:
            other = chosen[oneof.name]
            return FieldFault(join(path, field.name), f"cannot stand beside {other}")
        chosen[oneof.name] = field.name
    return FieldFault(path, f"does not fit {descriptor.full_name}")
