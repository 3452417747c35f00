"""A problem as a message and as a JSON object, both ways without loss."""

from typing import Any, Final

from lucid.validation.v1 import problem_pb2

from lucid_vendor.vendors.model import Document
from lucid_vendor.vendors.refusals import SeedInvalid

_P: Final = problem_pb2

FLOW_OF_KIND: Final[dict[int, str]] = {
    _P.CERTIFICATE_KIND_EVERYWHERE: "everywhere",
    _P.CERTIFICATE_KIND_STRICT_LEVEL_SET: "boundary_strict",
    _P.CERTIFICATE_KIND_WEAK_LEVEL_SET: "boundary_weak",
    _P.CERTIFICATE_KIND_EXPONENTIAL: "exponential",
    _P.CERTIFICATE_KIND_INVARIANT: "invariant",
}
KIND_OF_FLOW: Final = {flow: kind for kind, flow in FLOW_OF_KIND.items()}
"""The certificate kinds of continuous time that validation decides, but for cuts."""


def document_from_problem(problem: problem_pb2.Problem) -> Document:
    """Return a problem as its JSON object.

    Raises:
        SeedInvalid: the time or the kind of certificate is not one that a seed can have.
    """
    system, certificate = problem.system, problem.certificate
    is_cuts = certificate.kind == _P.CERTIFICATE_KIND_DIFFERENTIAL_CUTS
    if not is_cuts and certificate.kind not in FLOW_OF_KIND:
        raise SeedInvalid(
            "seed.model.certificate.kind",
            "CERTIFICATE_KIND",
            "must be EVERYWHERE, STRICT_LEVEL_SET, WEAK_LEVEL_SET, EXPONENTIAL, INVARIANT or "
            "DIFFERENTIAL_CUTS.",
        )
    if system.time_kind not in {_P.TIME_KIND_UNSPECIFIED, _P.TIME_KIND_CONTINUOUS}:
        raise SeedInvalid(
            "seed.model.system.time_kind", "CONTINUOUS_ONLY", "must be continuous time."
        )
    return {
        "kind": "continuous",
        "vars": list(system.variables),
        "parameters": list(system.parameters),
        "dynamics": dict(system.dynamics),
        "domain": [_formula(each) for each in system.domain] or None,
        "init": _formula(problem.initial),
        "unsafe": _formula(problem.unsafe),
        "certificate": {
            "type": "invariant" if is_cuts else "barrier",
            "expr": certificate.barrier or None,
            "lambda": certificate.rate or None,
            "cuts": [_formula(each) for each in certificate.cuts] or None,
            "formula": _formula(certificate.formula) if certificate.HasField("formula") else None,
            "original_invariant": [_formula(each) for each in certificate.original_invariant]
            or None,
        },
        "flow_condition": "invariant" if is_cuts else FLOW_OF_KIND[certificate.kind],
    }


def problem_from_document(document: Document) -> problem_pb2.Problem:
    """Return the message of a problem that `document_from_problem` wrote."""
    certificate = document["certificate"]
    return _P.Problem(
        system=_P.System(
            time_kind=_P.TIME_KIND_CONTINUOUS,
            variables=document["vars"],
            parameters=document["parameters"] or [],
            dynamics=document["dynamics"],
            domain=[_formula_message(each) for each in document["domain"] or []],
        ),
        initial=_formula_message(document["init"]),
        unsafe=_formula_message(document["unsafe"]),
        certificate=_P.Certificate(
            kind=_kind(document),
            barrier=certificate["expr"] or "",
            rate=certificate["lambda"] or "",
            cuts=[_formula_message(each) for each in certificate["cuts"] or []],
            formula=certificate["formula"] and _formula_message(certificate["formula"]),
            original_invariant=[
                _formula_message(each) for each in certificate["original_invariant"] or []
            ],
        ),
    )


def _kind(document: Document) -> Any:
    if document["certificate"]["type"] == "invariant":
        return _P.CERTIFICATE_KIND_DIFFERENTIAL_CUTS
    return KIND_OF_FLOW[document["flow_condition"]]


def _formula(formula: problem_pb2.Formula) -> Any:
    match formula.WhichOneof("form"):
        case "atom":
            return formula.atom
        case "all":
            return {"and": [_formula(each) for each in formula.all.formulas]}
        case "any":
            return {"or": [_formula(each) for each in formula.any.formulas]}
        case _:
            return None


def _formula_message(formula: Any) -> problem_pb2.Formula:
    if isinstance(formula, str):
        return _P.Formula(atom=formula)
    connective, children = next(iter(formula.items()))
    parts = _P.FormulaList(formulas=[_formula_message(each) for each in children])
    return _P.Formula(all=parts) if connective == "and" else _P.Formula(any=parts)
