"""Requests for a certificate to tasks of the domain, and answers of searches to messages."""

from typing import Any, Final

from lucid.validation.v1 import problem_pb2
from lucid.validation.v1 import validation_service_pb2 as pb2

from lucid_validation.deciding import Question, question_of
from lucid_validation.errors import FieldError, ProblemMalformed

Json = dict[str, Any]

DEGREE_DEFAULT: Final = 4
KINDS: Final = frozenset(
    {
        problem_pb2.CERTIFICATE_KIND_EVERYWHERE,
        problem_pb2.CERTIFICATE_KIND_EXPONENTIAL,
        problem_pb2.CERTIFICATE_KIND_STRICT_LEVEL_SET,
        problem_pb2.CERTIFICATE_KIND_DISCRETE_DECREASE,
        problem_pb2.CERTIFICATE_KIND_DISCRETE_INDUCTIVE,
    }
)


def problem_of(request: Any) -> Any:
    """Return the problem whose certificate is wanted; it has no barrier yet.

    Raises:
        ProblemMalformed: certificates of this kind are not searched for, or it has no rate.
    """
    if request.kind not in KINDS:
        names = sorted(problem_pb2.CertificateKind.Name(kind) for kind in KINDS)
        short = ", ".join(str(name).removeprefix("CERTIFICATE_KIND_") for name in names)
        raise ProblemMalformed("kind", f"one of {short} is expected")
    if request.rate and request.kind != problem_pb2.CERTIFICATE_KIND_EXPONENTIAL:
        raise ProblemMalformed("rate", "only EXPONENTIAL has a rate")
    return problem_pb2.Problem(
        system=request.system,
        initial=request.initial,
        unsafe=request.unsafe,
        certificate=problem_pb2.Certificate(kind=request.kind, rate=request.rate),
    )


def task_of(problem: Any) -> Json:
    """Return the JSON problem that a search completes; raises `FieldError` of the request."""
    blank = problem_pb2.Problem()
    blank.CopyFrom(problem)
    blank.certificate.barrier = "0"
    try:
        return question_of(blank).json
    except FieldError as error:
        raise of_request(error) from None


def of_request(error: FieldError) -> FieldError:
    """Return this refusal with its field renamed to its path in the request."""
    field = error.field.removeprefix("problem.").removeprefix("certificate.")
    field = "system" if field == "problem" else field
    error.args = (str(error).replace(error.field, field, 1),)
    error.field = field
    return error


def settings_of(request: Any) -> Any:
    """Return what a search reads of its request beside the problem; never empty."""
    return pb2.SynthesizeCertificateRequest(
        kind=request.kind, degree=request.degree or DEGREE_DEFAULT, seed=request.seed
    )


def completed(problem: Any, candidate: Json) -> Question:
    """Return the problem with the certificate of a candidate, as its evidence names it."""
    certificate = candidate["problem"]["certificate"]
    found = problem_pb2.Problem()
    found.CopyFrom(problem)
    found.certificate.barrier = certificate["expr"]
    found.certificate.rate = certificate.get("lambda", "")
    return question_of(found)


def synthesis_message(progress: Json, outcome: str = "", reason: str = "") -> Any:
    """Return where a search stands, or with an outcome how it ended."""
    name = f"SYNTHESIS_OUTCOME_{outcome or 'UNSPECIFIED'}"
    return pb2.Synthesis(outcome=name, reason=reason, **progress)
