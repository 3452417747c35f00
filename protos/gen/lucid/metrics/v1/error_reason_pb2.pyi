from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_HISTOGRAM_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_WINDOW_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_INTERVAL_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_WATCHERS: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_HISTOGRAM_INVALID: ErrorReason
ERROR_REASON_WINDOW_INVALID: ErrorReason
ERROR_REASON_INTERVAL_INVALID: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
ERROR_REASON_TOO_MANY_WATCHERS: ErrorReason
