"""Sizes and names that keep the code pleasant to inherit."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "core", "base", "manager", "misc"}
MODULE_LINES_MAX = 500
MAIN_LINES_MAX = 60
FUNCTION_LINES_MAX = 60
SERVICER_METHOD_LINES_MAX = 20
PARAMETERS_MAX = 8
NESTING_MAX = 4
# Tables are read, not understood line by line.
TABLES: set[str] = set()


def sources() -> list[Path]:
    members = ["libs/*", "services/*", "gateway", "checker", "cli"]
    found = [p for m in members for p in REPOSITORY.glob(f"{m}/src/**/*.py")]
    return sorted(p for p in found if "versions" not in p.parts)


SOURCES = sources()


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield child, node.name if isinstance(node, ast.ClassDef) else ""


def length_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    last = function.body[-1].end_lineno or function.lineno
    lines = last - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def nesting(node: ast.AST, depth: int = 0) -> int:
    blocks = (
        ast.If | ast.For | ast.While | ast.With | ast.Try | ast.AsyncFor | ast.AsyncWith | ast.Match
    )
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        is_elif = isinstance(child, ast.If) and isinstance(node, ast.If) and child in node.orelse
        deeper = depth + (isinstance(child, blocks) and not is_elif)
        deepest = max(deepest, nesting(child, deeper))
    return deepest


def test_there_are_sources() -> None:
    assert len(SOURCES) > 100


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_module_is_small_and_named_after_what_it_holds(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    limit = MAIN_LINES_MAX if path.name == "__main__.py" else MODULE_LINES_MAX
    assert lines <= limit or relative(path) in TABLES
    assert not FORBIDDEN_NAMES & {path.stem, *path.relative_to(REPOSITORY).parts}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_functions_are_small(path: Path) -> None:
    for function, owner in functions(path):
        name = f"{owner}.{function.name}" if owner else function.name
        limit = SERVICER_METHOD_LINES_MAX if owner.endswith("Servicer") else FUNCTION_LINES_MAX
        assert length_without_docstring(function) <= limit, name
        arguments = function.args
        count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
        count -= bool(arguments.args and arguments.args[0].arg in {"self", "cls"})
        assert count <= PARAMETERS_MAX, name
        assert nesting(function) <= NESTING_MAX, name
