from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChannelRepresentation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_REPRESENTATION_UNSPECIFIED: _ClassVar[ChannelRepresentation]
    CHANNEL_REPRESENTATION_KRAUS: _ClassVar[ChannelRepresentation]
    CHANNEL_REPRESENTATION_CHOI: _ClassVar[ChannelRepresentation]
    CHANNEL_REPRESENTATION_PAULI_TRANSFER: _ClassVar[ChannelRepresentation]
    CHANNEL_REPRESENTATION_SUPEROPERATOR: _ClassVar[ChannelRepresentation]
CHANNEL_REPRESENTATION_UNSPECIFIED: ChannelRepresentation
CHANNEL_REPRESENTATION_KRAUS: ChannelRepresentation
CHANNEL_REPRESENTATION_CHOI: ChannelRepresentation
CHANNEL_REPRESENTATION_PAULI_TRANSFER: ChannelRepresentation
CHANNEL_REPRESENTATION_SUPEROPERATOR: ChannelRepresentation

class Channel(_message.Message):
    __slots__ = ("representation", "dims", "data")
    REPRESENTATION_FIELD_NUMBER: _ClassVar[int]
    DIMS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    representation: ChannelRepresentation
    dims: _containers.RepeatedScalarFieldContainer[int]
    data: bytes
    def __init__(self, representation: _Optional[_Union[ChannelRepresentation, str]] = ..., dims: _Optional[_Iterable[int]] = ..., data: _Optional[bytes] = ...) -> None: ...

class DepolarizingNoise(_message.Message):
    __slots__ = ("probability", "dims")
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    DIMS_FIELD_NUMBER: _ClassVar[int]
    probability: float
    dims: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, probability: _Optional[float] = ..., dims: _Optional[_Iterable[int]] = ...) -> None: ...

class DephasingNoise(_message.Message):
    __slots__ = ("strength", "dims")
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    DIMS_FIELD_NUMBER: _ClassVar[int]
    strength: float
    dims: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, strength: _Optional[float] = ..., dims: _Optional[_Iterable[int]] = ...) -> None: ...

class PauliNoise(_message.Message):
    __slots__ = ("x", "y", "z")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...

class AmplitudeDamping(_message.Message):
    __slots__ = ("decay", "excited_population")
    DECAY_FIELD_NUMBER: _ClassVar[int]
    EXCITED_POPULATION_FIELD_NUMBER: _ClassVar[int]
    decay: float
    excited_population: float
    def __init__(self, decay: _Optional[float] = ..., excited_population: _Optional[float] = ...) -> None: ...

class ThermalRelaxation(_message.Message):
    __slots__ = ("t1_s", "t2_s", "time_s", "excited_population")
    T1_S_FIELD_NUMBER: _ClassVar[int]
    T2_S_FIELD_NUMBER: _ClassVar[int]
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    EXCITED_POPULATION_FIELD_NUMBER: _ClassVar[int]
    t1_s: float
    t2_s: float
    time_s: float
    excited_population: float
    def __init__(self, t1_s: _Optional[float] = ..., t2_s: _Optional[float] = ..., time_s: _Optional[float] = ..., excited_population: _Optional[float] = ...) -> None: ...

class NoiseModel(_message.Message):
    __slots__ = ("depolarizing", "dephasing", "bit_flip", "phase_flip", "pauli", "amplitude_damping", "thermal_relaxation")
    DEPOLARIZING_FIELD_NUMBER: _ClassVar[int]
    DEPHASING_FIELD_NUMBER: _ClassVar[int]
    BIT_FLIP_FIELD_NUMBER: _ClassVar[int]
    PHASE_FLIP_FIELD_NUMBER: _ClassVar[int]
    PAULI_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_DAMPING_FIELD_NUMBER: _ClassVar[int]
    THERMAL_RELAXATION_FIELD_NUMBER: _ClassVar[int]
    depolarizing: DepolarizingNoise
    dephasing: DephasingNoise
    bit_flip: float
    phase_flip: float
    pauli: PauliNoise
    amplitude_damping: AmplitudeDamping
    thermal_relaxation: ThermalRelaxation
    def __init__(self, depolarizing: _Optional[_Union[DepolarizingNoise, _Mapping]] = ..., dephasing: _Optional[_Union[DephasingNoise, _Mapping]] = ..., bit_flip: _Optional[float] = ..., phase_flip: _Optional[float] = ..., pauli: _Optional[_Union[PauliNoise, _Mapping]] = ..., amplitude_damping: _Optional[_Union[AmplitudeDamping, _Mapping]] = ..., thermal_relaxation: _Optional[_Union[ThermalRelaxation, _Mapping]] = ...) -> None: ...

class ChannelSource(_message.Message):
    __slots__ = ("channel", "model", "system_dims", "subsystem")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_DIMS_FIELD_NUMBER: _ClassVar[int]
    SUBSYSTEM_FIELD_NUMBER: _ClassVar[int]
    channel: Channel
    model: NoiseModel
    system_dims: _containers.RepeatedScalarFieldContainer[int]
    subsystem: int
    def __init__(self, channel: _Optional[_Union[Channel, _Mapping]] = ..., model: _Optional[_Union[NoiseModel, _Mapping]] = ..., system_dims: _Optional[_Iterable[int]] = ..., subsystem: _Optional[int] = ...) -> None: ...

class ChannelChecks(_message.Message):
    __slots__ = ("tolerance_abs", "hermiticity_error", "min_choi_eigenvalue", "eigenvalue_rounding", "trace_preservation_error", "unitality_error", "is_completely_positive", "is_trace_preserving", "is_unital", "rank")
    TOLERANCE_ABS_FIELD_NUMBER: _ClassVar[int]
    HERMITICITY_ERROR_FIELD_NUMBER: _ClassVar[int]
    MIN_CHOI_EIGENVALUE_FIELD_NUMBER: _ClassVar[int]
    EIGENVALUE_ROUNDING_FIELD_NUMBER: _ClassVar[int]
    TRACE_PRESERVATION_ERROR_FIELD_NUMBER: _ClassVar[int]
    UNITALITY_ERROR_FIELD_NUMBER: _ClassVar[int]
    IS_COMPLETELY_POSITIVE_FIELD_NUMBER: _ClassVar[int]
    IS_TRACE_PRESERVING_FIELD_NUMBER: _ClassVar[int]
    IS_UNITAL_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    tolerance_abs: float
    hermiticity_error: float
    min_choi_eigenvalue: float
    eigenvalue_rounding: float
    trace_preservation_error: float
    unitality_error: float
    is_completely_positive: bool
    is_trace_preserving: bool
    is_unital: bool
    rank: int
    def __init__(self, tolerance_abs: _Optional[float] = ..., hermiticity_error: _Optional[float] = ..., min_choi_eigenvalue: _Optional[float] = ..., eigenvalue_rounding: _Optional[float] = ..., trace_preservation_error: _Optional[float] = ..., unitality_error: _Optional[float] = ..., is_completely_positive: _Optional[bool] = ..., is_trace_preserving: _Optional[bool] = ..., is_unital: _Optional[bool] = ..., rank: _Optional[int] = ...) -> None: ...

class ChannelDistance(_message.Message):
    __slots__ = ("low", "high", "rounding", "method")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    ROUNDING_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    rounding: float
    method: str
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ..., rounding: _Optional[float] = ..., method: _Optional[str] = ...) -> None: ...

class PauliTwirl(_message.Message):
    __slots__ = ("probabilities", "dropped")
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    dropped: float
    def __init__(self, probabilities: _Optional[_Iterable[float]] = ..., dropped: _Optional[float] = ...) -> None: ...
