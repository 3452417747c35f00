"""A seed's model: a barrier problem in which `cap` stands for the intensity cap.

A model is a template. Only after `cap` is replaced by an exact decimal is it a problem that can be
decided; the cap of the seed is used for publishing, the cap of the user for a session. The hash
of the composed problem (docs/evidence-format.md, section 1) ties a verdict to one version.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lucid_vendor.vendors.refusals import InvalidArgument

CAP = "cap"
INTENSITY = "a"
MODEL_BYTES_MAX = 65_536
NESTING_MAX = 16
VARIABLES_MAX = 32
DECIMAL_DIGITS_MAX = 18

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAP_TOKEN = re.compile(r"(?<![A-Za-z0-9_.])cap(?![A-Za-z0-9_])")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_UNSAFE_LEAF = re.compile(r"\(*(a\)*>=\(*cap|cap\)*<=\(*a)\)*")
_MATHEMATICS = ("kind", "vars", "parameters", "dynamics", "domain", "init", "unsafe")
_CERTIFICATE = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """A checked model; `text` is its canonical JSON and the only thing stored or compared."""

    text: str

    def document(self) -> Document:
        """Return the template as a fresh JSON object."""
        document: Document = json.loads(self.text)
        return document


def parse_model(document: Mapping[str, Any], *, field: str = "model") -> Model:
    """Check a problem object and keep its mathematics only.

    Names, labels and notes are dropped, so they can influence no verdict. Expressions are not
    parsed here (validation owns the grammar); what is checked is what publishing relies on.

    Raises:
        InvalidArgument: naming the path of the field below `field` and what to write there.
    """
    kept = _mathematics_of(document)
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    if len(text) > MODEL_BYTES_MAX:
        raise InvalidArgument(field, f"has {len(text)} bytes; the limit is {MODEL_BYTES_MAX}.")
    _check_variables(kept, field)
    for part in ("init", "unsafe"):
        _check_formula(kept[part], f"{field}.{part}", 0)
    _check_intensity(kept, field)
    _check_certificate(kept["certificate"], kept["flow_condition"], field)
    return Model(text)


def parse_cap(text: str, *, field: str = "intensity_cap") -> str:
    """Return the exact decimal text of a cap in (0, 1] without superfluous zeros.

    Raises:
        InvalidArgument: when it is not a plain decimal of at most 18 digits in (0, 1].
    """
    wanted = f"must be a plain decimal in (0, 1] such as 0.8, not {text[:40]!r}."
    if len(text) > DECIMAL_DIGITS_MAX + 1 or not _DECIMAL.fullmatch(text):
        raise InvalidArgument(field, wanted)
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InvalidArgument(field, wanted) from None
    if not 0 < value <= 1:
        raise InvalidArgument(field, wanted)
    return f"{value:f}".rstrip("0").rstrip(".") if "." in text else f"{value:f}"


def compose(model: Model, cap: str) -> Document:
    """Return the problem for one cap: every `cap` replaced by the decimal in parentheses."""
    composed: Document = _map_strings(
        model.document(), lambda text: _CAP_TOKEN.sub(f"({cap})", text)
    )
    return composed


def problem_sha256(problem: Mapping[str, Any]) -> str:
    """Hash a composed problem as its evidence does (docs/evidence-format.md, section 1)."""
    canonical = json.dumps(
        _mathematics_of(problem), sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _mathematics_of(problem: Mapping[str, Any]) -> Document:
    kept: Document = {key: problem.get(key) for key in _MATHEMATICS}
    certificate = problem.get("certificate")
    kept["certificate"] = (
        {key: certificate.get(key) for key in _CERTIFICATE}
        if isinstance(certificate, Mapping)
        else None
    )
    kept["flow_condition"] = problem.get("flow_condition")
    return kept


def _map_strings(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _map_strings(item, change) for key, item in value.items()}
    return value


def _check_variables(model: Document, field: str) -> None:
    names = model["vars"]
    if not isinstance(names, list) or not 0 < len(names) <= VARIABLES_MAX:
        raise InvalidArgument(f"{field}.vars", f"must list 1 to {VARIABLES_MAX} variables.")
    for name in names:
        if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
            raise InvalidArgument(f"{field}.vars", f"{name!r} is not a variable name.")
        if name == CAP:
            raise InvalidArgument(
                f"{field}.vars", "`cap` is reserved for the intensity cap; do not declare it."
            )
    if len(set(names)) != len(names):
        raise InvalidArgument(f"{field}.vars", "lists a variable twice.")
    dynamics = model["dynamics"]
    if not isinstance(dynamics, dict) or set(dynamics) != set(names):
        raise InvalidArgument(f"{field}.dynamics", "must have one expression for each variable.")
    if not all(isinstance(value, str) for value in dynamics.values()):
        raise InvalidArgument(f"{field}.dynamics", "must hold expressions as text.")
    parameters = model["parameters"] or []
    if not isinstance(parameters, list) or not set(parameters) <= set(names):
        raise InvalidArgument(f"{field}.parameters", "must be listed in vars too.")
    moving = [name for name in parameters if dynamics[name].strip() != "0"]
    if moving:
        raise InvalidArgument(
            f"{field}.dynamics.{moving[0]}", f"parameter {moving[0]} must have dynamics 0."
        )


def _check_formula(formula: Any, field: str, depth: int) -> None:
    if isinstance(formula, str) and formula.strip():
        return
    if depth >= NESTING_MAX:
        raise InvalidArgument(field, f"is nested deeper than {NESTING_MAX} levels.")
    if isinstance(formula, dict) and len(formula) == 1:
        connective, children = next(iter(formula.items()))
        if connective in {"and", "or"} and isinstance(children, list) and children:
            for child in children:
                _check_formula(child, field, depth + 1)
            return
    raise InvalidArgument(field, 'must be `lhs op rhs`, {"and": [...]} or {"or": [...]}.')


def _check_intensity(model: Document, field: str) -> None:
    """The cap must be what certification protects: `a >= cap` is unsafe, always."""
    if model["kind"] != "continuous":
        raise InvalidArgument(f"{field}.kind", "must be `continuous`: intensity is held in time.")
    if INTENSITY not in model["vars"] or INTENSITY in (model["parameters"] or []):
        raise InvalidArgument(
            f"{field}.vars", f"must contain the intensity `{INTENSITY}`, and not as a parameter."
        )
    unsafe = model["unsafe"]
    alternatives = unsafe.get("or", [unsafe]) if isinstance(unsafe, dict) else [unsafe]
    leaves = [
        re.sub(r"\s+", "", leaf)
        for alternative in alternatives
        for leaf in [_single_leaf(alternative)]
        if leaf is not None
    ]
    if not any(_UNSAFE_LEAF.fullmatch(leaf) for leaf in leaves):
        raise InvalidArgument(
            f"{field}.unsafe",
            f"must be `{INTENSITY} >= {CAP}`, alone or as one alternative of an `or`.",
        )


def _single_leaf(formula: Any) -> str | None:
    while isinstance(formula, dict) and len(formula) == 1:
        children = next(iter(formula.values()))
        if not isinstance(children, list) or len(children) != 1:
            return None
        formula = children[0]
    return formula if isinstance(formula, str) else None


def _check_certificate(certificate: Any, flow_condition: Any, field: str) -> None:
    if not isinstance(certificate, dict) or certificate["type"] not in {"barrier", "invariant"}:
        raise InvalidArgument(
            f"{field}.certificate", 'must be {"type": "barrier", "expr": ...} or an invariant.'
        )
    if certificate["type"] == "barrier" and not isinstance(certificate["expr"], str):
        raise InvalidArgument(f"{field}.certificate.expr", "must be an expression as text.")
    if certificate["type"] == "barrier" and not isinstance(flow_condition, str):
        raise InvalidArgument(
            f"{field}.flow_condition", "must name the condition, such as `boundary_strict`."
        )
