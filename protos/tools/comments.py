"""Collects the comments of our protos by element name.

Generated Python code has no comments, and an image has no protos; so the descriptions of the API
travel as one JSON file beside the generated code.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from google.protobuf import descriptor_pb2
from image import own_files, protoc

_CHILDREN = {
    # (kind of parent, field number in it) -> (kind of child, name of the list)
    ("file", 4): ("message", "message_type"),
    ("file", 5): ("enum", "enum_type"),
    ("file", 6): ("service", "service"),
    ("message", 2): ("field", "field"),
    ("message", 3): ("message", "nested_type"),
    ("message", 4): ("enum", "enum_type"),
    ("message", 8): ("oneof", "oneof_decl"),
    ("enum", 2): ("value", "value"),
    ("service", 2): ("method", "method"),
}


def write_comments(target: Path) -> None:
    """Write all comments as JSON."""
    target.write_text(json.dumps(comments(), indent=0, ensure_ascii=False) + "\n", "utf-8")


def comments() -> dict[str, str]:
    """Return the leading comment of every element of our protos, by its full name."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "own.binpb"
        protoc(["--include_source_info", f"--descriptor_set_out={raw}", *own_files()], Path(folder))
        files = descriptor_pb2.FileDescriptorSet.FromString(raw.read_bytes())
    return dict(sorted(pair for file in files.file for pair in _of_file(file)))


def _of_file(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    for location in file.source_code_info.location:
        text = " ".join(location.leading_comments.split())
        name = _name(file, list(location.path))
        if text and name:
            yield name, text


def _name(file: descriptor_pb2.FileDescriptorProto, path: list[int]) -> str:
    kind, element, name = "file", file, file.package
    while path:
        number, *rest = path
        step = _CHILDREN.get((kind, number))
        if step is None or not rest:
            return ""
        kind, items = step
        element = getattr(element, items)[rest[0]]
        name = f"{name}.{element.name}"
        path = rest[1:]
    return name if kind != "file" else ""
