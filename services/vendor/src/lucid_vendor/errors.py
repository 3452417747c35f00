"""The table of the vendor portal's errors: the only place that knows codes and reasons."""

from typing import Any, Final

from grpc import StatusCode
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.rejections import PageTokenInvalid
from lucid_rpc.status import Precondition, Quota, Resource
from lucid_store.faults import StoreBusy, StoreFault, StoreFull
from lucid_store.idempotency import RequestIdReused

from lucid_vendor.vendors import refusals

DOMAIN: Final = "vendor.lucid"


def _facts(error: refusals.Refusal) -> dict[str, str]:
    return error.facts


def _not_found(reason: str, kind: str) -> ErrorEntry:
    return ErrorEntry(
        StatusCode.NOT_FOUND,
        reason,
        metadata=_facts,
        resource=lambda error: Resource(kind, error.facts["name"]),
    )


def _exists(reason: str, kind: str) -> ErrorEntry:
    return ErrorEntry(
        StatusCode.ALREADY_EXISTS,
        reason,
        metadata=_facts,
        resource=lambda error: Resource(kind, error.facts["name"]),
    )


def _forbidden(reason: str, kind: str) -> ErrorEntry:
    return ErrorEntry(
        StatusCode.FAILED_PRECONDITION,
        reason,
        metadata=_facts,
        precondition=lambda error: Precondition(kind, error.facts["name"], str(error)),
    )


def _exhausted(reason: str) -> ErrorEntry:
    return ErrorEntry(
        StatusCode.RESOURCE_EXHAUSTED,
        reason,
        metadata=_facts,
        quota=lambda error: Quota(error.facts["name"], str(error)),
    )


def _store(reason: str, code: StatusCode, retry_after_s: float) -> ErrorEntry:
    return ErrorEntry(code, reason, retry_after_s=lambda _: retry_after_s)


def _request_id(error: Any) -> dict[str, str]:
    return {"request_id": error.request_id}


ERRORS: Final = ErrorTable(
    DOMAIN,
    {
        refusals.VendorNotFound: _not_found("VENDOR_NOT_FOUND", "vendor.lucid/Vendor"),
        refusals.VendorExists: _exists("VENDOR_ALREADY_EXISTS", "vendor.lucid/Vendor"),
        refusals.VendorNotActive: _forbidden("VENDOR_NOT_ACTIVE", "VENDOR_STATE"),
        refusals.ApiKeyNotFound: _not_found("API_KEY_NOT_FOUND", "vendor.lucid/ApiKey"),
        refusals.TooManyLiveKeys: _exhausted("TOO_MANY_LIVE_KEYS"),
        refusals.SeedNotFound: _not_found("SEED_NOT_FOUND", "vendor.lucid/Seed"),
        refusals.SeedExists: _exists("SEED_ALREADY_EXISTS", "vendor.lucid/Seed"),
        refusals.SeedQuotaExceeded: _exhausted("SEED_QUOTA_EXCEEDED"),
        refusals.SeedStateForbids: _forbidden("SEED_STATE_FORBIDS", "SEED_STATE"),
        refusals.SeedNotCertified: _forbidden("SEED_NOT_CERTIFIED", "CERTIFICATION"),
        refusals.SeedInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "SEED_INVALID",
            metadata=_facts,
            field=lambda error: error.field,
        ),
        refusals.EtagMismatch: ErrorEntry(
            StatusCode.ABORTED,
            "ETAG_MISMATCH",
            metadata=_facts,
            resource=lambda error: Resource("vendor.lucid", error.facts["name"]),
        ),
        refusals.UpdateMaskInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT,
            "UPDATE_MASK_INVALID",
            metadata=_facts,
            field=lambda _: "update_mask",
        ),
        refusals.ReservationNotFound: ErrorEntry(
            StatusCode.NOT_FOUND,
            "RESERVATION_NOT_FOUND",
            metadata=_facts,
            resource=lambda error: Resource("vendor.lucid/Reservation", error.facts["session"]),
        ),
        refusals.EntryNotFound: ErrorEntry(
            StatusCode.NOT_FOUND,
            "ENTRY_NOT_FOUND",
            metadata=_facts,
            resource=lambda error: Resource("vendor.lucid/LedgerEntry", error.facts["event_id"]),
        ),
        refusals.EventReused: ErrorEntry(
            StatusCode.ALREADY_EXISTS, "EVENT_REUSED", metadata=_facts
        ),
        RequestIdReused: ErrorEntry(
            StatusCode.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            metadata=_request_id,
            field=lambda _: "request_id",
        ),
        PageTokenInvalid: ErrorEntry(
            StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", field=lambda _: "page_token"
        ),
        StoreBusy: _store("STORE_BUSY", StatusCode.UNAVAILABLE, 0.2),
        StoreFull: _store("STORE_FULL", StatusCode.RESOURCE_EXHAUSTED, 30.0),
        StoreFault: _store("STORE_UNAVAILABLE", StatusCode.UNAVAILABLE, 1.0),
    },
)
"""Every refusal of the domain and every fault of the store, with its code and reason.

`FieldInvalid` is not here: the servicers answer it as the libraries answer a field that breaks a
rule written in the protos.
"""
