from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Measure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEASURE_UNSPECIFIED: _ClassVar[Measure]
    MEASURE_C_L1: _ClassVar[Measure]
    MEASURE_RELATIVE_ENTROPY_OF_COHERENCE: _ClassVar[Measure]
    MEASURE_PURITY: _ClassVar[Measure]
    MEASURE_CONCURRENCE: _ClassVar[Measure]
    MEASURE_NEGATIVITY: _ClassVar[Measure]
    MEASURE_LOG_NEGATIVITY: _ClassVar[Measure]
    MEASURE_VON_NEUMANN_ENTROPY: _ClassVar[Measure]
    MEASURE_ROBUSTNESS_OF_COHERENCE: _ClassVar[Measure]
    MEASURE_GEOMETRIC_COHERENCE: _ClassVar[Measure]
    MEASURE_RENYI_ENTROPY: _ClassVar[Measure]
    MEASURE_ENTANGLEMENT_OF_FORMATION: _ClassVar[Measure]
    MEASURE_PPT: _ClassVar[Measure]
    MEASURE_REALIGNMENT: _ClassVar[Measure]
    MEASURE_SCHMIDT_COEFFICIENTS: _ClassVar[Measure]
    MEASURE_MUTUAL_INFORMATION: _ClassVar[Measure]

class Separability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEPARABILITY_UNSPECIFIED: _ClassVar[Separability]
    SEPARABILITY_SEPARABLE: _ClassVar[Separability]
    SEPARABILITY_ENTANGLED: _ClassVar[Separability]
    SEPARABILITY_INCONCLUSIVE: _ClassVar[Separability]
MEASURE_UNSPECIFIED: Measure
MEASURE_C_L1: Measure
MEASURE_RELATIVE_ENTROPY_OF_COHERENCE: Measure
MEASURE_PURITY: Measure
MEASURE_CONCURRENCE: Measure
MEASURE_NEGATIVITY: Measure
MEASURE_LOG_NEGATIVITY: Measure
MEASURE_VON_NEUMANN_ENTROPY: Measure
MEASURE_ROBUSTNESS_OF_COHERENCE: Measure
MEASURE_GEOMETRIC_COHERENCE: Measure
MEASURE_RENYI_ENTROPY: Measure
MEASURE_ENTANGLEMENT_OF_FORMATION: Measure
MEASURE_PPT: Measure
MEASURE_REALIGNMENT: Measure
MEASURE_SCHMIDT_COEFFICIENTS: Measure
MEASURE_MUTUAL_INFORMATION: Measure
SEPARABILITY_UNSPECIFIED: Separability
SEPARABILITY_SEPARABLE: Separability
SEPARABILITY_ENTANGLED: Separability
SEPARABILITY_INCONCLUSIVE: Separability

class StateBatch(_message.Message):
    __slots__ = ("count", "dims", "data", "values")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DIMS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    count: int
    dims: _containers.RepeatedScalarFieldContainer[int]
    data: bytes
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, count: _Optional[int] = ..., dims: _Optional[_Iterable[int]] = ..., data: _Optional[bytes] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...

class Tolerances(_message.Message):
    __slots__ = ("hermiticity_abs", "trace_abs", "eigenvalue_abs")
    HERMITICITY_ABS_FIELD_NUMBER: _ClassVar[int]
    TRACE_ABS_FIELD_NUMBER: _ClassVar[int]
    EIGENVALUE_ABS_FIELD_NUMBER: _ClassVar[int]
    hermiticity_abs: float
    trace_abs: float
    eigenvalue_abs: float
    def __init__(self, hermiticity_abs: _Optional[float] = ..., trace_abs: _Optional[float] = ..., eigenvalue_abs: _Optional[float] = ...) -> None: ...

class StateReports(_message.Message):
    __slots__ = ("hermiticity_errors", "trace_errors", "min_eigenvalues", "is_valid")
    HERMITICITY_ERRORS_FIELD_NUMBER: _ClassVar[int]
    TRACE_ERRORS_FIELD_NUMBER: _ClassVar[int]
    MIN_EIGENVALUES_FIELD_NUMBER: _ClassVar[int]
    IS_VALID_FIELD_NUMBER: _ClassVar[int]
    hermiticity_errors: _containers.RepeatedScalarFieldContainer[float]
    trace_errors: _containers.RepeatedScalarFieldContainer[float]
    min_eigenvalues: _containers.RepeatedScalarFieldContainer[float]
    is_valid: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, hermiticity_errors: _Optional[_Iterable[float]] = ..., trace_errors: _Optional[_Iterable[float]] = ..., min_eigenvalues: _Optional[_Iterable[float]] = ..., is_valid: _Optional[_Iterable[bool]] = ...) -> None: ...

class MeasureResult(_message.Message):
    __slots__ = ("measure", "values", "normalized", "unit", "basis", "method", "notes", "uncertainties", "low", "high", "coefficients", "coefficients_per_state", "conclusions")
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    UNCERTAINTIES_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENTS_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENTS_PER_STATE_FIELD_NUMBER: _ClassVar[int]
    CONCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    measure: Measure
    values: _containers.RepeatedScalarFieldContainer[float]
    normalized: _containers.RepeatedScalarFieldContainer[float]
    unit: str
    basis: str
    method: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    uncertainties: _containers.RepeatedScalarFieldContainer[float]
    low: _containers.RepeatedScalarFieldContainer[float]
    high: _containers.RepeatedScalarFieldContainer[float]
    coefficients: _containers.RepeatedScalarFieldContainer[float]
    coefficients_per_state: int
    conclusions: _containers.RepeatedScalarFieldContainer[Separability]
    def __init__(self, measure: _Optional[_Union[Measure, str]] = ..., values: _Optional[_Iterable[float]] = ..., normalized: _Optional[_Iterable[float]] = ..., unit: _Optional[str] = ..., basis: _Optional[str] = ..., method: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., uncertainties: _Optional[_Iterable[float]] = ..., low: _Optional[_Iterable[float]] = ..., high: _Optional[_Iterable[float]] = ..., coefficients: _Optional[_Iterable[float]] = ..., coefficients_per_state: _Optional[int] = ..., conclusions: _Optional[_Iterable[_Union[Separability, str]]] = ...) -> None: ...

class ProjectionReport(_message.Message):
    __slots__ = ("distance", "min_eigenvalue_before", "eigenvalues_clipped")
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    MIN_EIGENVALUE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    EIGENVALUES_CLIPPED_FIELD_NUMBER: _ClassVar[int]
    distance: float
    min_eigenvalue_before: float
    eigenvalues_clipped: int
    def __init__(self, distance: _Optional[float] = ..., min_eigenvalue_before: _Optional[float] = ..., eigenvalues_clipped: _Optional[int] = ...) -> None: ...
