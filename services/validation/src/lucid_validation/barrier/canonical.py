"""JSON to the canonical problem: the mathematics alone, as the text that evidence is bound to.

Labels, sources and notes are dropped here, so nothing behind this line can see them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .errors import ProblemInvalid

CERTIFICATE_FIELDS = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")
PROBLEM_FIELDS = (
    "kind",
    "vars",
    "parameters",
    "dynamics",
    "domain",
    "init",
    "unsafe",
    "certificate",
    "flow_condition",
)
FURTHER_FIELDS = ("inputs", "noise", "diffusion", "time", "horizon", "modes", "transitions")
"""Fields of the further kinds: kept only where they are given."""
FURTHER_CERTIFICATE_FIELDS = ("exprs", "matrix", "band", "k", "gamma", "drift")


def load_json(text: str) -> Any:
    """Return parsed JSON, refusing duplicate keys, NaN, infinities and excessive nesting."""
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _BadJson):
            raise ProblemInvalid("$", error.code, str(error)) from error
        raise ProblemInvalid("$", "NOT_JSON", "this is not a JSON document") from error


class _BadJson(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _BadJson("DUPLICATE_KEY", f"the key {key[:60]!r} occurs twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise _BadJson("NOT_A_NUMBER", f"{name} is not a number")


def canonical(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mathematics of a problem object, strings untouched, absent = None.

    The fields of the further kinds are left out where they are absent or null.
    """
    found = _kept(raw, PROBLEM_FIELDS, FURTHER_FIELDS)
    certificate = raw.get("certificate")
    if isinstance(certificate, Mapping):
        found["certificate"] = _kept(certificate, CERTIFICATE_FIELDS, FURTHER_CERTIFICATE_FIELDS)
    return found


def _kept(
    raw: Mapping[str, Any], always: tuple[str, ...], given: tuple[str, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {field: raw.get(field) for field in always}
    found.update({field: raw[field] for field in given if raw.get(field) is not None})
    return found


def canonical_text(raw: Mapping[str, Any]) -> str:
    """Return the canonical form as the text that is hashed."""
    return json.dumps(canonical(raw), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256_of(raw: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of the canonical form."""
    return sha256_of_text(canonical_text(raw))


def sha256_of_text(text: str) -> str:
    """Return the hex SHA-256 of a canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()
