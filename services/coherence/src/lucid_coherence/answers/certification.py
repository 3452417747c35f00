"""Requests about the horizons of general systems, answered up to the question to validation."""

from collections.abc import Iterator
from fractions import Fraction
from math import isqrt

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.validation.v1 import problem_pb2

from lucid_coherence.answers.states import batch_from_message
from lucid_coherence.answers.systems import system_from
from lucid_coherence.open_systems.certificates.exact_generator import (
    coordinates_of,
    exact_generator,
)
from lucid_coherence.open_systems.certificates.question import TubeQuestion
from lucid_coherence.open_systems.certificates.search import Event, KeepGoing, search
from lucid_coherence.open_systems.certificates.tube_problem import TUBE, TubeMode, TubeProblem
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exact import parse_exact
from lucid_coherence.open_systems.violations import ModelUnsupported, OperatorMalformed
from lucid_coherence.states.physicality import Tolerances, require_physical

_FORMULAS_MAX = 250
"""A list of formulas holds 256; longer ones are lists of lists."""


def search_tubes(
    request: service.CertifyCoherenceRequest, keep_going: KeepGoing
) -> Iterator[Event]:
    """Return the search that a request asks for; everything in it is checked before."""
    question = tube_question(request)
    wanted = request.wanted_horizon_s
    wanted_s = parse_exact(wanted, field="wanted_horizon_s") if wanted else None
    return search(question, wanted_s, request.gap_percent, keep_going)


def tube_question(request: service.CertifyCoherenceRequest) -> TubeQuestion:
    """Return what is asked.

    Raises:
        OperatorMalformed: no start, more than one, or of another dimension.
        ModelUnsupported, NumberUnreadable, RatesUnphysical, StateUnphysical,
            ThresholdNotBelowStart: see there.
    """
    system = system_from(request.system)
    if isinstance(system, DampedQubit):
        raise ModelUnsupported(
            "A damped qubit is certified from a bound on its coherence, not from a start state.",
            field="start",
            model="damped_qubit",
        )
    generator = exact_generator(system)
    if request.start.count != 1:
        raise OperatorMalformed(
            f"A horizon needs one start state, not {request.start.count}.",
            field="start",
            check="ONE_STATE",
            actual=request.start.count,
        )
    batch = batch_from_message(request.start)
    if batch.dims != system.dims:
        raise OperatorMalformed(
            f"The start has the dims {list(batch.dims)}, the system {list(system.dims)}.",
            field="start.dims",
            check="DIMS",
        )
    require_physical(batch, Tolerances(), field="start")
    return TubeQuestion(
        generator=generator,
        start=coordinates_of(batch.matrices[0], generator.qubits),
        radius=_radius(request.start_radius, generator.qubits),
        theta=parse_exact(request.theta, field="theta"),
    )


def _radius(text: str, qubits: int) -> Fraction:
    """Return the Euclidean radius in Pauli coordinates: √d times the Frobenius one, from above."""
    if not text:
        return Fraction(0)
    frobenius = parse_exact(text, field="start_radius")
    return frobenius * (2 if qubits == 2 else Fraction(isqrt(2 * 10**24) + 1, 10**12))


def hybrid_message(problem: TubeProblem) -> problem_pb2.Problem:
    """Return the problem as validation reads it."""
    return problem_pb2.Problem(
        system=problem_pb2.System(
            time_kind=problem_pb2.TIME_KIND_HYBRID,
            variables=problem.variables,
            modes=[_mode(mode) for mode in problem.modes],
            transitions=[
                problem_pb2.Transition(
                    source=TUBE, target=TUBE, guard=_all(problem.guard), reset=problem.reset
                )
            ],
        ),
        certificate=problem_pb2.Certificate(
            kind=problem_pb2.CERTIFICATE_KIND_HYBRID,
            mode_kind=problem_pb2.CERTIFICATE_KIND_EXPONENTIAL,
            mode_barriers={mode.name: mode.barrier for mode in problem.modes},
            rate=problem.rate,
        ),
    )


def _mode(mode: TubeMode) -> problem_pb2.Mode:
    cases = [_all(case) for case in mode.unsafe]
    while len(cases) > _FORMULAS_MAX:
        parts = [cases[k : k + _FORMULAS_MAX] for k in range(0, len(cases), _FORMULAS_MAX)]
        cases = [problem_pb2.Formula(any=problem_pb2.FormulaList(formulas=p)) for p in parts]
    return problem_pb2.Mode(
        name=mode.name,
        dynamics=mode.dynamics,
        domain=[problem_pb2.Formula(atom=atom) for atom in mode.domain],
        initial=_all(mode.initial),
        unsafe=problem_pb2.Formula(any=problem_pb2.FormulaList(formulas=cases)),
    )


def _all(atoms: tuple[str, ...]) -> problem_pb2.Formula:
    formulas = [problem_pb2.Formula(atom=atom) for atom in atoms]
    return problem_pb2.Formula(all=problem_pb2.FormulaList(formulas=formulas))
