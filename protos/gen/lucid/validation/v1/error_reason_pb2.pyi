from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_EXPRESSION_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_PROBLEM_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_LIMIT_EXCEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_VERDICT_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_EVIDENCE_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_VALIDATION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_VALIDATION_ALREADY_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_OPERATION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_QUEUE_FULL: _ClassVar[ErrorReason]
    ERROR_REASON_METHODS_CONTRADICT: _ClassVar[ErrorReason]
    ERROR_REASON_EVIDENCE_UNREADABLE: _ClassVar[ErrorReason]
    ERROR_REASON_ERROR_REASON_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_ITEM_ID_REPEATED: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_EXPRESSION_INVALID: ErrorReason
ERROR_REASON_PROBLEM_INVALID: ErrorReason
ERROR_REASON_LIMIT_EXCEEDED: ErrorReason
ERROR_REASON_VERDICT_NOT_FOUND: ErrorReason
ERROR_REASON_EVIDENCE_NOT_FOUND: ErrorReason
ERROR_REASON_VALIDATION_NOT_FOUND: ErrorReason
ERROR_REASON_VALIDATION_ALREADY_EXISTS: ErrorReason
ERROR_REASON_OPERATION_NOT_FOUND: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
ERROR_REASON_QUEUE_FULL: ErrorReason
ERROR_REASON_METHODS_CONTRADICT: ErrorReason
ERROR_REASON_EVIDENCE_UNREADABLE: ErrorReason
ERROR_REASON_ERROR_REASON_UNKNOWN: ErrorReason
ERROR_REASON_ITEM_ID_REPEATED: ErrorReason
