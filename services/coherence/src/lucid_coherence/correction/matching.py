"""Minimum-weight perfect matching by PyMatching, on packed rows [Higgott2025]."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pymatching
import stim
from numpy.typing import NDArray

from lucid_coherence.correction.bits import Rows, bytes_for
from lucid_coherence.correction.codes import Code, seen_by
from lucid_coherence.correction.decoders import can_match
from lucid_coherence.correction.violations import CombinationUnsupported

_UNMATCHABLE: Final = "No perfect matching"


class MatchingDecoder:
    """Turns packed syndromes into packed flips of observables, or of qubits.

    A row that no matching explains (an odd number of detection events in a part of the graph
    without boundary) has no answer: it is counted as a decoder failure, and its flips are 0.
    """

    def __init__(self, matching: pymatching.Matching, flips: int) -> None:
        # Observables that no error flips must still have their bits.
        matching.ensure_num_fault_ids(flips)
        self._matching = matching
        self._width = bytes_for(flips)

    def flips(self, syndromes: Rows) -> tuple[Rows, NDArray[np.intp]]:
        """Return the flips and the indices of the rows that could not be decoded, rising."""
        try:
            return self._matched(syndromes), np.empty(0, dtype=np.intp)
        except ValueError as error:
            if _UNMATCHABLE not in str(error):
                raise
        found = np.zeros((len(syndromes), self._width), dtype=np.uint8)
        return found, np.array(list(self._fill(syndromes, found, 0)), dtype=np.intp)

    def _matched(self, syndromes: Rows) -> Rows:
        found: Rows = self._matching.decode_batch(
            syndromes, bit_packed_shots=True, bit_packed_predictions=True
        )
        return found

    def _fill(self, syndromes: Rows, found: Rows, start: int) -> Iterator[int]:
        """Decode halves until only the rows are left that cannot be; yields these.

        PyMatching stops a batch at the first such row. Halving costs few calls when they are rare
        and at most two for each row when they are not.
        """
        try:
            found[:] = self._matched(syndromes)
        except ValueError as error:
            if _UNMATCHABLE not in str(error):
                raise
            if len(syndromes) == 1:
                yield start
                return
            half = len(syndromes) // 2
            yield from self._fill(syndromes[:half], found[:half], start)
            yield from self._fill(syndromes[half:], found[half:], start + half)


def decoder_of_model(model: stim.DetectorErrorModel, *, field: str) -> MatchingDecoder:
    """Return the decoder with the model's weights log((1 - p) / p).

    Raises:
        CombinationUnsupported: an error with a part of more than two detectors, which matching
            would silently leave out, or with probability 1, which has no finite weight.
    """
    _require_all_matchable(model, field)
    return decoder_of_sound_model(model)


def decoder_of_sound_model(model: stim.DetectorErrorModel) -> MatchingDecoder:
    """Return the same for a model that Stim decomposed, with every probability below 1.

    Looking through the errors one by one would take as long as some 10 000 shots.
    """
    matching = pymatching.Matching.from_detector_error_model(model)
    return MatchingDecoder(matching, model.num_observables)


def _require_all_matchable(model: stim.DetectorErrorModel, field: str) -> None:
    """Check each error once, however often its block repeats."""
    for instruction in model:
        if isinstance(instruction, stim.DemRepeatBlock):
            _require_all_matchable(instruction.body_copy(), field)
        elif instruction.type == "error":
            _require_matchable(instruction, field)


def _require_matchable(instruction: stim.DemInstruction, field: str) -> None:
    for part in instruction.target_groups():
        detectors = [target.val for target in part if target.is_relative_detector_id()]
        if len(detectors) > 2 or len(set(detectors)) < len(detectors):
            raise CombinationUnsupported(
                f"Matching cannot use `{str(instruction)[:100]}`: each part needs at most two "
                "detectors, all different. What to do: separate the parts by ^.",
                field=field,
                decoder="MATCHING",
                detectors=len(detectors),
            )
    if instruction.args_copy()[0] == 1:
        raise CombinationUnsupported(
            f"`{str(instruction)[:100]}` happens always and has no finite weight. What to do: "
            "leave it out and flip its detectors and observables.",
            field=field,
            decoder="MATCHING",
            probability=1,
        )


def decoder_of_code(code: Code) -> MatchingDecoder:
    """Return the decoder from stabilisers to corrections of 2 n bits, X part first.

    All weights are equal: on code capacity noise that is the same for all qubits, the least-weight
    X part and the least-weight Z part are found separately. That Y explains both is not used.
    """
    if not can_match(code):
        raise CombinationUnsupported(
            f"Errors of the code {code.name} are seen by more than two stabilisers; matching does "
            "not apply. What to do: use the LOOKUP decoder.",
            field="decoder",
            decoder="MATCHING",
            code=code.name,
        )
    matching = pymatching.Matching()
    for fault, seen in enumerate(seen_by(code)):
        if len(seen) == 2:
            matching.add_edge(*seen, fault_ids={fault}, weight=1.0, merge_strategy="keep-original")
        elif seen:
            matching.add_boundary_edge(
                seen[0], fault_ids={fault}, weight=1.0, merge_strategy="keep-original"
            )
    return MatchingDecoder(matching, 2 * code.n)
