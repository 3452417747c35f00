import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lucid.coherence.v1 import state_pb2 as _state_pb2
from lucid.validation.v1 import problem_pb2 as _problem_pb2
from lucid.validation.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CarrierState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CARRIER_STATE_UNSPECIFIED: _ClassVar[CarrierState]
    CARRIER_STATE_READY: _ClassVar[CarrierState]
    CARRIER_STATE_DISCARDED: _ClassVar[CarrierState]
CARRIER_STATE_UNSPECIFIED: CarrierState
CARRIER_STATE_READY: CarrierState
CARRIER_STATE_DISCARDED: CarrierState

class DampedQubit(_message.Message):
    __slots__ = ("relaxation_rate_per_s", "coherence_decay_rate_low_per_s", "coherence_decay_rate_high_per_s", "detuning_rad_per_s", "equilibrium_z")
    RELAXATION_RATE_PER_S_FIELD_NUMBER: _ClassVar[int]
    COHERENCE_DECAY_RATE_LOW_PER_S_FIELD_NUMBER: _ClassVar[int]
    COHERENCE_DECAY_RATE_HIGH_PER_S_FIELD_NUMBER: _ClassVar[int]
    DETUNING_RAD_PER_S_FIELD_NUMBER: _ClassVar[int]
    EQUILIBRIUM_Z_FIELD_NUMBER: _ClassVar[int]
    relaxation_rate_per_s: str
    coherence_decay_rate_low_per_s: str
    coherence_decay_rate_high_per_s: str
    detuning_rad_per_s: str
    equilibrium_z: str
    def __init__(self, relaxation_rate_per_s: _Optional[str] = ..., coherence_decay_rate_low_per_s: _Optional[str] = ..., coherence_decay_rate_high_per_s: _Optional[str] = ..., detuning_rad_per_s: _Optional[str] = ..., equilibrium_z: _Optional[str] = ...) -> None: ...

class Jump(_message.Message):
    __slots__ = ("operator", "rate_low_per_s", "rate_high_per_s")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    RATE_LOW_PER_S_FIELD_NUMBER: _ClassVar[int]
    RATE_HIGH_PER_S_FIELD_NUMBER: _ClassVar[int]
    operator: bytes
    rate_low_per_s: float
    rate_high_per_s: float
    def __init__(self, operator: _Optional[bytes] = ..., rate_low_per_s: _Optional[float] = ..., rate_high_per_s: _Optional[float] = ...) -> None: ...

class Lindbladian(_message.Message):
    __slots__ = ("dims", "hamiltonian", "jumps")
    DIMS_FIELD_NUMBER: _ClassVar[int]
    HAMILTONIAN_FIELD_NUMBER: _ClassVar[int]
    JUMPS_FIELD_NUMBER: _ClassVar[int]
    dims: _containers.RepeatedScalarFieldContainer[int]
    hamiltonian: bytes
    jumps: _containers.RepeatedCompositeFieldContainer[Jump]
    def __init__(self, dims: _Optional[_Iterable[int]] = ..., hamiltonian: _Optional[bytes] = ..., jumps: _Optional[_Iterable[_Union[Jump, _Mapping]]] = ...) -> None: ...

class PauliTerm(_message.Message):
    __slots__ = ("pauli", "coefficient_rad_per_s")
    PAULI_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENT_RAD_PER_S_FIELD_NUMBER: _ClassVar[int]
    pauli: str
    coefficient_rad_per_s: float
    def __init__(self, pauli: _Optional[str] = ..., coefficient_rad_per_s: _Optional[float] = ...) -> None: ...

class WeightedPauli(_message.Message):
    __slots__ = ("pauli", "real", "imaginary")
    PAULI_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    IMAGINARY_FIELD_NUMBER: _ClassVar[int]
    pauli: str
    real: float
    imaginary: float
    def __init__(self, pauli: _Optional[str] = ..., real: _Optional[float] = ..., imaginary: _Optional[float] = ...) -> None: ...

class PauliJump(_message.Message):
    __slots__ = ("terms", "rate_low_per_s", "rate_high_per_s")
    TERMS_FIELD_NUMBER: _ClassVar[int]
    RATE_LOW_PER_S_FIELD_NUMBER: _ClassVar[int]
    RATE_HIGH_PER_S_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[WeightedPauli]
    rate_low_per_s: float
    rate_high_per_s: float
    def __init__(self, terms: _Optional[_Iterable[_Union[WeightedPauli, _Mapping]]] = ..., rate_low_per_s: _Optional[float] = ..., rate_high_per_s: _Optional[float] = ...) -> None: ...

class PauliLindbladian(_message.Message):
    __slots__ = ("qubits", "hamiltonian", "jumps")
    QUBITS_FIELD_NUMBER: _ClassVar[int]
    HAMILTONIAN_FIELD_NUMBER: _ClassVar[int]
    JUMPS_FIELD_NUMBER: _ClassVar[int]
    qubits: int
    hamiltonian: _containers.RepeatedCompositeFieldContainer[PauliTerm]
    jumps: _containers.RepeatedCompositeFieldContainer[PauliJump]
    def __init__(self, qubits: _Optional[int] = ..., hamiltonian: _Optional[_Iterable[_Union[PauliTerm, _Mapping]]] = ..., jumps: _Optional[_Iterable[_Union[PauliJump, _Mapping]]] = ...) -> None: ...

class EncodedQubit(_message.Message):
    __slots__ = ("physical_qubits", "dephasing_rate_high_per_s", "correction_period_s")
    PHYSICAL_QUBITS_FIELD_NUMBER: _ClassVar[int]
    DEPHASING_RATE_HIGH_PER_S_FIELD_NUMBER: _ClassVar[int]
    CORRECTION_PERIOD_S_FIELD_NUMBER: _ClassVar[int]
    physical_qubits: int
    dephasing_rate_high_per_s: str
    correction_period_s: str
    def __init__(self, physical_qubits: _Optional[int] = ..., dephasing_rate_high_per_s: _Optional[str] = ..., correction_period_s: _Optional[str] = ...) -> None: ...

class OpenSystem(_message.Message):
    __slots__ = ("damped_qubit", "lindbladian", "pauli_lindbladian", "encoded_qubit")
    DAMPED_QUBIT_FIELD_NUMBER: _ClassVar[int]
    LINDBLADIAN_FIELD_NUMBER: _ClassVar[int]
    PAULI_LINDBLADIAN_FIELD_NUMBER: _ClassVar[int]
    ENCODED_QUBIT_FIELD_NUMBER: _ClassVar[int]
    damped_qubit: DampedQubit
    lindbladian: Lindbladian
    pauli_lindbladian: PauliLindbladian
    encoded_qubit: EncodedQubit
    def __init__(self, damped_qubit: _Optional[_Union[DampedQubit, _Mapping]] = ..., lindbladian: _Optional[_Union[Lindbladian, _Mapping]] = ..., pauli_lindbladian: _Optional[_Union[PauliLindbladian, _Mapping]] = ..., encoded_qubit: _Optional[_Union[EncodedQubit, _Mapping]] = ...) -> None: ...

class SteadyStates(_message.Message):
    __slots__ = ("dimension", "states", "residual_per_s", "spectral_gap_per_s", "oscillating_modes", "zero_threshold_per_s", "next_singular_value_per_s")
    DIMENSION_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_PER_S_FIELD_NUMBER: _ClassVar[int]
    SPECTRAL_GAP_PER_S_FIELD_NUMBER: _ClassVar[int]
    OSCILLATING_MODES_FIELD_NUMBER: _ClassVar[int]
    ZERO_THRESHOLD_PER_S_FIELD_NUMBER: _ClassVar[int]
    NEXT_SINGULAR_VALUE_PER_S_FIELD_NUMBER: _ClassVar[int]
    dimension: int
    states: _state_pb2.StateBatch
    residual_per_s: float
    spectral_gap_per_s: float
    oscillating_modes: int
    zero_threshold_per_s: float
    next_singular_value_per_s: float
    def __init__(self, dimension: _Optional[int] = ..., states: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., residual_per_s: _Optional[float] = ..., spectral_gap_per_s: _Optional[float] = ..., oscillating_modes: _Optional[int] = ..., zero_threshold_per_s: _Optional[float] = ..., next_singular_value_per_s: _Optional[float] = ...) -> None: ...

class CertifiedHorizon(_message.Message):
    __slots__ = ("certified", "horizon_s", "numerical_horizon_s", "gap_percent", "degree", "problem", "status", "verdict", "evidence", "theorem", "reason", "segments", "bare_horizon_s")
    CERTIFIED_FIELD_NUMBER: _ClassVar[int]
    HORIZON_S_FIELD_NUMBER: _ClassVar[int]
    NUMERICAL_HORIZON_S_FIELD_NUMBER: _ClassVar[int]
    GAP_PERCENT_FIELD_NUMBER: _ClassVar[int]
    DEGREE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    THEOREM_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    BARE_HORIZON_S_FIELD_NUMBER: _ClassVar[int]
    certified: bool
    horizon_s: str
    numerical_horizon_s: float
    gap_percent: float
    degree: int
    problem: _problem_pb2.Problem
    status: _verdict_pb2.VerdictStatus
    verdict: str
    evidence: str
    theorem: str
    reason: str
    segments: int
    bare_horizon_s: float
    def __init__(self, certified: _Optional[bool] = ..., horizon_s: _Optional[str] = ..., numerical_horizon_s: _Optional[float] = ..., gap_percent: _Optional[float] = ..., degree: _Optional[int] = ..., problem: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ..., status: _Optional[_Union[_verdict_pb2.VerdictStatus, str]] = ..., verdict: _Optional[str] = ..., evidence: _Optional[str] = ..., theorem: _Optional[str] = ..., reason: _Optional[str] = ..., segments: _Optional[int] = ..., bare_horizon_s: _Optional[float] = ...) -> None: ...

class Carrier(_message.Message):
    __slots__ = ("name", "system", "theta", "initial_coherence", "certified_horizon", "state", "session", "create_time", "effect_count", "etag", "start", "start_radius")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    THETA_FIELD_NUMBER: _ClassVar[int]
    INITIAL_COHERENCE_FIELD_NUMBER: _ClassVar[int]
    CERTIFIED_HORIZON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EFFECT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    START_RADIUS_FIELD_NUMBER: _ClassVar[int]
    name: str
    system: OpenSystem
    theta: str
    initial_coherence: str
    certified_horizon: CertifiedHorizon
    state: CarrierState
    session: str
    create_time: _timestamp_pb2.Timestamp
    effect_count: int
    etag: str
    start: _state_pb2.StateBatch
    start_radius: str
    def __init__(self, name: _Optional[str] = ..., system: _Optional[_Union[OpenSystem, _Mapping]] = ..., theta: _Optional[str] = ..., initial_coherence: _Optional[str] = ..., certified_horizon: _Optional[_Union[CertifiedHorizon, _Mapping]] = ..., state: _Optional[_Union[CarrierState, str]] = ..., session: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., effect_count: _Optional[int] = ..., etag: _Optional[str] = ..., start: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., start_radius: _Optional[str] = ...) -> None: ...

class CarrierCheckpoint(_message.Message):
    __slots__ = ("name", "state", "elapsed_s", "state_sha256", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_S_FIELD_NUMBER: _ClassVar[int]
    STATE_SHA256_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: _state_pb2.StateBatch
    elapsed_s: float
    state_sha256: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[_state_pb2.StateBatch, _Mapping]] = ..., elapsed_s: _Optional[float] = ..., state_sha256: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
