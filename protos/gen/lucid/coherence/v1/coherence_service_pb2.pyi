from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.rpc import status_pb2 as _status_pb2
from lucid.coherence.v1 import channel_pb2 as _channel_pb2
from lucid.coherence.v1 import correction_pb2 as _correction_pb2
from lucid.coherence.v1 import evolution_pb2 as _evolution_pb2
from lucid.coherence.v1 import noise_pb2 as _noise_pb2
from lucid.coherence.v1 import state_pb2 as _state_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnalyzeStatesRequest(_message.Message):
    __slots__ = ("states", "measures", "tolerances", "cut", "renyi_order")
    STATES_FIELD_NUMBER: _ClassVar[int]
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    TOLERANCES_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    RENYI_ORDER_FIELD_NUMBER: _ClassVar[int]
    states: _state_pb2.StateBatch
    measures: _containers.RepeatedScalarFieldContainer[_state_pb2.Measure]
    tolerances: _state_pb2.Tolerances
    cut: _containers.RepeatedScalarFieldContainer[int]
    renyi_order: float
    def __init__(self, states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., measures: _Optional[_Iterable[_Union[_state_pb2.Measure, str]]] = ..., tolerances: _Optional[_Union[_state_pb2.Tolerances, _Mapping]] = ..., cut: _Optional[_Iterable[int]] = ..., renyi_order: _Optional[float] = ...) -> None: ...

class AnalyzeStatesResponse(_message.Message):
    __slots__ = ("reports", "results", "tolerances")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    TOLERANCES_FIELD_NUMBER: _ClassVar[int]
    reports: _state_pb2.StateReports
    results: _containers.RepeatedCompositeFieldContainer[_state_pb2.MeasureResult]
    tolerances: _state_pb2.Tolerances
    def __init__(self, reports: _Optional[_Union[_state_pb2.StateReports, _Mapping]] = ..., results: _Optional[_Iterable[_Union[_state_pb2.MeasureResult, _Mapping]]] = ..., tolerances: _Optional[_Union[_state_pb2.Tolerances, _Mapping]] = ...) -> None: ...

class StreamAnalyzeStatesRequest(_message.Message):
    __slots__ = ("chunk_id", "request")
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    chunk_id: int
    request: AnalyzeStatesRequest
    def __init__(self, chunk_id: _Optional[int] = ..., request: _Optional[_Union[AnalyzeStatesRequest, _Mapping]] = ...) -> None: ...

class StreamAnalyzeStatesResponse(_message.Message):
    __slots__ = ("chunk_id", "response", "error")
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    chunk_id: int
    response: AnalyzeStatesResponse
    error: _status_pb2.Status
    def __init__(self, chunk_id: _Optional[int] = ..., response: _Optional[_Union[AnalyzeStatesResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class ProjectStatesRequest(_message.Message):
    __slots__ = ("states", "max_distance")
    STATES_FIELD_NUMBER: _ClassVar[int]
    MAX_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    states: _state_pb2.StateBatch
    max_distance: float
    def __init__(self, states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., max_distance: _Optional[float] = ...) -> None: ...

class ProjectStatesResponse(_message.Message):
    __slots__ = ("states", "reports")
    STATES_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    states: _state_pb2.StateBatch
    reports: _containers.RepeatedCompositeFieldContainer[_state_pb2.ProjectionReport]
    def __init__(self, states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[_state_pb2.ProjectionReport, _Mapping]]] = ...) -> None: ...

class CompareStatesRequest(_message.Message):
    __slots__ = ("left", "right", "tolerances")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    TOLERANCES_FIELD_NUMBER: _ClassVar[int]
    left: _state_pb2.StateBatch
    right: _state_pb2.StateBatch
    tolerances: _state_pb2.Tolerances
    def __init__(self, left: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., right: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., tolerances: _Optional[_Union[_state_pb2.Tolerances, _Mapping]] = ...) -> None: ...

class CompareStatesResponse(_message.Message):
    __slots__ = ("fidelity", "trace_distance", "bures_distance", "bures_angle_rad", "fidelity_uncertainties", "trace_distance_uncertainty", "notes", "tolerances")
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    TRACE_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    BURES_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    BURES_ANGLE_RAD_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_UNCERTAINTIES_FIELD_NUMBER: _ClassVar[int]
    TRACE_DISTANCE_UNCERTAINTY_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    TOLERANCES_FIELD_NUMBER: _ClassVar[int]
    fidelity: _containers.RepeatedScalarFieldContainer[float]
    trace_distance: _containers.RepeatedScalarFieldContainer[float]
    bures_distance: _containers.RepeatedScalarFieldContainer[float]
    bures_angle_rad: _containers.RepeatedScalarFieldContainer[float]
    fidelity_uncertainties: _containers.RepeatedScalarFieldContainer[float]
    trace_distance_uncertainty: float
    notes: _containers.RepeatedScalarFieldContainer[str]
    tolerances: _state_pb2.Tolerances
    def __init__(self, fidelity: _Optional[_Iterable[float]] = ..., trace_distance: _Optional[_Iterable[float]] = ..., bures_distance: _Optional[_Iterable[float]] = ..., bures_angle_rad: _Optional[_Iterable[float]] = ..., fidelity_uncertainties: _Optional[_Iterable[float]] = ..., trace_distance_uncertainty: _Optional[float] = ..., notes: _Optional[_Iterable[str]] = ..., tolerances: _Optional[_Union[_state_pb2.Tolerances, _Mapping]] = ...) -> None: ...

class ConvertChannelRequest(_message.Message):
    __slots__ = ("channel", "representation", "then", "pauli_twirl", "tolerance_abs", "compare_with", "diamond", "states")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REPRESENTATION_FIELD_NUMBER: _ClassVar[int]
    THEN_FIELD_NUMBER: _ClassVar[int]
    PAULI_TWIRL_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_ABS_FIELD_NUMBER: _ClassVar[int]
    COMPARE_WITH_FIELD_NUMBER: _ClassVar[int]
    DIAMOND_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.ChannelSource
    representation: _channel_pb2.ChannelRepresentation
    then: _containers.RepeatedCompositeFieldContainer[_channel_pb2.ChannelSource]
    pauli_twirl: bool
    tolerance_abs: float
    compare_with: _channel_pb2.ChannelSource
    diamond: bool
    states: _state_pb2.StateBatch
    def __init__(self, channel: _Optional[_Union[_channel_pb2.ChannelSource, _Mapping]] = ..., representation: _Optional[_Union[_channel_pb2.ChannelRepresentation, str]] = ..., then: _Optional[_Iterable[_Union[_channel_pb2.ChannelSource, _Mapping]]] = ..., pauli_twirl: _Optional[bool] = ..., tolerance_abs: _Optional[float] = ..., compare_with: _Optional[_Union[_channel_pb2.ChannelSource, _Mapping]] = ..., diamond: _Optional[bool] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ...) -> None: ...

class ConvertChannelResponse(_message.Message):
    __slots__ = ("channel", "checks", "conversion_error", "entanglement_fidelity", "average_gate_fidelity", "twirl", "distance", "states", "notes")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_ERROR_FIELD_NUMBER: _ClassVar[int]
    ENTANGLEMENT_FIDELITY_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_GATE_FIDELITY_FIELD_NUMBER: _ClassVar[int]
    TWIRL_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    checks: _channel_pb2.ChannelChecks
    conversion_error: float
    entanglement_fidelity: float
    average_gate_fidelity: float
    twirl: _channel_pb2.PauliTwirl
    distance: _channel_pb2.ChannelDistance
    states: _state_pb2.StateBatch
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., checks: _Optional[_Union[_channel_pb2.ChannelChecks, _Mapping]] = ..., conversion_error: _Optional[float] = ..., entanglement_fidelity: _Optional[float] = ..., average_gate_fidelity: _Optional[float] = ..., twirl: _Optional[_Union[_channel_pb2.PauliTwirl, _Mapping]] = ..., distance: _Optional[_Union[_channel_pb2.ChannelDistance, _Mapping]] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class EvolveStatesRequest(_message.Message):
    __slots__ = ("states", "system", "times_s", "chunk_times", "include_steady_state")
    STATES_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    TIMES_S_FIELD_NUMBER: _ClassVar[int]
    CHUNK_TIMES_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_STEADY_STATE_FIELD_NUMBER: _ClassVar[int]
    states: _state_pb2.StateBatch
    system: _evolution_pb2.OpenSystem
    times_s: _containers.RepeatedScalarFieldContainer[float]
    chunk_times: int
    include_steady_state: bool
    def __init__(self, states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., system: _Optional[_Union[_evolution_pb2.OpenSystem, _Mapping]] = ..., times_s: _Optional[_Iterable[float]] = ..., chunk_times: _Optional[int] = ..., include_steady_state: _Optional[bool] = ...) -> None: ...

class EvolveStatesResponse(_message.Message):
    __slots__ = ("sequence", "times_s", "states", "error_bound", "progress", "terminal", "steady_states")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIMES_S_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    ERROR_BOUND_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    STEADY_STATES_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    times_s: _containers.RepeatedScalarFieldContainer[float]
    states: _state_pb2.StateBatch
    error_bound: float
    progress: float
    terminal: bool
    steady_states: _evolution_pb2.SteadyStates
    def __init__(self, sequence: _Optional[int] = ..., times_s: _Optional[_Iterable[float]] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., error_bound: _Optional[float] = ..., progress: _Optional[float] = ..., terminal: _Optional[bool] = ..., steady_states: _Optional[_Union[_evolution_pb2.SteadyStates, _Mapping]] = ...) -> None: ...

class Drive(_message.Message):
    __slots__ = ("terms", "operator")
    TERMS_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[_evolution_pb2.PauliTerm]
    operator: bytes
    def __init__(self, terms: _Optional[_Iterable[_Union[_evolution_pb2.PauliTerm, _Mapping]]] = ..., operator: _Optional[bytes] = ...) -> None: ...

class SweepEvolutionRequest(_message.Message):
    __slots__ = ("states", "system", "times_s", "points", "rates_per_s", "drives", "amplitudes")
    STATES_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    TIMES_S_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    RATES_PER_S_FIELD_NUMBER: _ClassVar[int]
    DRIVES_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDES_FIELD_NUMBER: _ClassVar[int]
    states: _state_pb2.StateBatch
    system: _evolution_pb2.OpenSystem
    times_s: _containers.RepeatedScalarFieldContainer[float]
    points: int
    rates_per_s: bytes
    drives: _containers.RepeatedCompositeFieldContainer[Drive]
    amplitudes: bytes
    def __init__(self, states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., system: _Optional[_Union[_evolution_pb2.OpenSystem, _Mapping]] = ..., times_s: _Optional[_Iterable[float]] = ..., points: _Optional[int] = ..., rates_per_s: _Optional[bytes] = ..., drives: _Optional[_Iterable[_Union[Drive, _Mapping]]] = ..., amplitudes: _Optional[bytes] = ...) -> None: ...

class SweepEvolutionResponse(_message.Message):
    __slots__ = ("sequence", "first_point", "points", "states", "error_bounds", "progress", "terminal")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_POINT_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    ERROR_BOUNDS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    first_point: int
    points: int
    states: _state_pb2.StateBatch
    error_bounds: _containers.RepeatedScalarFieldContainer[float]
    progress: float
    terminal: bool
    def __init__(self, sequence: _Optional[int] = ..., first_point: _Optional[int] = ..., points: _Optional[int] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., error_bounds: _Optional[_Iterable[float]] = ..., progress: _Optional[float] = ..., terminal: _Optional[bool] = ...) -> None: ...

class EstimateNoiseRequest(_message.Message):
    __slots__ = ("decay", "randomized_benchmarking", "readout")
    DECAY_FIELD_NUMBER: _ClassVar[int]
    RANDOMIZED_BENCHMARKING_FIELD_NUMBER: _ClassVar[int]
    READOUT_FIELD_NUMBER: _ClassVar[int]
    decay: _noise_pb2.DecayExperiment
    randomized_benchmarking: _noise_pb2.BenchmarkingExperiment
    readout: _noise_pb2.ReadoutExperiment
    def __init__(self, decay: _Optional[_Union[_noise_pb2.DecayExperiment, _Mapping]] = ..., randomized_benchmarking: _Optional[_Union[_noise_pb2.BenchmarkingExperiment, _Mapping]] = ..., readout: _Optional[_Union[_noise_pb2.ReadoutExperiment, _Mapping]] = ...) -> None: ...

class EstimateNoiseResponse(_message.Message):
    __slots__ = ("decay", "randomized_benchmarking", "readout", "statistics")
    DECAY_FIELD_NUMBER: _ClassVar[int]
    RANDOMIZED_BENCHMARKING_FIELD_NUMBER: _ClassVar[int]
    READOUT_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    decay: _noise_pb2.DecayEstimate
    randomized_benchmarking: _noise_pb2.BenchmarkingEstimate
    readout: _noise_pb2.ReadoutEstimate
    statistics: str
    def __init__(self, decay: _Optional[_Union[_noise_pb2.DecayEstimate, _Mapping]] = ..., randomized_benchmarking: _Optional[_Union[_noise_pb2.BenchmarkingEstimate, _Mapping]] = ..., readout: _Optional[_Union[_noise_pb2.ReadoutEstimate, _Mapping]] = ..., statistics: _Optional[str] = ...) -> None: ...

class MitigateExpectationRequest(_message.Message):
    __slots__ = ("scales", "values", "standard_errors", "method", "order", "asymptote")
    SCALES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ERRORS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ASYMPTOTE_FIELD_NUMBER: _ClassVar[int]
    scales: _containers.RepeatedScalarFieldContainer[float]
    values: _containers.RepeatedScalarFieldContainer[float]
    standard_errors: _containers.RepeatedScalarFieldContainer[float]
    method: _noise_pb2.ExtrapolationMethod
    order: int
    asymptote: float
    def __init__(self, scales: _Optional[_Iterable[float]] = ..., values: _Optional[_Iterable[float]] = ..., standard_errors: _Optional[_Iterable[float]] = ..., method: _Optional[_Union[_noise_pb2.ExtrapolationMethod, str]] = ..., order: _Optional[int] = ..., asymptote: _Optional[float] = ...) -> None: ...

class MitigateExpectationResponse(_message.Message):
    __slots__ = ("value", "standard_error", "low", "high", "variance_amplification", "coefficients", "residual_rms", "p_value", "degrees_of_freedom", "statistics")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ERROR_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    VARIANCE_AMPLIFICATION_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENTS_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_RMS_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    DEGREES_OF_FREEDOM_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    value: float
    standard_error: float
    low: float
    high: float
    variance_amplification: float
    coefficients: _containers.RepeatedScalarFieldContainer[float]
    residual_rms: float
    p_value: float
    degrees_of_freedom: int
    statistics: str
    def __init__(self, value: _Optional[float] = ..., standard_error: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., variance_amplification: _Optional[float] = ..., coefficients: _Optional[_Iterable[float]] = ..., residual_rms: _Optional[float] = ..., p_value: _Optional[float] = ..., degrees_of_freedom: _Optional[int] = ..., statistics: _Optional[str] = ...) -> None: ...

class ListCodesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListCodesResponse(_message.Message):
    __slots__ = ("codes",)
    CODES_FIELD_NUMBER: _ClassVar[int]
    codes: _containers.RepeatedCompositeFieldContainer[_correction_pb2.Code]
    def __init__(self, codes: _Optional[_Iterable[_Union[_correction_pb2.Code, _Mapping]]] = ...) -> None: ...

class DecodeSyndromesRequest(_message.Message):
    __slots__ = ("chunk_id", "problem", "chunk")
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk_id: int
    problem: _correction_pb2.DecodingProblem
    chunk: _correction_pb2.SyndromeChunk
    def __init__(self, chunk_id: _Optional[int] = ..., problem: _Optional[_Union[_correction_pb2.DecodingProblem, _Mapping]] = ..., chunk: _Optional[_Union[_correction_pb2.SyndromeChunk, _Mapping]] = ...) -> None: ...

class DecodeSyndromesResponse(_message.Message):
    __slots__ = ("chunk_id", "ready", "decoded", "error")
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    DECODED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    chunk_id: int
    ready: _correction_pb2.DecoderReady
    decoded: _correction_pb2.DecodedChunk
    error: _status_pb2.Status
    def __init__(self, chunk_id: _Optional[int] = ..., ready: _Optional[_Union[_correction_pb2.DecoderReady, _Mapping]] = ..., decoded: _Optional[_Union[_correction_pb2.DecodedChunk, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class EstimateLogicalErrorRateRequest(_message.Message):
    __slots__ = ("problem", "method", "stop", "confidence", "seed")
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    problem: _correction_pb2.DecodingProblem
    method: _correction_pb2.LogicalErrorMethod
    stop: _correction_pb2.SamplingRule
    confidence: float
    seed: int
    def __init__(self, problem: _Optional[_Union[_correction_pb2.DecodingProblem, _Mapping]] = ..., method: _Optional[_Union[_correction_pb2.LogicalErrorMethod, str]] = ..., stop: _Optional[_Union[_correction_pb2.SamplingRule, _Mapping]] = ..., confidence: _Optional[float] = ..., seed: _Optional[int] = ...) -> None: ...

class EstimateLogicalErrorRateResponse(_message.Message):
    __slots__ = ("sequence", "shots", "errors", "decoder_failures", "rate", "rate_per_round", "low", "high", "upper_bound", "confidence", "seed", "method", "decoder", "stop_reason", "elapsed_s", "rounds", "failures_by_weight", "notes")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    DECODER_FAILURES_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    RATE_PER_ROUND_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    UPPER_BOUND_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    DECODER_FIELD_NUMBER: _ClassVar[int]
    STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_S_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_BY_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    shots: int
    errors: int
    decoder_failures: int
    rate: float
    rate_per_round: float
    low: float
    high: float
    upper_bound: float
    confidence: float
    seed: int
    method: _correction_pb2.LogicalErrorMethod
    decoder: _correction_pb2.Decoder
    stop_reason: _correction_pb2.SamplingStop
    elapsed_s: float
    rounds: int
    failures_by_weight: _containers.RepeatedScalarFieldContainer[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sequence: _Optional[int] = ..., shots: _Optional[int] = ..., errors: _Optional[int] = ..., decoder_failures: _Optional[int] = ..., rate: _Optional[float] = ..., rate_per_round: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., upper_bound: _Optional[float] = ..., confidence: _Optional[float] = ..., seed: _Optional[int] = ..., method: _Optional[_Union[_correction_pb2.LogicalErrorMethod, str]] = ..., decoder: _Optional[_Union[_correction_pb2.Decoder, str]] = ..., stop_reason: _Optional[_Union[_correction_pb2.SamplingStop, str]] = ..., elapsed_s: _Optional[float] = ..., rounds: _Optional[int] = ..., failures_by_weight: _Optional[_Iterable[int]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class CertifyCoherenceRequest(_message.Message):
    __slots__ = ("system", "theta", "initial_coherence", "wanted_horizon_s", "gap_percent", "start", "start_radius")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    THETA_FIELD_NUMBER: _ClassVar[int]
    INITIAL_COHERENCE_FIELD_NUMBER: _ClassVar[int]
    WANTED_HORIZON_S_FIELD_NUMBER: _ClassVar[int]
    GAP_PERCENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    START_RADIUS_FIELD_NUMBER: _ClassVar[int]
    system: _evolution_pb2.OpenSystem
    theta: str
    initial_coherence: str
    wanted_horizon_s: str
    gap_percent: float
    start: _state_pb2.StateBatch
    start_radius: str
    def __init__(self, system: _Optional[_Union[_evolution_pb2.OpenSystem, _Mapping]] = ..., theta: _Optional[str] = ..., initial_coherence: _Optional[str] = ..., wanted_horizon_s: _Optional[str] = ..., gap_percent: _Optional[float] = ..., start: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., start_radius: _Optional[str] = ...) -> None: ...

class CertifyCoherenceResponse(_message.Message):
    __slots__ = ("sequence", "progress", "result")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    progress: CertificationProgress
    result: _evolution_pb2.CertifiedHorizon
    def __init__(self, sequence: _Optional[int] = ..., progress: _Optional[_Union[CertificationProgress, _Mapping]] = ..., result: _Optional[_Union[_evolution_pb2.CertifiedHorizon, _Mapping]] = ...) -> None: ...

class CertificationProgress(_message.Message):
    __slots__ = ("stage", "degree", "message", "segment", "segments")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DEGREE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    stage: str
    degree: int
    message: str
    segment: int
    segments: int
    def __init__(self, stage: _Optional[str] = ..., degree: _Optional[int] = ..., message: _Optional[str] = ..., segment: _Optional[int] = ..., segments: _Optional[int] = ...) -> None: ...

class CreateCarrierRequest(_message.Message):
    __slots__ = ("carrier_id", "carrier", "min_horizon_s", "request_id")
    CARRIER_ID_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    MIN_HORIZON_S_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    carrier_id: str
    carrier: _evolution_pb2.Carrier
    min_horizon_s: str
    request_id: str
    def __init__(self, carrier_id: _Optional[str] = ..., carrier: _Optional[_Union[_evolution_pb2.Carrier, _Mapping]] = ..., min_horizon_s: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetCarrierRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteCarrierRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CheckpointCarrierRequest(_message.Message):
    __slots__ = ("name", "elapsed_s", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_S_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    elapsed_s: float
    request_id: str
    def __init__(self, name: _Optional[str] = ..., elapsed_s: _Optional[float] = ..., request_id: _Optional[str] = ...) -> None: ...

class RestoreCarrierRequest(_message.Message):
    __slots__ = ("name", "checkpoint", "states", "checkpoints", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    checkpoint: str
    states: _state_pb2.StateBatch
    checkpoints: CheckpointNames
    request_id: str
    def __init__(self, name: _Optional[str] = ..., checkpoint: _Optional[str] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., checkpoints: _Optional[_Union[CheckpointNames, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class CheckpointNames(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class RestoreCarrierResponse(_message.Message):
    __slots__ = ("carrier", "states", "reports")
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    carrier: _evolution_pb2.Carrier
    states: _state_pb2.StateBatch
    reports: _containers.RepeatedCompositeFieldContainer[_state_pb2.ProjectionReport]
    def __init__(self, carrier: _Optional[_Union[_evolution_pb2.Carrier, _Mapping]] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[_state_pb2.ProjectionReport, _Mapping]]] = ...) -> None: ...

class RankSeedsRequest(_message.Message):
    __slots__ = ("preferences", "maximally_mixed", "seeds", "top")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    MAXIMALLY_MIXED_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    preferences: _state_pb2.StateBatch
    maximally_mixed: int
    seeds: _containers.RepeatedCompositeFieldContainer[SeedFeature]
    top: int
    def __init__(self, preferences: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., maximally_mixed: _Optional[int] = ..., seeds: _Optional[_Iterable[_Union[SeedFeature, _Mapping]]] = ..., top: _Optional[int] = ...) -> None: ...

class SeedFeature(_message.Message):
    __slots__ = ("seed", "amplitudes")
    SEED_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDES_FIELD_NUMBER: _ClassVar[int]
    seed: str
    amplitudes: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, seed: _Optional[str] = ..., amplitudes: _Optional[_Iterable[float]] = ...) -> None: ...

class RankSeedsResponse(_message.Message):
    __slots__ = ("rankings",)
    RANKINGS_FIELD_NUMBER: _ClassVar[int]
    rankings: _containers.RepeatedCompositeFieldContainer[SeedRanking]
    def __init__(self, rankings: _Optional[_Iterable[_Union[SeedRanking, _Mapping]]] = ...) -> None: ...

class SeedRanking(_message.Message):
    __slots__ = ("ranked", "undecidedness")
    RANKED_FIELD_NUMBER: _ClassVar[int]
    UNDECIDEDNESS_FIELD_NUMBER: _ClassVar[int]
    ranked: _containers.RepeatedCompositeFieldContainer[RankedSeed]
    undecidedness: Undecidedness
    def __init__(self, ranked: _Optional[_Iterable[_Union[RankedSeed, _Mapping]]] = ..., undecidedness: _Optional[_Union[Undecidedness, _Mapping]] = ...) -> None: ...

class RankedSeed(_message.Message):
    __slots__ = ("seed", "probability", "classical_probability", "rank", "classical_rank", "tied")
    SEED_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    CLASSICAL_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    CLASSICAL_RANK_FIELD_NUMBER: _ClassVar[int]
    TIED_FIELD_NUMBER: _ClassVar[int]
    seed: str
    probability: float
    classical_probability: float
    rank: int
    classical_rank: int
    tied: bool
    def __init__(self, seed: _Optional[str] = ..., probability: _Optional[float] = ..., classical_probability: _Optional[float] = ..., rank: _Optional[int] = ..., classical_rank: _Optional[int] = ..., tied: _Optional[bool] = ...) -> None: ...

class Undecidedness(_message.Message):
    __slots__ = ("relative_entropy_of_coherence_bits", "relative_entropy_of_coherence_normalized", "c_l1", "c_l1_normalized", "ignorance_bits")
    RELATIVE_ENTROPY_OF_COHERENCE_BITS_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_ENTROPY_OF_COHERENCE_NORMALIZED_FIELD_NUMBER: _ClassVar[int]
    C_L1_FIELD_NUMBER: _ClassVar[int]
    C_L1_NORMALIZED_FIELD_NUMBER: _ClassVar[int]
    IGNORANCE_BITS_FIELD_NUMBER: _ClassVar[int]
    relative_entropy_of_coherence_bits: float
    relative_entropy_of_coherence_normalized: float
    c_l1: float
    c_l1_normalized: float
    ignorance_bits: float
    def __init__(self, relative_entropy_of_coherence_bits: _Optional[float] = ..., relative_entropy_of_coherence_normalized: _Optional[float] = ..., c_l1: _Optional[float] = ..., c_l1_normalized: _Optional[float] = ..., ignorance_bits: _Optional[float] = ...) -> None: ...

class UpdatePreferenceRequest(_message.Message):
    __slots__ = ("preferences", "maximally_mixed", "seeds", "feedbacks")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    MAXIMALLY_MIXED_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    FEEDBACKS_FIELD_NUMBER: _ClassVar[int]
    preferences: _state_pb2.StateBatch
    maximally_mixed: int
    seeds: _containers.RepeatedCompositeFieldContainer[SeedFeature]
    feedbacks: _containers.RepeatedCompositeFieldContainer[SeedFeedback]
    def __init__(self, preferences: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., maximally_mixed: _Optional[int] = ..., seeds: _Optional[_Iterable[_Union[SeedFeature, _Mapping]]] = ..., feedbacks: _Optional[_Iterable[_Union[SeedFeedback, _Mapping]]] = ...) -> None: ...

class SeedFeedback(_message.Message):
    __slots__ = ("seed", "liked", "sharpness", "state_index")
    SEED_FIELD_NUMBER: _ClassVar[int]
    LIKED_FIELD_NUMBER: _ClassVar[int]
    SHARPNESS_FIELD_NUMBER: _ClassVar[int]
    STATE_INDEX_FIELD_NUMBER: _ClassVar[int]
    seed: str
    liked: bool
    sharpness: float
    state_index: int
    def __init__(self, seed: _Optional[str] = ..., liked: _Optional[bool] = ..., sharpness: _Optional[float] = ..., state_index: _Optional[int] = ...) -> None: ...

class UpdatePreferenceResponse(_message.Message):
    __slots__ = ("preferences", "updates")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    preferences: _state_pb2.StateBatch
    updates: _containers.RepeatedCompositeFieldContainer[PreferenceUpdate]
    def __init__(self, preferences: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., updates: _Optional[_Iterable[_Union[PreferenceUpdate, _Mapping]]] = ...) -> None: ...

class PreferenceUpdate(_message.Message):
    __slots__ = ("probabilities", "classical_probabilities", "before", "after", "order_effect")
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    CLASSICAL_PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_EFFECT_FIELD_NUMBER: _ClassVar[int]
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    classical_probabilities: _containers.RepeatedScalarFieldContainer[float]
    before: Undecidedness
    after: Undecidedness
    order_effect: OrderEffect
    def __init__(self, probabilities: _Optional[_Iterable[float]] = ..., classical_probabilities: _Optional[_Iterable[float]] = ..., before: _Optional[_Union[Undecidedness, _Mapping]] = ..., after: _Optional[_Union[Undecidedness, _Mapping]] = ..., order_effect: _Optional[_Union[OrderEffect, _Mapping]] = ...) -> None: ...

class OrderEffect(_message.Message):
    __slots__ = ("commutes", "probability", "reversed_probability", "trace_distance")
    COMMUTES_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    REVERSED_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    TRACE_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    commutes: bool
    probability: float
    reversed_probability: float
    trace_distance: float
    def __init__(self, commutes: _Optional[bool] = ..., probability: _Optional[float] = ..., reversed_probability: _Optional[float] = ..., trace_distance: _Optional[float] = ...) -> None: ...
