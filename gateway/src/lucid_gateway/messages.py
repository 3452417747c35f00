"""Messages as JSON: one reading for every route.

Fields without presence are always written, so that `false`, `0` and an empty list are seen and
not guessed; names are in lowerCamelCase, 64-bit integers are strings, as ProtoJSON says.
"""

from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.message import Message


def to_tree(message: Message) -> Any:
    """Return a message as plain JSON data."""
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def to_json(message: Message, response_body: str = "") -> bytes:
    """Return a message, or the one field of it that a route answers with, as JSON text."""
    tree = to_tree(message)
    if response_body:
        field = message.DESCRIPTOR.fields_by_name[response_body]
        tree = tree.get(field.json_name)
    return msgspec.json.encode(tree)


def sequence_of(message: Message) -> int | None:
    """Return the sequence number of an event, by which a stream resumes; None without one."""
    if "sequence" not in message.DESCRIPTOR.fields_by_name:
        return None
    return int(message.sequence) or None  # type: ignore[attr-defined]


def is_heartbeat(message: Message) -> bool:
    """Say whether an event only says that the stream is alive."""
    known = "heartbeat" in message.DESCRIPTOR.fields_by_name
    return known and bool(message.heartbeat)  # type: ignore[attr-defined]


def is_terminal(message: Message) -> bool:
    """Say whether an event is the last one of its subject."""
    known = "terminal" in message.DESCRIPTOR.fields_by_name
    return known and bool(message.terminal)  # type: ignore[attr-defined]


RESUME_FIELD = "after_sequence"
"""The request field that a stream resumes by; the Last-Event-ID header fills it."""
