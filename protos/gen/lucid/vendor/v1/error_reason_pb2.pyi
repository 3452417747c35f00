from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_VENDOR_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_VENDOR_ALREADY_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_VENDOR_NOT_ACTIVE: _ClassVar[ErrorReason]
    ERROR_REASON_API_KEY_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_LIVE_KEYS: _ClassVar[ErrorReason]
    ERROR_REASON_SEED_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_SEED_ALREADY_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_SEED_QUOTA_EXCEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_SEED_STATE_FORBIDS: _ClassVar[ErrorReason]
    ERROR_REASON_SEED_NOT_CERTIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_SEED_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_ETAG_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_UPDATE_MASK_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_RESERVATION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_ENTRY_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_EVENT_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_VENDOR_NOT_FOUND: ErrorReason
ERROR_REASON_VENDOR_ALREADY_EXISTS: ErrorReason
ERROR_REASON_VENDOR_NOT_ACTIVE: ErrorReason
ERROR_REASON_API_KEY_NOT_FOUND: ErrorReason
ERROR_REASON_TOO_MANY_LIVE_KEYS: ErrorReason
ERROR_REASON_SEED_NOT_FOUND: ErrorReason
ERROR_REASON_SEED_ALREADY_EXISTS: ErrorReason
ERROR_REASON_SEED_QUOTA_EXCEEDED: ErrorReason
ERROR_REASON_SEED_STATE_FORBIDS: ErrorReason
ERROR_REASON_SEED_NOT_CERTIFIED: ErrorReason
ERROR_REASON_SEED_INVALID: ErrorReason
ERROR_REASON_ETAG_MISMATCH: ErrorReason
ERROR_REASON_UPDATE_MASK_INVALID: ErrorReason
ERROR_REASON_RESERVATION_NOT_FOUND: ErrorReason
ERROR_REASON_ENTRY_NOT_FOUND: ErrorReason
ERROR_REASON_EVENT_REUSED: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
