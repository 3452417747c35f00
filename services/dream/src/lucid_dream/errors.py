"""The table of the dream service's errors: the only place here that knows gRPC's codes."""

import grpc
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.rejections import PageTokenInvalid
from lucid_rpc.status import Precondition, Resource
from lucid_store.faults import StoreFull
from lucid_store.idempotency import RequestIdReused

from lucid_dream import refusals
from lucid_dream.saga.consent import ConsentInvalid

_C = grpc.StatusCode


def _not_found(kind: str, reason: str) -> ErrorEntry:
    return ErrorEntry(
        _C.NOT_FOUND,
        reason,
        metadata=lambda error: {"name": error.name},
        resource=lambda error: Resource(f"dream.lucid/{kind}", error.name),
    )


def _taken(kind: str, reason: str) -> ErrorEntry:
    return ErrorEntry(
        _C.ALREADY_EXISTS,
        reason,
        metadata=lambda error: {"name": error.name},
        resource=lambda error: Resource(f"dream.lucid/{kind}", error.name),
    )


ERRORS = ErrorTable(
    domain="dream.lucid",
    entries={
        refusals.UserNotFound: _not_found("User", "USER_NOT_FOUND"),
        refusals.UserAlreadyExists: _taken("User", "USER_ALREADY_EXISTS"),
        refusals.UserNotAdult: ErrorEntry(
            _C.FAILED_PRECONDITION,
            "USER_NOT_ADULT",
            metadata=lambda error: {"age_min": str(error.age_min)},
            precondition=lambda error: Precondition("AGE", "user", str(error)),
        ),
        refusals.DateOfBirthInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "DATE_OF_BIRTH_INVALID",
            metadata=lambda error: {"field": error.field},
            field=lambda error: str(error.field),
        ),
        refusals.TimeZoneUnknown: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "TIME_ZONE_UNKNOWN",
            metadata=lambda error: {"time_zone": error.time_zone},
            field=lambda _: "user.time_zone",
        ),
        refusals.CapNotUsable: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "CAP_INVALID",
            metadata=lambda error: {"field": error.field, "value": error.value},
            field=lambda error: str(error.field),
        ),
        ConsentInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "CONSENT_INVALID",
            metadata=lambda error: {"field": error.field, "rule": error.rule},
            field=lambda error: str(error.field),
        ),
        refusals.ConsentNotFound: _not_found("Consent", "CONSENT_NOT_FOUND"),
        refusals.SessionNotFound: _not_found("Session", "SESSION_NOT_FOUND"),
        refusals.SessionAlreadyExists: _taken("Session", "SESSION_ALREADY_EXISTS"),
        refusals.SessionAlreadyRunning: ErrorEntry(
            _C.FAILED_PRECONDITION,
            "SESSION_ALREADY_RUNNING",
            metadata=lambda error: {"name": error.name},
            precondition=lambda error: Precondition("SESSION", error.name, str(error)),
        ),
        refusals.SessionStateForbids: ErrorEntry(
            _C.FAILED_PRECONDITION,
            "SESSION_STATE_FORBIDS",
            metadata=lambda error: {"state": error.state, "wanted": error.wanted},
            precondition=lambda error: Precondition("STATE", error.state, str(error)),
        ),
        refusals.TelemetryNotUsable: ErrorEntry(
            _C.INVALID_ARGUMENT, "TELEMETRY_INVALID", field=lambda _: "name"
        ),
        RequestIdReused: ErrorEntry(
            _C.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            metadata=lambda error: {"request_id": error.request_id},
            field=lambda _: "request_id",
        ),
        PageTokenInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", field=lambda _: "page_token"
        ),
        StoreFull: ErrorEntry(
            _C.RESOURCE_EXHAUSTED,
            "STORE_FULL",
            metadata=lambda _: {"free_bytes": "0"},
            retry_after_s=lambda _: 30.0,
        ),
    },
)
