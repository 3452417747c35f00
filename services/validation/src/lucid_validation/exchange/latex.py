"""The account of a problem and its evidence as a LaTeX document that compiles by itself.

Formulas stand inside of paragraphs, where TeX may break them at their operators.
"""

from __future__ import annotations

import re
from fractions import Fraction

from lucid_validation.barrier.expression import (
    FUNCTIONS,
    RELATIONS,
    Call,
    ExpressionInvalid,
    Negation,
    Node,
    Number,
    Operation,
    Power,
    Variable,
    parse_expression,
    parse_relation,
)

from .account import Account
from .infix import number_text

_GREEK = frozenset(
    [
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda"),
        *("mu", "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
    ]
)
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
}
_RELATION = {"<=": r"\leq", ">=": r"\geq", "==": "=", "<": "<", ">": ">"}
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\begin{document}
\sloppy
"""


def to_latex(account: Account) -> str:
    """Return a complete document."""
    parts = [_PREAMBLE, f"\\section*{{{escaped(account.title)}}}\n"]
    if account.verdict:
        parts.append(f"Verdict: \\textbf{{{escaped(account.verdict)}}}.\n")
    for section in account.sections:
        parts.append(f"\\subsection*{{{escaped(section.title)}}}\n\\begin{{itemize}}\n")
        parts += [f"\\item {marked(line)}\n" for line in section.lines]
        parts.append("\\end{itemize}\n")
    parts.append("\\end{document}\n")
    return "".join(parts)


def escaped(text: str) -> str:
    """Return plain text with what TeX would read as commands escaped."""
    pieces = re.split("(<=|>=)", text)
    return "".join(
        f"\\ensuremath{{{_RELATION[piece]}}}"
        if piece in _RELATION
        else "".join(map(_character, piece))
        for piece in pieces
    )


def _character(character: str) -> str:
    """Return a character as TeX may read it; beyond Latin letters fonts may have none."""
    if character in _SPECIAL:
        return _SPECIAL[character]
    return character if character == "\n" or " " <= character < "\u0180" else "?"


def marked(text: str) -> str:
    """Return marked text: plain parts escaped, mathematics between backticks set."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    return "".join(mathematics(p) if i % 2 else escaped(p) for i, p in enumerate(parts))


def mathematics(text: str) -> str:
    """Return `expression`, `relation` or `name = expression` as inline mathematics.

    What cannot be read is set in typewriter type.
    """
    try:
        return f"${_formula(text)}$"
    except ExpressionInvalid:
        return f"\\texttt{{{escaped(text)}}}"


def _formula(text: str) -> str:
    names = frozenset(_NAME.findall(text)) - FUNCTIONS
    head, equals, body = text.partition(" = ")
    if equals:
        return f"{_assigned(head)} = {_set(parse_expression(body, names), _SUM)}"
    if any(operator in text for operator in RELATIONS):
        relation = parse_relation(text, names)
        left, right = _set(relation.left, _SUM), _set(relation.right, _SUM)
        return f"{left} {_RELATION[relation.operator]} {right}"
    return _set(parse_expression(text, names), _SUM)


def _assigned(head: str) -> str:
    if head.endswith("'"):
        return f"\\dot{{{name_of(head[:-1])}}}"
    return f"{name_of(head[:-1])}^{{+}}" if head.endswith("+") else name_of(head)


def name_of(name: str) -> str:
    """Return a name as a symbol: `x1` with an index, Greek letters as such."""
    match = re.fullmatch(r"([A-Za-z]+)_?([0-9]*)", name)
    if match is None:
        return f"\\mathit{{{escaped(name)}}}"
    stem, index = match.groups()
    if stem in _GREEK:
        stem = f"\\{stem}"
    elif len(stem) > 1:
        stem = f"\\mathit{{{stem}}}"
    return f"{stem}_{{{index}}}" if index else stem


def _set(node: Node, least: int) -> str:
    text, level = _written(node)
    return text if level >= least else f"({text})"


def _written(node: Node) -> tuple[str, int]:
    match node:
        case Number(value):
            return _number(value)
        case Variable(name):
            return name_of(name), _ATOM
        case Negation(operand):
            return f"-{_unsigned(operand, _SIGN)}", _SIGN
        case Power(base, exponent):
            return f"{_set(base, _ATOM)}^{{{exponent}}}", _POWER
        case Call(function, argument):
            return _called(function, _set(argument, _SUM)), _ATOM
        case Operation():
            return _operation(node)


def _number(value: Fraction) -> tuple[str, int]:
    text = number_text(value)
    if "/" in text:
        over, under = text.split("/")
        return f"{over}/{under}", _PRODUCT
    return text, _ATOM if value >= 0 else _SIGN


def _called(function: str, argument: str) -> str:
    match function:
        case "sqrt":
            return f"\\sqrt{{{argument}}}"
        case "abs":
            return f"|{argument}|"
        case _:
            return f"\\{function}({argument})"


def _unsigned(node: Node, least: int) -> str:
    text = _set(node, least)
    return f"({text})" if text.startswith("-") else text


def _operation(node: Operation) -> tuple[str, int]:
    if node.symbol == "/":
        return f"\\frac{{{_set(node.left, _SUM)}}}{{{_set(node.right, _SUM)}}}", _POWER
    if node.symbol == "*":
        right = _unsigned(node.right, _SIGN)
        # Two numbers side by side would read as one.
        glue = r" \cdot " if right[:1].isdigit() else r" \, "
        return f"{_set(node.left, _PRODUCT)}{glue}{right}", _PRODUCT
    # Sums lean left: walk that spine in a loop, not by recursion.
    parts: list[str] = []
    first: Node = node
    while isinstance(first, Operation) and first.symbol in {"+", "-"}:
        parts.append(f" {first.symbol} {_unsigned(first.right, _PRODUCT)}")
        first = first.left
    return _set(first, _SUM) + "".join(reversed(parts)), _SUM
