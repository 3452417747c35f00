"""A continuous problem as a KeYmaera X archive entry, its certificate as the invariant.

The entry says what the certificate is for, `init -> [{x'=f(x) & domain}] !unsafe`; a proof there
is KeYmaera X's own. Cuts are listed in their order. [Platzer2010]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lucid_validation.barrier.expression import (
    Call,
    Negation,
    Node,
    Operation,
    Power,
    Variable,
    parse_expression,
    parse_relation,
)

from .errors import NotExpressible
from .infix import KYX, FunctionUnknown, infix

Json = Mapping[str, Any]
Names = Mapping[str, str]
"""The name that is written for each declared one."""
_OPERATORS = {"==": "="}
# A letter, letters and digits, and maybe an index.
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[0-9]+)?")
_WORDS = frozenset(
    {"End", "Real", "Bool", "HP", "true", "false", "abs", "min", "max", "if", "else"}
)


def write_kyx(problem: Json) -> str:
    """Return one archive entry of a problem object that `parse_problem` accepts.

    Raises `NotExpressible` for what differential equations with a box cannot say, and where the
    dialect lacks a function.
    """
    if problem["kind"] != "continuous":
        raise NotExpressible(
            f"a {problem['kind']} system is no differential equation; export it as json or smt2"
        )
    if problem.get("inputs") is not None:
        raise NotExpressible("inputs chosen by a controller are no box; export as json or smt2")
    try:
        return _entry(problem)
    except FunctionUnknown as error:
        known = ", ".join(sorted(KYX.functions or ()))
        raise NotExpressible(
            f"KeYmaera X archives are written with {known} only, not {error.args[0]}; "
            "export it as dreal or json"
        ) from error


def _entry(problem: Json) -> str:
    names = _names(problem["vars"])
    parameters = list(problem.get("parameters") or [])
    moving = [name for name in problem["vars"] if name not in parameters]
    name = str(problem.get("id") or "problem").replace('"', "'")
    lines = [f'ArchiveEntry "{name}"', ""]
    if parameters:
        lines += ["Definitions", *(_declared(name, names) for name in parameters), "End.", ""]
    lines += ["ProgramVariables", *(_declared(name, names) for name in moving), "End.", ""]
    init, domain = [_formula(problem["init"], names, 1)], _domain(problem, names)
    if problem.get("time") is not None:
        init.append(f"{names[problem['time']]} = 0")
    equations = ", ".join(
        f"{names[name]}' = {_term(problem['dynamics'][name], names)}" for name in moving
    )
    inside = f"{equations} & {' & '.join(domain)}" if domain else equations
    cuts = ", ".join(_cuts(problem, names))
    annotation = f"\n     @invariant({cuts})" if cuts else ""
    lines += [
        "Problem",
        f"  {' & '.join(init)}",
        "  ->",
        f"  [{{{inside}}}{annotation}",
        f"  ]!({_formula(problem['unsafe'], names, 0)})",
        *("End.", "", "End.", ""),
    ]
    return "\n".join(lines)


def _names(declared: Sequence[str]) -> Names:
    """Return a name of the dialect for each declared one: underscores only before an index."""
    found: dict[str, str] = {}
    for name in declared:
        plain = name
        if not _IDENTIFIER.fullmatch(name):
            head, *tail = [part for part in name.split("_") if part] or ["v"]
            plain = head + "".join(part.capitalize() for part in tail)
            plain = plain if plain[0].isalpha() else f"v{plain}"
        while plain in _WORDS or plain in found.values() or (plain != name and plain in declared):
            plain += "x"
        found[name] = plain
    return found


def _declared(name: str, names: Names) -> str:
    remark = "" if names[name] == name else f"  /* {name} */"
    return f"  Real {names[name]};{remark}"


def _renamed(node: Node, names: Names) -> Node:
    match node:
        case Variable(name):
            return Variable(names[name])
        case Negation(operand):
            return Negation(_renamed(operand, names))
        case Power(base, exponent):
            return Power(_renamed(base, names), exponent)
        case Call(function, argument):
            return Call(function, _renamed(argument, names))
        case Operation():
            return _renamed_operation(node, names)
        case _:
            return node


def _renamed_operation(node: Operation, names: Names) -> Node:
    # Sums and products lean left: walk that spine in a loop, not by recursion.
    spine: list[Operation] = []
    first: Node = node
    while isinstance(first, Operation):
        spine.append(first)
        first = first.left
    found = _renamed(first, names)
    for operation in reversed(spine):
        found = Operation(operation.symbol, found, _renamed(operation.right, names))
    return found


def _domain(problem: Json, names: Names) -> list[str]:
    given = problem.get("domain") or []
    parts = given if isinstance(given, list) else [given]
    found = [_formula(part, names, 1) for part in parts]
    if problem.get("time") is not None:
        horizon = _term(str(problem["horizon"]), names)
        time = names[problem["time"]]
        found += [f"{time} >= 0", f"{time} <= {horizon}"]
    return found


def _cuts(problem: Json, names: Names) -> list[str]:
    certificate = problem.get("certificate")
    if not certificate:
        return []
    match certificate.get("type"):
        case "invariant":
            return [_formula(cut, names, 0) for cut in certificate["cuts"]]
        case "vector":
            return [" & ".join(f"{_term(b, names)} <= 0" for b in certificate["exprs"])]
        case _:
            strict = certificate.get("original_invariant")
            if isinstance(strict, list) and len(strict) == 1:
                return [_formula(strict[0], names, 0)]
            return [f"{_term(certificate['expr'], names)} <= 0"]


def _term(text: str, names: Names) -> str:
    return _written(parse_expression(text, frozenset(names)), names)


def _written(node: Node, names: Names) -> str:
    return infix(_renamed(node, names), KYX)


def _formula(value: Any, names: Names, level: int) -> str:
    """Return a formula; `level` 1 stands in a conjunction, 0 alone."""
    if isinstance(value, str):
        relation = parse_relation(value, frozenset(names))
        operator = _OPERATORS.get(relation.operator, relation.operator)
        return f"{_written(relation.left, names)} {operator} {_written(relation.right, names)}"
    if isinstance(value, list):
        value = {"and": value}
    ((kind, children),) = value.items()
    if not children:
        return "true" if kind == "and" else "false"
    if len(children) == 1:
        return _formula(children[0], names, level)
    if kind == "and":
        return " & ".join(_formula(child, names, 1) for child in children)
    text = " | ".join(_formula(child, names, 1) for child in children)
    return f"({text})" if level else text
