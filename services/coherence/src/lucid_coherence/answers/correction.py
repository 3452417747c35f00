"""Requests about error correction, answered; sampling and matching run in a process of their own.

Neither Stim nor PyMatching lets other threads run while it works, and one hostile matching graph
can keep a decoder busy for minutes: `lucid_coherence.decoding` runs these functions where they can
be ended at any moment.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import correction_pb2 as pb
from lucid_runtime.identifiers import system_random

from lucid_coherence.answers.codes import decoder_name
from lucid_coherence.correction.bits import bytes_for, rows_from_bytes
from lucid_coherence.correction.codes import find_code
from lucid_coherence.correction.decoders import DecoderKind
from lucid_coherence.correction.exact import exact_error_rate, failures_by_weight
from lucid_coherence.correction.intervals import (
    CONFIDENCE_DEFAULT,
    per_round,
    unbiased_after_errors,
    upper_bound_without_errors,
)
from lucid_coherence.correction.lookup import TABLE_QUBITS_MAX
from lucid_coherence.correction.noise_models import (
    CODE_CAPACITY,
    Experiment,
    Knobs,
    NoiseModel,
    check_experiment,
    pauli_channel,
)
from lucid_coherence.correction.problems import (
    Circuit,
    Model,
    RowDecoder,
    ShotSource,
    Source,
    choose_decoder,
    row_decoder,
    shot_source,
)
from lucid_coherence.correction.sampling import (
    Stop,
    StoppingRule,
    Tally,
    estimate,
    interval_of,
)
from lucid_coherence.correction.violations import (
    CircuitInvalid,
    CombinationUnsupported,
    CorrectionRefused,
)

MAX_SHOTS_DEFAULT: Final = 1_000_000
FAILED_ROWS_MAX: Final = 10_000
DEADLINE_RESERVE_S: Final = 0.5
"""Left of the caller's time when sampling stops, so that the last message still arrives."""
_STOPS: Final = {
    Stop.MAX_SHOTS: pb.SAMPLING_STOP_MAX_SHOTS,
    Stop.MAX_ERRORS: pb.SAMPLING_STOP_MAX_ERRORS,
    Stop.INTERVAL: pb.SAMPLING_STOP_INTERVAL,
    Stop.TIME_LIMIT: pb.SAMPLING_STOP_DEADLINE,
}
_TWIRLED: Final = "amplitude damping is approximated by its Pauli twirl"
_UNBIASED: Final = (
    "sampling stopped at an error: the rate is the unbiased (errors - 1) / (decoded shots - 1)"
)
_LOOKED: Final = (
    "sampling stopped when the interval was narrow: the rate is not corrected for having looked"
)


def ready_decoder(problem: pb.DecodingProblem) -> tuple[RowDecoder, pb.DecoderReady]:
    """Return the decoder of a problem, and what is said about it."""
    with _within("problem"):
        decoder = row_decoder(_source_from(problem), _wanted(problem.decoder))
    kind = "PAULI" if decoder.is_pauli else "OBSERVABLE_FLIPS"
    return decoder, pb.DecoderReady(
        decoder=decoder_name(decoder.kind),
        syndrome_bits=decoder.syndrome_bits,
        syndrome_bytes=bytes_for(decoder.syndrome_bits),
        kind=f"CORRECTION_KIND_{kind}",
        correction_bits=decoder.correction_bits,
        correction_bytes=bytes_for(decoder.correction_bits),
    )


def decode_chunk(decoder: RowDecoder, chunk: pb.SyndromeChunk) -> pb.DecodedChunk:
    """Decode the rows of one chunk."""
    decoder.require_fitting(chunk.rows)
    rows = rows_from_bytes(
        chunk.syndromes, chunk.rows, decoder.syndrome_bits, field="chunk.syndromes"
    )
    corrections, failed = decoder.decode(rows)
    return pb.DecodedChunk(
        rows=chunk.rows,
        corrections=corrections.tobytes(),
        decoder_failures=len(failed),
        failed_rows=failed[:FAILED_ROWS_MAX].tolist(),
    )


def estimate_rate(
    request: service.EstimateLogicalErrorRateRequest, time_left_s: float | None
) -> Iterator[service.EstimateLogicalErrorRateResponse]:
    """Answer EstimateLogicalErrorRate; everything is checked before the first message.

    `time_left_s` is what the caller still gives in s, or None.
    """
    confidence = request.confidence or CONFIDENCE_DEFAULT
    with _within("stop"):
        rule = _rule_from(request.stop, confidence, time_left_s)
    with _within("problem"):
        source = _source_from(request.problem)
        if request.method == pb.LOGICAL_ERROR_METHOD_EXACT:
            return iter([_enumerated(source, _wanted(request.problem.decoder), confidence)])
        shots = shot_source(source, _wanted(request.problem.decoder))
    seed = request.seed if request.HasField("seed") else int.from_bytes(system_random(8), "big")
    notes = [_TWIRLED] if _is_twirled(source) else []
    return _sampled(shots, rule, seed, notes)


def _sampled(
    shots: ShotSource, rule: StoppingRule, seed: int, notes: list[str]
) -> Iterator[service.EstimateLogicalErrorRateResponse]:
    tallies = estimate(shots.blocks(seed), shots.decoder, rule, time.monotonic)
    for sequence, tally in enumerate(tallies, start=1):
        message = _tally_to_message(tally, shots, rule.confidence)
        message.sequence = sequence
        message.seed = seed
        message.notes.extend(notes)
        yield message


def _tally_to_message(
    tally: Tally, shots: ShotSource, confidence: float
) -> service.EstimateLogicalErrorRateResponse:
    interval = interval_of(tally, confidence)
    message = service.EstimateLogicalErrorRateResponse(
        shots=tally.shots,
        errors=tally.errors,
        decoder_failures=tally.failures,
        low=interval.low,
        high=interval.high,
        confidence=confidence,
        method=pb.LOGICAL_ERROR_METHOD_SAMPLED,
        decoder=decoder_name(shots.kind),
        elapsed_s=tally.elapsed_s,
        rounds=shots.rounds,
    )
    if tally.stop is not None:
        message.stop_reason = _STOPS[tally.stop]
    if tally.stop is Stop.INTERVAL:
        message.notes.append(_LOOKED)
    if tally.decoded and not tally.errors:
        message.upper_bound = upper_bound_without_errors(tally.decoded, confidence)
    rate = _rate(tally, message)
    if rate is not None:
        message.rate = rate
        each = _per_round(rate, shots)
        if each is not None:
            message.rate_per_round = each
    return message


def _rate(tally: Tally, message: service.EstimateLogicalErrorRateResponse) -> float | None:
    """Return the rate; corrected where sampling stopped at an error."""
    if not tally.errors:
        return None
    corrected = unbiased_after_errors(tally.errors, tally.decoded)
    if tally.stop is Stop.MAX_ERRORS and corrected is not None:
        message.notes.append(_UNBIASED)
        return corrected
    return tally.errors / tally.decoded


def _per_round(rate: float, shots: ShotSource) -> float | None:
    """Return the rate of one round; several observables have no common formula."""
    if shots.rounds == 1:
        return rate
    return per_round(rate, shots.rounds) if shots.rounds and shots.observables == 1 else None


def _enumerated(
    source: Source, wanted: DecoderKind | None, confidence: float
) -> service.EstimateLogicalErrorRateResponse:
    if not isinstance(source, Experiment) or source.noise not in CODE_CAPACITY:
        raise CombinationUnsupported(
            "Errors are enumerated for codes at code capacity only. What to do: sample.",
            field="method",
            method="EXACT",
        )
    check_experiment(source)
    code = source.code
    if choose_decoder(source, wanted) is not DecoderKind.LOOKUP:
        raise CombinationUnsupported(
            f"Errors are enumerated for the LOOKUP decoder only; {code.name} is matched here. "
            "What to do: sample.",
            field="method",
            method="EXACT",
            code=code.name,
        )
    rate = exact_error_rate(code, pauli_channel(source.noise, source.error_rate))
    return service.EstimateLogicalErrorRateResponse(
        sequence=1,
        rate=rate,
        rate_per_round=rate,
        low=rate,
        high=rate,
        confidence=confidence,
        method=pb.LOGICAL_ERROR_METHOD_EXACT,
        decoder=pb.DECODER_LOOKUP,
        stop_reason=pb.SAMPLING_STOP_ENUMERATED,
        rounds=1,
        failures_by_weight=failures_by_weight(code) if code.n <= TABLE_QUBITS_MAX else [],
        notes=[_TWIRLED] if _is_twirled(source) else [],
    )


def _is_twirled(source: Source) -> bool:
    return isinstance(source, Experiment) and source.noise is NoiseModel.AMPLITUDE_DAMPING_TWIRLED


def _rule_from(
    message: pb.SamplingRule, confidence: float, time_left_s: float | None
) -> StoppingRule:
    def given(name: str) -> Any:
        return getattr(message, name) if message.HasField(name) else None

    rule = StoppingRule(
        max_shots=message.max_shots or MAX_SHOTS_DEFAULT,
        max_errors=message.max_errors or None,
        absolute_width=given("absolute_width"),
        relative_width=given("relative_width"),
        time_limit_s=given("time_limit_s"),
        confidence=confidence,
    )
    if time_left_s is None:
        return rule
    left_s = min(rule.time_limit_s or 3600.0, max(0.05, time_left_s - DEADLINE_RESERVE_S))
    return replace(rule, time_limit_s=min(left_s, 3600.0))


def _source_from(problem: pb.DecodingProblem) -> Source:
    match problem.WhichOneof("source"):
        case "experiment":
            return _experiment_from(problem.experiment)
        case "circuit":
            return Circuit(problem.circuit)
        case "detector_error_model":
            return Model(problem.detector_error_model)
        case _:
            raise CircuitInvalid(
                "Neither an experiment nor a circuit nor a detector error model is set.",
                field="source",
                check="ONE_SOURCE",
            )


def _experiment_from(message: pb.CodeExperiment) -> Experiment:
    code = find_code(message.code, field="experiment.code")
    noise = NoiseModel[_name(pb.CodeNoise, message.noise, "CODE_NOISE_")]
    usual = 1 if noise in CODE_CAPACITY else max(code.distance, code.distance_bit_flip)
    knobs = None
    if message.HasField("circuit_noise"):
        given = message.circuit_noise
        knobs = Knobs(**{name: getattr(given, name) for name in Knobs.__slots__})
    return Experiment(
        code,
        noise,
        message.error_rate,
        message.rounds or usual,
        "X" if message.basis == pb.MEMORY_BASIS_X else "Z",
        knobs,
    )


def _wanted(number: int) -> DecoderKind | None:
    return DecoderKind[_name(pb.Decoder, number, "DECODER_")] if number else None


def _name(enum: Any, number: int, prefix: str) -> str:
    known = enum.DESCRIPTOR.values_by_number
    name = known[number].name.removeprefix(prefix) if number in known else "UNSPECIFIED"
    if name == "UNSPECIFIED":
        raise CombinationUnsupported(
            f"{number} names no {prefix.lower().rstrip('_').replace('_', ' ')}.",
            field="decoder" if prefix == "DECODER_" else "experiment.noise",
            value=number,
        )
    return name


@contextmanager
def _within(parent: str) -> Iterator[None]:
    """Name the fields of refusals as the request does."""
    try:
        yield
    except CorrectionRefused as error:
        if not error.field.startswith(parent):
            inner = "experiment." if error.field.split(".")[0] in _OF_EXPERIMENT else ""
            error.field = f"{parent}.{inner}{error.field}"
        raise


_OF_EXPERIMENT: Final = {"noise", "error_rate", "circuit_noise", "rounds", "basis"}
