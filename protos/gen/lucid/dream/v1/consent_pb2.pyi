import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_LEVEL_UNSPECIFIED: _ClassVar[ConsentLevel]
    CONSENT_LEVEL_NONE: _ClassVar[ConsentLevel]
    CONSENT_LEVEL_BASIC: _ClassVar[ConsentLevel]
    CONSENT_LEVEL_ENHANCED: _ClassVar[ConsentLevel]
    CONSENT_LEVEL_FULL_SYMBOLIC: _ClassVar[ConsentLevel]
    CONSENT_LEVEL_DREAM_AWARE: _ClassVar[ConsentLevel]

class ConsentScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_SCOPE_UNSPECIFIED: _ClassVar[ConsentScope]
    CONSENT_SCOPE_GLOBAL: _ClassVar[ConsentScope]
    CONSENT_SCOPE_CONTENT_TYPE: _ClassVar[ConsentScope]
    CONSENT_SCOPE_TEMPORAL: _ClassVar[ConsentScope]
    CONSENT_SCOPE_EMOTIONAL: _ClassVar[ConsentScope]
    CONSENT_SCOPE_CONTEXTUAL: _ClassVar[ConsentScope]
    CONSENT_SCOPE_DATA_SOURCE: _ClassVar[ConsentScope]
    CONSENT_SCOPE_VENDOR: _ClassVar[ConsentScope]
    CONSENT_SCOPE_AI_GENERATION: _ClassVar[ConsentScope]

class VendorSharing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VENDOR_SHARING_UNSPECIFIED: _ClassVar[VendorSharing]
    VENDOR_SHARING_NONE: _ClassVar[VendorSharing]
    VENDOR_SHARING_AGGREGATED_ONLY: _ClassVar[VendorSharing]
    VENDOR_SHARING_SELECTED_VENDORS: _ClassVar[VendorSharing]
    VENDOR_SHARING_ALL: _ClassVar[VendorSharing]

class AgeAttestation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AGE_ATTESTATION_UNSPECIFIED: _ClassVar[AgeAttestation]
    AGE_ATTESTATION_SELF_DECLARED: _ClassVar[AgeAttestation]
    AGE_ATTESTATION_VERIFIED_CREDENTIAL: _ClassVar[AgeAttestation]
CONSENT_LEVEL_UNSPECIFIED: ConsentLevel
CONSENT_LEVEL_NONE: ConsentLevel
CONSENT_LEVEL_BASIC: ConsentLevel
CONSENT_LEVEL_ENHANCED: ConsentLevel
CONSENT_LEVEL_FULL_SYMBOLIC: ConsentLevel
CONSENT_LEVEL_DREAM_AWARE: ConsentLevel
CONSENT_SCOPE_UNSPECIFIED: ConsentScope
CONSENT_SCOPE_GLOBAL: ConsentScope
CONSENT_SCOPE_CONTENT_TYPE: ConsentScope
CONSENT_SCOPE_TEMPORAL: ConsentScope
CONSENT_SCOPE_EMOTIONAL: ConsentScope
CONSENT_SCOPE_CONTEXTUAL: ConsentScope
CONSENT_SCOPE_DATA_SOURCE: ConsentScope
CONSENT_SCOPE_VENDOR: ConsentScope
CONSENT_SCOPE_AI_GENERATION: ConsentScope
VENDOR_SHARING_UNSPECIFIED: VendorSharing
VENDOR_SHARING_NONE: VendorSharing
VENDOR_SHARING_AGGREGATED_ONLY: VendorSharing
VENDOR_SHARING_SELECTED_VENDORS: VendorSharing
VENDOR_SHARING_ALL: VendorSharing
AGE_ATTESTATION_UNSPECIFIED: AgeAttestation
AGE_ATTESTATION_SELF_DECLARED: AgeAttestation
AGE_ATTESTATION_VERIFIED_CREDENTIAL: AgeAttestation

class User(_message.Message):
    __slots__ = ("name", "date_of_birth", "attestation", "time_zone", "intensity_cap", "consent_epoch", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    ATTESTATION_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_CAP_FIELD_NUMBER: _ClassVar[int]
    CONSENT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    date_of_birth: str
    attestation: AgeAttestation
    time_zone: str
    intensity_cap: str
    consent_epoch: int
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., date_of_birth: _Optional[str] = ..., attestation: _Optional[_Union[AgeAttestation, str]] = ..., time_zone: _Optional[str] = ..., intensity_cap: _Optional[str] = ..., consent_epoch: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("name", "level", "scope", "subject", "vendor_sharing", "data_sources", "expire_time", "is_revoked", "grant_time", "revoke_time", "epoch")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    VENDOR_SHARING_FIELD_NUMBER: _ClassVar[int]
    DATA_SOURCES_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    IS_REVOKED_FIELD_NUMBER: _ClassVar[int]
    GRANT_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    name: str
    level: ConsentLevel
    scope: ConsentScope
    subject: str
    vendor_sharing: VendorSharing
    data_sources: _containers.RepeatedScalarFieldContainer[str]
    expire_time: _timestamp_pb2.Timestamp
    is_revoked: bool
    grant_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    epoch: int
    def __init__(self, name: _Optional[str] = ..., level: _Optional[_Union[ConsentLevel, str]] = ..., scope: _Optional[_Union[ConsentScope, str]] = ..., subject: _Optional[str] = ..., vendor_sharing: _Optional[_Union[VendorSharing, str]] = ..., data_sources: _Optional[_Iterable[str]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_revoked: _Optional[bool] = ..., grant_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., epoch: _Optional[int] = ...) -> None: ...
