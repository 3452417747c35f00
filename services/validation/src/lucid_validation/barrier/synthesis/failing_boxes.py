"""Where a proof by splitting boxes got stuck: points for the learner."""

from __future__ import annotations

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Emptiness, obligations
from lucid_validation.barrier.methods import bernstein
from lucid_validation.barrier.methods.open_boxes import OpenBoxes
from lucid_validation.barrier.problem import Problem

_BOXES = 32
_SEARCHED = 2_000


def middles(problem: Problem, obligation: str, budget: Budget) -> list[list[float]]:
    """Return the middles of boxes in which an obligation could neither be proved nor refuted."""
    found: list[list[float]] = []
    for each in obligations(problem):
        if each.name != obligation or not isinstance(each, Emptiness):
            continue
        for case in each.cases:
            answer = bernstein.search(case, _SEARCHED, budget) if budget.remaining() > 0 else None
            if isinstance(answer, OpenBoxes):
                step = max(1, len(answer.boxes) // _BOXES)
                for box in list(answer.boxes)[::step][:_BOXES]:
                    sides = [box.get(name) for name in problem.variables]
                    found.append([0.0 if s is None else float(s[0] + s[1]) / 2 for s in sides])
    return found
