"""Logical error rates by sampling: blocks of shots, decoded in slices, counted as they come.

A block is drawn in one call and its size depends only on the circuit, so that a seed gives the
same shots again whatever the machine's speed; slices adapt to the decoder's speed, so that
progress and stopping come in time. Which shots are counted never depends on the slices, except
when a time limit ends the work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Protocol

import numpy as np
import stim
from numpy.typing import NDArray

from lucid_coherence.correction.bits import Rows, bytes_for
from lucid_coherence.correction.intervals import Interval, wilson
from lucid_coherence.correction.violations import ParameterOutOfRange

BLOCK_SHOTS_MIN: Final = 256
BLOCK_SHOTS_MAX: Final = 65_536
_BLOCK_TARGETS: Final = 2**28
"""Targets times shots in a block: some 30 ms of sampling."""
_BLOCK_BYTES: Final = 2**19
"""Of detection events in a block: larger ones leave the processor's cache."""
SLICE_S: Final = 0.1
REPORT_S: Final = 0.5
SHOTS_MAX: Final = 10**12
ERRORS_MIN_FOR_RELATIVE_WIDTH: Final = 10
TIME_LIMIT_MAX_S: Final = 3600.0

Block = tuple[Rows, Rows]
"""Detection events and observable flips of some shots, packed."""


class FlipDecoder(Protocol):
    """Predicts observable flips: the flips, and the rising indices of rows without an answer."""

    def flips(self, syndromes: Rows) -> tuple[Rows, NDArray[np.intp]]:
        """Return the packed flips of each row and the rows that could not be decoded."""


class Stop(Enum):
    """Why sampling ended."""

    MAX_SHOTS = "so many shots were taken"
    MAX_ERRORS = "so many logical errors were seen"
    INTERVAL = "the interval is as narrow as wanted"
    TIME_LIMIT = "the time is over"


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """When to stop; the first that is met. A rule that is None never is.

    Widths are those of the Wilson interval, checked after whole blocks; the relative width, which
    is width / rate, from ERRORS_MIN_FOR_RELATIVE_WIDTH errors on. `time_limit_s` is in s.
    """

    max_shots: int
    max_errors: int | None = None
    absolute_width: float | None = None
    relative_width: float | None = None
    time_limit_s: float | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        _require("max_shots", self.max_shots, 1, SHOTS_MAX)
        _require("max_errors", self.max_errors, 1, SHOTS_MAX)
        _require("absolute_width", self.absolute_width, 1e-12, 1.0)
        _require("relative_width", self.relative_width, 1e-6, 1e6)
        _require("time_limit_s", self.time_limit_s, 1e-3, TIME_LIMIT_MAX_S)
        _require("confidence", self.confidence, 0.5, 0.999999)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts so far. `failures` are shots the decoder gave up on; they are in `shots`."""

    shots: int = 0
    errors: int = 0
    failures: int = 0
    elapsed_s: float = 0.0
    stop: Stop | None = None

    @property
    def decoded(self) -> int:
        """Shots that were decoded; rates are per decoded shot."""
        return self.shots - self.failures


def block_shots(targets: int, detectors: int) -> int:
    """Return how many shots a block has: a power of two that depends on the circuit only."""
    by_work = _BLOCK_TARGETS // max(1, targets)
    by_memory = _BLOCK_BYTES // bytes_for(detectors)
    wanted = max(BLOCK_SHOTS_MIN, min(BLOCK_SHOTS_MAX, by_work, by_memory))
    return int(2 ** (wanted.bit_length() - 1))


def circuit_blocks(circuit: stim.Circuit, shots: int, seed: int) -> Iterator[Block]:
    """Yield blocks of `shots` shots of a circuit for ever."""
    sampler = circuit.compile_detector_sampler(seed=seed)
    while True:
        yield sampler.sample(shots, separate_observables=True, bit_packed=True)


def model_blocks(model: stim.DetectorErrorModel, shots: int, seed: int) -> Iterator[Block]:
    """Yield blocks of `shots` shots of a detector error model for ever."""
    sampler = model.compile_sampler(seed=seed)
    while True:
        detectors, observables, _ = sampler.sample(shots, bit_packed=True)
        yield detectors, observables


def estimate(
    blocks: Iterator[Block],
    decoder: FlipDecoder,
    rule: StoppingRule,
    clock: Callable[[], float],
) -> Iterator[Tally]:
    """Yield the counts about every REPORT_S seconds, and at last those with the reason to stop.

    `clock` gives rising seconds. Stopping at the r-th error counts the shots up to that error and
    no further, so that the number of shots follows the negative binomial law exactly.
    """
    started = reported = clock()
    slices = _Slices(clock)
    tally = Tally()
    for detectors, observables in blocks:
        left = rule.max_shots - tally.shots
        for start, end in slices.of(min(left, len(detectors))):
            tally = _counted(tally, detectors[start:end], observables[start:end], decoder, rule)
            now = clock()
            tally = replace(tally, elapsed_s=now - started, stop=_stop(tally, rule, now - started))
            if tally.stop is not None:
                yield tally
                return
            if now - reported >= REPORT_S:
                reported = now
                yield tally
        if _narrow(tally, rule):
            yield replace(tally, stop=Stop.INTERVAL)
            return


class _Slices:
    """Cuts a block so that one slice takes about SLICE_S seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows = 16

    def of(self, rows: int) -> Iterator[tuple[int, int]]:
        start = 0
        while start < rows:
            end = min(rows, start + self._rows)
            before = self._clock()
            yield start, end
            took = max(self._clock() - before, 1e-6)
            fitting = int((end - start) * SLICE_S / took)
            self._rows = max(1, min(fitting, 8 * self._rows, BLOCK_SHOTS_MAX))
            start = end


def _counted(
    tally: Tally, detectors: Rows, observables: Rows, decoder: FlipDecoder, rule: StoppingRule
) -> Tally:
    flips, failed = decoder.flips(detectors)
    different = flips != observables
    wrong = different[:, 0] if different.shape[1] == 1 else different.any(axis=1)
    wrong[failed] = False
    shots, errors, failures = len(wrong), int(np.count_nonzero(wrong)), len(failed)
    if rule.max_errors is not None and tally.errors + errors > rule.max_errors:
        errors = rule.max_errors - tally.errors
    if rule.max_errors is not None and errors and tally.errors + errors == rule.max_errors:
        shots = int(np.flatnonzero(wrong)[errors - 1]) + 1
        failures = int(np.searchsorted(failed, shots))
    return Tally(tally.shots + shots, tally.errors + errors, tally.failures + failures)


def _stop(tally: Tally, rule: StoppingRule, elapsed_s: float) -> Stop | None:
    if rule.max_errors is not None and tally.errors >= rule.max_errors:
        return Stop.MAX_ERRORS
    if tally.shots >= rule.max_shots:
        return Stop.MAX_SHOTS
    if rule.time_limit_s is not None and elapsed_s >= rule.time_limit_s:
        return Stop.TIME_LIMIT
    return None


def interval_of(tally: Tally, confidence: float) -> Interval:
    """Return the Wilson interval of the decoded shots; 0..1 when none could be decoded."""
    if not tally.decoded:
        return Interval(0.0, 1.0)
    return wilson(tally.errors, tally.decoded, confidence)


def _narrow(tally: Tally, rule: StoppingRule) -> bool:
    found = interval_of(tally, rule.confidence)
    width = found.high - found.low
    if rule.absolute_width is not None and width <= rule.absolute_width:
        return True
    if rule.relative_width is None or tally.errors < ERRORS_MIN_FOR_RELATIVE_WIDTH:
        return False
    return width <= rule.relative_width * tally.errors / tally.decoded


def _require(field: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise ParameterOutOfRange(
            f"{field} is between {least:g} and {most:g}, not {value:g}.",
            field=field,
            value=value,
            minimum=least,
            maximum=most,
        )
