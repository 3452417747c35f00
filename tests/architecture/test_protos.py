"""What must be true of every proto, whoever wrote it."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

REPOSITORY = Path(__file__).resolve().parents[2]
PROTOS = REPOSITORY / "protos"
NOUNS = ("validation", "coherence", "vendor", "dream", "cache", "metrics")
# Idempotent by the resource or event that they name, so that a retry needs no request id.
NATURALLY_IDEMPOTENT = {
    "CacheService",
    "ReportSamples",
    "RunSession",
    "IngestEvents",
    "RecordEntry",
    "ReverseEntry",
}


def methods(noun: str) -> Iterator[MethodDescriptor]:
    for file in sorted((PROTOS / "lucid" / noun / "v1").glob("*.proto")):
        module = importlib.import_module(f"lucid.{noun}.v1.{file.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from service.methods


ALL_METHODS = [method for noun in NOUNS for method in methods(noun)]


def test_generated_code_is_fresh() -> None:
    command = [sys.executable, "protos/tools/generate.py", "--check"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_protos_pass_buf_lint_and_format() -> None:
    command = [sys.executable, "protos/tools/lint.py"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("method", ALL_METHODS, ids=lambda m: m.full_name)
def test_method_declares_its_idempotency(method: MethodDescriptor) -> None:
    level = method.GetOptions().idempotency_level
    assert level != MethodOptions.IDEMPOTENCY_UNKNOWN
    if level == MethodOptions.IDEMPOTENT:
        named = {method.name, method.containing_service.name}
        has_request_id = "request_id" in method.input_type.fields_by_name
        assert has_request_id or named & NATURALLY_IDEMPOTENT


@pytest.mark.parametrize("noun", NOUNS)
def test_retry_policy_names_exactly_the_safe_unary_methods(noun: str) -> None:
    path = PROTOS / "lucid" / noun / "v1" / f"{noun}_grpc_service_config.json"
    config = json.loads(path.read_text())
    retried = {
        f"{name['service']}.{name['method']}"
        for entry in config["methodConfig"]
        if "retryPolicy" in entry
        for name in entry["name"]
    }
    safe = set()
    for method in methods(noun):
        options = method.GetOptions()
        streams = method.client_streaming or method.server_streaming
        if options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS and not streams:
            safe.add(method.full_name)
    assert retried == safe
    assert all("timeout" not in entry for entry in config["methodConfig"])


@pytest.mark.parametrize(
    "method", [m for m in ALL_METHODS if ".cache." not in m.full_name], ids=lambda m: m.full_name
)
def test_edge_method_has_a_route(method: MethodDescriptor) -> None:
    internal = {"ReserveSeed", "ReleaseSeed", "ReportSamples", "RecordEntry", "ReverseEntry"}
    has_route = method.GetOptions().HasExtension(annotations_pb2.http)
    assert has_route or method.name in internal


@pytest.mark.parametrize(
    "method", [m for m in ALL_METHODS if m.name.startswith("List")], ids=lambda m: m.full_name
)
def test_list_method_pages(method: MethodDescriptor) -> None:
    # Catalogues that are part of the release are short and need no pages.
    if method.name in {"ListMethods", "ListCodes", "ListKnobs"}:
        return
    assert {"page_size", "page_token"} <= set(method.input_type.fields_by_name)
    assert "next_page_token" in method.output_type.fields_by_name
