"""Exact declarations between messages and the domain; nothing here needs numpy."""

from fractions import Fraction

from lucid.coherence.v1 import evolution_pb2
from lucid.validation.v1 import problem_pb2

from lucid_coherence.open_systems.barrier_problem import BarrierProblem
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exact import parse_exact
from lucid_coherence.open_systems.horizon import HorizonQuestion
from lucid_coherence.open_systems.violations import ModelUnsupported


def question_from(
    system: evolution_pb2.OpenSystem, theta: str, initial_coherence: str, *, prefix: str = ""
) -> HorizonQuestion:
    """Return what is asked about a system; only a damped qubit has a certificate.

    Raises:
        ModelUnsupported: another model.
        NumberUnreadable, RatesUnphysical, ThresholdNotBelowStart: see there.
    """
    if system.WhichOneof("model") != "damped_qubit":
        raise ModelUnsupported(
            "Horizons are certified for the model damped_qubit.",
            field=f"{prefix}system",
            model=system.WhichOneof("model") or "none",
        )
    return HorizonQuestion(
        qubit_from(system.damped_qubit),
        parse_exact(theta, field=f"{prefix}theta"),
        parse_exact(initial_coherence, field=f"{prefix}initial_coherence"),
    )


def qubit_from(message: evolution_pb2.DampedQubit) -> DampedQubit:
    """Return the qubit; raises NumberUnreadable or RatesUnphysical."""

    def number(field: str, default: Fraction) -> Fraction:
        text = getattr(message, field)
        return parse_exact(text, field=f"system.damped_qubit.{field}") if text else default

    low = parse_exact(
        message.coherence_decay_rate_low_per_s,
        field="system.damped_qubit.coherence_decay_rate_low_per_s",
    )
    return DampedQubit(
        relaxation_rate=parse_exact(
            message.relaxation_rate_per_s, field="system.damped_qubit.relaxation_rate_per_s"
        ),
        decay_rate_low=low,
        decay_rate_high=number("coherence_decay_rate_high_per_s", low),
        detuning=number("detuning_rad_per_s", Fraction(0)),
        equilibrium_z=number("equilibrium_z", Fraction(1)),
    )


def problem_to_message(problem: BarrierProblem) -> problem_pb2.Problem:
    """Return the problem as validation reads it."""
    return problem_pb2.Problem(
        system=problem_pb2.System(
            time_kind=problem_pb2.TIME_KIND_CONTINUOUS,
            variables=problem.variables,
            parameters=problem.parameters,
            dynamics=problem.dynamics,
            domain=[problem_pb2.Formula(atom=atom) for atom in problem.domain],
        ),
        initial=_conjunction(problem.initial),
        unsafe=_conjunction(problem.unsafe),
        certificate=problem_pb2.Certificate(
            kind=problem_pb2.CERTIFICATE_KIND_EXPONENTIAL,
            barrier=problem.barrier,
            rate=problem.rate,
        ),
    )


def _conjunction(atoms: tuple[str, ...]) -> problem_pb2.Formula:
    formulas = [problem_pb2.Formula(atom=atom) for atom in atoms]
    return problem_pb2.Formula(all=problem_pb2.FormulaList(formulas=formulas))
