"""Circuits and detector error models written by a user: read, measured and refused with advice.

The size is counted without expanding a REPEAT, so that a short text cannot ask for endless work.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import stim

from lucid_coherence.correction.violations import CircuitInvalid, CorrectionTooLarge

TEXT_CHARACTERS_MAX: Final = 1_000_000
QUBITS_MAX: Final = 4096
DETECTORS_MAX: Final = 20_000
OBSERVABLES_MAX: Final = 64
TARGETS_MAX: Final = 2_000_000
"""Targets and instructions after the expansion of every REPEAT."""
BLOCKS_MAX: Final = 1000
"""Opening braces in a text: deep nesting would exhaust the parser's stack."""
DEPTH_MAX: Final = 8


def read_circuit(text: str) -> stim.Circuit:
    """Return the circuit of a text in Stim's format.

    Raises:
        CircuitInvalid: a line that cannot be read, no detector or no observable.
        CorrectionTooLarge: more qubits, detectors, observables or instructions than the limits.
    """
    circuit = _parse(text, stim.Circuit, "circuit")
    _limit("targets_max", _cost(circuit, "circuit", 0), TARGETS_MAX, "circuit")
    _limit("qubits_max", circuit.num_qubits, QUBITS_MAX, "circuit")
    _require_decidable(circuit.num_detectors, circuit.num_observables, "circuit")
    return circuit


def read_model(text: str) -> stim.DetectorErrorModel:
    """Return the detector error model of a text in Stim's format; raises as read_circuit."""
    field = "detector_error_model"
    model = _parse(text, stim.DetectorErrorModel, field)
    _limit("targets_max", _cost(model, field, 0), TARGETS_MAX, field)
    _require_decidable(model.num_detectors, model.num_observables, field)
    return model


def expanded_cost(body: stim.Circuit | stim.DetectorErrorModel) -> int:
    """Return how many targets and instructions one shot has, every REPEAT counted as expanded."""
    return _cost(body, "circuit", 0)


def errors_of(circuit: stim.Circuit, *, decompose: bool) -> stim.DetectorErrorModel:
    """Return the errors of a circuit as detectors see them.

    Errors that exclude each other are taken as independent, which moves the decoder's weights a
    little and no sampled shot.

    Raises:
        CircuitInvalid: a detector or observable that is random without noise, or looks before the
            first measurement; with `decompose`, an error that no pairs of detectors express.
    """
    try:
        return circuit.detector_error_model(
            decompose_errors=decompose, approximate_disjoint_errors=True
        )
    except ValueError as error:
        raise _refusal_of_analysis(str(error)) from error


def _refusal_of_analysis(message: str) -> CircuitInvalid:
    first = message.splitlines()[0]
    matchable = (
        "MATCHABLE",
        "matching needs errors made of parts with at most two detectors each",
    )
    checks = {
        "non-deterministic": (
            "DETERMINISTIC",
            "compare measurements whose product is fixed when there is no noise",
        ),
        "decompose": matchable,
        "number of symptoms": matchable,
    }
    found = [entry for word, entry in checks.items() if word in message]
    check, advice = found[0] if found else ("ANALYSIS", "correct the circuit")
    culprits = sorted(set(re.findall(r"\b[DL]\d+\b", message)))[:8]
    named = f" (seen at {', '.join(culprits)})" if culprits else ""
    return CircuitInvalid(
        f"{first}{named} What to do: {advice}.",
        field="circuit",
        check=check,
        detectors=" ".join(culprits),
    )


def _parse(text: str, parser: Callable[[str], Any], field: str) -> Any:
    _limit("text_characters_max", len(text), TEXT_CHARACTERS_MAX, field)
    _limit("blocks_max", text.count("{"), BLOCKS_MAX, field)
    try:
        return parser(text)
    except (ValueError, IndexError, OverflowError) as error:
        line, reason = _first_bad_line(text, parser)
        raise CircuitInvalid(
            f"Line {line} cannot be read: {reason or _sentence(error)} "
            "What to do: correct that line; the format is Stim's.",
            field=field,
            check="PARSE",
            line=line,
        ) from error


def _first_bad_line(text: str, parser: Callable[[str], Any]) -> tuple[int, str]:
    """Return the number of the first line that is wrong by itself or closes what is not open."""
    opened: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#", 1)[0].strip()
        if bare == "}":
            if not opened:
                return number, "this brace closes nothing."
            opened.pop()
            continue
        opens = bare.endswith("{")
        if opens:
            opened.append(number)
        try:
            # A block is refused when it is empty, so it gets a line that is always right.
            parser(f"{bare}\n{_NEUTRAL[parser]}\n}}" if opens else bare)
        except (ValueError, IndexError, OverflowError) as error:
            return number, _sentence(error)
    return (opened[-1], "this block is never closed.") if opened else (1, "")


_NEUTRAL: Final[dict[Callable[[str], Any], str]] = {
    stim.Circuit: "TICK",
    stim.DetectorErrorModel: "detector D0",
}


def _sentence(error: Exception) -> str:
    first = (str(error).splitlines() or ["it is not in the format"])[0][:200]
    return first if first.endswith(".") else f"{first}."


def _cost(body: Any, field: str, depth: int) -> int:
    """Count targets and instructions; a block counts as often as it repeats."""
    _limit("depth_max", depth, DEPTH_MAX, field)
    total = 0
    for instruction in body:
        if isinstance(instruction, stim.CircuitRepeatBlock | stim.DemRepeatBlock):
            inside = _cost(instruction.body_copy(), field, depth + 1)
            total += instruction.repeat_count * inside
        else:
            total += 1 + len(instruction.targets_copy())
    return total


def _require_decidable(detectors: int, observables: int, field: str) -> None:
    _limit("detectors_max", detectors, DETECTORS_MAX, field)
    _limit("observables_max", observables, OBSERVABLES_MAX, field)
    for count, name, advice in (
        (detectors, "detector", "add DETECTOR lines, or `detector` and `error(p) D0`"),
        (observables, "observable", "add OBSERVABLE_INCLUDE lines, or L0 to an error"),
    ):
        if not count:
            raise CircuitInvalid(
                f"There is no {name}, so that nothing can be decoded. What to do: {advice}.",
                field=field,
                check=f"{name.upper()}S",
            )


def _limit(name: str, value: int, maximum: int, field: str) -> None:
    if value > maximum:
        raise CorrectionTooLarge(
            f"{field} has {name.removesuffix('_max')} {value}; at most {maximum} are accepted.",
            field=field,
            limit=name,
            value=value,
            maximum=maximum,
        )
