"""Small enough to be read by whoever has to trust it, and made of the standard library alone."""

import ast
import io
import sys
import tokenize
from pathlib import Path

import lucid_checker

FILES = sorted(Path(lucid_checker.__file__).parent.glob("*.py"))
CODE_LINES_MAX = 2_160
IGNORED = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def code_lines(text):
    """Count the lines that are neither blank nor comment nor docstring."""
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            docstrings |= set(range(body[0].lineno, body[0].end_lineno + 1))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    used = {
        line
        for token in tokens
        if token.type not in IGNORED and token.string
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(used - docstrings)


def test_docstrings_comments_and_blank_lines_are_no_code():
    text = '"""Doc."""\n\nx = (\n    1\n)  # one\n# two\ndef f():\n    """Doc\n\n    more."""\n'
    assert code_lines(text) == 4


def test_the_checker_stays_small():
    assert sum(code_lines(file.read_text()) for file in FILES) <= CODE_LINES_MAX
    assert max(len(file.read_text().splitlines()) for file in FILES) <= 400


def test_only_the_standard_library_is_imported():
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module]
            for name in names:
                assert name.split(".")[0] in {*sys.stdlib_module_names, "lucid_checker"}, file.name
