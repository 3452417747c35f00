"""THE table of errors: each sentence of the domain with its code, reason and details."""

from dataclasses import dataclass
from typing import Final

from grpc import StatusCode
from lucid_rpc import rejections
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.status import Precondition, Quota, Resource
from lucid_store.faults import StoreBusy, StoreFault
from lucid_store.idempotency import RequestIdReused


class ValidationError(Exception):
    """Something is wrong with a call; the text is for the caller."""


class FieldError(ValidationError):
    """A field of the request is wrong; `field` is its path in the request."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class ExpressionUnreadable(FieldError):
    """An expression cannot be read; `position` counts characters from 0."""

    def __init__(self, field: str, message: str, code: str, position: str) -> None:
        super().__init__(field, message)
        self.code = code
        self.position = position


class ProblemMalformed(FieldError):
    """A problem is not well formed."""


class LimitExceeded(FieldError):
    """A named limit is passed."""

    def __init__(self, field: str, message: str, limit: str, maximum: str, value: str) -> None:
        super().__init__(field, message)
        self.limit = limit
        self.maximum = maximum
        self.value = value


class EvidenceUnreadable(FieldError):
    """A document is not the JSON that it should be."""


class NotFound(ValidationError):
    """There is nothing of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no {name}")
        self.name = name


class VerdictNotFound(NotFound):
    """No verdict has this hash."""


class EvidenceNotFound(NotFound):
    """No evidence has this hash."""


class ValidationNotFound(NotFound):
    """No validation has this name."""


class ErrorReasonUnknown(NotFound):
    """There is no such error reason."""


class ValidationAlreadyExists(ValidationError):
    """The wanted id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} exists already")
        self.name = name


class QueueFull(ValidationError):
    """Too many validations wait."""

    def __init__(self, queued: int, maximum: int) -> None:
        super().__init__(f"{queued} validations wait, at most {maximum} may")
        self.queued = queued
        self.maximum = maximum


class MethodsContradict(ValidationError):
    """Two methods contradict each other on this problem."""

    def __init__(self, problem_sha256: str) -> None:
        super().__init__("two methods contradict each other; the problem is quarantined")
        self.problem_sha256 = problem_sha256


class SearchFailed(ValidationError):
    """A search for a certificate failed on its own account; the text ends its validation."""


class ItemIdRepeated(ValidationError):
    """Two items of a batch have the same id."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"the item id {item_id!r} occurs twice")
        self.item_id = item_id


_C: Final = StatusCode


def _absent(reason: str, kind: str) -> ErrorEntry:
    return ErrorEntry(
        _C.NOT_FOUND,
        reason,
        metadata=lambda error: {"name": error.name},
        resource=lambda error: Resource(f"validation.lucid/{kind}", error.name),
    )


ERRORS: Final = ErrorTable(
    "validation.lucid",
    {
        ExpressionUnreadable: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "EXPRESSION_INVALID",
            metadata=lambda e: {"field": e.field, "position": e.position, "code": e.code},
            field=lambda e: e.field,
        ),
        ProblemMalformed: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "PROBLEM_INVALID",
            metadata=lambda e: {"field": e.field},
            field=lambda e: e.field,
        ),
        LimitExceeded: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "LIMIT_EXCEEDED",
            metadata=lambda e: {"limit": e.limit, "value": e.value, "maximum": e.maximum},
            field=lambda e: e.field,
        ),
        EvidenceUnreadable: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "EVIDENCE_UNREADABLE",
            metadata=lambda e: {"field": e.field},
            field=lambda e: e.field,
        ),
        ItemIdRepeated: ErrorEntry(
            _C.INVALID_ARGUMENT,
            "ITEM_ID_REPEATED",
            metadata=lambda e: {"item_id": e.item_id},
            field=lambda _: "items",
        ),
        VerdictNotFound: _absent("VERDICT_NOT_FOUND", "Verdict"),
        EvidenceNotFound: _absent("EVIDENCE_NOT_FOUND", "Evidence"),
        ValidationNotFound: _absent("VALIDATION_NOT_FOUND", "Validation"),
        ErrorReasonUnknown: ErrorEntry(
            _C.NOT_FOUND,
            "ERROR_REASON_UNKNOWN",
            metadata=lambda e: {"reason": e.name},
            resource=lambda e: Resource("validation.lucid/ErrorReason", e.name),
        ),
        rejections.OperationNotFound: ErrorEntry(
            _C.NOT_FOUND,
            "OPERATION_NOT_FOUND",
            metadata=lambda e: {"name": e.name},
            resource=lambda e: Resource("google.longrunning/Operation", e.name),
        ),
        rejections.PageTokenInvalid: ErrorEntry(
            _C.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", field=lambda _: "page_token"
        ),
        ValidationAlreadyExists: ErrorEntry(
            _C.ALREADY_EXISTS,
            "VALIDATION_ALREADY_EXISTS",
            metadata=lambda e: {"name": e.name},
            resource=lambda e: Resource("validation.lucid/Validation", e.name),
        ),
        RequestIdReused: ErrorEntry(
            _C.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            metadata=lambda e: {"request_id": e.request_id},
        ),
        QueueFull: ErrorEntry(
            _C.RESOURCE_EXHAUSTED,
            "QUEUE_FULL",
            metadata=lambda e: {"queued": str(e.queued), "maximum": str(e.maximum)},
            retry_after_s=lambda _: 5.0,
            quota=lambda e: Quota("validations", str(e)),
        ),
        MethodsContradict: ErrorEntry(
            _C.FAILED_PRECONDITION,
            "METHODS_CONTRADICT",
            metadata=lambda e: {"problem_sha256": e.problem_sha256},
            precondition=lambda e: Precondition("QUARANTINE", e.problem_sha256, str(e)),
        ),
        StoreBusy: ErrorEntry(_C.UNAVAILABLE, "STORE_BUSY", retry_after_s=lambda _: 1.0),
        StoreFault: ErrorEntry(_C.UNAVAILABLE, "STORE_UNAVAILABLE", retry_after_s=lambda _: 5.0),
    },
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error reason means and what to do about it."""

    code: str
    description: str
    remedy: str
    metadata_keys: tuple[str, ...] = ()


_WRONG, _ABSENT = "INVALID_ARGUMENT", "NOT_FOUND"
EXPLANATIONS: Final = {
    "EXPRESSION_INVALID": Explanation(
        _WRONG,
        "An expression of the problem cannot be read.",
        "Correct the expression at the position, counted in characters from 0.",
        ("field", "position", "code"),
    ),
    "PROBLEM_INVALID": Explanation(
        _WRONG, "The problem is not well formed.", "Correct the field that is named.", ("field",)
    ),
    "LIMIT_EXCEEDED": Explanation(
        _WRONG,
        "A named limit on the size of a problem is passed.",
        "Send a smaller problem; the limit and the value are in the metadata.",
        ("limit", "value", "maximum"),
    ),
    "EVIDENCE_UNREADABLE": Explanation(
        _WRONG,
        "The problem or the evidence is not a JSON object with each key once.",
        "Send the documents exactly as GetEvidence returned them.",
        ("field",),
    ),
    "ITEM_ID_REPEATED": Explanation(
        _WRONG,
        "Two items of a batch have one id.",
        "Give each item an id of its own.",
        ("item_id",),
    ),
    "PAGE_TOKEN_INVALID": Explanation(
        _WRONG,
        "The page token is not one of ours or belongs to another request.",
        "Start again from the first page.",
    ),
    "VERDICT_NOT_FOUND": Explanation(
        _ABSENT, "No verdict has this hash.", "Take the name from a verdict's `name`.", ("name",)
    ),
    "EVIDENCE_NOT_FOUND": Explanation(
        _ABSENT,
        "No evidence has this hash.",
        "Take the name from a verdict's `evidence`.",
        ("name",),
    ),
    "VALIDATION_NOT_FOUND": Explanation(
        _ABSENT, "No validation has this name.", "List the validations.", ("name",)
    ),
    "OPERATION_NOT_FOUND": Explanation(
        _ABSENT, "No operation has this name, or it was deleted.", "List the operations.", ("name",)
    ),
    "ERROR_REASON_UNKNOWN": Explanation(
        _ABSENT, "There is no such error reason.", "Use a reason from ErrorInfo.", ("reason",)
    ),
    "VALIDATION_ALREADY_EXISTS": Explanation(
        "ALREADY_EXISTS", "The wanted id is taken.", "Choose another id or none.", ("name",)
    ),
    "REQUEST_ID_REUSED": Explanation(
        "ALREADY_EXISTS",
        "The request id came with another request before.",
        "Use a new UUID for each new request.",
        ("request_id",),
    ),
    "QUEUE_FULL": Explanation(
        "RESOURCE_EXHAUSTED",
        "Too many validations wait.",
        "Wait as long as RetryInfo says.",
        ("queued", "maximum"),
    ),
    "METHODS_CONTRADICT": Explanation(
        "FAILED_PRECONDITION",
        "Two methods contradict each other, so one of them is wrong.",
        "Report the problem's hash; no answer is given for it.",
        ("problem_sha256",),
    ),
    "STORE_BUSY": Explanation("UNAVAILABLE", "The database is busy.", "Try again."),
    "STORE_UNAVAILABLE": Explanation(
        "UNAVAILABLE", "The database is at fault.", "Try again; tell the operator if it stays."
    ),
}
