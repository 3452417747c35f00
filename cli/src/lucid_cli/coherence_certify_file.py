"""What a file asks `lucid coherence certify`; docs/coherence-files.md describes the keys."""

import cmath
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lucid_cli.problem_file import ProblemFileInvalid, read_json

Matrix = list[list[complex]]

KEYS = frozenset(
    {
        *("name", "system", "qubits", "hamiltonian", "jumps", "start", "start_radius", "theta"),
        *("initial_coherence", "gap_percent", "wanted_horizon_s"),
    }
)
_LETTERS: Mapping[str, Matrix] = {
    "I": [[1, 0], [0, 1]],
    "X": [[0, 1], [1, 0]],
    "Y": [[0, -1j], [1j, 0]],
    "Z": [[1, 0], [0, -1]],
}
_HALF = math.sqrt(0.5)
_STATES: Mapping[str, list[complex]] = {
    "0": [1, 0],
    "1": [0, 1],
    "+": [_HALF, _HALF],
    "-": [_HALF, -_HALF],
    "r": [_HALF, _HALF * 1j],
    "l": [_HALF, -_HALF * 1j],
}
QUBITS_MAX = 2


class _File:
    """The object of a file, with errors that name the file and the key."""

    def __init__(self, path: Path, entry: Any) -> None:
        self._path = path
        if not isinstance(entry, dict):
            raise ProblemFileInvalid(f"{path}: not one JSON object")
        unknown = sorted(set(entry) - KEYS)
        if unknown:
            raise self.refuse(unknown[0], "is not a key of a coherence file")
        self.entry: dict[str, Any] = entry

    def refuse(self, key: str, sentence: str) -> ProblemFileInvalid:
        return ProblemFileInvalid(f"{self._path}: {key}: {sentence}")

    def exact(self, key: str) -> str:
        """Return an exact number as text; a JSON number stands for its own decimal."""
        value = self.entry.get(key, "")
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(key, f"{value!r} is neither a number nor a text")
        return repr(value)


def read_request(path: Path) -> Any:
    """Return the CertifyCoherenceRequest of a file; raises ProblemFileInvalid."""
    from google.protobuf.json_format import ParseDict, ParseError
    from lucid.coherence.v1 import coherence_service_pb2 as api

    file = _File(path, read_json(path))
    if "theta" not in file.entry:
        raise file.refuse("theta", "is missing")
    request = api.CertifyCoherenceRequest(
        theta=file.exact("theta"),
        initial_coherence=file.exact("initial_coherence"),
        wanted_horizon_s=file.exact("wanted_horizon_s"),
        start_radius=file.exact("start_radius"),
        gap_percent=_number(file, "gap_percent", file.entry.get("gap_percent", 0)),
    )
    if "system" in file.entry:
        try:
            ParseDict({"system": file.entry["system"]}, request)
        except ParseError as error:
            raise file.refuse("system", str(error)) from None
    else:
        _declare(file, request.system)
    if "start" in file.entry:
        matrix = _start(file, file.entry["start"])
        request.start.count = 1
        request.start.dims.extend([2] * _qubits_of(file, "start", matrix))
        request.start.data = _bytes(matrix)
    return request


def _declare(file: _File, system: Any) -> None:
    """Fill in a system from hamiltonian and jumps: Pauli strings if all are, else matrices."""
    qubits = file.entry.get("qubits")
    if type(qubits) is not int or not 1 <= qubits <= QUBITS_MAX:
        raise file.refuse("qubits", f"{qubits!r} is not 1 or 2")
    hamiltonian = file.entry.get("hamiltonian", {})
    jumps = file.entry.get("jumps", [])
    if not isinstance(jumps, list) or not all(isinstance(jump, dict) for jump in jumps):
        raise file.refuse("jumps", "is not a list of objects")
    for number, jump in enumerate(jumps):
        if set(jump) != {"operator", "rate"}:
            raise file.refuse(f"jumps[{number}]", "takes the keys operator and rate")
    operators = [hamiltonian, *(jump["operator"] for jump in jumps)]
    rates = [_rate(file, number, jump["rate"]) for number, jump in enumerate(jumps)]
    names = ["hamiltonian", *(f"jumps[{k}].operator" for k in range(len(jumps)))]
    if all(isinstance(operator, dict) for operator in operators):
        sums = [_sum(file, name, op, qubits) for name, op in zip(names, operators, strict=True)]
        _as_strings(file, system.pauli_lindbladian, qubits, sums, rates)
        return
    dense = [_operator(file, name, op, qubits) for name, op in zip(names, operators, strict=True)]
    target = system.lindbladian
    target.dims.extend([2] * qubits)
    target.hamiltonian = _bytes(dense[0])
    for operator, (low, high) in zip(dense[1:], rates, strict=True):
        target.jumps.add(operator=_bytes(operator), rate_low_per_s=low, rate_high_per_s=high)


def _as_strings(
    file: _File,
    target: Any,
    qubits: int,
    sums: Sequence[Mapping[str, complex]],
    rates: Sequence[tuple[float, float]],
) -> None:
    target.qubits = qubits
    for text, weight in sums[0].items():
        if weight.imag:
            raise file.refuse("hamiltonian", f"the weight of {text} is not real")
        target.hamiltonian.add(pauli=text, coefficient_rad_per_s=weight.real)
    for terms, (low, high) in zip(sums[1:], rates, strict=True):
        jump = target.jumps.add(rate_low_per_s=low, rate_high_per_s=high)
        for text, weight in terms.items():
            jump.terms.add(pauli=text, real=weight.real, imaginary=weight.imag)


def _rate(file: _File, number: int, value: Any) -> tuple[float, float]:
    key = f"jumps[{number}].rate"
    ends = value if isinstance(value, list) else [value, value]
    if len(ends) != 2:
        raise file.refuse(key, "is neither a number nor [low, high]")
    return _number(file, key, ends[0]), _number(file, key, ends[1])


def _sum(file: _File, key: str, terms: Mapping[str, Any], qubits: int) -> dict[str, complex]:
    for text in terms:
        if len(text) != qubits or not set(text) <= set(_LETTERS):
            raise file.refuse(key, f"{text!r} is not {qubits} letters of IXYZ")
    return {text: _complex(file, key, value) for text, value in terms.items()}


def _operator(file: _File, key: str, value: Any, qubits: int) -> Matrix:
    size = 2**qubits
    if isinstance(value, dict):
        total = [[0j] * size for _ in range(size)]
        for text, weight in _sum(file, key, value, qubits).items():
            string = _product([_LETTERS[letter] for letter in text])
            for i, row in enumerate(string):
                for j, entry in enumerate(row):
                    total[i][j] += weight * entry
        return total
    matrix = _matrix(file, key, value)
    if len(matrix) != size:
        raise file.refuse(key, f"has {len(matrix)} rows, not {size}")
    return matrix


def _start(file: _File, value: Any) -> Matrix:
    """Return the density matrix of a label such as +0, of amplitudes, or of rows."""
    if isinstance(value, str):
        if not value or not set(value) <= set(_STATES):
            raise file.refuse("start", f"{value!r} is not made of {''.join(_STATES)}")
        amplitudes: list[complex] = [1]
        for letter in value:
            amplitudes = [a * b for a in amplitudes for b in _STATES[letter]]
        return _projector(amplitudes)
    if isinstance(value, dict):
        if set(value) != {"amplitudes"} or not isinstance(value["amplitudes"], list):
            raise file.refuse("start", "takes the key amplitudes with a list")
        amplitudes = [_complex(file, "start", entry) for entry in value["amplitudes"]]
        size = math.sqrt(sum(abs(a) ** 2 for a in amplitudes))
        if abs(size - 1) > 1e-6:
            raise file.refuse("start", f"the amplitudes have the norm {size:.6g}, not 1")
        return _projector([a / size for a in amplitudes])
    return _matrix(file, "start", value)


def _projector(amplitudes: Sequence[complex]) -> Matrix:
    return [[a * complex(b).conjugate() for b in amplitudes] for a in amplitudes]


def _product(factors: Sequence[Matrix]) -> Matrix:
    whole: Matrix = [[1]]
    for factor in factors:
        whole = [[a * b for a in left for b in right] for left in whole for right in factor]
    return whole


def _matrix(file: _File, key: str, value: Any) -> Matrix:
    if not isinstance(value, list) or not value:
        raise file.refuse(key, "is not a list of rows")
    rows = []
    for row in value:
        if not isinstance(row, list) or len(row) != len(value):
            raise file.refuse(key, f"a row is not a list of {len(value)} entries")
        rows.append([_complex(file, key, entry) for entry in row])
    return rows


def _complex(file: _File, key: str, value: Any) -> complex:
    if isinstance(value, list) and len(value) == 2:
        return complex(_number(file, key, value[0]), _number(file, key, value[1]))
    return complex(_number(file, key, value))


def _number(file: _File, key: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not cmath.isfinite(value):
        raise file.refuse(key, f"{value!r} is not a finite number")
    return float(value)


def _qubits_of(file: _File, key: str, matrix: Matrix) -> int:
    qubits = len(matrix).bit_length() - 1
    if 2**qubits != len(matrix) or not 1 <= qubits <= QUBITS_MAX:
        raise file.refuse(key, f"has {len(matrix)} levels, not 2 or 4")
    return qubits


def _bytes(matrix: Matrix) -> bytes:
    """Return little-endian complex128 numbers, row by row."""
    entries = [complex(entry) for row in matrix for entry in row]
    return b"".join(struct.pack("<dd", entry.real, entry.imag) for entry in entries)
