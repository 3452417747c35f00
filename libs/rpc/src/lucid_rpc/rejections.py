"""What the libraries themselves refuse, as exceptions. They share the domain `rpc.lucid`."""

from collections.abc import Sequence

from lucid_rpc.status import FieldViolation


class Rejected(Exception):
    """A call that the libraries refuse before or while a servicer works on it."""


class MalformedRequest(Rejected):
    """The bytes of a request are not a message of its type."""

    def __init__(self, message_type: str) -> None:
        self.message_type = message_type
        super().__init__(f"the request is not a valid {message_type}")


class FieldsInvalid(Rejected):
    """Fields of a request break the rules declared beside them."""

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        super().__init__(f"{first.field or 'the request'}: {first.description}{more}")


class DeadlineSpent(Rejected):
    """The time that the caller gave, or the default where it gave none, is over."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(f"the call did not finish within {limit_s:.3f} s")


class Overloaded(Rejected):
    """As many calls are being worked on as the server admits."""

    def __init__(self, kind: str, limit: int, retry_after_s: float) -> None:
        self.kind = kind
        self.limit = limit
        self.retry_after_s = retry_after_s
        super().__init__(f"{limit} {kind} are in progress, which is the limit")


class NotPermitted(Rejected):
    """The caller has no role that may call this method."""

    def __init__(self, method: str, caller: str) -> None:
        self.method = method
        self.caller = caller
        super().__init__(f"{caller} may not call {method}")


class NotYetServed(Rejected):
    """The method is part of the API and is not served yet."""

    def __init__(self, method: str) -> None:
        self.method = method
        super().__init__(f"{method} is not served yet")


class MethodUnknown(Rejected):
    """There is no such method."""

    def __init__(self, method: str) -> None:
        self.method = method
        super().__init__(f"there is no method {method}")


class ServerStopping(Rejected):
    """The server drains; a stream is told so that its client goes on elsewhere."""

    def __init__(self) -> None:
        super().__init__("the server is stopping; connect again")


class PageTokenInvalid(Rejected):
    """A page token is not one of ours, or belongs to a request with other arguments."""

    def __init__(self, why: str) -> None:
        super().__init__(f"page_token {why}")


class PageSizeInvalid(Rejected):
    """A page size is negative."""

    def __init__(self, page_size: int) -> None:
        self.page_size = page_size
        super().__init__(f"page_size must not be negative, got {page_size}")


class ResourceNameInvalid(Rejected):
    """A resource name does not have the form that it must have."""

    def __init__(self, field: str, name: str, pattern: str) -> None:
        self.field = field
        self.name = name
        self.pattern = pattern
        super().__init__(f"{field} must have the form {pattern}, got {name!r}")


class RequestIdInvalid(Rejected):
    """A request id is missing or not a UUID."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"request_id must be a UUID, got {request_id!r}")


class OperationNotFound(Rejected):
    """There is no such operation."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no operation {name}")


class OperationRunning(Rejected):
    """An operation that still runs cannot be deleted."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"operation {name} still runs; cancel it and wait before deleting it")
