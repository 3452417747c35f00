"""What a decoding process and its parent say to each other.

Frames in both directions: one letter, the length of the rest in 4 bytes, the rest. To the process:
`E` seconds left (8 bytes, NaN for no limit) and an EstimateLogicalErrorRateRequest, `P` a
DecodingProblem, `C` a SyndromeChunk. From it: `M` a message, `X` a refusal as JSON, `D` the end of
an estimate.
"""

import json
import struct
from typing import Final

from lucid_coherence.correction import violations
from lucid_coherence.correction.violations import CorrectionRefused, CorrectionTooLarge

HEADER: Final = struct.Struct("<cI")
TIME_LEFT: Final = struct.Struct("<d")
MEMORY_BYTES_MAX: Final = 3 * 1024**3
"""Address space of one process."""


def refusal_to_json(error: CorrectionRefused) -> bytes:
    """Return a refusal as the parent can raise it again."""
    found = {"type": type(error).__name__, "sentence": str(error), "field": error.field}
    return json.dumps({**found, "metadata": error.metadata}).encode()


def refusal_from_json(data: bytes) -> CorrectionRefused:
    """Return the refusal that a process wrote."""
    found = json.loads(data)
    kind: type[CorrectionRefused] = getattr(violations, found["type"])
    return kind(found["sentence"], field=found["field"], **found["metadata"])


def out_of_memory() -> CorrectionTooLarge:
    """Return the refusal of what needs more memory than a decoding process has."""
    return CorrectionTooLarge(
        f"Sampling or decoding this needs more than {MEMORY_BYTES_MAX} bytes of memory. "
        "What to do: make the circuit or the model smaller.",
        field="problem",
        limit="memory_bytes_max",
        maximum=MEMORY_BYTES_MAX,
    )


def too_slow(silence_s: float) -> CorrectionTooLarge:
    """Return the refusal of what gave no answer for so long."""
    return CorrectionTooLarge(
        f"There was no answer for {silence_s:g} s: these syndromes are too hard to match. "
        "What to do: use smaller chunks, or a model in which errors connect fewer detectors.",
        field="problem",
        limit="silence_s_max",
        maximum=silence_s,
    )


def too_idle(idle_s: float) -> CorrectionTooLarge:
    """Return the refusal of a stream that keeps a process without using it."""
    return CorrectionTooLarge(
        f"There was no chunk for {idle_s:g} s. What to do: open a stream when there are syndromes.",
        field="chunk",
        limit="idle_s_max",
        maximum=idle_s,
    )
