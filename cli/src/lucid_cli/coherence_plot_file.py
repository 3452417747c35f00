"""What a file asks `lucid coherence plot` to draw; docs/coherence-plots.md describes the keys."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_cli.coherence_certify_file import read_request
from lucid_cli.problem_file import ProblemFileInvalid, read_json

POINTS_DEFAULT = 400
POINTS_MAX = 5000
STARTS_MAX = 6
SERIES_MAX = 6
RATES_MAX = 40
MAX_SHOTS_DEFAULT = 100_000
MAX_ERRORS_DEFAULT = 1_000
NOISE_PREFIX = "CODE_NOISE_"


@dataclass(frozen=True)
class Span:
    """An open system, as protobuf's JSON, watched at `points` times from 0 to `until_s`."""

    system: Mapping[str, Any]
    until_s: float
    points: int


@dataclass(frozen=True)
class BlochPlan:
    """Bloch vectors to start from."""

    name: str
    span: Span
    starts: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Matrix:
    """One state: `entries` are rows of complex numbers."""

    dims: Sequence[int]
    entries: Sequence[Sequence[complex]]


@dataclass(frozen=True)
class CityPlan:
    """A state; with `span`, as it is after `span.until_s`."""

    name: str
    state: Matrix
    span: Span | None


@dataclass(frozen=True)
class DecayPlan:
    """What to certify, a CertifyCoherenceRequest."""

    name: str
    request: Any


@dataclass(frozen=True)
class ThresholdPlan:
    """Codes of ListCodes, a noise model, physical rates, and when sampling stops."""

    name: str
    codes: Sequence[str]
    noise: str
    error_rates: Sequence[float]
    max_shots: int
    max_errors: int
    seed: int


Plan = BlochPlan | CityPlan | DecayPlan | ThresholdPlan


def read_plan(kind: str, path: Path) -> Plan:
    """Return what to draw; raises ProblemFileInvalid, whose text names the file and the key."""
    entry = read_json(path)
    if not isinstance(entry, dict):
        raise ProblemFileInvalid(f"{path}: not one JSON object")
    if kind == "decay":  # the file is that of `lucid coherence certify`
        return DecayPlan(str(entry.get("name", "Coherence")), read_request(path))
    keys = _Keys(path, entry)
    plan = _READERS[kind](keys)
    keys.done()
    return plan


class _Keys:
    """The keys of a file: each is taken once, and what nobody takes is refused."""

    def __init__(self, path: Path, entry: Mapping[str, Any]) -> None:
        self._path, self._entry, self._left = path, entry, set(entry)

    def refuse(self, key: str, sentence: str) -> ProblemFileInvalid:
        return ProblemFileInvalid(f"{self._path}: {key}: {sentence}")

    def has(self, key: str) -> bool:
        return key in self._entry

    def take(self, key: str, default: Any = None) -> Any:
        self._left.discard(key)
        if key not in self._entry and default is None:
            raise self.refuse(key, "is missing")
        return self._entry.get(key, default)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        value = self.take(key, default)
        if not _is_number(value) or not low <= value <= high:
            raise self.refuse(key, f"{value!r} is not a number from {low:g} to {high:g}")
        return float(value)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key, default)
        if not isinstance(value, str):
            raise self.refuse(key, f"{value!r} is not a text")
        return value

    def several(self, key: str, most: int) -> list[Any]:
        value = self.take(key)
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise self.refuse(key, f"is not a list of 1 to {most}")
        return value

    def done(self) -> None:
        if self._left:
            raise self.refuse(min(self._left), "is not a key of this picture")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _span(keys: _Keys, key: str = "until_s") -> Span:
    return Span(
        _system(keys),
        keys.number(key, 1e-12, 1e12),
        int(keys.number("points", 2, POINTS_MAX, POINTS_DEFAULT)),
    )


def _system(keys: _Keys) -> Mapping[str, Any]:
    system = keys.take("system")
    if not isinstance(system, dict) or not system:
        raise keys.refuse("system", "is not an object with a model")
    return system


def _bloch(keys: _Keys) -> BlochPlan:
    starts = keys.several("starts", STARTS_MAX)
    for number, start in enumerate(starts):
        vector = isinstance(start, list) and len(start) == 3 and all(map(_is_number, start))
        if not vector or math.hypot(*start) > 1 + 1e-9:
            raise keys.refuse(f"starts[{number}]", "is not [x, y, z] of length at most 1")
    return BlochPlan(keys.text("name", "Qubit"), _span(keys), starts)


def _city(keys: _Keys) -> CityPlan:
    state = _matrix(keys)
    span = _span(keys, "at_s") if keys.has("system") else None
    return CityPlan(keys.text("name", "State"), state, span)


def _matrix(keys: _Keys) -> Matrix:
    rows = keys.several("matrix", 256)
    entries = []
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(rows):
            raise keys.refuse(f"matrix[{number}]", f"is not a list of {len(rows)} entries")
        entries.append([_entry(keys, number, value) for value in row])
    dims = keys.take("dims", [len(rows)])
    if not isinstance(dims, list) or not all(type(d) is int and d >= 1 for d in dims):
        raise keys.refuse("dims", "is not a list of dimensions")
    if math.prod(dims) != len(rows):
        raise keys.refuse("dims", f"{dims} are not the dimensions of {len(rows)} rows")
    return Matrix(dims, entries)


def _entry(keys: _Keys, row: int, value: Any) -> complex:
    if _is_number(value):
        return complex(value)
    if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
        return complex(*value)
    raise keys.refuse(f"matrix[{row}]", f"{value!r} is neither a number nor [real, imaginary]")


def _threshold(keys: _Keys) -> ThresholdPlan:
    codes, rates = keys.several("codes", SERIES_MAX), keys.several("error_rates", RATES_MAX)
    if not all(isinstance(code, str) for code in codes):
        raise keys.refuse("codes", "are not names of codes")
    if not all(_is_number(rate) and 0 < rate < 1 for rate in rates) or rates != sorted(set(rates)):
        raise keys.refuse("error_rates", "are not rising numbers between 0 and 1")
    return ThresholdPlan(
        keys.text("name", "Logical error rates"),
        codes,
        keys.text("noise").upper().removeprefix(NOISE_PREFIX),
        rates,
        int(keys.number("max_shots", 1, 1e9, MAX_SHOTS_DEFAULT)),
        int(keys.number("max_errors", 1, 1e9, MAX_ERRORS_DEFAULT)),
        int(keys.number("seed", 0, 2**53, 1)),
    )


_READERS: Mapping[str, Callable[[_Keys], Plan]] = {
    "bloch": _bloch,
    "cityscape": _city,
    "threshold": _threshold,
}
