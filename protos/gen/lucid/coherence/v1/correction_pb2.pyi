from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CodeNoise(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODE_NOISE_UNSPECIFIED: _ClassVar[CodeNoise]
    CODE_NOISE_BIT_FLIP: _ClassVar[CodeNoise]
    CODE_NOISE_PHASE_FLIP: _ClassVar[CodeNoise]
    CODE_NOISE_DEPOLARIZING: _ClassVar[CodeNoise]
    CODE_NOISE_AMPLITUDE_DAMPING_TWIRLED: _ClassVar[CodeNoise]
    CODE_NOISE_PHENOMENOLOGICAL: _ClassVar[CodeNoise]
    CODE_NOISE_CIRCUIT_LEVEL: _ClassVar[CodeNoise]

class Decoder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECODER_UNSPECIFIED: _ClassVar[Decoder]
    DECODER_LOOKUP: _ClassVar[Decoder]
    DECODER_MATCHING: _ClassVar[Decoder]

class MemoryBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMORY_BASIS_UNSPECIFIED: _ClassVar[MemoryBasis]
    MEMORY_BASIS_X: _ClassVar[MemoryBasis]
    MEMORY_BASIS_Z: _ClassVar[MemoryBasis]

class CorrectionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CORRECTION_KIND_UNSPECIFIED: _ClassVar[CorrectionKind]
    CORRECTION_KIND_PAULI: _ClassVar[CorrectionKind]
    CORRECTION_KIND_OBSERVABLE_FLIPS: _ClassVar[CorrectionKind]

class LogicalErrorMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOGICAL_ERROR_METHOD_UNSPECIFIED: _ClassVar[LogicalErrorMethod]
    LOGICAL_ERROR_METHOD_SAMPLED: _ClassVar[LogicalErrorMethod]
    LOGICAL_ERROR_METHOD_EXACT: _ClassVar[LogicalErrorMethod]

class SamplingStop(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SAMPLING_STOP_UNSPECIFIED: _ClassVar[SamplingStop]
    SAMPLING_STOP_MAX_SHOTS: _ClassVar[SamplingStop]
    SAMPLING_STOP_MAX_ERRORS: _ClassVar[SamplingStop]
    SAMPLING_STOP_INTERVAL: _ClassVar[SamplingStop]
    SAMPLING_STOP_DEADLINE: _ClassVar[SamplingStop]
    SAMPLING_STOP_ENUMERATED: _ClassVar[SamplingStop]
CODE_NOISE_UNSPECIFIED: CodeNoise
CODE_NOISE_BIT_FLIP: CodeNoise
CODE_NOISE_PHASE_FLIP: CodeNoise
CODE_NOISE_DEPOLARIZING: CodeNoise
CODE_NOISE_AMPLITUDE_DAMPING_TWIRLED: CodeNoise
CODE_NOISE_PHENOMENOLOGICAL: CodeNoise
CODE_NOISE_CIRCUIT_LEVEL: CodeNoise
DECODER_UNSPECIFIED: Decoder
DECODER_LOOKUP: Decoder
DECODER_MATCHING: Decoder
MEMORY_BASIS_UNSPECIFIED: MemoryBasis
MEMORY_BASIS_X: MemoryBasis
MEMORY_BASIS_Z: MemoryBasis
CORRECTION_KIND_UNSPECIFIED: CorrectionKind
CORRECTION_KIND_PAULI: CorrectionKind
CORRECTION_KIND_OBSERVABLE_FLIPS: CorrectionKind
LOGICAL_ERROR_METHOD_UNSPECIFIED: LogicalErrorMethod
LOGICAL_ERROR_METHOD_SAMPLED: LogicalErrorMethod
LOGICAL_ERROR_METHOD_EXACT: LogicalErrorMethod
SAMPLING_STOP_UNSPECIFIED: SamplingStop
SAMPLING_STOP_MAX_SHOTS: SamplingStop
SAMPLING_STOP_MAX_ERRORS: SamplingStop
SAMPLING_STOP_INTERVAL: SamplingStop
SAMPLING_STOP_DEADLINE: SamplingStop
SAMPLING_STOP_ENUMERATED: SamplingStop

class CircuitNoise(_message.Message):
    __slots__ = ("after_clifford_depolarization", "before_round_data_depolarization", "before_measure_flip_probability", "after_reset_flip_probability")
    AFTER_CLIFFORD_DEPOLARIZATION_FIELD_NUMBER: _ClassVar[int]
    BEFORE_ROUND_DATA_DEPOLARIZATION_FIELD_NUMBER: _ClassVar[int]
    BEFORE_MEASURE_FLIP_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    AFTER_RESET_FLIP_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    after_clifford_depolarization: float
    before_round_data_depolarization: float
    before_measure_flip_probability: float
    after_reset_flip_probability: float
    def __init__(self, after_clifford_depolarization: _Optional[float] = ..., before_round_data_depolarization: _Optional[float] = ..., before_measure_flip_probability: _Optional[float] = ..., after_reset_flip_probability: _Optional[float] = ...) -> None: ...

class CodeExperiment(_message.Message):
    __slots__ = ("code", "noise", "error_rate", "circuit_noise", "rounds", "basis")
    CODE_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_NOISE_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    code: str
    noise: CodeNoise
    error_rate: float
    circuit_noise: CircuitNoise
    rounds: int
    basis: MemoryBasis
    def __init__(self, code: _Optional[str] = ..., noise: _Optional[_Union[CodeNoise, str]] = ..., error_rate: _Optional[float] = ..., circuit_noise: _Optional[_Union[CircuitNoise, _Mapping]] = ..., rounds: _Optional[int] = ..., basis: _Optional[_Union[MemoryBasis, str]] = ...) -> None: ...

class DecodingProblem(_message.Message):
    __slots__ = ("experiment", "circuit", "detector_error_model", "decoder")
    EXPERIMENT_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    DETECTOR_ERROR_MODEL_FIELD_NUMBER: _ClassVar[int]
    DECODER_FIELD_NUMBER: _ClassVar[int]
    experiment: CodeExperiment
    circuit: str
    detector_error_model: str
    decoder: Decoder
    def __init__(self, experiment: _Optional[_Union[CodeExperiment, _Mapping]] = ..., circuit: _Optional[str] = ..., detector_error_model: _Optional[str] = ..., decoder: _Optional[_Union[Decoder, str]] = ...) -> None: ...

class Code(_message.Message):
    __slots__ = ("code", "physical_qubits", "distance", "logical_qubits", "distance_bit_flip", "distance_phase_flip", "stabilizers", "logical_x", "logical_z", "noise_models", "decoders", "syndrome_bits", "syndrome_bytes", "correction_bytes", "exact")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PHYSICAL_QUBITS_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_QUBITS_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_BIT_FLIP_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_PHASE_FLIP_FIELD_NUMBER: _ClassVar[int]
    STABILIZERS_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_X_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_Z_FIELD_NUMBER: _ClassVar[int]
    NOISE_MODELS_FIELD_NUMBER: _ClassVar[int]
    DECODERS_FIELD_NUMBER: _ClassVar[int]
    SYNDROME_BITS_FIELD_NUMBER: _ClassVar[int]
    SYNDROME_BYTES_FIELD_NUMBER: _ClassVar[int]
    CORRECTION_BYTES_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    code: str
    physical_qubits: int
    distance: int
    logical_qubits: int
    distance_bit_flip: int
    distance_phase_flip: int
    stabilizers: _containers.RepeatedScalarFieldContainer[str]
    logical_x: str
    logical_z: str
    noise_models: _containers.RepeatedScalarFieldContainer[CodeNoise]
    decoders: _containers.RepeatedScalarFieldContainer[Decoder]
    syndrome_bits: int
    syndrome_bytes: int
    correction_bytes: int
    exact: bool
    def __init__(self, code: _Optional[str] = ..., physical_qubits: _Optional[int] = ..., distance: _Optional[int] = ..., logical_qubits: _Optional[int] = ..., distance_bit_flip: _Optional[int] = ..., distance_phase_flip: _Optional[int] = ..., stabilizers: _Optional[_Iterable[str]] = ..., logical_x: _Optional[str] = ..., logical_z: _Optional[str] = ..., noise_models: _Optional[_Iterable[_Union[CodeNoise, str]]] = ..., decoders: _Optional[_Iterable[_Union[Decoder, str]]] = ..., syndrome_bits: _Optional[int] = ..., syndrome_bytes: _Optional[int] = ..., correction_bytes: _Optional[int] = ..., exact: _Optional[bool] = ...) -> None: ...

class SyndromeChunk(_message.Message):
    __slots__ = ("rows", "syndromes")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SYNDROMES_FIELD_NUMBER: _ClassVar[int]
    rows: int
    syndromes: bytes
    def __init__(self, rows: _Optional[int] = ..., syndromes: _Optional[bytes] = ...) -> None: ...

class DecoderReady(_message.Message):
    __slots__ = ("decoder", "syndrome_bits", "syndrome_bytes", "kind", "correction_bits", "correction_bytes")
    DECODER_FIELD_NUMBER: _ClassVar[int]
    SYNDROME_BITS_FIELD_NUMBER: _ClassVar[int]
    SYNDROME_BYTES_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CORRECTION_BITS_FIELD_NUMBER: _ClassVar[int]
    CORRECTION_BYTES_FIELD_NUMBER: _ClassVar[int]
    decoder: Decoder
    syndrome_bits: int
    syndrome_bytes: int
    kind: CorrectionKind
    correction_bits: int
    correction_bytes: int
    def __init__(self, decoder: _Optional[_Union[Decoder, str]] = ..., syndrome_bits: _Optional[int] = ..., syndrome_bytes: _Optional[int] = ..., kind: _Optional[_Union[CorrectionKind, str]] = ..., correction_bits: _Optional[int] = ..., correction_bytes: _Optional[int] = ...) -> None: ...

class DecodedChunk(_message.Message):
    __slots__ = ("rows", "corrections", "decoder_failures", "failed_rows")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    DECODER_FAILURES_FIELD_NUMBER: _ClassVar[int]
    FAILED_ROWS_FIELD_NUMBER: _ClassVar[int]
    rows: int
    corrections: bytes
    decoder_failures: int
    failed_rows: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, rows: _Optional[int] = ..., corrections: _Optional[bytes] = ..., decoder_failures: _Optional[int] = ..., failed_rows: _Optional[_Iterable[int]] = ...) -> None: ...

class SamplingRule(_message.Message):
    __slots__ = ("max_shots", "max_errors", "absolute_width", "relative_width", "time_limit_s")
    MAX_SHOTS_FIELD_NUMBER: _ClassVar[int]
    MAX_ERRORS_FIELD_NUMBER: _ClassVar[int]
    ABSOLUTE_WIDTH_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_WIDTH_FIELD_NUMBER: _ClassVar[int]
    TIME_LIMIT_S_FIELD_NUMBER: _ClassVar[int]
    max_shots: int
    max_errors: int
    absolute_width: float
    relative_width: float
    time_limit_s: float
    def __init__(self, max_shots: _Optional[int] = ..., max_errors: _Optional[int] = ..., absolute_width: _Optional[float] = ..., relative_width: _Optional[float] = ..., time_limit_s: _Optional[float] = ...) -> None: ...
