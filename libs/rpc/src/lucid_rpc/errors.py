"""The table that turns exceptions into failures, and the only place that knows gRPC codes.

Each service has one `ErrorTable`. A domain exception is a sentence; the table adds the code, the
reason and the details. What is in no table is a defect: it is logged with an incident id, and the
caller learns the id and nothing else.
"""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc

from lucid_rpc import rejections
from lucid_rpc.status import (
    Failure,
    FieldViolation,
    Precondition,
    Quota,
    Resource,
    failure_of,
)

RPC_DOMAIN: Final = "rpc.lucid"
"""The domain of what the libraries themselves refuse."""

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """How one class of exceptions is answered. The functions get the exception.

    Attributes:
        code: the gRPC status code.
        reason: UPPER_SNAKE, unique in the domain, at most 63 characters.
        metadata: everything that varies in the message, as text.
        field: the path of the field that is wrong, or a sequence of `FieldViolation`.
        retry_after_s: how long to wait before trying again, in seconds.
        resource: the resource that the error is about.
        quota: the limit that was exceeded.
        precondition: what must hold first.
    """

    code: grpc.StatusCode
    reason: str
    metadata: Callable[[Any], Mapping[str, str]] | None = None
    field: Callable[[Any], str | Sequence[FieldViolation]] | None = None
    retry_after_s: Callable[[Any], float] | None = None
    resource: Callable[[Any], Resource] | None = None
    quota: Callable[[Any], Quota] | None = None
    precondition: Callable[[Any], Precondition] | None = None

    def failure(self, domain: str, error: BaseException) -> Failure:
        """Return the failure that answers `error`, whose text becomes the message."""
        message = str(error)
        return Failure(
            code=self.code,
            reason=self.reason,
            domain=domain,
            message=message,
            metadata=dict(self.metadata(error)) if self.metadata else {},
            field_violations=self._violations(error, message),
            retry_after_s=self.retry_after_s(error) if self.retry_after_s else None,
            resource=self.resource(error) if self.resource else None,
            quota=self.quota(error) if self.quota else None,
            precondition=self.precondition(error) if self.precondition else None,
        )

    def _violations(self, error: BaseException, message: str) -> tuple[FieldViolation, ...]:
        if self.field is None:
            return ()
        found = self.field(error)
        if isinstance(found, str):
            return (FieldViolation(found, message, self.reason),)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """All the exceptions that a service answers with a reason of its own.

    A subclass without an entry of its own is answered as its nearest base class.
    """

    domain: str
    entries: Mapping[type[BaseException], ErrorEntry] = field(default_factory=dict)

    def entry_of(self, error: BaseException) -> ErrorEntry | None:
        """Return the entry for an exception, or None."""
        for cls in type(error).__mro__:
            entry = self.entries.get(cls)
            if entry is not None:
                return entry
        return None

    def failure_for(self, error: BaseException, method: str = "") -> Failure:
        """Return the failure that answers any exception; log the ones that nobody expected."""
        entry = self.entry_of(error)
        if entry is not None:
            return entry.failure(self.domain, error)
        entry = RPC_ERRORS.entry_of(error)
        if entry is not None:
            return entry.failure(RPC_DOMAIN, error)
        if isinstance(error, grpc.aio.AioRpcError) and error.code() in _PASSED_ON:
            return _passed_on(error)
        return _internal(error, method)


_C: Final = grpc.StatusCode

RPC_ERRORS: Final = ErrorTable(
    RPC_DOMAIN,
    {
        rejections.MalformedRequest: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "MALFORMED_REQUEST",
            metadata=lambda error: {"message_type": error.message_type},
        ),
        rejections.FieldsInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "FIELDS_INVALID",
            metadata=lambda error: {"violations": str(len(error.violations))},
            field=lambda error: error.violations,
        ),
        rejections.DeadlineSpent: ErrorEntry(
            _C.DEADLINE_EXCEEDED,
            "DEADLINE_EXCEEDED",
            metadata=lambda error: {"limit_s": f"{error.limit_s:.3f}"},
        ),
        rejections.Overloaded: ErrorEntry(
            _C.RESOURCE_EXHAUSTED,
            "OVERLOADED",
            metadata=lambda error: {"kind": error.kind, "limit": str(error.limit)},
            retry_after_s=lambda error: error.retry_after_s,
            quota=lambda error: Quota("server", str(error)),
        ),
        rejections.NotPermitted: ErrorEntry(
            _C.PERMISSION_DENIED,
            "NOT_PERMITTED",
            metadata=lambda error: {"method": error.method, "caller": error.caller},
        ),
        rejections.NotYetServed: ErrorEntry(
            _C.UNIMPLEMENTED, "NOT_YET_SERVED", metadata=lambda error: {"method": error.method}
        ),
        rejections.MethodUnknown: ErrorEntry(
            _C.UNIMPLEMENTED, "METHOD_UNKNOWN", metadata=lambda error: {"method": error.method}
        ),
        rejections.ServerStopping: ErrorEntry(
            _C.UNAVAILABLE, "SERVER_STOPPING", retry_after_s=lambda _: 1.0
        ),
        rejections.PageTokenInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", field=lambda _: "page_token"
        ),
        rejections.PageSizeInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "PAGE_SIZE_INVALID",
            metadata=lambda error: {"page_size": str(error.page_size)},
            field=lambda _: "page_size",
        ),
        rejections.ResourceNameInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "RESOURCE_NAME_INVALID",
            metadata=lambda error: {
                "field": error.field,
                "name": error.name,
                "pattern": error.pattern,
            },
            field=lambda error: error.field,
        ),
        rejections.RequestIdInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "REQUEST_ID_INVALID",
            metadata=lambda error: {"request_id": error.request_id},
            field=lambda _: "request_id",
        ),
        rejections.OperationNotFound: ErrorEntry(
            _C.NOT_FOUND,
            "OPERATION_NOT_FOUND",
            metadata=lambda error: {"name": error.name},
            resource=lambda error: Resource("google.longrunning/Operation", error.name),
        ),
        rejections.OperationRunning: ErrorEntry(
            _C.FAILED_PRECONDITION,
            "OPERATION_RUNNING",
            metadata=lambda error: {"name": error.name},
            precondition=lambda error: Precondition("STATE", error.name, "must be done first"),
        ),
    },
)

_PASSED_ON: Final[Mapping[grpc.StatusCode, str]] = {
    _C.UNAVAILABLE: "PEER_UNAVAILABLE",
    _C.DEADLINE_EXCEEDED: "PEER_DEADLINE_EXCEEDED",
    _C.RESOURCE_EXHAUSTED: "PEER_OVERLOADED",
    _C.CANCELLED: "PEER_CANCELLED",
}
"""Failures of a callee that say something about the moment, not about a defect here."""


def _passed_on(error: grpc.aio.AioRpcError) -> Failure:
    """Answer the failure of a callee that the servicer let through."""
    below = failure_of(error)
    return Failure(
        code=error.code(),
        reason=_PASSED_ON[error.code()],
        domain=RPC_DOMAIN,
        message="a service that this call needs did not answer",
        metadata={"peer_reason": below.reason, "peer_domain": below.domain},
        retry_after_s=below.retry_after_s,
    )


def _internal(error: BaseException, method: str) -> Failure:
    """Answer a defect: log everything, tell the incident id."""
    incident = secrets.token_hex(8)
    _LOG.error(
        "unexpected exception",
        exc_info=error,
        extra={"incident": incident, "rpc_method": method},
    )
    return Failure(
        code=_C.INTERNAL,
        reason="INTERNAL",
        domain=RPC_DOMAIN,
        message=f"an internal error occurred; quote incident {incident}",
        metadata={"incident": incident},
    )
