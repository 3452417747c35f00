"""Names are declared before they are used, and those of others are theirs."""

import ast
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from lucid_telemetry import semconv
from opentelemetry.semconv._incubating.attributes import rpc_attributes
from opentelemetry.semconv.attributes import (
    error_attributes,
    http_attributes,
    server_attributes,
    service_attributes,
)

ROOT = Path(__file__).parents[3]
SOURCES = sorted(
    path
    for folder in ("libs", "services", "gateway")
    for path in (ROOT / folder).rglob("src/**/*.py")
)


def test_the_version_is_pinned_with_the_names() -> None:
    """The package installed still names the status code as we do; when it changes, so must we."""
    assert semconv.SEMCONV_VERSION == "1.44.0"
    assert metadata.version("opentelemetry-semantic-conventions") == "0.66b2"
    assert semconv.RPC_RESPONSE_STATUS_CODE == rpc_attributes.RPC_RESPONSE_STATUS_CODE


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (semconv.RPC_METHOD, rpc_attributes.RPC_METHOD),
        (semconv.ERROR_TYPE, error_attributes.ERROR_TYPE),
        (semconv.SERVER_ADDRESS, server_attributes.SERVER_ADDRESS),
        (semconv.SERVER_PORT, server_attributes.SERVER_PORT),
        (semconv.SERVICE_NAME, service_attributes.SERVICE_NAME),
        (semconv.HTTP_ROUTE, http_attributes.HTTP_ROUTE),
        (semconv.HTTP_REQUEST_METHOD, http_attributes.HTTP_REQUEST_METHOD),
    ],
)
def test_names_of_others_are_spelt_as_they_spell_them(ours: str, theirs: str) -> None:
    assert ours == theirs


def test_our_own_names_say_whose_they_are() -> None:
    for name in semconv.SPAN_NAMES | semconv.ATTRIBUTE_NAMES:
        assert name.startswith("lucid.")


def test_metrics_use_declared_attributes() -> None:
    for metric in semconv.METRICS:
        for attribute in metric.attributes:
            assert not attribute.startswith("lucid.") or attribute in semconv.ATTRIBUTE_NAMES


def test_nothing_undeclared_is_emitted() -> None:
    assert SOURCES
    undeclared = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in SOURCES
        for line, name, declared in _emitted(ast.parse(path.read_text("utf-8")))
        if name not in declared
    ]
    assert undeclared == []


def test_nothing_is_declared_that_nobody_emits() -> None:
    sources = [path.read_text("utf-8") for path in SOURCES if path.name != "semconv.py"]
    constants = {value: name for name, value in vars(semconv).items() if isinstance(value, str)}
    unused = [
        name
        for name in semconv.SPAN_NAMES | semconv.METRIC_NAMES | semconv.ATTRIBUTE_NAMES
        if not any(
            f'"{name}"' in source or constants.get(name, f'"{name}"') in source
            for source in sources
        )
    ]
    assert unused == []


def _emitted(tree: ast.AST) -> Iterator[tuple[int, str, frozenset[str]]]:
    """Yield line, name and the set it must be in, for names written out where they are emitted."""
    declared = {
        "span": semconv.SPAN_NAMES,
        "count": semconv.METRIC_NAMES,
        "observe": semconv.METRIC_NAMES,
        "gauge": semconv.METRIC_NAMES,
        "set_attribute": semconv.ATTRIBUTE_NAMES,
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0]
        if called not in declared or not isinstance(first, ast.Constant):
            continue
        if isinstance(first.value, str) and first.value.startswith("lucid."):
            yield node.lineno, first.value, declared[called]
        if called == "span" and len(node.args) > 1 and isinstance(node.args[1], ast.Dict):
            for key in node.args[1].keys:
                if isinstance(key, ast.Constant) and str(key.value).startswith("lucid."):
                    yield node.lineno, str(key.value), semconv.ATTRIBUTE_NAMES
