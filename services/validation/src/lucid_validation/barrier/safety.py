"""Whether a proved certificate implies safety, by which theorem, and what else that needs.

The obligations speak about the flow inside the domain; safety also needs that trajectories start
there and stay there, a weak level set needs regularity, and inputs need a controller that chooses
them. A supermartingale bounds a probability instead. [Nagumo1942], [Prajna2004], [Kushner1967]
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .budget import Budget
from .cases import Case, cases_of
from .domain_kept import add_domain
from .formula import And, Atom, Formula, Or
from .kinds import vertex_atoms
from .methods.evidence import Json
from .polynomial import INVERSE
from .problem import Barrier, Cuts, Modes, Problem
from .proving import prove
from .verdict import Safety

THEOREMS = {
    "everywhere": "everywhere",
    "boundary_strict": "strict_level_set",
    "boundary_weak": "weak_level_set_regular",
    "exponential": "exponential",
    "discrete_decrease": "discrete_decrease",
    "discrete_inductive": "discrete_inductive",
    "invariant": "positive_invariance",
    "band": "band",
    "zeroing_cbf": "zeroing_cbf",
    "finite_horizon": "finite_horizon",
    "vector": "vector",
    "k_inductive": "k_inductive",
    "supermartingale": "supermartingale",
}

_Empty = Callable[[tuple[Case, ...]], Json | None]

# The verdict is there already; its theorem may not eat the rest of a long budget.
SECONDS_MAX = 5.0


def theorem_of(problem: Problem) -> str:
    """Return the name of the theorem that the problem's certificate speaks about."""
    match problem.certificate:
        case Cuts():
            return "differential_cuts"
        case Modes():
            return "hybrid"
        case _:
            return THEOREMS[problem.flow_condition]


def safety_of(problem: Problem, verdict: str, budget: Budget, seed: int) -> Safety:
    """Return the theorem with its extra evidence, or the first thing that is missing.

    Of a supermartingale also the bound on the probability: its evidence claims that much, although
    safety is not implied.
    """
    if verdict != "PROVED":
        return Safety(False, None, "OBLIGATION_NOT_PROVED")
    budget = budget.slice(SECONDS_MAX)

    def empty(cases: tuple[Case, ...]) -> Json | None:
        return prove(cases, budget, seed)

    theorem = theorem_of(problem)
    evidence: Json = {"theorem": theorem}
    if theorem == "supermartingale":
        return _probability(problem, evidence, empty)
    missing = _premise(problem, theorem, evidence, empty)
    if missing is None and problem.domain is not None:
        missing = add_domain(problem, evidence, empty)
    if missing is not None:
        return Safety(False, None, missing)
    return Safety(True, theorem, None, evidence)


def _premise(problem: Problem, theorem: str, evidence: Json, empty: _Empty) -> str | None:
    """Return what this theorem needs beyond the obligations and the domain, and has not."""
    needs_rate = problem.flow_condition in {"exponential", "zeroing_cbf"}
    if needs_rate and not _lambda_is_continuous(problem):
        return "REGULARITY" if theorem != "zeroing_cbf" else "CONTROLLER"
    match theorem:
        case "weak_level_set_regular":
            return _add_regularity(problem, evidence, empty)
        case "zeroing_cbf":
            return _add_selection(problem, evidence, empty)
        case "band" if problem.kind == "discrete":
            # One step may lead from below the band to above it.
            return "BAND_IN_DISCRETE_TIME"
        case _:
            return None


def _add_regularity(problem: Problem, evidence: Json, empty: _Empty) -> str | None:
    """A weak level set needs a gradient that does not vanish on it, and no domain."""
    if problem.domain is not None or not isinstance(problem.certificate, Barrier):
        return "REGULARITY"
    ring, b = problem.ring, problem.certificate.polynomial
    square = ring.constant(0)
    for index in range(len(problem.variables)):
        square += ring.derivative(b, index) ** 2
    proof = empty(cases_of([Atom(b, "=="), Atom(square, "==")], ring))
    if proof is None:
        return "REGULARITY"
    evidence["regularity"] = proof
    return None


def _add_selection(problem: Problem, evidence: Json, empty: _Empty) -> str | None:
    """Find a continuous choice of inputs: strict bounds leave open convex sets [Michael1956]."""
    if problem.domain is not None or not isinstance(problem.certificate, Barrier):
        return "CONTROLLER"
    atoms = vertex_atoms(problem, problem.certificate, ">=")
    proof = empty(cases_of(atoms, problem.ring))
    if proof is None:
        return "CONTROLLER"
    evidence["selection"] = proof
    return None


def _lambda_is_continuous(problem: Problem) -> bool:
    """A pole of lambda could cancel with one of B, through which B passes from -oo to +oo."""
    certificate = problem.certificate
    rate = certificate.rate if isinstance(certificate, Barrier | Modes) else None
    return rate is None or not problem.ring.functions_of(rate) & {INVERSE, "log", "sqrt", "tan"}


def _probability(problem: Problem, evidence: Json, empty: _Empty) -> Safety:
    """Return the bound min(1, gamma + drift * horizon), where its premises hold."""
    certificate = problem.certificate
    if not isinstance(certificate, Barrier):
        return Safety(False, None, "PROBABILISTIC")
    if problem.domain is not None and problem.kind == "stochastic_discrete":
        # A step may land outside of the domain, where B must not be negative either.
        proof = empty(cases_of([Atom(-certificate.polynomial, ">")], problem.ring))
        if proof is None:
            return Safety(False, None, "DOMAIN_CAN_BE_LEFT")
        evidence["nonnegative"] = proof
    elif problem.domain is not None and not _is_closed(problem.domain):
        return Safety(False, None, "STRICTNESS")
    horizon = problem.extras.horizon or Fraction(0)
    bound = min(Fraction(1), certificate.gamma + certificate.drift * horizon)
    return Safety(False, "supermartingale", "PROBABILISTIC", evidence, str(bound))


def _is_closed(formula: Formula) -> bool:
    """Say whether every atom is non-strict: paths leave such a set through its points."""
    match formula:
        case Atom():
            return formula.sense != ">"
        case And(children) | Or(children):
            return all(_is_closed(child) for child in children)
