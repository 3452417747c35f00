"""What the service says about itself and about the checker's reports."""

from importlib.metadata import version
from typing import Any

from lucid.validation.v1 import problem_pb2
from lucid.validation.v1 import validation_service_pb2 as pb2

from lucid_validation.errors import EXPLANATIONS, ErrorReasonUnknown, EvidenceUnreadable
from lucid_validation.readings import KINDS, METHODS, obligations_of


def methods_response(method_set_version: str) -> Any:
    """Return the methods and the certificate kinds, those not decided yet included."""
    kinds = [
        name.removeprefix("CERTIFICATE_KIND_")
        for name, value in problem_pb2.CertificateKind.items()
        if value
    ]
    return pb2.ListMethodsResponse(
        methods=[
            pb2.Method(
                method=name,
                description=method.description,
                can_prove=method.can_prove,
                can_refute=method.can_refute,
                evidence_type=method.evidence_type,
                citation=method.citation,
            )
            for name, method in METHODS.items()
        ],
        kinds=[_kind(name) for name in kinds],
        method_set_version=method_set_version,
    )


def _kind(name: str) -> Any:
    value: Any = problem_pb2.CertificateKind.Value(f"CERTIFICATE_KIND_{name}")
    found = KINDS.get(name)
    if found is None:
        return pb2.CertificateKindDescription(kind=value)
    return pb2.CertificateKindDescription(
        kind=value,
        supported=True,
        theorem=found.theorem,
        citation=found.citation,
        obligations=obligations_of(name),
    )


def error_description(name: str) -> Any:
    """Return the explanation of `errorReasons/{reason}`; raises `ErrorReasonUnknown`."""
    reason = name.removeprefix("errorReasons/")
    found = EXPLANATIONS.get(reason)
    if found is None:
        raise ErrorReasonUnknown(reason)
    return pb2.ErrorDescription(
        name=name,
        code=found.code,
        description=found.description,
        remedy=found.remedy,
        metadata_keys=found.metadata_keys,
    )


def check_response(report: dict[str, Any]) -> Any:
    """Return the checker's report; raises `EvidenceUnreadable` where a document is no JSON."""
    if not report["readable"]:
        reason = str(report["reasons"][0])
        document = "problem" if reason.startswith("problem") else "evidence"
        raise EvidenceUnreadable(f"{document}_document", reason)
    return pb2.CheckEvidenceResponse(
        accepted=report["accepted"],
        obligations=report["obligations"],
        implies_safety=report["implies_safety"],
        theorem=report["theorem"] or "",
        reasons=report["reasons"],
        checker_version=version("lucid-checker"),
    )
