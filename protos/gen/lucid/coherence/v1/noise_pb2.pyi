from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DecayModel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECAY_MODEL_UNSPECIFIED: _ClassVar[DecayModel]
    DECAY_MODEL_EXPONENTIAL: _ClassVar[DecayModel]
    DECAY_MODEL_OSCILLATING: _ClassVar[DecayModel]

class ExtrapolationMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXTRAPOLATION_METHOD_UNSPECIFIED: _ClassVar[ExtrapolationMethod]
    EXTRAPOLATION_METHOD_LINEAR: _ClassVar[ExtrapolationMethod]
    EXTRAPOLATION_METHOD_POLYNOMIAL: _ClassVar[ExtrapolationMethod]
    EXTRAPOLATION_METHOD_RICHARDSON: _ClassVar[ExtrapolationMethod]
    EXTRAPOLATION_METHOD_EXPONENTIAL: _ClassVar[ExtrapolationMethod]
DECAY_MODEL_UNSPECIFIED: DecayModel
DECAY_MODEL_EXPONENTIAL: DecayModel
DECAY_MODEL_OSCILLATING: DecayModel
EXTRAPOLATION_METHOD_UNSPECIFIED: ExtrapolationMethod
EXTRAPOLATION_METHOD_LINEAR: ExtrapolationMethod
EXTRAPOLATION_METHOD_POLYNOMIAL: ExtrapolationMethod
EXTRAPOLATION_METHOD_RICHARDSON: ExtrapolationMethod
EXTRAPOLATION_METHOD_EXPONENTIAL: ExtrapolationMethod

class DecayExperiment(_message.Message):
    __slots__ = ("model", "times_s", "successes", "shots", "fixed_offset")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TIMES_S_FIELD_NUMBER: _ClassVar[int]
    SUCCESSES_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    FIXED_OFFSET_FIELD_NUMBER: _ClassVar[int]
    model: DecayModel
    times_s: _containers.RepeatedScalarFieldContainer[float]
    successes: _containers.RepeatedScalarFieldContainer[int]
    shots: _containers.RepeatedScalarFieldContainer[int]
    fixed_offset: float
    def __init__(self, model: _Optional[_Union[DecayModel, str]] = ..., times_s: _Optional[_Iterable[float]] = ..., successes: _Optional[_Iterable[int]] = ..., shots: _Optional[_Iterable[int]] = ..., fixed_offset: _Optional[float] = ...) -> None: ...

class BenchmarkingExperiment(_message.Message):
    __slots__ = ("lengths", "successes", "shots", "dimension", "fixed_offset")
    LENGTHS_FIELD_NUMBER: _ClassVar[int]
    SUCCESSES_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    DIMENSION_FIELD_NUMBER: _ClassVar[int]
    FIXED_OFFSET_FIELD_NUMBER: _ClassVar[int]
    lengths: _containers.RepeatedScalarFieldContainer[int]
    successes: _containers.RepeatedScalarFieldContainer[int]
    shots: _containers.RepeatedScalarFieldContainer[int]
    dimension: int
    fixed_offset: float
    def __init__(self, lengths: _Optional[_Iterable[int]] = ..., successes: _Optional[_Iterable[int]] = ..., shots: _Optional[_Iterable[int]] = ..., dimension: _Optional[int] = ..., fixed_offset: _Optional[float] = ...) -> None: ...

class ReadoutCalibration(_message.Message):
    __slots__ = ("levels", "counts")
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    levels: int
    counts: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, levels: _Optional[int] = ..., counts: _Optional[_Iterable[int]] = ...) -> None: ...

class ReadoutExperiment(_message.Message):
    __slots__ = ("calibrations", "measured")
    CALIBRATIONS_FIELD_NUMBER: _ClassVar[int]
    MEASURED_FIELD_NUMBER: _ClassVar[int]
    calibrations: _containers.RepeatedCompositeFieldContainer[ReadoutCalibration]
    measured: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, calibrations: _Optional[_Iterable[_Union[ReadoutCalibration, _Mapping]]] = ..., measured: _Optional[_Iterable[int]] = ...) -> None: ...

class Estimate(_message.Message):
    __slots__ = ("value", "low", "high")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    value: float
    low: float
    high: float
    def __init__(self, value: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class GoodnessOfFit(_message.Message):
    __slots__ = ("chi_squared", "degrees_of_freedom", "reduced_chi_squared", "p_value")
    CHI_SQUARED_FIELD_NUMBER: _ClassVar[int]
    DEGREES_OF_FREEDOM_FIELD_NUMBER: _ClassVar[int]
    REDUCED_CHI_SQUARED_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    chi_squared: float
    degrees_of_freedom: int
    reduced_chi_squared: float
    p_value: float
    def __init__(self, chi_squared: _Optional[float] = ..., degrees_of_freedom: _Optional[int] = ..., reduced_chi_squared: _Optional[float] = ..., p_value: _Optional[float] = ...) -> None: ...

class DecayEstimate(_message.Message):
    __slots__ = ("decay_time_s", "amplitude", "offset", "frequency_rad_per_s", "fit")
    DECAY_TIME_S_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_RAD_PER_S_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    decay_time_s: Estimate
    amplitude: float
    offset: float
    frequency_rad_per_s: float
    fit: GoodnessOfFit
    def __init__(self, decay_time_s: _Optional[_Union[Estimate, _Mapping]] = ..., amplitude: _Optional[float] = ..., offset: _Optional[float] = ..., frequency_rad_per_s: _Optional[float] = ..., fit: _Optional[_Union[GoodnessOfFit, _Mapping]] = ...) -> None: ...

class BenchmarkingEstimate(_message.Message):
    __slots__ = ("error_per_clifford", "decay_per_clifford", "amplitude", "offset", "fit", "scatter_factor")
    ERROR_PER_CLIFFORD_FIELD_NUMBER: _ClassVar[int]
    DECAY_PER_CLIFFORD_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    SCATTER_FACTOR_FIELD_NUMBER: _ClassVar[int]
    error_per_clifford: Estimate
    decay_per_clifford: Estimate
    amplitude: float
    offset: float
    fit: GoodnessOfFit
    scatter_factor: float
    def __init__(self, error_per_clifford: _Optional[_Union[Estimate, _Mapping]] = ..., decay_per_clifford: _Optional[_Union[Estimate, _Mapping]] = ..., amplitude: _Optional[float] = ..., offset: _Optional[float] = ..., fit: _Optional[_Union[GoodnessOfFit, _Mapping]] = ..., scatter_factor: _Optional[float] = ...) -> None: ...

class ReadoutMatrix(_message.Message):
    __slots__ = ("levels", "probabilities", "low", "high", "condition_number")
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    CONDITION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    levels: int
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    low: _containers.RepeatedScalarFieldContainer[float]
    high: _containers.RepeatedScalarFieldContainer[float]
    condition_number: float
    def __init__(self, levels: _Optional[int] = ..., probabilities: _Optional[_Iterable[float]] = ..., low: _Optional[_Iterable[float]] = ..., high: _Optional[_Iterable[float]] = ..., condition_number: _Optional[float] = ...) -> None: ...

class ReadoutEstimate(_message.Message):
    __slots__ = ("matrices", "condition_number", "outcomes", "probabilities", "inverted", "standard_errors", "distances")
    MATRICES_FIELD_NUMBER: _ClassVar[int]
    CONDITION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    INVERTED_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ERRORS_FIELD_NUMBER: _ClassVar[int]
    DISTANCES_FIELD_NUMBER: _ClassVar[int]
    matrices: _containers.RepeatedCompositeFieldContainer[ReadoutMatrix]
    condition_number: float
    outcomes: int
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    inverted: _containers.RepeatedScalarFieldContainer[float]
    standard_errors: _containers.RepeatedScalarFieldContainer[float]
    distances: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, matrices: _Optional[_Iterable[_Union[ReadoutMatrix, _Mapping]]] = ..., condition_number: _Optional[float] = ..., outcomes: _Optional[int] = ..., probabilities: _Optional[_Iterable[float]] = ..., inverted: _Optional[_Iterable[float]] = ..., standard_errors: _Optional[_Iterable[float]] = ..., distances: _Optional[_Iterable[float]] = ...) -> None: ...
