"""The points that a candidate must get right, and how it does on others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lucid_validation.barrier.formula import Atom, Formula, atoms_of_conjunction, negate
from lucid_validation.barrier.methods.numeric import Floats, family_of

from .regions import Box, Region, pieces_of, working_box
from .task import Task
from .template import Template

ROLES = ("init", "unsafe", "flow", "exit")
_ON_FACE = 1e-9


@dataclass(frozen=True, slots=True)
class Scene:
    """The sets of a task. `exits` are the ways out of the domain.

    Where runs can leave the domain, safety asks for more than the obligations: B > 0 wherever they
    do, so that no run with B <= 0 ever gets there.
    """

    task: Task
    init: Region
    unsafe: Region
    domain: Region
    exits: tuple[Region, ...]
    exit_formulas: tuple[tuple[Formula, ...], ...]
    box: Box

    def sample(self, role: str, count: int, skip: int) -> Floats:
        """Return about `count` points of a role of ROLES."""
        if role == "exit":
            return self._exits(count, skip)
        region = {"init": self.init, "unsafe": self.unsafe, "flow": self.domain}[role]
        return region.sample(count, skip)

    def _exits(self, count: int, skip: int) -> Floats:
        share = max(4, count // max(1, len(self.exits)))
        found = [region.sample(share, skip) for region in self.exits]
        return np.concatenate(found) if found else np.zeros((0, len(self.box[0])))


def scene_of(task: Task) -> Scene:
    """Return the sets of a task, with points where there are any."""
    problem, ring = task.problem, task.ring
    domain = pieces_of(problem.domain_conjuncts, ring)
    init, unsafe = pieces_of([problem.init], ring), pieces_of([problem.unsafe], ring)
    box = working_box(domain, (*init, *unsafe))
    formulas = _exits_of(task, box)
    exits = tuple(Region(pieces_of(formula, ring), box) for formula in formulas)
    starts, bad, whole = Region(init, box), Region(unsafe, box), Region(domain, box)
    return Scene(task, starts, bad, whole, exits, formulas, box)


def _exits_of(task: Task, box: Box) -> tuple[tuple[Formula, ...], ...]:
    """Return where runs may leave the domain, by points; none where no point shows one."""
    problem, ring = task.problem, task.ring
    atoms = atoms_of_conjunction(problem.domain) if problem.domain is not None else []
    inside = problem.domain_conjuncts
    found: list[tuple[Formula, ...]] = []
    for atom in atoms or []:
        if task.is_discrete:
            image = Atom(ring.compose(atom.polynomial, problem.dynamics), atom.sense)
            outside = (*inside, negate(image))
            if len(Region(pieces_of(outside, ring), box).sample(256, 1)):
                found.append(outside)
            continue
        rate = ring.lie_derivative(atom.polynomial, problem.dynamics)
        edge = Atom(atom.polynomial, "==")
        points = Region(pieces_of([*inside, edge], ring), box).sample(256, 1)
        inward = family_of([rate], len(ring.variables), scaled=False).values(points)[:, 0]
        # Tangency on a whole face is enough; else the flow must point inwards strictly.
        if (inward < -_ON_FACE).any():
            found.append((*inside, edge, Atom(-rate, ">=")))
    return tuple(found)


@dataclass(slots=True)
class Points:
    """Points of each role, with the monomials of the template there; grows by counterexamples."""

    template: Template
    values: dict[str, Floats]
    images: Floats
    where: dict[str, Floats]

    @classmethod
    def start(cls, template: Template, where: dict[str, Floats]) -> Points:
        """Return the first points."""
        values = {role: template.values(points) for role, points in where.items()}
        return cls(template, values, template.images(where["flow"]), dict(where))

    def add(self, role: str, points: Floats) -> None:
        """Add counterexamples."""
        if not len(points):
            return
        self.where[role] = np.concatenate([self.where[role], points])
        self.values[role] = np.concatenate([self.values[role], self.template.values(points)])
        if role == "flow":
            self.images = np.concatenate([self.images, self.template.images(points)])

    def scales(self) -> Floats:
        """Return the largest size of each monomial at the points; 1 where it is always 0."""
        largest = np.max([np.abs(v).max(axis=0) for v in self.values.values() if len(v)], axis=0)
        return np.where(largest > 1e-12, largest, 1.0)

    def excess(self, role: str, coefficients: Floats, rate: float) -> Floats:
        """Return by how much each point of a role is wrong; right where negative."""
        if role == "flow":
            return np.asarray((self.images - rate * self.values["flow"]) @ coefficients)
        sign = 1.0 if role == "init" else -1.0
        return np.asarray(sign * (self.values[role] @ coefficients))
