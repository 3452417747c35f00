"""Messages as JSON Schema (2020-12), as far as their descriptors and field rules tell."""

from collections.abc import Mapping
from typing import Any, Final

from buf.validate import validate_pb2
from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from lucid_gateway.faults import map_value

Schema = dict[str, Any]

_INT64: Final = {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}
_SCALARS: Final[Mapping[int, Schema]] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_SINT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_SFIXED32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_FIXED32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_SINT64: _INT64,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_UINT64: _INT64,
    FieldDescriptor.TYPE_FIXED64: _INT64,
}
_WELL_KNOWN: Final[Mapping[str, Schema]] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {
        "type": "string",
        "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$",
        "examples": ["1.5s"],
    },
    "google.protobuf.FieldMask": {"type": "string", "description": "Field paths with commas."},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Empty": {"type": "object", "additionalProperties": False},
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
    },
}
_STRING_RULES: Final = (
    ("min_len", "minLength"),
    ("max_len", "maxLength"),
    ("pattern", "pattern"),
)
_REQUIRED: Final = field_behavior_pb2.REQUIRED
_READ_ONLY: Final = (field_behavior_pb2.OUTPUT_ONLY, field_behavior_pb2.IDENTIFIER)


class Schemas:
    """Collects the schemas of messages and of everything that they hold.

    `comments` gives the description of an element by its full name.
    """

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self.components: dict[str, Schema] = {}

    def reference(self, descriptor: Descriptor) -> Schema:
        """Return the schema of a message: inline if well known, else a reference."""
        if descriptor.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[descriptor.full_name])
        name = descriptor.full_name
        if name not in self.components:
            self.components[name] = {}  # taken before the fields: messages may be recursive
            self.components[name] = self.object(descriptor)
        return {"$ref": f"#/components/schemas/{name}"}

    def object(self, descriptor: Descriptor, *, without: frozenset[str] = frozenset()) -> Schema:
        """Return a message's schema in full, but for the fields in `without`."""
        fields = [field for field in descriptor.fields if field.name not in without]
        required = [field.json_name for field in fields if _REQUIRED in behaviours(field)]
        schema: Schema = {
            "type": "object",
            "properties": {field.json_name: self.field(field) for field in fields},
            "additionalProperties": False,
        }
        if required:
            schema["required"] = required
        text = " ".join([self.comment(descriptor.full_name), *_choices(descriptor)]).strip()
        return {"description": text, **schema} if text else schema

    def field(self, field: FieldDescriptor) -> Schema:
        """Return a field's schema, with its comment and its own rules."""
        rules = rules_of(field)
        in_map = map_value(field)
        if in_map is not None:
            schema: Schema = {"type": "object", "additionalProperties": self._single(in_map)}
        elif field.is_repeated:
            schema = {"type": "array", "items": self._single(field)}
            for rule, keyword in (("min_items", "minItems"), ("max_items", "maxItems")):
                if rules.repeated.HasField(rule):
                    schema[keyword] = getattr(rules.repeated, rule)
        else:
            schema = {**self._single(field), **_own_rules(field, rules)}
        if any(behaviour in _READ_ONLY for behaviour in behaviours(field)):
            schema["readOnly"] = True
        text = self.comment(field.full_name)
        return {"description": text, **schema} if text else schema

    def comment(self, full_name: str) -> str:
        """Return the comment of an element, or ""."""
        return self._comments.get(full_name, "")

    def _single(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            wrapped = field.message_type.full_name.startswith("google.protobuf.")
            if (
                wrapped
                and field.message_type.name.endswith("Value")
                and (field.message_type.full_name not in _WELL_KNOWN)
            ):
                return self._single(field.message_type.fields_by_name["value"])
            return self.reference(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        return dict(_SCALARS[field.type])

    def _enum(self, enum: EnumDescriptor) -> Schema:
        if enum.full_name not in self.components:
            described = {
                value.name: self.comment(f"{enum.full_name}.{value.name}") for value in enum.values
            }
            lines = [f"* `{name}`: {text}" for name, text in described.items() if text]
            self.components[enum.full_name] = {
                "type": "string",
                "enum": list(described),
                "description": "\n".join([self.comment(enum.full_name), "", *lines]).strip(),
            }
        return {"$ref": f"#/components/schemas/{enum.full_name}"}


def rules_of(field: FieldDescriptor) -> Any:
    """Return the `buf.validate` rules of a field."""
    extension: Any = validate_pb2.field
    return field.GetOptions().Extensions[extension]


def behaviours(field: FieldDescriptor) -> list[int]:
    """Return the field behaviours that a field declares."""
    return list(field.GetOptions().Extensions[field_behavior_pb2.field_behavior])


def _own_rules(field: FieldDescriptor, rules: Any) -> Schema:
    found: Schema = {}
    if field.type == FieldDescriptor.TYPE_STRING:
        for rule, keyword in _STRING_RULES:
            if rules.string.HasField(rule):
                found[keyword] = getattr(rules.string, rule)
    elif field.type in (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_DOUBLE):
        bounds = rules.int32 if field.type == FieldDescriptor.TYPE_INT32 else rules.double
        for rule, keyword in (
            ("gte", "minimum"),
            ("lte", "maximum"),
            ("gt", "exclusiveMinimum"),
            ("lt", "exclusiveMaximum"),
        ):
            if bounds.HasField(rule):
                found[keyword] = getattr(bounds, rule)
    return found


def _choices(descriptor: Descriptor) -> list[str]:
    return [
        f"At most one of {', '.join(field.json_name for field in oneof.fields)}."
        for oneof in descriptor.oneofs
        if len(oneof.fields) > 1
    ]
