"""A continuous problem as a KeYmaera X archive entry, its certificate as the invariant.

The entry says what the certificate is for, `init -> [{x'=f(x) & domain}] !unsafe`; a proof there
is KeYmaera X's own. Cuts are listed in their order. [Platzer2010]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lucid_validation.barrier.expression import parse_expression, parse_relation

from .errors import NotExpressible
from .infix import KYX, FunctionUnknown, infix

Json = Mapping[str, Any]
_OPERATORS = {"==": "="}


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
    names = frozenset(problem["vars"])
    parameters = list(problem.get("parameters") or [])
    moving = [name for name in problem["vars"] if name not in parameters]
    name = str(problem.get("id") or "problem").replace('"', "'")
    lines = [f'ArchiveEntry "{name}"', ""]
    if parameters:
        lines += ["Definitions", *(f"  Real {name};" for name in parameters), "End.", ""]
    lines += ["ProgramVariables", *(f"  Real {name};" for name in moving), "End.", ""]
    init, domain = [_formula(problem["init"], names, 1)], _domain(problem, names)
    if problem.get("time") is not None:
        init.append(f"{problem['time']} = 0")
    equations = ", ".join(f"{name}' = {_term(problem['dynamics'][name], names)}" for name in moving)
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


def _domain(problem: Json, names: frozenset[str]) -> list[str]:
    given = problem.get("domain") or []
    parts = given if isinstance(given, list) else [given]
    found = [_formula(part, names, 1) for part in parts]
    if problem.get("time") is not None:
        horizon = _term(str(problem["horizon"]), names)
        found += [f"{problem['time']} >= 0", f"{problem['time']} <= {horizon}"]
    return found


def _cuts(problem: Json, names: frozenset[str]) -> list[str]:
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


def _term(text: str, names: frozenset[str]) -> str:
    return infix(parse_expression(text, names), KYX)


def _formula(value: Any, names: frozenset[str], level: int) -> str:
    """Return a formula; `level` 1 stands in a conjunction, 0 alone."""
    if isinstance(value, str):
        relation = parse_relation(value, names)
        operator = _OPERATORS.get(relation.operator, relation.operator)
        return f"{infix(relation.left, KYX)} {operator} {infix(relation.right, KYX)}"
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
