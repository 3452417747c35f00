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
from decimal import Decimal
from typing import Any

from lucid_vendor.vendors.refusals import SeedInvalid

CAP = "cap"
INTENSITY = "a"
MODEL_BYTES_MAX = 65_536
NESTING_MAX = 16
VARIABLES_MAX = 32
DECIMAL_DIGITS_MAX = 18

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAP_TOKEN = re.compile(r"(?<![A-Za-z0-9_.])cap(?![A-Za-z0-9_])")
_DECIMAL = re.compile(r"(0|1)(\.[0-9]+)?")
_UNSAFE_LEAF = re.compile(r"a>=cap|cap<=a")
_MATHEMATICS = ("kind", "vars", "parameters", "dynamics", "domain", "init", "unsafe")
_CERTIFICATE = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")
_USED_BY_TYPE = {
    "barrier": {"type", "expr", "lambda", "original_invariant"},
    "invariant": {"type", "cuts"},
}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """A checked model; `text` is its canonical JSON and the only thing stored or compared."""

    text: str

    def document(self) -> Document:
        """Return the template as a fresh JSON object."""
        document: Document = json.loads(self.text)
        return document


def parse_model(document: Mapping[str, Any], field: str = "seed.model") -> Model:
    """Check a problem object and keep its mathematics only.

    Names, labels and notes are dropped, so they can influence no verdict. Expressions are not
    parsed here (validation owns the grammar); what is checked is what publishing relies on.

    Raises:
        SeedInvalid: naming the path of the field below `field`, the rule and what to write there.
    """
    kept = _mathematics_of(document)
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    if len(text) > MODEL_BYTES_MAX:
        raise SeedInvalid(
            field, "MODEL_TOO_LARGE", f"has {len(text)} bytes; the limit is {MODEL_BYTES_MAX}."
        )
    _check_system(kept, f"{field}.system")
    for part, where in (("init", "initial"), ("unsafe", "unsafe")):
        _check_formula(kept[part], f"{field}.{where}", 0)
    _check_intensity(kept, field)
    _check_certificate(kept, f"{field}.certificate")
    return Model(text)


def parse_unit_decimal(text: str, field: str) -> str:
    """Return the exact decimal text of a number in (0, 1] without superfluous zeros.

    Raises:
        SeedInvalid: when it is not a plain decimal of at most 18 digits in (0, 1].
    """
    plain = len(text) <= DECIMAL_DIGITS_MAX + 1 and _DECIMAL.fullmatch(text)
    value = Decimal(text) if plain else Decimal(0)
    if not 0 < value <= 1:
        raise SeedInvalid(
            field,
            "DECIMAL_IN_UNIT_INTERVAL",
            f"must be a plain decimal above 0 and at most 1, such as 0.8, not {text[:40]!r}.",
        )
    return text.rstrip("0").rstrip(".") if "." in text else text


def compose(model: Model, cap: str) -> Document:
    """Return the problem for one cap: every `cap` replaced by the decimal in parentheses.

    Parts of the certificate that its type does not use are left out, as validation leaves them
    out of what it decides and hashes.
    """
    composed: Document = _map_strings(
        model.document(), lambda text: _CAP_TOKEN.sub(f"({cap})", text)
    )
    certificate = composed["certificate"]
    used = _USED_BY_TYPE[certificate["type"]]
    composed["certificate"] = {
        key: certificate[key] if key in used else None for key in certificate
    }
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


def _check_system(model: Document, field: str) -> None:
    names, dynamics = model["vars"], model["dynamics"]
    if not 0 < len(names) <= VARIABLES_MAX:
        raise SeedInvalid(
            f"{field}.variables", "VARIABLES", f"must list 1 to {VARIABLES_MAX} names."
        )
    for index, name in enumerate(names):
        where = f"{field}.variables[{index}]"
        if not _IDENTIFIER.fullmatch(name) or name in names[:index]:
            raise SeedInvalid(where, "VARIABLES", "must be a name that occurs only once.")
        if name == CAP:
            raise SeedInvalid(
                where, "CAP_IS_RESERVED", "`cap` stands for the intensity cap; do not declare it."
            )
    if set(dynamics) != set(names):
        raise SeedInvalid(
            f"{field}.dynamics", "DYNAMICS", "must have one expression for each variable."
        )
    for index, name in enumerate(model["parameters"] or []):
        if name not in names or dynamics[name].strip() != "0":
            raise SeedInvalid(
                f"{field}.parameters[{index}]",
                "PARAMETERS",
                "must be listed in variables too, with the dynamics `0`.",
            )


def _check_formula(formula: Any, field: str, depth: int) -> None:
    if depth > NESTING_MAX:
        raise SeedInvalid(field, "NESTING", f"is nested deeper than {NESTING_MAX} levels.")
    if isinstance(formula, str) and formula.strip():
        return
    children = next(iter(formula.values())) if isinstance(formula, dict) and formula else None
    if not children:
        raise SeedInvalid(field, "FORMULA", "must be a relation, or a list of at least one.")
    for child in children:
        _check_formula(child, field, depth + 1)


def _check_intensity(model: Document, field: str) -> None:
    """The cap must be what certification protects: `a >= cap` is unsafe, always."""
    if model["kind"] != "continuous":
        raise SeedInvalid(
            f"{field}.system.time_kind", "CONTINUOUS_ONLY", "must be continuous time."
        )
    if INTENSITY not in model["vars"] or INTENSITY in (model["parameters"] or []):
        raise SeedInvalid(
            f"{field}.system.variables",
            "INTENSITY_MISSING",
            f"must contain the intensity `{INTENSITY}`, and not as a parameter.",
        )
    unsafe = model["unsafe"]
    alternatives = unsafe.get("or", [unsafe]) if isinstance(unsafe, dict) else [unsafe]
    leaves = (re.sub(r"\s+", "", _single_leaf(part) or "") for part in alternatives)
    if not any(_UNSAFE_LEAF.fullmatch(leaf) for leaf in leaves):
        raise SeedInvalid(
            f"{field}.unsafe",
            "CAP_NOT_PROTECTED",
            f"must be `{INTENSITY} >= {CAP}`, alone or as one alternative of several.",
        )


def _single_leaf(formula: Any) -> str | None:
    while isinstance(formula, dict):
        children = next(iter(formula.values()))
        if len(children) != 1:
            return None
        formula = children[0]
    return formula if isinstance(formula, str) else None


def _check_certificate(model: Document, field: str) -> None:
    certificate = model["certificate"]
    if certificate["type"] == "invariant":
        if not certificate["cuts"]:
            raise SeedInvalid(f"{field}.cuts", "CERTIFICATE", "must hold at least one set.")
    elif not certificate["expr"]:
        raise SeedInvalid(f"{field}.barrier", "CERTIFICATE", "must be an expression.")
