"""The loop: guess, look for counterexamples by numbers, round, prove, learn from refutations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.cases import cases_of
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.methods import run
from lucid_validation.barrier.methods.evidence import Witness
from lucid_validation.barrier.methods.numeric import Floats
from lucid_validation.barrier.obligation_work import Check, Resources, Solver
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import Decision, Proved, Refuted

from . import failing_boxes, linear_learner, squares_learner
from .data import ROLES, Points, Scene, scene_of
from .linear_learner import Guess
from .outcome import Candidate, Outcome, Progress
from .rationals import shortened
from .task import Task
from .template import Point, Template, middle_of, template_of, text_of

OnProgress = Callable[[Progress], None]

_ITERATIONS = 25
_MARGIN_MIN = 1e-6
_FRESH = 4096
_ADDED = 24
_UNDECIDED_MAX = 2
_PATIENCE = 8
_FEW = 2
# What the coefficients may move by, as parts of the margin: short ones first.
_ROUNDINGS = (0.5, 0.1, 0.01, 1e-4)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the caller lends: time, the independent checker, a solver for models, a seed.

    The seed only moves the quasi-random points.
    """

    budget: Budget
    check: Check
    solver: Solver | None
    seed: int
    on_progress: OnProgress


def synthesise(task: Task, tools: Tools) -> Outcome:
    """Search for a certificate of the task within the budget.

    Prefers one that implies safety: where runs can leave the domain, first one that holds them in.
    """
    witness = _overlap(task, tools)
    if witness is not None:
        reason = "a state is both initial and unsafe, so no certificate exists"
        return Outcome("IMPOSSIBLE", reason, Progress(), witness=witness)
    return _Search(task, tools).run()


def _overlap(task: Task, tools: Tools) -> dict[str, str] | None:
    """Return an exact state in both sets, if the falsifier finds one."""
    problem = task.problem
    for case in cases_of([problem.init, problem.unsafe], task.ring):
        limit = tools.budget.slice(min(2.0, tools.budget.remaining() / 20))
        found = run.attempt(case, "falsifier", 1, limit, tools.seed)
        if isinstance(found, Witness) and found.witness["type"] == "point":
            return dict(found.witness["values"])
    return None


@dataclass(slots=True)
class _Search:
    """One search and what it knows so far."""

    task: Task
    tools: Tools
    progress: Progress = field(default_factory=Progress)
    best: Candidate | None = None
    proved: Candidate | None = None
    known: dict[str, Floats] = field(default_factory=dict)
    fresh: int = 0

    def run(self) -> Outcome:
        """Try the degrees upwards, each with both learners; stop at what implies safety."""
        scene = scene_of(self.task)
        middle = middle_of(self.task, *scene.box)
        count = 60 + 40 * len(scene.box[0])
        self.fresh = 97 * (self.tools.seed % 100_000)
        for role in ROLES:
            self.known[role] = scene.sample(role, count, self.fresh)
        for with_exits in (True, False) if scene.exits else (False,):
            self._pass(scene, middle, with_exits=with_exits)
            if self.proved is not None or self._is_over():
                break
        return self._outcome()

    def _pass(self, scene: Scene, middle: Point, *, with_exits: bool) -> None:
        """Go through the degrees; a pass that asks for more leaves half of the time to the next."""
        everything = self.tools
        if with_exits:
            half = everything.budget.slice(everything.budget.remaining() / 2)
            self.tools = replace(everything, budget=half)
        for degree in _degrees(self.task.degree):
            self._degree(scene, middle, degree, with_exits=with_exits)
            if self.proved is not None or self._is_over():
                break
        self.tools = everything

    def _is_over(self) -> bool:
        return self.tools.budget.remaining() <= 0.05

    def _outcome(self) -> Outcome:
        if self.proved is not None:
            safe = self.proved.decision.safety
            reason = "every obligation is proved"
            if not safe.implies_safety:
                reason += f", but safety does not follow: {safe.missing}"
            return Outcome("FOUND", reason, self.progress, self.proved)
        if self._is_over():
            reason = f"the budget ran out at degree {self.progress.degree}"
            return Outcome("BUDGET_EXHAUSTED", reason, self.progress, self.best)
        reason = f"no certificate up to degree {self.task.degree} was found and proved"
        return Outcome("DEGREE_EXHAUSTED", reason, self.progress, self.best)

    def _degree(self, scene: Scene, middle: Point, degree: int, *, with_exits: bool) -> None:
        """Try one degree. In many variables points are few and far between: squares come first."""
        template = template_of(self.task, degree, middle)
        self.progress = replace(self.progress, degree=degree, margin=0.0)
        learners = [self._by_points, self._by_squares]
        for learner in learners if len(scene.box[0]) <= 3 else learners[::-1]:
            learner(scene, template, with_exits)
            if self.proved is not None or self._is_over():
                return

    def _by_points(self, scene: Scene, template: Template, with_exits: bool) -> None:
        """Counterexample-guided: the linear program over ever more points."""
        points = Points.start(template, self.known)
        rates = linear_learner.rates_of(self.task)
        undecided = 0
        for turn in range(_ITERATIONS):
            limit = self._limit(0.2)
            guess = linear_learner.best_guess(points, rates, limit, with_exits=with_exits)
            self._tell("points", guess)
            if guess is None or guess.margin < _MARGIN_MIN or self._is_over():
                break
            found = self._learn(scene, points, guess, with_exits=with_exits)
            # Few that are left may be gone after rounding; the engine finds them if not.
            if found > (_FEW if turn >= _PATIENCE else 0):
                continue
            decision = self._prove(points, guess, with_exits=with_exits)
            if self.proved is not None:
                break
            undecided += decision is not None and decision.verdict == "UNDECIDED"
            if undecided >= _UNDECIDED_MAX or not self._learn_from(decision, points):
                break
        self.known = points.where

    def _by_squares(self, scene: Scene, template: Template, with_exits: bool) -> None:
        """Sums of squares, one program for each rate."""
        points = Points.start(template, self.known)
        for rate in linear_learner.rates_of(self.task):
            if self._is_over():
                return
            limit = self._limit(0.25)
            guess = squares_learner.best_guess(scene, template, rate, limit, with_exits=with_exits)
            self._tell("squares", guess)
            if guess is not None:
                # Its identities hold everywhere: what is refuted was rounded too much.
                self._prove(points, guess, with_exits=with_exits, persists=True)
            if self.proved is not None:
                return

    def _limit(self, part: float) -> float:
        return max(0.2, min(20.0, self.tools.budget.remaining() * part))

    def _tell(self, learner: str, guess: Guess | None) -> None:
        margin = 0.0 if guess is None else guess.margin
        progress = replace(self.progress, iterations=self.progress.iterations + 1)
        self.progress = replace(progress, margin=margin, learner=learner)
        self.tools.on_progress(self.progress)

    def _learn(self, scene: Scene, points: Points, guess: Guess, *, with_exits: bool) -> int:
        """Add the worst of many fresh points where the guess is wrong; return how many."""
        self.fresh += _FRESH
        found = 0
        for role in ROLES if with_exits else ROLES[:3]:
            fresh = scene.sample(role, _FRESH, self.fresh)
            if not len(fresh):
                continue
            other = Points.start(points.template, {**_nothing(fresh), role: fresh})
            excess = other.excess(role, guess.coefficients, guess.rate)
            wrong = np.flatnonzero(excess > _slack(other, role, guess))
            worst = wrong[np.argsort(-excess[wrong])]
            # Not only the very worst, which lie close together.
            chosen = np.unique(np.concatenate([worst[: _ADDED // 2], worst[:: _ADDED * 4]]))
            points.add(role, fresh[chosen[:_ADDED]])
            found += len(chosen[:_ADDED])
        self._count(found)
        return found

    def _count(self, found: int) -> None:
        known = self.progress.counterexamples
        self.progress = replace(self.progress, counterexamples=known + found)

    def _prove(
        self, points: Points, guess: Guess, *, with_exits: bool, persists: bool = False
    ) -> Decision | None:
        """Give the shortest roundings that are right at all known points to the engine.

        Stops at the first that is decided, or if it `persists` at the first that is proved.
        """
        decision: Decision | None = None
        for exact, rate in _rounded(points, guess, with_exits=with_exits):
            text = text_of(points.template.polynomial(exact), self.task.ring.variables)
            problem = self.task.with_barrier(text, rate)
            decision = self._decide(problem)
            if decision is None or self.proved is not None or self._is_over():
                break
            if decision.verdict == "REFUTED" and not persists:
                break
        return decision

    def _decide(self, problem: dict[str, object]) -> Decision | None:
        tools = self.tools
        limit = tools.budget.slice(max(1.0, min(30.0, tools.budget.remaining() * 0.3)))
        try:
            decision = decide_problem(
                parse_problem(problem),
                budget=limit,
                check=tools.check,
                resources=Resources(tools.solver),
                seed=tools.seed,
            )
        except BarrierError:
            return None
        candidate = Candidate(dict(problem), decision)
        if decision.verdict == "PROVED":
            self.proved = candidate
        if self.best is None or _proved(decision) >= _proved(self.best.decision):
            self.best = candidate
        return decision

    def _learn_from(self, decision: Decision | None, points: Points) -> bool:
        """Add the witnesses of a decision, or points of the boxes that were left open."""
        if decision is None or self.best is None:
            return False
        found = 0
        for name, result in decision.obligations.items():
            places: list[list[float]] = []
            if isinstance(result.verdict, Refuted):
                places = _points_of(result.verdict.witness, self.task.ring.variables)
            elif not isinstance(result.verdict, Proved) and decision.verdict == "UNDECIDED":
                limit = self.tools.budget.slice(1.0)
                problem = parse_problem(self.best.problem)
                places = failing_boxes.middles(problem, name, limit)
            if places:
                points.add(name, np.array(places))
                found += len(places)
        self._count(found)
        return found > 0


def _degrees(highest: int) -> Iterator[int]:
    """Yield 2, 4, 6, ... and last the highest itself."""
    yield from range(2, highest, 2)
    yield highest


def _nothing(like: Floats) -> dict[str, Floats]:
    return dict.fromkeys(ROLES, like[:0])


def _slack(points: Points, role: str, guess: Guess) -> Floats:
    """Return what rounding in floats may do to the excess."""
    values = points.values[role] if role != "flow" else points.images
    return np.asarray(1e-10 * (np.abs(values) @ np.abs(guess.coefficients)) + 1e-13)


def _rounded(
    points: Points, guess: Guess, *, with_exits: bool
) -> Iterator[tuple[list[Fraction], Fraction | None]]:
    """Yield exact candidates, at most two, that no known point refutes: the shortest first."""
    scales = points.scales()
    largest = float(np.abs(guess.coefficients * scales).max(initial=0.0))
    if not largest:
        return
    rate = Fraction(guess.rate).limit_denominator(1000)
    seen: list[list[Fraction]] = []
    for part in _ROUNDINGS:
        room = max(guess.margin * part, 1e-9) * largest
        exact = shortened(guess.coefficients, room / scales)
        values = np.array([float(q) for q in exact])
        if exact in seen or not values.any():
            continue
        rounded = Guess(values, guess.margin, guess.rate)
        if _is_right(points, rounded, with_exits=with_exits):
            seen.append(exact)
            yield exact, rate
        if len(seen) >= 2:
            return


def _is_right(points: Points, guess: Guess, *, with_exits: bool) -> bool:
    for role in ROLES if with_exits else ROLES[:3]:
        if len(points.values[role]):
            excess = points.excess(role, guess.coefficients, guess.rate)
            if (excess > _slack(points, role, guess)).any():
                return False
    return True


def _proved(decision: Decision) -> int:
    return sum(isinstance(r.verdict, Proved) for r in decision.obligations.values())


def _points_of(witness: dict[str, object], names: tuple[str, ...]) -> list[list[float]]:
    ends = ("values",) if witness["type"] == "point" else ("from", "to")
    found = []
    for end in ends:
        values = witness[end]
        if isinstance(values, dict):
            found.append([float(Fraction(values[name])) for name in names])
    return found
