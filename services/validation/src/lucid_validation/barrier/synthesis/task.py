"""What to search for: a polynomial system, its sets, a kind of certificate and a largest degree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_validation.barrier.errors import ProblemInvalid, Unsupported
from lucid_validation.barrier.formula import Formula, atoms_in_order
from lucid_validation.barrier.polynomial import Polynomial, Ring, constant_value
from lucid_validation.barrier.problem import Barrier, Problem, parse_problem

DIMENSION_MAX = 6
DEGREE_MAX = 12
DEGREE_DEFAULT = 4
KINDS = {
    "continuous": ("everywhere", "exponential", "boundary_strict"),
    "discrete": ("discrete_decrease", "discrete_inductive"),
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A readable request. `problem` has the certificate `0`; `raw` is its JSON, to be completed.

    `rate` is the lambda that was asked for; None where it is to be searched for, or not used.
    """

    raw: Mapping[str, Any]
    problem: Problem
    degree: int
    rate: Fraction | None

    @property
    def flow(self) -> str:
        """The flow condition."""
        return self.problem.flow_condition

    @property
    def ring(self) -> Ring:
        """The ring of the problem."""
        return self.problem.ring

    @property
    def is_discrete(self) -> bool:
        """Whether time is discrete."""
        return self.problem.kind == "discrete"

    def with_barrier(self, text: str, rate: Fraction | None) -> Json:
        """Return the JSON problem with this function as its certificate."""
        certificate: Json = {"type": "barrier", "expr": text}
        if self.flow == "exponential":
            certificate["lambda"] = str(rate or Fraction(0))
        return {**self.raw, "certificate": certificate}


def read_task(raw: Any, degree: int = DEGREE_DEFAULT) -> Task:
    """Return the task of a JSON problem; of its certificate only `lambda` is read, if given.

    Raises `ProblemInvalid` with the field: unreadable, not polynomial, more than DIMENSION_MAX
    variables, or a kind that is not synthesised for this kind of time.
    """
    if not isinstance(raw, Mapping):
        raise ProblemInvalid("$", "OBJECT_EXPECTED", "a JSON object is expected")
    flow = _checked_kind(raw)
    names = raw.get("vars")
    if isinstance(names, list) and len(names) > DIMENSION_MAX:
        found = f"limit {DIMENSION_MAX}, found {len(names)}"
        raise ProblemInvalid("vars", "TOO_MANY_DIMENSIONS", f"synthesis_dimensions: {found}")
    if not 1 <= degree <= DEGREE_MAX:
        raise ProblemInvalid("degree", "LIMIT", f"degree: limit {DEGREE_MAX}, found {degree}")
    certificate: Json = {"type": "barrier", "expr": "0"}
    given = raw.get("certificate")
    rate = given.get("lambda") if isinstance(given, Mapping) else None
    if flow == "exponential":
        certificate["lambda"] = "0" if rate is None else rate
    kept = {key: value for key, value in raw.items() if key != "id"}
    try:
        problem = parse_problem({**kept, "certificate": certificate})
    except Unsupported as error:
        raise ProblemInvalid("kind", "UNSUPPORTED", str(error)) from error
    _check_polynomial(problem)
    return Task(kept, problem, degree, _constant_rate(problem) if rate is not None else None)


def _checked_kind(raw: Mapping[str, Any]) -> str:
    kind, flow = raw.get("kind"), raw.get("flow_condition")
    if kind not in KINDS:
        message = f"synthesis is for {' and '.join(KINDS)} systems"
        raise ProblemInvalid("kind", "UNSUPPORTED", message)
    if flow not in KINDS[str(kind)]:
        message = f"synthesis for {kind} systems finds {', '.join(KINDS[str(kind)])}"
        raise ProblemInvalid("flow_condition", "UNSUPPORTED", message)
    return str(flow)


def _check_polynomial(problem: Problem) -> None:
    for field, polynomial in _parts(problem):
        if not problem.ring.is_plain(polynomial):
            message = "this is not a polynomial; synthesis is for polynomial systems"
            raise ProblemInvalid(field, "NOT_POLYNOMIAL", message)


def _parts(problem: Problem) -> Iterator[tuple[str, Polynomial]]:
    for name, polynomial in problem.dynamics.items():
        yield f"dynamics.{name}", polynomial
    domain = [(f"domain[{i}]", part) for i, part in enumerate(problem.domain_conjuncts)]
    sets: list[tuple[str, Formula]] = [("init", problem.init), ("unsafe", problem.unsafe), *domain]
    for field, formula in sets:
        for atom in atoms_in_order(formula):
            yield field, atom.polynomial


def _constant_rate(problem: Problem) -> Fraction | None:
    certificate = problem.certificate
    if not isinstance(certificate, Barrier) or certificate.rate is None:
        return None
    value = constant_value(certificate.rate)
    if value is None:
        raise ProblemInvalid("certificate.lambda", "NUMBER_EXPECTED", "a number is expected here")
    return value
