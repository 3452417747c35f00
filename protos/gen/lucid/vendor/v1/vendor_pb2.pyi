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

class VendorState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VENDOR_STATE_UNSPECIFIED: _ClassVar[VendorState]
    VENDOR_STATE_APPLIED: _ClassVar[VendorState]
    VENDOR_STATE_DOMAIN_VERIFYING: _ClassVar[VendorState]
    VENDOR_STATE_TRIAL: _ClassVar[VendorState]
    VENDOR_STATE_ACTIVE: _ClassVar[VendorState]
    VENDOR_STATE_SUSPENDED: _ClassVar[VendorState]
    VENDOR_STATE_OFFBOARDED: _ClassVar[VendorState]

class Tier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIER_UNSPECIFIED: _ClassVar[Tier]
    TIER_TRIAL: _ClassVar[Tier]
    TIER_BASIC: _ClassVar[Tier]
    TIER_PROFESSIONAL: _ClassVar[Tier]
    TIER_ENTERPRISE: _ClassVar[Tier]
VENDOR_STATE_UNSPECIFIED: VendorState
VENDOR_STATE_APPLIED: VendorState
VENDOR_STATE_DOMAIN_VERIFYING: VendorState
VENDOR_STATE_TRIAL: VendorState
VENDOR_STATE_ACTIVE: VendorState
VENDOR_STATE_SUSPENDED: VendorState
VENDOR_STATE_OFFBOARDED: VendorState
TIER_UNSPECIFIED: Tier
TIER_TRIAL: Tier
TIER_BASIC: Tier
TIER_PROFESSIONAL: Tier
TIER_ENTERPRISE: Tier

class Vendor(_message.Message):
    __slots__ = ("name", "legal_name", "contact_email", "domains", "categories", "tier", "state", "create_time", "update_time", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEGAL_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_EMAIL_FIELD_NUMBER: _ClassVar[int]
    DOMAINS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    legal_name: str
    contact_email: str
    domains: _containers.RepeatedScalarFieldContainer[str]
    categories: _containers.RepeatedScalarFieldContainer[str]
    tier: Tier
    state: VendorState
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., legal_name: _Optional[str] = ..., contact_email: _Optional[str] = ..., domains: _Optional[_Iterable[str]] = ..., categories: _Optional[_Iterable[str]] = ..., tier: _Optional[_Union[Tier, str]] = ..., state: _Optional[_Union[VendorState, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class ApiKey(_message.Message):
    __slots__ = ("name", "display_name", "secret", "is_revoked", "create_time", "revoke_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    IS_REVOKED_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    secret: str
    is_revoked: bool
    create_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., secret: _Optional[str] = ..., is_revoked: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
