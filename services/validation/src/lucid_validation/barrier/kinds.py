"""Proof obligations of the further certificate kinds, each with the theorem that makes it one.

Cases and constraints stand in the order of docs/evidence-format.md, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from .cases import Emptiness, cases_of
from .errors import Unsupported
from .formula import Atom, Formula, Or, transformed
from .noise import expectation
from .polynomial import Polynomial, Ring, rational
from .problem import Barrier, Modes, Problem, Vector

Obligations = tuple[Emptiness, ...]
_INIT = "B <= 0 on every initial state"
_UNSAFE = "B > 0 on every unsafe state"


def further_obligations(problem: Problem) -> Obligations | None:
    """Return the obligations of a kind of this module; None for the plain barriers."""
    match problem.certificate:
        case Vector():
            return _vector(problem, problem.certificate)
        case Modes():
            return _hybrid(problem, problem.certificate)
        case Barrier():
            build = _OF_FLOW.get(problem.flow_condition)
            return None if build is None else build(problem, problem.certificate)
        case _:
            return None


def time_bounds(problem: Problem) -> tuple[Formula, ...]:
    """Return `t >= 0` and `T - t >= 0` of a finite horizon; nothing for other kinds."""
    time, horizon, ring = problem.extras.time, problem.extras.horizon, problem.ring
    if time is None or horizon is None:
        return ()
    t = ring.by_name[time]
    return Atom(t, ">="), Atom(ring.constant(horizon) - t, ">=")


def time_starts(problem: Problem) -> tuple[Formula, ...]:
    """Return `t == 0` of a finite horizon; nothing for other kinds."""
    time = problem.extras.time
    return () if time is None else (Atom(problem.ring.by_name[time], "=="),)


def _band(problem: Problem, barrier: Barrier) -> Obligations:
    b, ring, domain = barrier.polynomial, problem.ring, problem.domain_conjuncts
    if problem.kind == "discrete":
        growth = ring.compose(b, problem.dynamics) - b
        theorem = "B does not grow in one step from the band; a step may jump over it"
    else:
        growth = ring.lie_derivative(b, problem.dynamics)
        theorem = "to pass 0 a trajectory would have to climb through the band, where B cannot grow"
    band = (Atom(b, ">="), Atom(ring.constant(barrier.band) - b, ">="))
    flow = cases_of([*domain, *band, Atom(growth, ">")], ring)
    return (*_separation(problem, b), Emptiness("flow", flow, theorem, "Prajna2004"))


def _separation(problem: Problem, b: Polynomial, citation: str = "Prajna2004") -> Obligations:
    """Return init and unsafe of one function; a finite horizon adds its bounds on time."""
    ring = problem.ring
    init = cases_of([problem.init, *time_starts(problem), Atom(b, ">")], ring)
    unsafe = cases_of([problem.unsafe, *time_bounds(problem), Atom(-b, ">=")], ring)
    return (
        Emptiness("init", init, _INIT, citation),
        Emptiness("unsafe", unsafe, _UNSAFE, citation),
    )


def _zeroing(problem: Problem, barrier: Barrier) -> Obligations:
    flow = cases_of([*problem.domain_conjuncts, *vertex_atoms(problem, barrier, ">")], problem.ring)
    theorem = "at every state some input of the polytope keeps dB/dt <= lambda * B"
    return (
        *_separation(problem, barrier.polynomial),
        Emptiness("flow", flow, theorem, "Ames2017"),
    )


def vertex_atoms(problem: Problem, barrier: Barrier, sense: str) -> list[Formula]:
    """Return `L_v - lambda*B sense 0` for each vertex of the inputs, in order.

    A bound that is affine in the inputs holds for some input iff it holds at some vertex.
    """
    inputs, ring = problem.extras.inputs, problem.ring
    rate = ring.lie_derivative(barrier.polynomial, problem.dynamics)
    excess = rate - ring.multiply(barrier.rate, barrier.polynomial)
    places = [ring.variables.index(name) for name in inputs.names]
    found: list[Formula] = []
    for vertex in inputs.vertices:
        at_vertex = ring.substitute(excess, dict(zip(places, vertex, strict=True)))
        found.append(Atom(at_vertex, ">" if sense == ">" else ">="))
    return found


def _finite_horizon(problem: Problem, barrier: Barrier) -> Obligations:
    rate = problem.ring.lie_derivative(barrier.polynomial, problem.dynamics)
    bad = [*problem.domain_conjuncts, *time_bounds(problem), Atom(rate, ">")]
    theorem = "B never grows along trajectories in the domain up to the horizon"
    return (
        *_separation(problem, barrier.polynomial),
        Emptiness("flow", cases_of(bad, problem.ring), theorem, "Prajna2004"),
    )


def _vector(problem: Problem, vector: Vector) -> Obligations:
    ring, functions = problem.ring, vector.polynomials
    above = Or(tuple(Atom(b, ">") for b in functions))
    below = [Atom(-b, ">=") for b in functions]
    theorem = "each B_i stays below the solution of z' = Az, which stays below 0"
    found = [
        Emptiness(
            "init", cases_of([problem.init, above], ring),
            "every B_i <= 0 on every initial state", "Sogokon2018",
        ),
        Emptiness(
            "unsafe", cases_of([problem.unsafe, *below], ring),
            "some B_i > 0 on every unsafe state", "Sogokon2018",
        ),
    ]  # fmt: skip
    for i, (b, row) in enumerate(zip(functions, vector.matrix, strict=True)):
        excess = ring.lie_derivative(b, problem.dynamics)
        for entry, other in zip(row, functions, strict=True):
            excess -= rational(entry) * other
        cases = cases_of([*problem.domain_conjuncts, Atom(excess, ">")], ring)
        found.append(Emptiness(f"flow{i + 1}", cases, theorem, "Sogokon2018"))
    return tuple(found)


def _k_inductive(problem: Problem, barrier: Barrier) -> Obligations:
    b, ring = barrier.polynomial, problem.ring
    images: list[Mapping[str, Polynomial]] = [ring.by_name]
    for _ in range(barrier.steps):
        last = images[-1]
        images.append({n: ring.compose(problem.dynamics[n], last) for n in ring.variables})
    later = [ring.compose(b, image) for image in images]
    before = [
        transformed(part, _composition(ring, image))
        for image in images[:-1]
        for part in problem.domain_conjuncts
    ]
    inside = [Atom(-value, ">=") for value in later[:-1]]
    starts = Or(tuple(Atom(value, ">") for value in later[:-1]))
    unsafe = _separation(problem, b, "Anand2021")[1]
    return (
        Emptiness(
            "init", cases_of([problem.init, starts], ring),
            "B <= 0 on every initial state and for k - 1 steps from it", "Anand2021",
        ),
        unsafe,
        Emptiness(
            "flow", cases_of([*before, *inside, Atom(later[-1], ">")], ring),
            "after k states with B <= 0 comes another one", "Anand2021",
        ),
    )  # fmt: skip


def _composition(
    ring: Ring, images: Mapping[str, Polynomial]
) -> Callable[[Polynomial], Polynomial]:
    return lambda polynomial: ring.compose(polynomial, images)


def _supermartingale(problem: Problem, barrier: Barrier) -> Obligations:
    b, ring = barrier.polynomial, problem.ring
    citation = "Kushner1967" if problem.kind == "stochastic_discrete" else "Prajna2007"
    drift = expected_growth(problem, b) - ring.constant(barrier.drift)
    above = Atom(b - ring.constant(barrier.gamma), ">")
    short = Atom(ring.constant(1) - b, ">")
    domain = problem.domain_conjuncts
    parts: tuple[tuple[str, list[Formula], str], ...] = (
        ("init", [problem.init, above], "B <= gamma on every initial state"),
        ("unsafe", [problem.unsafe, short], "B >= 1 on every unsafe state"),
        ("nonnegative", [*domain, Atom(-b, ">")], "B >= 0 on the domain"),
        ("flow", [*domain, Atom(drift, ">")], "B is expected to grow by drift at most"),
    )
    return tuple(Emptiness(name, cases_of(bad, ring), text, citation) for name, bad, text in parts)


def expected_growth(problem: Problem, b: Polynomial) -> Polynomial:
    """Return E_w[B(f(x,w))] - B, or the generator of the diffusion applied to B."""
    ring = problem.ring
    if problem.kind == "stochastic_discrete":
        mean = expectation(ring.compose(b, problem.dynamics), problem.extras.noise, ring)
        if mean is None:
            raise Unsupported("noise inside a function has no exact expectation here")
        return mean - b
    total = ring.lie_derivative(b, problem.dynamics)
    partial = [ring.derivative(b, k) for k in range(len(ring.variables))]
    half = rational(Fraction(1, 2))
    for process in problem.extras.diffusion:
        for k, name in enumerate(ring.variables):
            # sum_l g_l d/dx_l of dB/dx_k is a derivative along the column of the process.
            if name in process and len(process[name]):
                column = {v: process.get(v, ring.constant(0)) for v in ring.variables}
                along = ring.lie_derivative(partial[k], column)
                total += ring.multiply(process[name], along) * half
    return total


def _hybrid(problem: Problem, modes: Modes) -> Obligations:
    ring, extras = problem.ring, problem.extras
    found: list[Emptiness] = []
    for mode, b in zip(extras.modes, modes.polynomials, strict=True):
        if mode.init is not None:
            cases = cases_of([mode.init, Atom(b, ">")], ring)
            found.append(Emptiness(f"init.{mode.name}", cases, _INIT, "Prajna2007"))
        if mode.unsafe is not None:
            cases = cases_of([mode.unsafe, Atom(-b, ">=")], ring)
            found.append(Emptiness(f"unsafe.{mode.name}", cases, _UNSAFE, "Prajna2007"))
        tail = _mode_tail(problem.flow_condition, b, mode.dynamics, modes.rate, ring)
        cases = cases_of([*mode.domain, *tail], ring)
        theorem = "in its mode the flow keeps B <= 0"
        found.append(Emptiness(f"flow.{mode.name}", cases, theorem, "Prajna2007"))
    for i, jump in enumerate(extras.transitions):
        before = [Atom(-modes.polynomials[jump.source], ">=")]
        after = Atom(ring.compose(modes.polynomials[jump.target], jump.reset), ">")
        bad = [*extras.modes[jump.source].domain, *jump.guard, *before, after]
        theorem = "a jump from B <= 0 ends in B <= 0 of the next mode"
        found.append(Emptiness(f"jump{i + 1}", cases_of(bad, ring), theorem, "Prajna2007"))
    return tuple(found)


def _mode_tail(
    flow: str,
    b: Polynomial,
    dynamics: Mapping[str, Polynomial],
    rate: Polynomial | None,
    ring: Ring,
) -> list[Formula]:
    growth = ring.lie_derivative(b, dynamics)
    if flow == "boundary_strict":
        return [Atom(b, "=="), Atom(growth, ">=")]
    if flow == "exponential" and rate is not None:
        return [Atom(growth - ring.multiply(rate, b), ">")]
    return [Atom(growth, ">")]


_OF_FLOW: dict[str, Callable[[Problem, Barrier], Obligations]] = {
    "band": _band,
    "zeroing_cbf": _zeroing,
    "finite_horizon": _finite_horizon,
    "k_inductive": _k_inductive,
    "supermartingale": _supermartingale,
}
