"""For a refuted barrier certificate: what fails, by how much, and what nearby is true.

Nothing here proves anything. Every suggestion is given to the decider of the caller, obligation by
obligation; a hint says `proved` only where all obligations of the suggestion came back PROVED, and
is called a numerical suggestion otherwise. Lower bounds come from the values at exact witnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from .certificate import Barrier
from .conditions import obligations
from .errors import BarrierError
from .methods.falsifier_confirm import value_at
from .polynomial import Polynomial, terms
from .problem import Problem, parse_problem
from .short_numbers import just_above, short, short_between, sign_of, signed

Json = dict[str, Any]
Verdict = Literal["PROVED", "REFUTED", "UNDECIDED"]

# Flow conditions in which B occurs through its rate only: adding a constant changes nothing.
LEVEL_FREE = frozenset({"everywhere", "discrete_decrease", "finite_horizon"})
# Their inequalities for B are B <= 0 on init and B > 0 on unsafe, and nothing else names the level.
SHIFTABLE = LEVEL_FREE | {
    *("boundary_strict", "boundary_weak", "exponential", "discrete_inductive"),
    *("zeroing_cbf", "k_inductive", "invariant"),
}
_TIGHT = Fraction(1, 50)
_TRIES = 14
_RATES = ("-1", "-1/10", "1/10", "1", "-10")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the decider says about one obligation; `witness` as in docs/evidence-format.md."""

    verdict: Verdict
    witness: Mapping[str, Any] | None = None


# (problem object, obligation) -> outcome. The caller bounds its time; out of time is UNDECIDED.
Decide = Callable[[Mapping[str, Any], str], Outcome]


@dataclass(frozen=True, slots=True)
class Failure:
    """One refuted obligation and its violation at the witness.

    `amount` is what should not be positive (B on init, -B on unsafe, the flow's left-hand side);
    `relative` is that over the sum of the sizes of the terms there. None where it has no one value.
    """

    obligation: str
    at: dict[str, str]
    amount: Fraction | None
    relative: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Hint:
    """A change of the problem, and what came of deciding it.

    `proved` lists the obligations that were PROVED for `problem`; `claim` is "proved" only if that
    is all of them.
    """

    kind: Literal["shift", "flow_condition", "bound", "impossible"]
    claim: Literal["proved", "numerical"]
    text: str
    proved: tuple[str, ...] = ()
    shift: Fraction | None = None
    problem: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """All that was found, the most useful hint first."""

    failures: tuple[Failure, ...]
    hints: tuple[Hint, ...]


@dataclass(slots=True)
class _Workshop:
    raw: Mapping[str, Any]
    problem: Problem
    decide: Decide
    names: tuple[str, ...]
    known: dict[str, Outcome] = field(default_factory=dict)

    def outcome(self, shift: Fraction, obligation: str) -> Outcome:
        """Decide one obligation of the certificate B + shift."""
        if shift == 0 or (obligation == "flow" and self.problem.flow_condition in LEVEL_FREE):
            return self.known[obligation]
        return self.decide(shifted(self.raw, shift), obligation)

    def is_not_below(self, high: Fraction, low: Fraction) -> bool:
        """Say that one value of B is at least another one, beyond the error of function values."""
        certificate = self.problem.certificate
        plain = isinstance(certificate, Barrier) and self.problem.ring.is_plain(
            certificate.polynomial
        )
        return high >= low if plain else high > low + (1 + abs(low)) / 10**12

    def barrier_at(self, witness: Mapping[str, Any]) -> Fraction | None:
        """Return the value of B at a point witness."""
        certificate = self.problem.certificate
        if not isinstance(certificate, Barrier) or "values" not in witness:
            return None
        found = _value(self.problem, certificate.polynomial, witness)
        return None if found is None else found[0]


def shifted(raw: Mapping[str, Any], shift: Fraction) -> Json:
    """Return the problem object with B + shift for B."""
    certificate = dict(raw["certificate"])
    certificate["expr"] = shifted_text(str(certificate["expr"]), shift)
    # The invariant as it was written describes the old level.
    certificate.pop("original_invariant", None)
    return {**raw, "certificate": certificate}


def shifted_text(expression: str, shift: Fraction) -> str:
    """Return `(B) + shift` as text."""
    size = abs(shift)
    number = str(size) if size.denominator == 1 else f"({size})"
    return f"({expression}) {'-' if shift < 0 else '+'} {number}"


def repair(raw: Mapping[str, Any], known: Mapping[str, Outcome], decide: Decide) -> Repair:
    """Return failures and hints for a problem object whose obligations came out as `known`.

    Raises `ProblemInvalid` or `Unsupported` where the problem cannot be read.
    """
    problem = parse_problem(raw)
    names = tuple(o.name for o in obligations(problem))
    refuted = [n for n in names if n in known and known[n].verdict == "REFUTED"]
    failures = tuple(failure(problem, name, known[name].witness or {}) for name in refuted)
    shop = _Workshop(raw, problem, decide, names, dict(known))
    if not refuted or not _is_shiftable(problem, names, known):
        return Repair(failures, ())
    hints = [*_shift_hints(shop, refuted)]
    if "flow" in refuted and not any(h.claim == "proved" for h in hints):
        hints = [*_flow_hints(shop), *hints, *_bound_hints(shop)]
    return Repair(failures, tuple(sorted(hints, key=lambda h: h.claim != "proved")))


def _is_shiftable(problem: Problem, names: tuple[str, ...], known: Mapping[str, Outcome]) -> bool:
    return (
        isinstance(problem.certificate, Barrier)
        and problem.flow_condition in SHIFTABLE
        and set(names) == {"init", "unsafe", "flow"} == set(known)
    )


def failure(problem: Problem, obligation: str, witness: Mapping[str, Any]) -> Failure:
    """Return what is violated at the witness, and by how much."""
    polynomial, meaning = _left_side(problem, obligation)
    at = dict(witness.get("values") or witness.get("from") or {})
    found = None if polynomial is None else _value(problem, polynomial, witness)
    where = ", ".join(f"{name} = {short(Fraction(value))}" for name, value in at.items())
    if found is None:
        return Failure(obligation, at, None, None, f"{obligation} fails at {where}")
    amount, size = found
    relative = float(amount / size) if size else 0.0
    text = (
        f"{obligation} fails: {meaning} is {short(amount)} at {where}"
        f" ({relative:.2g} of the size of its terms there)"
    )
    return Failure(obligation, at, amount, relative, text)


def _left_side(problem: Problem, obligation: str) -> tuple[Polynomial | None, str]:
    """Return what must not be positive in an obligation of a barrier, and its name."""
    certificate, flow = problem.certificate, problem.flow_condition
    if not isinstance(certificate, Barrier):
        return None, ""
    b = certificate.polynomial
    if obligation == "init":
        return b - problem.ring.constant(certificate.gamma), "B"
    if obligation == "unsafe":
        return -b, "-B"
    if obligation != "flow" or flow in {"zeroing_cbf", "k_inductive"}:
        return None, ""
    return _flow_side(problem, certificate)


def _flow_side(problem: Problem, certificate: Barrier) -> tuple[Polynomial | None, str]:
    ring, b, flow = problem.ring, certificate.polynomial, problem.flow_condition
    if problem.kind == "discrete":
        after = ring.compose(b, problem.dynamics)
        if flow == "discrete_inductive":
            return after, "B(f(x))"
        return after - b, "B(f(x)) - B(x)"
    if problem.kind != "continuous":
        return None, ""
    rate = ring.lie_derivative(b, problem.dynamics)
    if flow == "exponential" and certificate.rate is not None:
        return rate - ring.multiply(certificate.rate, b), "dB/dt - lambda*B"
    return rate, "dB/dt"


def _value(
    problem: Problem, polynomial: Polynomial, witness: Mapping[str, Any]
) -> tuple[Fraction, Fraction] | None:
    """Return value and size of the terms at a point, or in the middle of a segment."""
    if "values" in witness:
        point = [Fraction(witness["values"][name]) for name in problem.variables]
    elif "from" in witness:
        ends = [witness["from"], witness["to"]]
        point = [
            (Fraction(ends[0][name]) + Fraction(ends[1][name])) / 2 for name in problem.variables
        ]
    else:
        return None
    try:
        return value_at(problem.ring, polynomial, point)
    except (ZeroDivisionError, ValueError):
        return None


def _shift_hints(shop: _Workshop, refuted: list[str]) -> Iterator[Hint]:
    """Yield what a constant added to B can mend."""
    if "init" in refuted and "unsafe" in refuted:
        clash = _clash(shop)
        if clash is not None:
            yield clash
            return
    if "init" in refuted:
        found = _least_shift(shop, "init", -1)
    elif "unsafe" in refuted:
        found = _least_shift(shop, "unsafe", 1)
    else:
        yield from _other_levels(shop)
        return
    if found is None:
        return
    shift, least = found
    failing = "init" if shift < 0 else "unsafe"
    other = "unsafe" if shift < 0 else "init"
    outcome = shop.outcome(shift, other)
    if outcome.verdict == "REFUTED":
        yield _blocked(shop, (shift, least), (failing, other), outcome)
        return
    outcomes: dict[str, Verdict] = {failing: "PROVED", other: outcome.verdict}
    outcomes["flow"] = shop.outcome(shift, "flow").verdict
    proved = tuple(name for name in shop.names if outcomes[name] == "PROVED")
    room = _room(shop, other, shift) if outcome.verdict == "PROVED" else Fraction(0)
    text = _shift_text(shift, least, failing, other, outcomes, room)
    yield _hint(shop, "shift", shift, proved, text)
    if outcomes["flow"] != "PROVED" and shop.problem.flow_condition not in LEVEL_FREE and room:
        yield from _levels(shop, [shift + sign_of(shift) * room * k / 4 for k in (4, 2, 1, 3)])


def _hint(
    shop: _Workshop,
    kind: Literal["shift", "flow_condition"],
    shift: Fraction,
    proved: tuple[str, ...],
    text: str,
) -> Hint:
    complete = set(proved) == set(shop.names)
    if not complete:
        text += "; a numerical suggestion: not all of it is proved"
    new = shifted(shop.raw, shift)
    return Hint(kind, "proved" if complete else "numerical", text, proved, shift, new)


def _clash(shop: _Workshop) -> Hint | None:
    """Return the reason why no constant helps: B is larger somewhere initial than somewhere unsafe.

    Both points are exact witnesses, so the comparison is, too.
    """
    values = [shop.barrier_at(shop.known[n].witness or {}) for n in ("init", "unsafe")]
    high, low = values
    if high is None or low is None or not shop.is_not_below(high, low):
        return None
    text = (
        f"no constant added to B helps: B is {short(high)} at an initial state and"
        f" {short(low)} at an unsafe one, so no level separates them"
    )
    return Hint("impossible", "proved", text)


def _blocked(
    shop: _Workshop, found: tuple[Fraction, Fraction], names: tuple[str, str], outcome: Outcome
) -> Hint:
    """Return why this (shift, least shift) is no repair: the other obligation then fails."""
    (shift, least), (failing, other) = found, names
    value = shop.barrier_at(outcome.witness or {})
    # B reaches -least on the failing set, and `value` on the other: which one is the initial state?
    levels = None if value is None else (-least, value) if shift < 0 else (value, -least)
    if value is not None and levels is not None and shop.is_not_below(*levels):
        move = "lowered" if shift < 0 else "raised"
        text = (
            f"no constant added to B helps: {failing} needs B {move} by at least"
            f" {short(abs(least))}, and then {other} fails, where B is {short(value)}"
        )
        return Hint("impossible", "proved", text)
    text = f"{failing} holds for B {signed(shift)}, but then {other} fails"
    return Hint("shift", "numerical", text, (failing,), shift)


def _least_shift(shop: _Workshop, obligation: str, sign: int) -> tuple[Fraction, Fraction] | None:
    """Return (a shift that mends the obligation, a bound that any such shift must reach).

    Witnesses give the bound: B at an initial state must come down to zero. Both are signed.
    """
    value = shop.barrier_at(shop.known[obligation].witness or {})
    if value is None:
        return None
    # `least` is known to be too little; `floor` also counts what was merely not decided.
    least = floor = abs(value)
    good, slack = None, Fraction(1, 100)
    for _ in range(_TRIES):
        trial = just_above(floor, slack) if good is None else short_between(floor, good)
        if trial is None:
            break
        outcome = shop.outcome(sign * trial, obligation)
        if outcome.verdict == "PROVED":
            good = trial
        elif outcome.verdict == "REFUTED":
            moved = shop.barrier_at(outcome.witness or {})
            least = max(least, trial if moved is None else abs(moved))
            slack *= 2
        else:
            slack *= 8
        if outcome.verdict != "PROVED":
            floor = max(least, trial)
        if good is not None and good - floor <= _TIGHT * good:
            break
    return None if good is None else (sign * good, sign * least)


def _room(shop: _Workshop, obligation: str, shift: Fraction) -> Fraction:
    """Return how much further the shift may go before the other obligation is not proved."""
    sign, done, step = sign_of(shift), Fraction(0), abs(shift)
    limit: Fraction | None = None
    for _ in range(_TRIES):
        trial = done + step if limit is None else short_between((3 * done + limit) / 4, limit)
        if trial is None:
            break
        outcome = shop.outcome(shift + sign * trial, obligation)
        if outcome.verdict == "PROVED":
            done, step = trial, 4 * step
        else:
            value = shop.barrier_at(outcome.witness or {})
            limit = trial if value is None else min(trial, abs(value + shift))
        if limit is not None and limit - done <= _TIGHT * limit:
            break
    return done


def _other_levels(shop: _Workshop) -> Iterator[Hint]:
    """Where only the flow fails and the level matters: try levels that keep init and unsafe."""
    if shop.problem.flow_condition in LEVEL_FREE:
        return
    steps = [Fraction(k, 10) for k in (1, -1, 3, -3, 10, -10)]
    yield from _levels(shop, steps)


def _levels(shop: _Workshop, shifts: list[Fraction]) -> Iterator[Hint]:
    for shift in shifts:
        outcomes = {}
        for name in sorted(shop.names, key=lambda n: n == "flow"):
            outcomes[name] = shop.outcome(shift, name).verdict
            if outcomes[name] != "PROVED":
                break
        else:
            text = f"replace B by B {signed(shift)}: init, unsafe and flow are then proved"
            yield _hint(shop, "shift", shift, shop.names, text)
            return


def _flow_hints(shop: _Workshop) -> Iterator[Hint]:
    """Yield another flow condition under which the same B is proved."""
    if any(shop.known[n].verdict != "PROVED" for n in ("init", "unsafe")):
        return
    for change, text in _conditions(shop.problem):
        certificate = {**shop.raw["certificate"], **change.get("certificate", {})}
        new = {**shop.raw, **change, "certificate": certificate}
        try:
            verdict = shop.decide(new, "flow").verdict
        except BarrierError:
            continue
        if verdict == "PROVED":
            hint = f"the same B is proved under the flow condition {text}"
            yield Hint("flow_condition", "proved", hint, shop.names, None, new)
            return


def _conditions(problem: Problem) -> Iterator[tuple[Json, str]]:
    flow = problem.flow_condition
    if problem.kind == "continuous":
        if flow != "boundary_strict":
            yield {"flow_condition": "boundary_strict"}, "boundary_strict"
        for rate in _RATES:
            change = {"flow_condition": "exponential", "certificate": {"lambda": rate}}
            yield change, f"exponential with lambda = {rate}"
    elif problem.kind == "discrete" and flow == "discrete_decrease":
        yield {"flow_condition": "discrete_inductive"}, "discrete_inductive"


def _bound_hints(shop: _Workshop) -> Iterator[Hint]:
    """Yield how large the left-hand side of the flow gets on the domain, from both sides."""
    problem = shop.problem
    if problem.flow_condition not in {"everywhere", "exponential"} or problem.domain is None:
        return
    polynomial, meaning = _left_side(problem, "flow")
    witness = shop.known["flow"].witness or {}
    found = None if polynomial is None else _value(problem, polynomial, witness)
    if polynomial is None or found is None or not problem.ring.is_plain(polynomial):
        return
    least, bound, slack = found[0], None, Fraction(1, 100)
    for _ in range(_TRIES):
        trial = just_above(least, slack)
        outcome = shop.decide(_bounded(shop.raw, problem, polynomial, trial), "unsafe")
        if outcome.verdict == "PROVED":
            bound = trial
            break
        value = _value(problem, polynomial, outcome.witness or {})
        least = least if value is None else max(least, value[0])
        slack *= 2 if outcome.verdict == "REFUTED" else 8
    upper = "" if bound is None else f" and proved to stay below {short(bound)}"
    text = f"flow: {meaning} reaches {short(least)} in the domain{upper}"
    yield Hint("bound", "numerical" if bound is None else "proved", text)


def _bounded(
    raw: Mapping[str, Any], problem: Problem, polynomial: Polynomial, bound: Fraction
) -> Json:
    """Return a problem whose unsafe obligation says that the polynomial is below the bound."""
    names = list(problem.variables)
    domain = raw["domain"]
    return {
        "kind": "continuous",
        "vars": names,
        "parameters": [],
        "dynamics": dict.fromkeys(names, "0"),
        "domain": None,
        "init": {"or": []},
        "unsafe": {"and": domain if isinstance(domain, list) else [domain]},
        "certificate": {"type": "barrier", "expr": f"{bound} - ({_text(problem, polynomial)})"},
        "flow_condition": "everywhere",
    }


def _text(problem: Problem, polynomial: Polynomial) -> str:
    parts = []
    for exponents, value in terms(problem.ring.plain(polynomial)).items():
        powers = zip(problem.variables, exponents, strict=True)
        factors = [f"({value})", *(f"{name}**{power}" for name, power in powers if power)]
        parts.append("*".join(factors))
    return " + ".join(parts) or "0"


def _shift_text(
    shift: Fraction,
    least: Fraction,
    failing: str,
    other: str,
    outcomes: Mapping[str, Verdict],
    room: Fraction,
) -> str:
    text = (
        f"{failing} holds for B {signed(shift)} (no constant shift of less than"
        f" {short(abs(least))} mends it)"
    )
    if outcomes[other] == "PROVED":
        text += f"; then {other} has a margin of at least {short(room)} left"
    if all(verdict == "PROVED" for verdict in outcomes.values()):
        return f"{text}: replace B by B {signed(shift)}"
    left = ", ".join(n for n, verdict in outcomes.items() if verdict != "PROVED")
    return f"{text}; {left} is not settled by it"
