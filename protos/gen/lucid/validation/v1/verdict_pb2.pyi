import datetime

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

class VerdictStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_STATUS_UNSPECIFIED: _ClassVar[VerdictStatus]
    VERDICT_STATUS_PROVED: _ClassVar[VerdictStatus]
    VERDICT_STATUS_REFUTED: _ClassVar[VerdictStatus]
    VERDICT_STATUS_UNDECIDED: _ClassVar[VerdictStatus]
    VERDICT_STATUS_INVALID_INPUT: _ClassVar[VerdictStatus]
    VERDICT_STATUS_ERROR: _ClassVar[VerdictStatus]
    VERDICT_STATUS_QUARANTINED: _ClassVar[VerdictStatus]

class UndecidedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNDECIDED_REASON_UNSPECIFIED: _ClassVar[UndecidedReason]
    UNDECIDED_REASON_TIMEOUT: _ClassVar[UndecidedReason]
    UNDECIDED_REASON_MEMORY: _ClassVar[UndecidedReason]
    UNDECIDED_REASON_SOLVER_CLAIM: _ClassVar[UndecidedReason]
    UNDECIDED_REASON_NUMERIC: _ClassVar[UndecidedReason]
    UNDECIDED_REASON_UNSUPPORTED: _ClassVar[UndecidedReason]

class Assurance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSURANCE_UNSPECIFIED: _ClassVar[Assurance]
    ASSURANCE_EXACT: _ClassVar[Assurance]
    ASSURANCE_INTERVAL: _ClassVar[Assurance]
VERDICT_STATUS_UNSPECIFIED: VerdictStatus
VERDICT_STATUS_PROVED: VerdictStatus
VERDICT_STATUS_REFUTED: VerdictStatus
VERDICT_STATUS_UNDECIDED: VerdictStatus
VERDICT_STATUS_INVALID_INPUT: VerdictStatus
VERDICT_STATUS_ERROR: VerdictStatus
VERDICT_STATUS_QUARANTINED: VerdictStatus
UNDECIDED_REASON_UNSPECIFIED: UndecidedReason
UNDECIDED_REASON_TIMEOUT: UndecidedReason
UNDECIDED_REASON_MEMORY: UndecidedReason
UNDECIDED_REASON_SOLVER_CLAIM: UndecidedReason
UNDECIDED_REASON_NUMERIC: UndecidedReason
UNDECIDED_REASON_UNSUPPORTED: UndecidedReason
ASSURANCE_UNSPECIFIED: Assurance
ASSURANCE_EXACT: Assurance
ASSURANCE_INTERVAL: Assurance

class PointWitness(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.ScalarMap[str, str]
    def __init__(self, values: _Optional[_Mapping[str, str]] = ...) -> None: ...

class SegmentWitness(_message.Message):
    __slots__ = ("to",)
    class FromEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class ToEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    to: _containers.ScalarMap[str, str]
    def __init__(self, to: _Optional[_Mapping[str, str]] = ..., **kwargs) -> None: ...

class Witness(_message.Message):
    __slots__ = ("point", "segment", "obligation", "explanation")
    POINT_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    OBLIGATION_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    point: PointWitness
    segment: SegmentWitness
    obligation: str
    explanation: str
    def __init__(self, point: _Optional[_Union[PointWitness, _Mapping]] = ..., segment: _Optional[_Union[SegmentWitness, _Mapping]] = ..., obligation: _Optional[str] = ..., explanation: _Optional[str] = ...) -> None: ...

class SolverClaim(_message.Message):
    __slots__ = ("solver", "claim", "solve_duration")
    SOLVER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    SOLVE_DURATION_FIELD_NUMBER: _ClassVar[int]
    solver: str
    claim: str
    solve_duration: _duration_pb2.Duration
    def __init__(self, solver: _Optional[str] = ..., claim: _Optional[str] = ..., solve_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ObligationResult(_message.Message):
    __slots__ = ("obligation", "status", "statement", "method", "solve_duration", "undecided_reason", "witness", "claims", "remaining_volume")
    OBLIGATION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SOLVE_DURATION_FIELD_NUMBER: _ClassVar[int]
    UNDECIDED_REASON_FIELD_NUMBER: _ClassVar[int]
    WITNESS_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    REMAINING_VOLUME_FIELD_NUMBER: _ClassVar[int]
    obligation: str
    status: VerdictStatus
    statement: str
    method: str
    solve_duration: _duration_pb2.Duration
    undecided_reason: UndecidedReason
    witness: Witness
    claims: _containers.RepeatedCompositeFieldContainer[SolverClaim]
    remaining_volume: str
    def __init__(self, obligation: _Optional[str] = ..., status: _Optional[_Union[VerdictStatus, str]] = ..., statement: _Optional[str] = ..., method: _Optional[str] = ..., solve_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., undecided_reason: _Optional[_Union[UndecidedReason, str]] = ..., witness: _Optional[_Union[Witness, _Mapping]] = ..., claims: _Optional[_Iterable[_Union[SolverClaim, _Mapping]]] = ..., remaining_volume: _Optional[str] = ...) -> None: ...

class SafetyClaim(_message.Message):
    __slots__ = ("implies_safety", "theorem", "missing", "explanation", "probability_bound")
    IMPLIES_SAFETY_FIELD_NUMBER: _ClassVar[int]
    THEOREM_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_BOUND_FIELD_NUMBER: _ClassVar[int]
    implies_safety: bool
    theorem: str
    missing: _containers.RepeatedScalarFieldContainer[str]
    explanation: str
    probability_bound: str
    def __init__(self, implies_safety: _Optional[bool] = ..., theorem: _Optional[str] = ..., missing: _Optional[_Iterable[str]] = ..., explanation: _Optional[str] = ..., probability_bound: _Optional[str] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("name", "status", "obligations", "safety", "assurance", "evidence", "problem_sha256", "method_set_version", "undecided_reason", "reason", "reading", "solve_duration", "cached", "decide_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    SAFETY_FIELD_NUMBER: _ClassVar[int]
    ASSURANCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_SHA256_FIELD_NUMBER: _ClassVar[int]
    METHOD_SET_VERSION_FIELD_NUMBER: _ClassVar[int]
    UNDECIDED_REASON_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    SOLVE_DURATION_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    status: VerdictStatus
    obligations: _containers.RepeatedCompositeFieldContainer[ObligationResult]
    safety: SafetyClaim
    assurance: Assurance
    evidence: str
    problem_sha256: str
    method_set_version: str
    undecided_reason: UndecidedReason
    reason: str
    reading: str
    solve_duration: _duration_pb2.Duration
    cached: bool
    decide_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., status: _Optional[_Union[VerdictStatus, str]] = ..., obligations: _Optional[_Iterable[_Union[ObligationResult, _Mapping]]] = ..., safety: _Optional[_Union[SafetyClaim, _Mapping]] = ..., assurance: _Optional[_Union[Assurance, str]] = ..., evidence: _Optional[str] = ..., problem_sha256: _Optional[str] = ..., method_set_version: _Optional[str] = ..., undecided_reason: _Optional[_Union[UndecidedReason, str]] = ..., reason: _Optional[str] = ..., reading: _Optional[str] = ..., solve_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cached: _Optional[bool] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("name", "problem_sha256", "problem_document", "document", "size_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_SHA256_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    problem_sha256: str
    problem_document: str
    document: str
    size_bytes: int
    def __init__(self, name: _Optional[str] = ..., problem_sha256: _Optional[str] = ..., problem_document: _Optional[str] = ..., document: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...
