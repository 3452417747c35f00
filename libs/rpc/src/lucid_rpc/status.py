"""Failures, and how they travel: a `Failure` here is a `google.rpc.Status` on the wire.

Servers turn an exception into a `Failure` (see `errors`); clients get it back by `failure_of`.
Every failure carries `ErrorInfo`; the others appear where they apply, each at most once. [AIP193]
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

DETAILS_KEY: Final = "grpc-status-details-bin"

TEXT_CHARACTERS_MAX: Final = 1024
"""Longer messages and metadata values are cut: status travels in headers, which are limited."""

STATUS_BYTES_MAX: Final = 5 * 1024
"""Field violations are dropped from the end until the details fit (headers: 8 KiB in all)."""

_CODES: Final[Mapping[int, grpc.StatusCode]] = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """What is wrong with one field of a request; `field` is its path, as in `problem.vars[2]`."""

    field: str
    description: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource that an error is about, such as `lucid.vendor.v1/Seed` and its name."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit that was exceeded: whose, and which."""

    subject: str
    description: str


@dataclass(frozen=True, slots=True)
class Precondition:
    """A condition that must hold first: its kind, what it is about, how to make it true."""

    type: str
    subject: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call failed.

    `reason` is UPPER_SNAKE and unique within `domain`; programs act on the pair. `message` is for
    people. Everything that varies in the message is also in `metadata`.
    """

    code: grpc.StatusCode
    reason: str
    domain: str
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    field_violations: tuple[FieldViolation, ...] = ()
    retry_after_s: float | None = None
    resource: Resource | None = None
    quota: Quota | None = None
    precondition: Precondition | None = None


def status_of(failure: Failure) -> status_pb2.Status:
    """Return the message that carries a failure, within `STATUS_BYTES_MAX`."""
    violations = failure.field_violations
    while True:
        status = _status(failure, violations)
        if not violations or status.ByteSize() <= STATUS_BYTES_MAX:
            return status
        violations = violations[: len(violations) // 2]


def trailing_metadata_of(failure: Failure) -> tuple[tuple[str, bytes], ...]:
    """Return the trailing metadata that carries a failure."""
    return ((DETAILS_KEY, status_of(failure).SerializeToString()),)


def failure_of(error: grpc.RpcError) -> Failure:
    """Return why a call failed, from the error that the client got.

    An error that a service did not explain (the connection, a limit of gRPC itself) has the name
    of its code as the reason and `grpc` as the domain.
    """
    details = dict(error.trailing_metadata() or ()).get(DETAILS_KEY)
    if isinstance(details, bytes):
        status = status_pb2.Status.FromString(details)
        return _failure(status)
    return Failure(
        code=error.code(), reason=error.code().name, domain="grpc", message=error.details() or ""
    )


def error_of(failure: Failure) -> grpc.aio.AioRpcError:
    """Return the error that a client gets for a failure; for calls refused before sending."""
    return grpc.aio.AioRpcError(
        failure.code,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(*trailing_metadata_of(failure)),
        details=failure.message,
    )


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS_MAX else text[: TEXT_CHARACTERS_MAX - 1] + "…"


def _status(failure: Failure, violations: tuple[FieldViolation, ...]) -> status_pb2.Status:
    metadata = {key: _cut(value) for key, value in failure.metadata.items()}
    details: list[object] = [
        error_details_pb2.ErrorInfo(reason=failure.reason, domain=failure.domain, metadata=metadata)
    ]
    if violations:
        details.append(_bad_request(violations))
    if failure.retry_after_s is not None:
        details.append(error_details_pb2.RetryInfo(retry_delay=_duration(failure.retry_after_s)))
    if failure.resource is not None:
        details.append(
            error_details_pb2.ResourceInfo(
                resource_type=failure.resource.type, resource_name=failure.resource.name
            )
        )
    if failure.quota is not None:
        violation = error_details_pb2.QuotaFailure.Violation(
            subject=failure.quota.subject, description=failure.quota.description
        )
        details.append(error_details_pb2.QuotaFailure(violations=[violation]))
    if failure.precondition is not None:
        details.append(_precondition_failure(failure.precondition))
    return status_pb2.Status(
        code=failure.code.value[0],
        message=_cut(failure.message),
        details=[_packed(detail) for detail in details],
    )


def _packed(detail: object) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)  # type: ignore[arg-type]
    return packed


def _bad_request(violations: tuple[FieldViolation, ...]) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field=_cut(violation.field),
                description=_cut(violation.description),
                reason=violation.rule,
            )
            for violation in violations
        ]
    )


def _precondition_failure(
    precondition: Precondition,
) -> error_details_pb2.PreconditionFailure:
    violation = error_details_pb2.PreconditionFailure.Violation(
        type=precondition.type,
        subject=precondition.subject,
        description=precondition.description,
    )
    return error_details_pb2.PreconditionFailure(violations=[violation])


def _duration(seconds: float) -> duration_pb2.Duration:
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(max(seconds, 0.0) * 1_000_000_000))
    return duration


def _failure(status: status_pb2.Status) -> Failure:
    info = error_details_pb2.ErrorInfo()
    bad, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    resource, quota = error_details_pb2.ResourceInfo(), error_details_pb2.QuotaFailure()
    precondition = error_details_pb2.PreconditionFailure()
    present = {
        id(message)
        for message in (info, bad, retry, resource, quota, precondition)
        for detail in status.details
        if detail.Unpack(message)
    }
    return Failure(
        code=_CODES.get(status.code, grpc.StatusCode.UNKNOWN),
        reason=info.reason,
        domain=info.domain,
        message=status.message,
        metadata=dict(info.metadata),
        field_violations=tuple(
            FieldViolation(one.field, one.description, one.reason) for one in bad.field_violations
        ),
        retry_after_s=(
            retry.retry_delay.ToNanoseconds() / 1_000_000_000 if id(retry) in present else None
        ),
        resource=(
            Resource(resource.resource_type, resource.resource_name)
            if id(resource) in present
            else None
        ),
        quota=(
            Quota(quota.violations[0].subject, quota.violations[0].description)
            if quota.violations
            else None
        ),
        precondition=(
            Precondition(
                precondition.violations[0].type,
                precondition.violations[0].subject,
                precondition.violations[0].description,
            )
            if precondition.violations
            else None
        ),
    )
