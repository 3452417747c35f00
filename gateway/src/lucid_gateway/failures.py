"""Turn what went wrong on the way to a service, or in it, into a problem."""

import grpc
from lucid_rpc.status import Failure, failure_of

from lucid_gateway.faults import RequestInvalid
from lucid_gateway.problem import DOMAIN, Problem, Violation, status_of
from lucid_gateway.strict_json import JsonInvalid

_UNEXPLAINED = {
    grpc.StatusCode.UNAVAILABLE: (
        "PEER_UNAVAILABLE",
        "The {noun} service cannot be reached now.",
        1.0,
    ),
    grpc.StatusCode.DEADLINE_EXCEEDED: (
        "DEADLINE_EXCEEDED",
        "The {noun} service did not answer in the time that was given.",
        None,
    ),
    grpc.StatusCode.CANCELLED: ("CANCELLED", "The call to the {noun} service was cancelled.", None),
    grpc.StatusCode.UNIMPLEMENTED: (
        "NOT_SERVED",
        "The {noun} service does not know this method.",
        None,
    ),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (
        "MESSAGE_TOO_LARGE",
        "A message to or from the {noun} service is larger than it may be.",
        None,
    ),
}


def problem_of_call(error: grpc.RpcError, noun: str) -> Problem:
    """Return the problem for a failed call; text that gRPC itself made is left out."""
    failure = failure_of(error)
    if failure.domain not in ("", "grpc") and failure.reason:
        return _explained(failure)
    reason, sentence, retry_after_s = _UNEXPLAINED.get(
        failure.code, ("CALL_FAILED", "The call to the {noun} service failed.", None)
    )
    return Problem(
        status_of(failure.code),
        reason,
        sentence.format(noun=noun),
        metadata=(("service", noun),),
        retry_after_s=retry_after_s,
        code=failure.code.name,
    )


def problem_of_status(failure: Failure) -> Problem:
    """Return the problem for a failure that a service explained."""
    return _explained(failure)


def problem_of_json(error: JsonInvalid) -> Problem:
    """Return the problem for a body that is not JSON."""
    place = error.place
    metadata = (("line", str(place.line)), ("column", str(place.column))) if place else ()
    violations = (Violation(error.field, str(error)),) if error.field else ()
    return Problem(
        400,
        "BODY_NOT_JSON",
        _sentence(str(error)),
        metadata=metadata,
        violations=violations,
        code=grpc.StatusCode.INVALID_ARGUMENT.name,
    )


def problem_of_request(error: RequestInvalid) -> Problem:
    """Return the problem for a request that does not fit its message."""
    first = error.faults[0]
    return Problem(
        400,
        "REQUEST_INVALID",
        f"{first.field}: {first.description}." if first.field else _sentence(first.description),
        metadata=(("field", first.field),),
        violations=tuple(Violation(fault.field, fault.description) for fault in error.faults),
        code=grpc.StatusCode.INVALID_ARGUMENT.name,
    )


def internal_problem() -> Problem:
    """Return the problem for a defect of the gateway itself; the log has the rest."""
    return Problem(
        500,
        "INTERNAL",
        "The gateway failed; its log has the details under this trace.",
        domain=DOMAIN,
        code=grpc.StatusCode.INTERNAL.name,
    )


def _explained(failure: Failure) -> Problem:
    return Problem(
        status_of(failure.code),
        failure.reason,
        _sentence(failure.message),
        domain=failure.domain,
        metadata=tuple(sorted(failure.metadata.items())),
        violations=tuple(
            Violation(item.field, item.description) for item in failure.field_violations
        ),
        retry_after_s=failure.retry_after_s,
        code=failure.code.name,
    )


def _sentence(text: str) -> str:
    if not text:
        return "The request failed."
    if text.split(" ", 1)[0].isalpha():  # a field path keeps its spelling
        text = text[0].upper() + text[1:]
    return text + ("" if text.endswith((".", "!", "?", "…")) else ".")
