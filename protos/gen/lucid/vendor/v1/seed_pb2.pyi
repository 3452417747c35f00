import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lucid.coherence.v1 import evolution_pb2 as _evolution_pb2
from lucid.validation.v1 import problem_pb2 as _problem_pb2
from lucid.validation.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SeedState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEED_STATE_UNSPECIFIED: _ClassVar[SeedState]
    SEED_STATE_DRAFT: _ClassVar[SeedState]
    SEED_STATE_SUBMITTED: _ClassVar[SeedState]
    SEED_STATE_VALIDATING: _ClassVar[SeedState]
    SEED_STATE_REJECTED: _ClassVar[SeedState]
    SEED_STATE_NEEDS_REVIEW: _ClassVar[SeedState]
    SEED_STATE_CERTIFIED: _ClassVar[SeedState]
    SEED_STATE_PUBLISHED: _ClassVar[SeedState]
    SEED_STATE_PAUSED: _ClassVar[SeedState]
    SEED_STATE_EXPIRED: _ClassVar[SeedState]
    SEED_STATE_REVOKED: _ClassVar[SeedState]

class SeedType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEED_TYPE_UNSPECIFIED: _ClassVar[SeedType]
    SEED_TYPE_NARRATIVE: _ClassVar[SeedType]
    SEED_TYPE_SOUNDSCAPE: _ClassVar[SeedType]
    SEED_TYPE_VISUAL: _ClassVar[SeedType]
    SEED_TYPE_HAPTIC: _ClassVar[SeedType]
    SEED_TYPE_BREATH: _ClassVar[SeedType]
    SEED_TYPE_PRODUCT: _ClassVar[SeedType]
    SEED_TYPE_MIXED: _ClassVar[SeedType]

class SessionType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_TYPE_UNSPECIFIED: _ClassVar[SessionType]
    SESSION_TYPE_LUCID: _ClassVar[SessionType]
    SESSION_TYPE_GUIDED: _ClassVar[SessionType]
    SESSION_TYPE_FREE: _ClassVar[SessionType]
SEED_STATE_UNSPECIFIED: SeedState
SEED_STATE_DRAFT: SeedState
SEED_STATE_SUBMITTED: SeedState
SEED_STATE_VALIDATING: SeedState
SEED_STATE_REJECTED: SeedState
SEED_STATE_NEEDS_REVIEW: SeedState
SEED_STATE_CERTIFIED: SeedState
SEED_STATE_PUBLISHED: SeedState
SEED_STATE_PAUSED: SeedState
SEED_STATE_EXPIRED: SeedState
SEED_STATE_REVOKED: SeedState
SEED_TYPE_UNSPECIFIED: SeedType
SEED_TYPE_NARRATIVE: SeedType
SEED_TYPE_SOUNDSCAPE: SeedType
SEED_TYPE_VISUAL: SeedType
SEED_TYPE_HAPTIC: SeedType
SEED_TYPE_BREATH: SeedType
SEED_TYPE_PRODUCT: SeedType
SEED_TYPE_MIXED: SeedType
SESSION_TYPE_UNSPECIFIED: SessionType
SESSION_TYPE_LUCID: SessionType
SESSION_TYPE_GUIDED: SessionType
SESSION_TYPE_FREE: SessionType

class Phase(_message.Message):
    __slots__ = ("phase", "duration", "intensity", "cue")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    CUE_FIELD_NUMBER: _ClassVar[int]
    phase: str
    duration: _duration_pb2.Duration
    intensity: float
    cue: str
    def __init__(self, phase: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., intensity: _Optional[float] = ..., cue: _Optional[str] = ...) -> None: ...

class CarrierDeclaration(_message.Message):
    __slots__ = ("system", "theta", "initial_coherence")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    THETA_FIELD_NUMBER: _ClassVar[int]
    INITIAL_COHERENCE_FIELD_NUMBER: _ClassVar[int]
    system: _evolution_pb2.OpenSystem
    theta: str
    initial_coherence: str
    def __init__(self, system: _Optional[_Union[_evolution_pb2.OpenSystem, _Mapping]] = ..., theta: _Optional[str] = ..., initial_coherence: _Optional[str] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ("product", "price_minor", "currency", "url")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    PRICE_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    product: str
    price_minor: int
    currency: str
    url: str
    def __init__(self, product: _Optional[str] = ..., price_minor: _Optional[int] = ..., currency: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class Seed(_message.Message):
    __slots__ = ("name", "version", "title", "seed_type", "session_types", "phases", "model", "intensity_cap", "carrier", "narrative", "disclosure", "min_age", "offer", "expire_time", "state", "certification", "create_time", "update_time", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SEED_TYPE_FIELD_NUMBER: _ClassVar[int]
    SESSION_TYPES_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_CAP_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    NARRATIVE_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    MIN_AGE_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    title: str
    seed_type: SeedType
    session_types: _containers.RepeatedScalarFieldContainer[SessionType]
    phases: _containers.RepeatedCompositeFieldContainer[Phase]
    model: _problem_pb2.Problem
    intensity_cap: str
    carrier: CarrierDeclaration
    narrative: str
    disclosure: str
    min_age: int
    offer: Offer
    expire_time: _timestamp_pb2.Timestamp
    state: SeedState
    certification: Certification
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., title: _Optional[str] = ..., seed_type: _Optional[_Union[SeedType, str]] = ..., session_types: _Optional[_Iterable[_Union[SessionType, str]]] = ..., phases: _Optional[_Iterable[_Union[Phase, _Mapping]]] = ..., model: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ..., intensity_cap: _Optional[str] = ..., carrier: _Optional[_Union[CarrierDeclaration, _Mapping]] = ..., narrative: _Optional[str] = ..., disclosure: _Optional[str] = ..., min_age: _Optional[int] = ..., offer: _Optional[_Union[Offer, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[SeedState, str]] = ..., certification: _Optional[_Union[Certification, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class Certification(_message.Message):
    __slots__ = ("status", "implies_safety", "verdict", "evidence", "model_sha256", "reasons", "counterexample", "decide_time")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    IMPLIES_SAFETY_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    MODEL_SHA256_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    COUNTEREXAMPLE_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    status: _verdict_pb2.VerdictStatus
    implies_safety: bool
    verdict: str
    evidence: str
    model_sha256: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    counterexample: _verdict_pb2.Witness
    decide_time: _timestamp_pb2.Timestamp
    def __init__(self, status: _Optional[_Union[_verdict_pb2.VerdictStatus, str]] = ..., implies_safety: _Optional[bool] = ..., verdict: _Optional[str] = ..., evidence: _Optional[str] = ..., model_sha256: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., counterexample: _Optional[_Union[_verdict_pb2.Witness, _Mapping]] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Reservation(_message.Message):
    __slots__ = ("session", "seed", "version", "released", "effect_count")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    EFFECT_COUNT_FIELD_NUMBER: _ClassVar[int]
    session: str
    seed: str
    version: int
    released: bool
    effect_count: int
    def __init__(self, session: _Optional[str] = ..., seed: _Optional[str] = ..., version: _Optional[int] = ..., released: _Optional[bool] = ..., effect_count: _Optional[int] = ...) -> None: ...
