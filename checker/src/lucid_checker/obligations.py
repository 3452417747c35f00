"""The obligations of a certificate, each as its bad formula or as claims of invariance."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from lucid_checker.algebra import Polynomial
from lucid_checker.derive import Mode, Problem
from lucid_checker.formula import (
    Atom,
    Formula,
    above,
    below,
    both,
    conjuncts,
    either,
    opposite,
    replaced,
)


@dataclass(frozen=True)
class Claim:
    """Positive invariance of the set of a formula within `within`.

    Of the other conjuncts of the same cut, a proof may use those `before`, and a refutation must
    hold all of those `beside` it strictly.
    """

    formula: Formula
    within: Formula
    before: tuple[Formula, ...] = ()
    beside: tuple[Formula, ...] = ()


@dataclass(frozen=True)
class Obligation:
    """Either a bad formula that must have no solution, or the invariance of a `whole` set.

    `claims` are the conjuncts of the set, None where it is no conjunction.
    """

    bad: Formula
    whole: Claim | None = None
    claims: tuple[Claim, ...] | None = None


def obligations(problem: Problem) -> dict[str, Obligation]:
    """Return the obligations of the problem's certificate, by name."""
    if problem.cuts:
        return _cut_obligations(problem)
    found: dict[str, Formula] = {}
    for mode in problem.modes:
        dot = f".{mode.name}" if problem.kind == "hybrid" else ""
        high, low, flows = _of_mode(problem, mode)
        if mode.init is not None:
            found[f"init{dot}"] = both(mode.init, either(*map(above, high)))
        if mode.unsafe is not None:
            found[f"unsafe{dot}"] = both(mode.unsafe, *low)
        found |= {f"{name}{dot}": both(mode.within, *parts) for name, parts in flows.items()}
    for i, jump in enumerate(problem.jumps):
        taken = (jump.source.domain, jump.guard, below(jump.source.barriers[0]))
        found[f"jump{i + 1}"] = both(*taken, above(jump.target.barriers[0].compose(jump.reset)))
    result = {name: Obligation(bad) for name, bad in found.items()}
    if problem.condition == "invariant":
        mode = problem.modes[0]
        claim = Claim(Atom(-mode.barriers[0], ">" if problem.strict else ">="), mode.domain)
        result["flow"] = Obligation(both(), claim, (claim,))
    return result


def _of_mode(
    problem: Problem, mode: Mode
) -> tuple[list[Polynomial], list[Formula], dict[str, list[Formula]]]:
    """Return what must be <= 0 at the start, what is bad on unsafe states, and bad motion."""
    ring, b = problem.ring, mode.barriers[0]
    high, low = list(mode.barriers), list(map(below, mode.barriers))
    if problem.condition == "vector":
        rows = [[x * q for x, q in zip(high, row, strict=True)] for row in problem.matrix]
        pairs = enumerate(zip(high, rows, strict=True))
        flows = {
            f"flow{i + 1}": [above(x.rate(mode.dynamics) - ring.sum(r))] for i, (x, r) in pairs
        }
        return high, low, flows
    if problem.condition == "supermartingale":
        excess = expected_growth(problem, mode) - ring.constant(problem.drift)
        high, low = [b - ring.constant(problem.gamma)], [above(ring.constant(1) - b)]
        return high, low, {"nonnegative": [above(-b)], "flow": [above(excess)]}
    flow = _step(problem, mode) if problem.discrete else _flow(problem, mode)
    if problem.condition == "k_inductive":
        high = _iterates(problem, mode)[:-1]
    return high, low, {"flow": flow}


def _iterates(problem: Problem, mode: Mode) -> list[Polynomial]:
    """Return B(x), B(f(x)), …, B(f^k(x))."""
    result = [mode.barriers[0]]
    for _ in range(problem.steps):
        result.append(result[-1].compose(mode.dynamics))
    return result


def _flow(problem: Problem, mode: Mode) -> list[Formula]:
    """Return what is bad in continuous time, besides `within`; the words of the format's table."""
    b = mode.barriers[0]
    rate = b.rate(mode.dynamics)
    match problem.condition:
        case "boundary_strict":
            return [Atom(b, "=="), Atom(rate, ">=")]
        case "boundary_weak":
            return [Atom(b, "=="), above(rate)]
        case "exponential":
            return [above(rate - problem.slope * b)]
        case "band":
            return [*_in_band(problem, b), above(rate)]
        case "zeroing_cbf":
            return list(map(above, excesses(problem)))
    return [above(rate)]  # everywhere, finite_horizon; not looked at for invariant


def _step(problem: Problem, mode: Mode) -> list[Formula]:
    """Return what is bad in discrete time, besides `within`."""
    *before, after = _iterates(problem, mode)
    b = before[0]
    match problem.condition:
        case "discrete_decrease":
            return [above(after - b)]
        case "band":
            return [*_in_band(problem, b), above(after - b)]
    domains: list[Formula] = []
    for _ in before[1:]:
        domains.append(stepped(domains[-1] if domains else mode.within, problem))
    return [*domains, *map(below, before), above(after)]  # discrete_inductive is k = 1


def _in_band(problem: Problem, b: Polynomial) -> list[Formula]:
    return [Atom(b, ">="), below(b - problem.ring.constant(problem.band))]


def stepped(formula: Formula, problem: Problem) -> Formula:
    """Return the formula of the next state."""
    dynamics = problem.modes[0].dynamics
    return replaced(formula, lambda a: Atom(a.polynomial.compose(dynamics), a.relation))


def excesses(problem: Problem) -> list[Polynomial]:
    """Return L_v - lambda*B for each vertex v of the inputs."""
    mode = problem.modes[0]
    total = mode.barriers[0].rate(mode.dynamics) - problem.slope * mode.barriers[0]
    return [total.substitute(vertex) for vertex in problem.vertices]


def expected_growth(problem: Problem, mode: Mode) -> Polynomial:
    """Return E_w[B(f(x, w))] - B, or the generator of the diffusion applied to B."""
    ring, b = problem.ring, mode.barriers[0]
    if not problem.discrete:
        parts = [b.rate(mode.dynamics)]
        for process in problem.diffusion:
            for i, g in process.items():
                parts.append(g * b.derivative(i).rate(process) * Fraction(1, 2))
        return ring.sum(parts)
    landed = b.compose(mode.dynamics)
    problem.outside_functions(landed, problem.noise)
    parts = [-b]
    for exponents, value in landed.terms.items():
        kept = tuple(0 if i in problem.noise else e for i, e in enumerate(exponents))
        factor = prod(moment(exponents[i]) for i, moment in problem.noise.items())
        parts.append(Polynomial(ring, {kept: value * factor}))
    return ring.sum(parts)


def _cut_obligations(problem: Problem) -> dict[str, Obligation]:
    mode, every = problem.modes[0], both(*problem.cuts)
    init, unsafe = mode.init or both(), mode.unsafe or both()
    result = {
        "init": Obligation(both(init, mode.domain, opposite(every))),
        "unsafe": Obligation(both(every, mode.domain, unsafe)),
    }
    for i, cut in enumerate(problem.cuts):
        earlier = both(mode.domain, *problem.cuts[:i])
        atoms, claims = conjuncts(cut), None
        if atoms is not None:
            places = ((a, tuple(atoms[:j]), tuple(atoms[j + 1 :])) for j, a in enumerate(atoms))
            claims = tuple(Claim(a, earlier, left, left + right) for a, left, right in places)
        result[f"cut{i + 1}"] = Obligation(both(), Claim(cut, earlier), claims)
    return result
