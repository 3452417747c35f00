from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_ENTRY_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_LEASE_DURATION_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_TIME_TO_LIVE_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_WATCHERS: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_ENTRY_TOO_LARGE: ErrorReason
ERROR_REASON_LEASE_DURATION_INVALID: ErrorReason
ERROR_REASON_TIME_TO_LIVE_INVALID: ErrorReason
ERROR_REASON_TOO_MANY_WATCHERS: ErrorReason
