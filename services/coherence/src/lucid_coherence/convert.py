"""Exact declarations between messages and the domain; nothing here needs numpy."""

from fractions import Fraction

from lucid.coherence.v1 import evolution_pb2
from lucid.validation.v1 import problem_pb2

from lucid_coherence.open_systems.barrier_problem import BarrierProblem
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.encoded_qubit import EncodedQubit
from lucid_coherence.open_systems.exact import parse_exact
from lucid_coherence.open_systems.horizon import HorizonQuestion
from lucid_coherence.open_systems.violations import ModelUnsupported, ThresholdNotBelowStart


def question_from(
    system: evolution_pb2.OpenSystem, theta: str, initial_coherence: str, *, prefix: str = ""
) -> HorizonQuestion:
    """Return what is asked about a damped qubit, or an encoded one, reduced to a damped one.

    Raises:
        ModelUnsupported: another model.
        NumberUnreadable, RatesUnphysical, ThresholdNotBelowStart: see there.
    """
    model = system.WhichOneof("model")
    if model not in ("damped_qubit", "encoded_qubit"):
        raise ModelUnsupported(
            "Horizons without a start state are certified for damped_qubit and encoded_qubit.",
            field=f"{prefix}system",
            model=model or "none",
        )
    threshold = parse_exact(theta, field=f"{prefix}theta")
    coherence = parse_exact(initial_coherence, field=f"{prefix}initial_coherence")
    if model == "damped_qubit":
        return HorizonQuestion(qubit_from(system.damped_qubit), threshold, coherence)
    return _encoded_question(encoded_from(system.encoded_qubit), threshold, coherence)


def encoded_from(message: evolution_pb2.EncodedQubit) -> EncodedQubit:
    """Return the encoded qubit; raises NumberUnreadable or RatesUnphysical."""

    def number(field: str) -> Fraction:
        return parse_exact(getattr(message, field), field=f"system.encoded_qubit.{field}")

    return EncodedQubit(
        physical_qubits=message.physical_qubits,
        dephasing_rate=number("dephasing_rate_high_per_s"),
        period=number("correction_period_s"),
    )


def _encoded_question(
    encoded: EncodedQubit, theta: Fraction, initial_coherence: Fraction
) -> HorizonQuestion:
    """Return the question of the damped qubit below the logical one, after one partial round."""
    factor = encoded.round_factor_below
    if initial_coherence * factor <= theta < initial_coherence:
        bare = encoded.bare_horizon_s(initial_coherence, theta)
        raise ThresholdNotBelowStart(
            f"One round of {float(encoded.period):.6g} s may leave a logical coherence of "
            f"{float(initial_coherence * factor):.6g}, not above theta: the rounds are too slow, "
            f"and encoding does not help. One physical qubit alone has the horizon {bare:.6g} s.",
            field="theta",
            theta=theta,
            initial_coherence=f"{float(initial_coherence * factor):.12g}",
        )
    return HorizonQuestion(encoded.bound(), theta, initial_coherence * factor)


def with_comparison(
    horizon: evolution_pb2.CertifiedHorizon,
    system: evolution_pb2.OpenSystem,
    theta: str,
    initial_coherence: str,
) -> evolution_pb2.CertifiedHorizon:
    """Return the horizon of an encoded qubit set against that of one physical qubit.

    The horizon of another model comes back as it is.
    """
    if system.WhichOneof("model") != "encoded_qubit":
        return horizon
    encoded = encoded_from(system.encoded_qubit)
    start, threshold = (
        parse_exact(text, field=name)
        for text, name in ((initial_coherence, "initial_coherence"), (theta, "theta"))
    )
    bare = encoded.bare_horizon_s(start, threshold)
    # Not parse_exact: the product of two short numbers may be longer than what a caller may write.
    certified = float(Fraction(horizon.horizon_s))
    helps = "helps" if certified > bare else "does not help"
    sentence = (
        f" The damped qubit is a lower bound of the logical qubit: C0 (1 - 2 p_L) exp(-G t), one "
        f"partial round included. Encoding {helps}: {certified:.6g} s against {bare:.6g} s of one "
        "physical qubit that is left alone."
    )
    compared = evolution_pb2.CertifiedHorizon()
    compared.CopyFrom(horizon)
    compared.bare_horizon_s = bare
    if horizon.certified:
        compared.theorem += sentence
    else:
        compared.reason += sentence
    return compared


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
