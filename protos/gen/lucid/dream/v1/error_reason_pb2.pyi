from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_USER_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_USER_ALREADY_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_USER_NOT_ADULT: _ClassVar[ErrorReason]
    ERROR_REASON_DATE_OF_BIRTH_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_CONSENT_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_CONSENT_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_ALREADY_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_ALREADY_RUNNING: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_STATE_FORBIDS: _ClassVar[ErrorReason]
    ERROR_REASON_CAP_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_TIME_ZONE_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_TELEMETRY_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_STORE_FULL: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_USER_NOT_FOUND: ErrorReason
ERROR_REASON_USER_ALREADY_EXISTS: ErrorReason
ERROR_REASON_USER_NOT_ADULT: ErrorReason
ERROR_REASON_DATE_OF_BIRTH_INVALID: ErrorReason
ERROR_REASON_CONSENT_NOT_FOUND: ErrorReason
ERROR_REASON_CONSENT_INVALID: ErrorReason
ERROR_REASON_SESSION_NOT_FOUND: ErrorReason
ERROR_REASON_SESSION_ALREADY_EXISTS: ErrorReason
ERROR_REASON_SESSION_ALREADY_RUNNING: ErrorReason
ERROR_REASON_SESSION_STATE_FORBIDS: ErrorReason
ERROR_REASON_CAP_INVALID: ErrorReason
ERROR_REASON_TIME_ZONE_UNKNOWN: ErrorReason
ERROR_REASON_TELEMETRY_INVALID: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
ERROR_REASON_STORE_FULL: ErrorReason
