import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lucid.dream.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartSessionRequest(_message.Message):
    __slots__ = ("session_id", "session", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    session: _session_pb2.Session
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., session: _Optional[_Union[_session_pb2.Session, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetSessionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("user", "page_size", "page_token")
    USER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user: str
    page_size: int
    page_token: str
    def __init__(self, user: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[_session_pb2.Session]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[_session_pb2.Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class StopSessionRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class PauseSessionRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ResumeSessionRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class WatchSessionRequest(_message.Message):
    __slots__ = ("name", "after_sequence")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    after_sequence: int
    def __init__(self, name: _Optional[str] = ..., after_sequence: _Optional[int] = ...) -> None: ...

class WatchSessionResponse(_message.Message):
    __slots__ = ("sequence", "event_time", "heartbeat", "state", "step", "message", "terminal")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    event_time: _timestamp_pb2.Timestamp
    heartbeat: bool
    state: _session_pb2.SessionState
    step: _session_pb2.StepRecord
    message: str
    terminal: bool
    def __init__(self, sequence: _Optional[int] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., heartbeat: _Optional[bool] = ..., state: _Optional[_Union[_session_pb2.SessionState, str]] = ..., step: _Optional[_Union[_session_pb2.StepRecord, _Mapping]] = ..., message: _Optional[str] = ..., terminal: _Optional[bool] = ...) -> None: ...

class Telemetry(_message.Message):
    __slots__ = ("session_time_s", "arousal_estimate", "habituation_estimate", "attention", "stress")
    SESSION_TIME_S_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    HABITUATION_ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_FIELD_NUMBER: _ClassVar[int]
    STRESS_FIELD_NUMBER: _ClassVar[int]
    session_time_s: float
    arousal_estimate: float
    habituation_estimate: float
    attention: float
    stress: float
    def __init__(self, session_time_s: _Optional[float] = ..., arousal_estimate: _Optional[float] = ..., habituation_estimate: _Optional[float] = ..., attention: _Optional[float] = ..., stress: _Optional[float] = ...) -> None: ...

class RunSessionRequest(_message.Message):
    __slots__ = ("name", "telemetry")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TELEMETRY_FIELD_NUMBER: _ClassVar[int]
    name: str
    telemetry: Telemetry
    def __init__(self, name: _Optional[str] = ..., telemetry: _Optional[_Union[Telemetry, _Mapping]] = ...) -> None: ...

class RunSessionResponse(_message.Message):
    __slots__ = ("sequence", "session_time_s", "phase", "intensity", "cue", "disclosure", "barrier_value", "margin", "ramping_down", "state", "message", "terminal")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SESSION_TIME_S_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    CUE_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    BARRIER_VALUE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    RAMPING_DOWN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    session_time_s: float
    phase: str
    intensity: float
    cue: str
    disclosure: str
    barrier_value: float
    margin: float
    ramping_down: bool
    state: _session_pb2.SessionState
    message: str
    terminal: bool
    def __init__(self, sequence: _Optional[int] = ..., session_time_s: _Optional[float] = ..., phase: _Optional[str] = ..., intensity: _Optional[float] = ..., cue: _Optional[str] = ..., disclosure: _Optional[str] = ..., barrier_value: _Optional[float] = ..., margin: _Optional[float] = ..., ramping_down: _Optional[bool] = ..., state: _Optional[_Union[_session_pb2.SessionState, str]] = ..., message: _Optional[str] = ..., terminal: _Optional[bool] = ...) -> None: ...

class RecordActionRequest(_message.Message):
    __slots__ = ("name", "action", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    action: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., action: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RecordActionResponse(_message.Message):
    __slots__ = ("recorded",)
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    recorded: bool
    def __init__(self, recorded: _Optional[bool] = ...) -> None: ...

class GetReadinessRequest(_message.Message):
    __slots__ = ("user", "inputs", "intensity_cap")
    USER_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_CAP_FIELD_NUMBER: _ClassVar[int]
    user: str
    inputs: _session_pb2.ReadinessInputs
    intensity_cap: str
    def __init__(self, user: _Optional[str] = ..., inputs: _Optional[_Union[_session_pb2.ReadinessInputs, _Mapping]] = ..., intensity_cap: _Optional[str] = ...) -> None: ...

class GetJourneyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class Journey(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[_session_pb2.Session]
    def __init__(self, sessions: _Optional[_Iterable[_Union[_session_pb2.Session, _Mapping]]] = ...) -> None: ...

class GetDegradationRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DegradationReport(_message.Message):
    __slots__ = ("degradations",)
    DEGRADATIONS_FIELD_NUMBER: _ClassVar[int]
    degradations: _containers.RepeatedCompositeFieldContainer[_session_pb2.Degradation]
    def __init__(self, degradations: _Optional[_Iterable[_Union[_session_pb2.Degradation, _Mapping]]] = ...) -> None: ...
