"""Failures as RFC 9457 problem details that carry the `google.rpc.ErrorInfo`.

A problem holds only what a service said in a status detail, or what this edge says in its own
words: never the text of an exception.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import grpc
import msgspec

from lucid_gateway.exchange import PROBLEM, Headers, Reply

DOMAIN: Final = "gateway.lucid"

HTTP_STATUS_OF: Final[Mapping[grpc.StatusCode, int]] = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
}
"""google/rpc/code.proto's mapping, for every code."""

_TITLE_OF: Final = {
    400: "The request cannot be served as it is",
    401: "Nobody is signed in",
    403: "This is not allowed",
    404: "There is no such thing here",
    405: "This path does not answer to this method",
    406: "No acceptable form of the answer",
    408: "The request did not arrive in time",
    409: "The request conflicts with what is there",
    413: "The body is too large",
    415: "The body is of another type",
    421: "This server does not answer for that host",
    429: "Too much at once",
    431: "The headers are too large",
    499: "The caller went away",
    500: "Something failed here",
    501: "Not served yet",
    503: "Not available now",
    504: "The time ran out",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One field path of the request and what is wrong with it."""

    field: str
    description: str


@dataclass(eq=False)
class Problem(Exception):
    """A failure that is ready to be sent.

    `reason` and `domain` are the ErrorInfo's; `retry_after_s` is None where waiting does not help.
    """

    status: int
    reason: str
    detail: str
    domain: str = DOMAIN
    metadata: tuple[tuple[str, str], ...] = ()
    violations: tuple[Violation, ...] = ()
    retry_after_s: float | None = None
    code: str = ""
    headers: Headers = ()

    def document(self, trace_id: str) -> dict[str, Any]:
        """Return the problem's members; `instance` names the trace."""
        members: dict[str, Any] = {
            "type": type_uri(self.domain, self.reason),
            "title": _TITLE_OF.get(self.status, "The request failed"),
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:lucid:trace:{trace_id}",
            "reason": self.reason,
            "domain": self.domain,
            "metadata": dict(self.metadata),
        }
        if self.code:
            members["code"] = self.code
        if self.violations:
            members["violations"] = [
                {"field": item.field, "description": item.description} for item in self.violations
            ]
        if self.retry_after_s is not None:
            members["retryAfterSeconds"] = self.retry_after_s
        return members

    def reply(self, trace_id: str) -> Reply:
        """Return the whole answer, with Retry-After where waiting helps."""
        headers = self.headers
        if self.retry_after_s is not None:
            headers = (*headers, ("retry-after", str(max(0, math.ceil(self.retry_after_s)))))
        body = msgspec.json.encode(self.document(trace_id))
        return Reply(self.status, PROBLEM, body, headers)


def type_uri(domain: str, reason: str) -> str:
    """Return the address that explains a reason: an anchor of the page of documentation."""
    return f"/docs#{domain.split('.', maxsplit=1)[0]}-{reason}"


def status_of(code: grpc.StatusCode) -> int:
    """Return the HTTP status of a gRPC code."""
    return HTTP_STATUS_OF[code]
