"""The obligations of a certificate, each as its bad formula or as claims of invariance."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from lucid_checker.algebra import Polynomial
from lucid_checker.derive import Mode, Problem
from lucid_checker.document import Json
from lucid_checker.expression import relation
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


_FLOWS = {  # besides the domain: L = dB/dt, N = B(f(x)), G is L or N - B, E the expected growth
    "everywhere": "L > 0",
    "finite_horizon": "L > 0",
    "boundary_strict": "B == 0 and L >= 0",
    "boundary_weak": "B == 0 and L > 0",
    "exponential": "L - lambda*B > 0",
    "band": "B >= 0 and band - B >= 0 and G > 0",
    "discrete_decrease": "G > 0",
    "discrete_inductive": "-B >= 0 and N > 0",
    "supermartingale": "E - drift > 0",
}


def obligations(problem: Problem) -> dict[str, Obligation]:
    """Return the obligations of the problem's certificate, by name."""
    if problem.cuts:
        return _cut_obligations(problem)
    found: dict[str, Formula] = {}
    for mode in problem.modes:
        dot = f".{mode.name}" if problem.kind == "hybrid" else ""
        if mode.init is not None:
            found[f"init{dot}"] = both(mode.init, either(*map(above, _at_start(problem, mode))))
        if mode.unsafe is not None:
            found[f"unsafe{dot}"] = both(mode.unsafe, *_at_unsafe(problem, mode))
        for name, formula in _motion(problem, mode).items():
            found[name + dot] = both(mode.within, formula)
    for i, jump in enumerate(problem.jumps):
        taken = (jump.source.domain, jump.guard, below(jump.source.barriers[0]))
        found[f"jump{i + 1}"] = both(*taken, above(jump.target.barriers[0].compose(jump.reset)))
    result = {name: Obligation(bad) for name, bad in found.items()}
    if problem.condition == "invariant":
        mode = problem.modes[0]
        claim = Claim(Atom(-mode.barriers[0], ">" if problem.strict else ">="), mode.domain)
        result["flow"] = Obligation(both(), claim, (claim,))
    return result


def _at_start(problem: Problem, mode: Mode) -> list[Polynomial]:
    """Return what must be <= 0 on the initial states."""
    if problem.condition == "k_inductive":
        return _iterates(problem, mode)[:-1]
    return [barrier - problem.numbers["gamma"] for barrier in mode.barriers]


def _at_unsafe(problem: Problem, mode: Mode) -> list[Formula]:
    """Return what must not hold on the unsafe states."""
    if problem.condition == "supermartingale":
        return [above(problem.ring.constant(1) - mode.barriers[0])]
    return list(map(below, mode.barriers))


def _motion(problem: Problem, mode: Mode) -> dict[str, Formula]:
    """Return what is bad about the motion, besides `within`."""
    ring, b, condition = problem.ring, mode.barriers[0], problem.condition
    if condition == "vector":
        rows = [zip(mode.barriers, row, strict=True) for row in problem.matrix]
        sums = [ring.sum([x * q for x, q in row]) for row in rows]
        pairs = enumerate(zip(mode.barriers, sums, strict=True))
        return {f"flow{i + 1}": above(x.rate(mode.dynamics) - total) for i, (x, total) in pairs}
    if condition == "zeroing_cbf":
        return {"flow": both(*map(above, excesses(problem)))}
    if condition == "k_inductive":
        *before, after = _iterates(problem, mode)
        domains = [mode.within]
        for _ in before[1:]:
            domains.append(stepped(domains[-1], problem))
        return {"flow": both(*domains[1:], *map(below, before), above(after))}
    if condition == "supermartingale":
        names = {"E": expected_growth(problem, mode)}
    elif problem.discrete:
        landed = b.compose(mode.dynamics)
        names = {"N": landed, "G": landed - b}
    else:
        rate = b.rate(mode.dynamics)
        names = {"L": rate, "G": rate}
    names |= {"B": b, **problem.numbers}
    parts = _FLOWS.get(condition, "L > 0").split(" and ")
    flow = both(*(relation(part, names, ring, Json(None, condition)) for part in parts))
    nonnegative = {"nonnegative": above(-b)} if condition == "supermartingale" else {}
    return {**nonnegative, "flow": flow}


def _iterates(problem: Problem, mode: Mode) -> list[Polynomial]:
    """Return B(x), B(f(x)), …, B(f^k(x))."""
    result = [mode.barriers[0]]
    for _ in range(problem.steps):
        result.append(result[-1].compose(mode.dynamics))
    return result


def stepped(formula: Formula, problem: Problem) -> Formula:
    """Return the formula of the next state."""
    dynamics = problem.modes[0].dynamics
    return replaced(formula, lambda a: Atom(a.polynomial.compose(dynamics), a.relation))


def excesses(problem: Problem) -> list[Polynomial]:
    """Return L_v - lambda*B for each vertex v of the inputs."""
    mode = problem.modes[0]
    b = mode.barriers[0]
    total = b.rate(mode.dynamics) - problem.numbers["lambda"] * b
    return [total.substitute(vertex) for vertex in problem.vertices]


def expected_growth(problem: Problem, mode: Mode) -> Polynomial:
    """Return E_w[B(f(x, w))] - B, or the generator of the diffusion applied to B."""
    ring, b = problem.ring, mode.barriers[0]
    if not problem.discrete:
        parts = [b.rate(mode.dynamics)]
        for process in problem.diffusion:
            second = (g * b.derivative(i).rate(process) for i, g in process.items())
            parts.extend(part * Fraction(1, 2) for part in second)
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
