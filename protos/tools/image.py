"""Builds descriptor images without a registry.

The descriptors of everything that our protos import are taken from the installed packages, so
that neither protoc nor buf needs a network. In the image for buf every file that is not ours is
marked as an import; buf then lints and compares only ours.
"""

import subprocess
import sys
from pathlib import Path

from google.api import annotations_pb2, field_behavior_pb2, resource_pb2
from google.longrunning import operations_pb2
from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2
from google.protobuf.descriptor import FileDescriptor
from google.rpc import error_details_pb2, status_pb2
from protovalidate._gen.buf.validate import validate_pb

PROTO_ROOT = Path(__file__).resolve().parent.parent
OWN_PREFIX = "lucid/"
# buf's ImageFile extension: field 8042 of FileDescriptorProto, {is_import: true}.
IMPORT_MARK = b"\xd2\xf6\x03\x02\x08\x01"
_SOURCES = (
    annotations_pb2,
    field_behavior_pb2,
    resource_pb2,
    operations_pb2,
    duration_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    error_details_pb2,
    status_pb2,
)


def own_files() -> list[str]:
    """Return the paths of our protos relative to the proto root, sorted."""
    return sorted(str(path.relative_to(PROTO_ROOT)) for path in PROTO_ROOT.glob("lucid/**/*.proto"))


def dependencies() -> descriptor_pb2.FileDescriptorSet:
    """Return the descriptors of every file that ours may import, dependencies first."""
    files = descriptor_pb2.FileDescriptorSet()
    seen: set[str] = set()

    def add(file: FileDescriptor) -> None:
        if file.name in seen:
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            add(dependency)
        file.CopyToProto(files.file.add())

    for module in _SOURCES:
        add(module.DESCRIPTOR)
    # Private name, hence the exact pin of protovalidate: it ships no Google-runtime descriptor.
    files.file.add().ParseFromString(validate_pb._DESC.proto.to_binary())
    return files


def protoc(arguments: list[str], folder: Path) -> None:
    """Run protoc on our files with the dependencies' descriptors; raise if it fails."""
    deps = folder / "dependencies.binpb"
    deps.write_bytes(dependencies().SerializeToString())
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={deps}"]
    subprocess.run([*command, f"-I{PROTO_ROOT}", *arguments], check=True, cwd=PROTO_ROOT)


def write_image(target: Path, folder: Path) -> None:
    """Write the image that buf reads: our files with comments, all others marked as imports."""
    raw = folder / "own.binpb"
    protoc(
        ["--include_imports", "--include_source_info", f"--descriptor_set_out={raw}", *own_files()],
        folder,
    )
    files = descriptor_pb2.FileDescriptorSet.FromString(raw.read_bytes())
    target.write_bytes(b"".join(_image_entry(file) for file in files.file))


def _image_entry(file: descriptor_pb2.FileDescriptorProto) -> bytes:
    body = file.SerializeToString()
    if not file.name.startswith(OWN_PREFIX):
        body += IMPORT_MARK
    return b"\x0a" + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
