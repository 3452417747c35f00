"""A decoding problem put together: what is measured, by what it is decoded, and how it is sampled.

Three sources come to the same two things: a code of the catalogue under noise, a circuit, and a
detector error model.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import stim
from numpy.typing import NDArray

from lucid_coherence.correction.bits import Rows, bytes_for
from lucid_coherence.correction.codes import Code
from lucid_coherence.correction.decoders import DecoderKind, decoders_for
from lucid_coherence.correction.lookup import LookupDecoder
from lucid_coherence.correction.matching import (
    MatchingDecoder,
    decoder_of_code,
    decoder_of_model,
    decoder_of_sound_model,
)
from lucid_coherence.correction.noise_models import (
    CODE_CAPACITY,
    Experiment,
    check_experiment,
    circuit_of,
    is_certain,
)
from lucid_coherence.correction.sampling import (
    Block,
    FlipDecoder,
    block_shots,
    circuit_blocks,
    model_blocks,
)
from lucid_coherence.correction.supplied import errors_of, expanded_cost, read_circuit, read_model
from lucid_coherence.correction.violations import CombinationUnsupported, CorrectionTooLarge

SYNDROME_BYTES_MAX: Final = 1024 * 1024
CORRECTION_BYTES_MAX: Final = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Circuit:
    """A circuit as text in Stim's format."""

    text: str


@dataclass(frozen=True, slots=True)
class Model:
    """A detector error model as text in Stim's format."""

    text: str


Source = Experiment | Circuit | Model


@dataclass(frozen=True, slots=True)
class RowDecoder:
    """Decodes packed rows of `syndrome_bits` to packed rows of `correction_bits`.

    `is_pauli` says that a correction is a Pauli of 2 n bits, X part first; otherwise it has one bit
    for each observable. `decode` also returns the rows without an answer.
    """

    kind: DecoderKind
    syndrome_bits: int
    correction_bits: int
    is_pauli: bool
    decode: Callable[[Rows], tuple[Rows, NDArray[np.intp]]]

    def require_fitting(self, rows: int) -> None:
        """Refuse more rows than the limits on syndromes and corrections."""
        for limit, bits, maximum in (
            ("syndrome_bytes_max", self.syndrome_bits, SYNDROME_BYTES_MAX),
            ("correction_bytes_max", self.correction_bits, CORRECTION_BYTES_MAX),
        ):
            if rows * bytes_for(bits) > maximum:
                raise CorrectionTooLarge(
                    f"{rows} rows take {rows * bytes_for(bits)} bytes; {limit} is {maximum}.",
                    field="chunk.rows",
                    limit=limit,
                    value=rows * bytes_for(bits),
                    maximum=maximum,
                )


@dataclass(frozen=True, slots=True)
class ShotSource:
    """Shots of a problem and the decoder for them; `rounds` is 0 where it is unknown."""

    kind: DecoderKind
    decoder: FlipDecoder
    observables: int
    rounds: int
    block_shots: int
    blocks: Callable[[int], Iterator[Block]]
    """Blocks of `block_shots` shots for a seed of 64 bits."""


def choose_decoder(source: Source, wanted: DecoderKind | None) -> DecoderKind:
    """Return the decoder; raises CombinationUnsupported when the wanted one does not apply."""
    if isinstance(source, Experiment) and source.noise in CODE_CAPACITY:
        applying, name = decoders_for(source.code), source.code.name
    else:
        applying = (DecoderKind.MATCHING,)
        name = source.code.name if isinstance(source, Experiment) else "supplied"
    if wanted is None:
        return applying[0]
    if wanted not in applying:
        names = " or ".join(kind.name for kind in applying)
        raise CombinationUnsupported(
            f"{wanted.name} does not apply here. What to do: use {names}.",
            field="decoder",
            code=name,
            decoder=wanted.name,
        )
    return wanted


def row_decoder(source: Source, wanted: DecoderKind | None) -> RowDecoder:
    """Return the decoder of syndromes that come from elsewhere."""
    if isinstance(source, Experiment) and source.noise in CODE_CAPACITY:
        check_experiment(source)
        return _pauli_decoder(source.code, choose_decoder(source, wanted))
    if isinstance(source, Experiment):
        check_experiment(source)
        model = errors_of(circuit_of(source), decompose=True)
    elif isinstance(source, Circuit):
        model = errors_of(read_circuit(source.text), decompose=True)
    else:
        model = read_model(source.text)
    kind = choose_decoder(source, wanted)
    decoder = _matching(source, model)
    return RowDecoder(kind, model.num_detectors, model.num_observables, False, decoder.flips)


def _pauli_decoder(code: Code, kind: DecoderKind) -> RowDecoder:
    if kind is DecoderKind.LOOKUP:
        table = LookupDecoder(code)
        return RowDecoder(kind, code.syndrome_bits, 2 * code.n, True, table.correct)
    matching = decoder_of_code(code)
    return RowDecoder(kind, code.syndrome_bits, 2 * code.n, True, matching.flips)


def shot_source(source: Source, wanted: DecoderKind | None) -> ShotSource:
    """Return what samples and decodes; everything is checked here, before the first shot."""
    if isinstance(source, Experiment):
        check_experiment(source)
    kind = choose_decoder(source, wanted)
    if isinstance(source, Model):
        return _source_of_model(source, kind)
    if isinstance(source, Circuit):
        circuit, rounds = read_circuit(source.text), 0
    else:
        circuit, rounds = circuit_of(source), source.rounds
    if kind is DecoderKind.LOOKUP and isinstance(source, Experiment):
        decoder: FlipDecoder = LookupDecoder(source.code)
    else:
        decoder = _matching(source, errors_of(circuit, decompose=True))
    shots = block_shots(expanded_cost(circuit), circuit.num_detectors)
    return ShotSource(
        kind,
        decoder,
        circuit.num_observables,
        rounds,
        shots,
        lambda seed: circuit_blocks(circuit, shots, seed),
    )


def _source_of_model(source: Model, kind: DecoderKind) -> ShotSource:
    model = read_model(source.text)
    shots = block_shots(expanded_cost(model), model.num_detectors)
    return ShotSource(
        kind,
        _matching(source, model),
        model.num_observables,
        0,
        shots,
        lambda seed: model_blocks(model, shots, seed),
    )


def _matching(source: Source, model: stim.DetectorErrorModel) -> MatchingDecoder:
    if isinstance(source, Experiment):
        if not is_certain(source):
            return decoder_of_sound_model(model)
        return decoder_of_model(model, field="error_rate")
    field = "circuit" if isinstance(source, Circuit) else "detector_error_model"
    return decoder_of_model(model, field=field)
