import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SessionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_STATE_UNSPECIFIED: _ClassVar[SessionState]
    SESSION_STATE_REQUESTED: _ClassVar[SessionState]
    SESSION_STATE_CONSENTED: _ClassVar[SessionState]
    SESSION_STATE_READY: _ClassVar[SessionState]
    SESSION_STATE_RESERVED: _ClassVar[SessionState]
    SESSION_STATE_CERTIFIED: _ClassVar[SessionState]
    SESSION_STATE_CARRIER_READY: _ClassVar[SessionState]
    SESSION_STATE_SCHEDULED: _ClassVar[SessionState]
    SESSION_STATE_RUNNING: _ClassVar[SessionState]
    SESSION_STATE_EMERGING: _ClassVar[SessionState]
    SESSION_STATE_COMPLETED: _ClassVar[SessionState]
    SESSION_STATE_REJECTED: _ClassVar[SessionState]
    SESSION_STATE_DEFERRED: _ClassVar[SessionState]
    SESSION_STATE_ABORTED_SAFE: _ClassVar[SessionState]
    SESSION_STATE_COMPENSATING: _ClassVar[SessionState]
    SESSION_STATE_COMPENSATED: _ClassVar[SessionState]
    SESSION_STATE_FAILED_NEEDS_OPERATOR: _ClassVar[SessionState]

class SessionMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_MODE_UNSPECIFIED: _ClassVar[SessionMode]
    SESSION_MODE_FULL: _ClassVar[SessionMode]
    SESSION_MODE_BASIC: _ClassVar[SessionMode]

class SessionType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_TYPE_UNSPECIFIED: _ClassVar[SessionType]
    SESSION_TYPE_LUCID: _ClassVar[SessionType]
    SESSION_TYPE_GUIDED: _ClassVar[SessionType]
    SESSION_TYPE_FREE: _ClassVar[SessionType]

class ReadinessDecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    READINESS_DECISION_UNSPECIFIED: _ClassVar[ReadinessDecision]
    READINESS_DECISION_ALLOW: _ClassVar[ReadinessDecision]
    READINESS_DECISION_DEFER: _ClassVar[ReadinessDecision]
    READINESS_DECISION_TRANSFORM: _ClassVar[ReadinessDecision]
    READINESS_DECISION_BLOCK: _ClassVar[ReadinessDecision]
SESSION_STATE_UNSPECIFIED: SessionState
SESSION_STATE_REQUESTED: SessionState
SESSION_STATE_CONSENTED: SessionState
SESSION_STATE_READY: SessionState
SESSION_STATE_RESERVED: SessionState
SESSION_STATE_CERTIFIED: SessionState
SESSION_STATE_CARRIER_READY: SessionState
SESSION_STATE_SCHEDULED: SessionState
SESSION_STATE_RUNNING: SessionState
SESSION_STATE_EMERGING: SessionState
SESSION_STATE_COMPLETED: SessionState
SESSION_STATE_REJECTED: SessionState
SESSION_STATE_DEFERRED: SessionState
SESSION_STATE_ABORTED_SAFE: SessionState
SESSION_STATE_COMPENSATING: SessionState
SESSION_STATE_COMPENSATED: SessionState
SESSION_STATE_FAILED_NEEDS_OPERATOR: SessionState
SESSION_MODE_UNSPECIFIED: SessionMode
SESSION_MODE_FULL: SessionMode
SESSION_MODE_BASIC: SessionMode
SESSION_TYPE_UNSPECIFIED: SessionType
SESSION_TYPE_LUCID: SessionType
SESSION_TYPE_GUIDED: SessionType
SESSION_TYPE_FREE: SessionType
READINESS_DECISION_UNSPECIFIED: ReadinessDecision
READINESS_DECISION_ALLOW: ReadinessDecision
READINESS_DECISION_DEFER: ReadinessDecision
READINESS_DECISION_TRANSFORM: ReadinessDecision
READINESS_DECISION_BLOCK: ReadinessDecision

class ReadinessInputs(_message.Message):
    __slots__ = ("stress", "attention", "valence", "arousal", "dominance", "calm", "joy", "longing", "focus", "stability", "dream_residue", "measure_time")
    STRESS_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_FIELD_NUMBER: _ClassVar[int]
    VALENCE_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_FIELD_NUMBER: _ClassVar[int]
    DOMINANCE_FIELD_NUMBER: _ClassVar[int]
    CALM_FIELD_NUMBER: _ClassVar[int]
    JOY_FIELD_NUMBER: _ClassVar[int]
    LONGING_FIELD_NUMBER: _ClassVar[int]
    FOCUS_FIELD_NUMBER: _ClassVar[int]
    STABILITY_FIELD_NUMBER: _ClassVar[int]
    DREAM_RESIDUE_FIELD_NUMBER: _ClassVar[int]
    MEASURE_TIME_FIELD_NUMBER: _ClassVar[int]
    stress: float
    attention: float
    valence: float
    arousal: float
    dominance: float
    calm: float
    joy: float
    longing: float
    focus: float
    stability: float
    dream_residue: float
    measure_time: _timestamp_pb2.Timestamp
    def __init__(self, stress: _Optional[float] = ..., attention: _Optional[float] = ..., valence: _Optional[float] = ..., arousal: _Optional[float] = ..., dominance: _Optional[float] = ..., calm: _Optional[float] = ..., joy: _Optional[float] = ..., longing: _Optional[float] = ..., focus: _Optional[float] = ..., stability: _Optional[float] = ..., dream_residue: _Optional[float] = ..., measure_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Readiness(_message.Message):
    __slots__ = ("decision", "intensity_cap", "reasons", "defer_until")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_CAP_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    DEFER_UNTIL_FIELD_NUMBER: _ClassVar[int]
    decision: ReadinessDecision
    intensity_cap: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    defer_until: _timestamp_pb2.Timestamp
    def __init__(self, decision: _Optional[_Union[ReadinessDecision, str]] = ..., intensity_cap: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., defer_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StepRecord(_message.Message):
    __slots__ = ("step", "status", "attempt", "start_time", "end_time", "detail")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    step: str
    status: str
    attempt: int
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    detail: str
    def __init__(self, step: _Optional[str] = ..., status: _Optional[str] = ..., attempt: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., detail: _Optional[str] = ...) -> None: ...

class Degradation(_message.Message):
    __slots__ = ("capability", "reason")
    CAPABILITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    capability: str
    reason: str
    def __init__(self, capability: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class MonitorSummary(_message.Message):
    __slots__ = ("ticks", "max_barrier", "max_intensity", "intervened", "reason")
    TICKS_FIELD_NUMBER: _ClassVar[int]
    MAX_BARRIER_FIELD_NUMBER: _ClassVar[int]
    MAX_INTENSITY_FIELD_NUMBER: _ClassVar[int]
    INTERVENED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ticks: int
    max_barrier: float
    max_intensity: float
    intervened: bool
    reason: str
    def __init__(self, ticks: _Optional[int] = ..., max_barrier: _Optional[float] = ..., max_intensity: _Optional[float] = ..., intervened: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("name", "user", "seed", "session_type", "duration", "intensity_cap", "time_compression", "unattended", "readiness_inputs", "mode", "state", "outcome_reason", "message", "effective_cap", "verdict", "evidence", "carrier", "steps", "degradations", "monitor", "consent_epoch", "retry_time", "trace_id", "create_time", "update_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SESSION_TYPE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_CAP_FIELD_NUMBER: _ClassVar[int]
    TIME_COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    UNATTENDED_FIELD_NUMBER: _ClassVar[int]
    READINESS_INPUTS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_CAP_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DEGRADATIONS_FIELD_NUMBER: _ClassVar[int]
    MONITOR_FIELD_NUMBER: _ClassVar[int]
    CONSENT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    RETRY_TIME_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    user: str
    seed: str
    session_type: SessionType
    duration: _duration_pb2.Duration
    intensity_cap: str
    time_compression: float
    unattended: bool
    readiness_inputs: ReadinessInputs
    mode: SessionMode
    state: SessionState
    outcome_reason: str
    message: str
    effective_cap: str
    verdict: str
    evidence: str
    carrier: str
    steps: _containers.RepeatedCompositeFieldContainer[StepRecord]
    degradations: _containers.RepeatedCompositeFieldContainer[Degradation]
    monitor: MonitorSummary
    consent_epoch: int
    retry_time: _timestamp_pb2.Timestamp
    trace_id: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., user: _Optional[str] = ..., seed: _Optional[str] = ..., session_type: _Optional[_Union[SessionType, str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., intensity_cap: _Optional[str] = ..., time_compression: _Optional[float] = ..., unattended: _Optional[bool] = ..., readiness_inputs: _Optional[_Union[ReadinessInputs, _Mapping]] = ..., mode: _Optional[_Union[SessionMode, str]] = ..., state: _Optional[_Union[SessionState, str]] = ..., outcome_reason: _Optional[str] = ..., message: _Optional[str] = ..., effective_cap: _Optional[str] = ..., verdict: _Optional[str] = ..., evidence: _Optional[str] = ..., carrier: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[StepRecord, _Mapping]]] = ..., degradations: _Optional[_Iterable[_Union[Degradation, _Mapping]]] = ..., monitor: _Optional[_Union[MonitorSummary, _Mapping]] = ..., consent_epoch: _Optional[int] = ..., retry_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., trace_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
