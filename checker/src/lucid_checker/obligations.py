"""The obligations of a certificate, each as its bad formula or as claims of invariance."""

from dataclasses import dataclass
from fractions import Fraction

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
from lucid_checker.polynomial import Polynomial, add, negate


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
    """Either a bad formula that must have no solution, or the invariance of a set.

    `claims` are its conjuncts, None where it is no conjunction.
    """

    bad: Formula | None
    whole: Claim | None = None
    claims: tuple[Claim, ...] | None = None


def obligations(problem: Problem) -> dict[str, Obligation]:
    """Return the obligations of the problem's certificate, by name."""
    if problem.cuts:
        return _cut_obligations(problem)
    result = {}
    for mode in problem.modes:
        suffix = f".{mode.name}" if problem.kind == "hybrid" else ""
        if mode.init is not None:
            start = either(*map(above, _at_start(problem, mode)))
            result["init" + suffix] = Obligation(both(mode.init, start))
        if mode.unsafe is not None:
            result["unsafe" + suffix] = Obligation(both(mode.unsafe, *_at_unsafe(problem, mode)))
        if problem.condition == "invariant":
            only = Atom(negate(mode.barriers[0]), ">" if problem.strict else ">=")
            claim = Claim(only, mode.domain)
            result["flow"] = Obligation(None, claim, (claim,))
            continue
        for name, bad in flows(problem, mode).items():
            result[name + suffix] = Obligation(bad)
    for i, jump in enumerate(problem.jumps):
        landed = problem.ring.compose(jump.target.barriers[0], jump.reset)
        taken = (jump.source.domain, jump.guard, below(jump.source.barriers[0]))
        result[f"jump{i + 1}"] = Obligation(both(*taken, above(landed)))
    return result


def _at_start(problem: Problem, mode: Mode) -> list[Polynomial]:
    """Return what must be <= 0 on the initial states."""
    if problem.condition == "supermartingale":
        return [add(mode.barriers[0], problem.ring.constant(problem.gamma), -1)]
    return list(mode.barriers) if problem.steps == 1 else _iterates(problem, mode)[:-1]


def _at_unsafe(problem: Problem, mode: Mode) -> list[Formula]:
    """Return what must not hold on the unsafe states."""
    if problem.condition == "supermartingale":
        return [above(add(problem.ring.constant(1), mode.barriers[0], -1))]
    return [below(barrier) for barrier in mode.barriers]


def _iterates(problem: Problem, mode: Mode) -> list[Polynomial]:
    """Return B(x), B(f(x)), …, B(f^k(x))."""
    result = [mode.barriers[0]]
    for _ in range(problem.steps):
        result.append(problem.ring.compose(result[-1], mode.dynamics))
    return result


def flows(problem: Problem, mode: Mode) -> dict[str, Formula]:
    """Return the bad formulas about a mode's motion; the words of the format's table."""
    ring, b, condition = problem.ring, mode.barriers[0], problem.condition
    if condition == "vector":
        return {
            f"flow{i + 1}": both(
                mode.within, above(add(ring.rate(barrier, mode.dynamics), row, -1))
            )
            for i, (barrier, row) in enumerate(
                zip(mode.barriers, _rows(problem, mode), strict=True)
            )
        }
    if condition == "supermartingale":
        excess = add(_expected_growth(problem, mode), ring.constant(problem.drift), -1)
        nonnegative = both(mode.within, above(negate(b)))
        return {"nonnegative": nonnegative, "flow": both(mode.within, above(excess))}
    if condition == "zeroing_cbf":
        return {"flow": both(mode.within, *(above(e) for e in excesses(problem)))}
    if problem.discrete:
        return {"flow": _discrete_flow(problem, mode)}
    rate = ring.rate(b, mode.dynamics)
    band = (Atom(b, ">="), below(add(b, ring.constant(problem.band), -1)), above(rate))
    last: dict[str, tuple[Formula, ...]] = {
        "everywhere": (above(rate),),
        "finite_horizon": (above(rate),),
        "boundary_strict": (Atom(b, "=="), Atom(rate, ">=")),
        "boundary_weak": (Atom(b, "=="), above(rate)),
        "exponential": (above(add(rate, ring.times(problem.slope, b), -1)),),
        "band": band,
    }
    return {"flow": both(mode.within, *last[condition])}


def _discrete_flow(problem: Problem, mode: Mode) -> Formula:
    ring, b, within, k = problem.ring, mode.barriers[0], mode.within, problem.steps
    every = _iterates(problem, mode)
    growth = above(add(every[1], b, -1))
    if problem.condition == "k_inductive":
        domains = [within]
        for _ in range(k - 1):
            domains.append(stepped(domains[-1], problem))
        return both(*domains, *map(below, every[:-1]), above(every[-1]))
    if problem.condition == "band":
        top = below(add(b, ring.constant(problem.band), -1))
        return both(within, Atom(b, ">="), top, growth)
    if problem.condition == "discrete_decrease":
        return both(within, growth)
    return both(within, below(b), above(every[1]))


def stepped(formula: Formula, problem: Problem) -> Formula:
    """Return the formula of the next state."""
    ring, dynamics = problem.ring, problem.modes[0].dynamics
    return replaced(formula, lambda a: Atom(ring.compose(a.polynomial, dynamics), a.relation))


def excesses(problem: Problem) -> list[Polynomial]:
    """Return L_v - lambda*B for each vertex v of the inputs."""
    ring, mode = problem.ring, problem.modes[0]
    rate = ring.rate(mode.barriers[0], mode.dynamics)
    total = add(rate, ring.times(problem.slope, mode.barriers[0]), -1)
    return [ring.substitute(total, vertex) for vertex in problem.vertices]


def _rows(problem: Problem, mode: Mode) -> list[Polynomial]:
    """Return A B, row by row."""
    scaled = [map(problem.ring.constant, row) for row in problem.matrix]
    return [problem.ring.sum(list(map(problem.ring.times, row, mode.barriers))) for row in scaled]


def _expected_growth(problem: Problem, mode: Mode) -> Polynomial:
    """Return E_w[B(f(x, w))] - B, or the generator of the diffusion applied to B."""
    ring, b = problem.ring, mode.barriers[0]
    if not problem.discrete:
        parts = [ring.rate(b, mode.dynamics)]
        half = ring.constant(Fraction(1, 2))
        for process in problem.diffusion:
            for i, g in process.items():
                second = ring.rate(ring.derivative(b, i), process)
                parts.append(ring.times(half, g, second))
        return ring.sum(parts)
    landed = ring.compose(b, mode.dynamics)
    problem.outside_functions(landed, list(problem.noise))
    result: Polynomial = {}
    for exponents, value in landed.items():
        kept, factor = list(exponents), value
        for i, moment in problem.noise.items():
            factor, kept[i] = factor * moment(exponents[i]), 0
        result = add(result, {tuple(kept): factor})
    return add(result, b, -1)


def _cut_obligations(problem: Problem) -> dict[str, Obligation]:
    mode, every = problem.modes[0], both(*problem.cuts)
    init, unsafe = mode.init or both(), mode.unsafe or both()
    result = {
        "init": Obligation(both(init, mode.domain, opposite(every))),
        "unsafe": Obligation(both(every, mode.domain, unsafe)),
    }
    for i, cut in enumerate(problem.cuts):
        earlier = both(mode.domain, *problem.cuts[:i])
        atoms = conjuncts(cut)
        claims = None
        if atoms is not None:
            places = ((a, tuple(atoms[:j]), tuple(atoms[j + 1 :])) for j, a in enumerate(atoms))
            claims = tuple(Claim(a, earlier, left, left + right) for a, left, right in places)
        result[f"cut{i + 1}"] = Obligation(None, Claim(cut, earlier), claims)
    return result
