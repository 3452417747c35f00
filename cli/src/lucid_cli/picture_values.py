"""What a picture shows, as numbers: which sets hold where on a grid, and where the flow goes.

Floating point, for the eye only; nothing here decides anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from lucid_validation.barrier.cases import cases_of
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.formula import And, Atom, Formula, atoms_in_order
from lucid_validation.barrier.methods.enclosing_box import implied_box
from lucid_validation.barrier.polynomial import INVERSE, Polynomial, Ring, terms
from lucid_validation.barrier.problem import Barrier, Cuts, Modes, Problem, Vector
from numpy.typing import NDArray

Grid = NDArray[np.float64]
Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]

_WINDOWS = (1.0, 2.0, 4.0, 8.0, 16.0, 40.0, 100.0, 400.0)
_LOOK = 121
_MARGIN = 0.35
_FUNCTIONS = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "abs": np.abs,
}


class NotDrawable(Exception):
    """There is no picture of this problem; the text says why."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of dynamics with its sets; `curves` are labelled functions, drawn where zero."""

    title: str
    dynamics: Mapping[str, Polynomial]
    domain: Formula
    init: Formula | None
    unsafe: Formula | None
    curves: tuple[tuple[str, Polynomial], ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """Two variables by place; the others rest at `values`, one for each variable."""

    ring: Ring
    across: int
    up: int
    values: tuple[float, ...]

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two axes."""
        return self.ring.variables[self.across], self.ring.variables[self.up]

    def resting(self) -> dict[str, float]:
        """Return where the other variables rest."""
        chosen = {self.across, self.up}
        return {
            name: self.values[k] for k, name in enumerate(self.ring.variables) if k not in chosen
        }

    def values_of(self, polynomial: Polynomial, x: Grid, y: Grid) -> Grid:
        """Return a polynomial's values on a grid; not a number where it has none."""
        total = np.zeros_like(x)
        with np.errstate(all="ignore"):
            for exponents, coefficient in terms(polynomial).items():
                product = np.full_like(x, float(coefficient))
                for place, power in enumerate(exponents):
                    if power:
                        product *= self._base(place, x, y) ** power
                total += product
        return total

    def _base(self, place: int, x: Grid, y: Grid) -> Grid:
        if place == self.across:
            return x
        if place == self.up:
            return y
        if place < len(self.values):
            return np.full_like(x, self.values[place])
        function, argument = self.ring.opaque_terms[place - len(self.values)]
        inner = self.values_of(argument, x, y)
        found: Grid = 1 / inner if function == INVERSE else _FUNCTIONS[function](inner)
        return found

    def holds(self, formula: Formula, x: Grid, y: Grid) -> Mask:
        """Return where a formula holds; an equation where it nearly does."""
        match formula:
            case Atom(polynomial, sense):
                value = self.values_of(polynomial, x, y)
                if sense == "==":
                    near: Mask = np.abs(value) <= 0.02 * (1e-9 + np.nanmax(np.abs(value)))
                    return near
                return value >= 0 if sense == ">=" else value > 0
            case And(children):
                found = np.ones_like(x, dtype=bool)
                for child in children:
                    found &= self.holds(child, x, y)
                return found
            case _:
                found = np.zeros_like(x, dtype=bool)
                for child in formula.children:
                    found |= self.holds(child, x, y)
                return found


def panels_of(problem: Problem) -> list[Panel]:
    """Return what is drawn: one panel, or one for each mode."""
    certificate = problem.certificate
    if isinstance(certificate, Modes):
        return [
            Panel(
                mode.name, mode.dynamics, And(mode.domain), mode.init, mode.unsafe, (("B = 0", b),)
            )
            for mode, b in zip(problem.extras.modes, certificate.polynomials, strict=True)
        ]
    domain = And(problem.domain_conjuncts)
    curves = _curves(certificate)
    return [Panel("", problem.dynamics, domain, problem.init, problem.unsafe, curves)]


def _curves(certificate: Barrier | Cuts | Vector) -> tuple[tuple[str, Polynomial], ...]:
    match certificate:
        case Barrier():
            return (("B = 0", certificate.polynomial),)
        case Vector(polynomials):
            return tuple((f"B{i} = 0", b) for i, b in enumerate(polynomials, start=1))
        case Cuts(formulas):
            return tuple(
                (f"edge of cut {i}", atom.polynomial)
                for i, formula in enumerate(formulas, start=1)
                for atom in atoms_in_order(formula)
            )


def plane_of(problem: Problem, witnesses: Sequence[Mapping[str, Any]]) -> Plane:
    """Return the plane to draw: the first two variables that move, through a witness if any.

    Raises `NotDrawable` where fewer than two variables move.
    """
    still = {*problem.parameters, *problem.extras.inputs.names, *problem.extras.noise}
    moving = [k for k, name in enumerate(problem.variables) if name not in still]
    if len(moving) < 2:
        raise NotDrawable(
            f"a picture needs two variables that move; this problem has {len(moving)}"
        )
    values = _middle_of_init(problem)
    for witness in witnesses[:1]:
        point = points_of(witness)[0]
        values = [point.get(name, 0.0) for name in problem.variables]
    return Plane(problem.ring, moving[0], moving[1], tuple(values))


def _middle_of_init(problem: Problem) -> list[float]:
    """Return the middle of the box that init's bounds give; 0 where there is no bound."""
    sets = [mode.init for mode in problem.extras.modes] or [problem.init]
    chosen = next((part for part in sets if part is not None), None)
    found = [0.0] * len(problem.variables)
    if chosen is None:
        return found
    try:
        case = cases_of([chosen], problem.ring)[0]
    except (BarrierError, IndexError):
        return found
    if case.plain:
        box = implied_box(case)
        for k in range(len(found)):
            low, high = box.range_of(k)
            found[k] = float(sum((v for v in (low, high) if v is not None), Fraction(0)))
            found[k] /= 2 if low is not None and high is not None else 1
    return found


def points_of(witness: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return the point of a witness, or the two ends of its segment."""
    ends = [witness["from"], witness["to"]] if "from" in witness else [witness["values"]]
    return [{name: float(Fraction(value)) for name, value in end.items()} for end in ends]


def window_of(panels: Sequence[Panel], plane: Plane, points: Sequence[dict[str, float]]) -> Box:
    """Return a window (left, right, bottom, top) that shows init, the curves and some of unsafe."""
    across, up = plane.names
    marked = [(point.get(across, 0.0), point.get(up, 0.0)) for point in points]
    for unsafe_too in (True, False):
        for size in _WINDOWS:
            if any(max(abs(a), abs(b)) > size for a, b in marked):
                continue
            line = np.linspace(-size, size, _LOOK)
            x, y = np.meshgrid(line, line)
            found = [mask for panel in panels for mask in _shown(panel, plane, x, y)]
            distant = [_unsafe(panel, plane, x, y) for panel in panels]
            wanted = [*found, *(distant if unsafe_too else [])]
            if found and all(mask.any() for mask in wanted):
                near = [_nearest(mask, found, x, y) for mask in distant if mask.any()]
                return _around([*found, *near], x, y, marked)
    size = _WINDOWS[3]
    return (-size, size, -size, size)


def _shown(panel: Panel, plane: Plane, x: Grid, y: Grid) -> list[Mask]:
    """Return where init is, and where the first curve is."""
    masks = [] if panel.init is None else [plane.holds(panel.init, x, y)]
    return masks + [_zero(plane.values_of(b, x, y)) for _, b in panel.curves[:1]]


def _unsafe(panel: Panel, plane: Plane, x: Grid, y: Grid) -> Mask:
    if panel.unsafe is None:
        return np.ones_like(x, dtype=bool)
    return plane.holds(panel.unsafe, x, y)


def _nearest(mask: Mask, found: Sequence[Mask], x: Grid, y: Grid) -> Mask:
    """Return the one point of a mask that is nearest to the middle of what was found."""
    joined = np.logical_or.reduce(found)
    distance = np.hypot(x - x[joined].mean(), y - y[joined].mean())
    distance[~mask] = np.inf
    nearest: Mask = distance == distance.min()
    return nearest


def _zero(values: Grid) -> Mask:
    sign = values > 0
    found = np.zeros_like(sign)
    found[:-1] |= sign[:-1] != sign[1:]
    found[:, :-1] |= sign[:, :-1] != sign[:, 1:]
    return found


def _around(masks: Sequence[Mask], x: Grid, y: Grid, marked: Sequence[tuple[float, float]]) -> Box:
    joined = np.logical_or.reduce(masks)
    across = [*x[joined].tolist(), *(a for a, _ in marked)]
    up = [*y[joined].tolist(), *(b for _, b in marked)]
    left, right, bottom, top = min(across), max(across), min(up), max(up)
    wide, high = max(right - left, 1e-3), max(top - bottom, 1e-3)
    return (
        left - _MARGIN * wide,
        right + _MARGIN * wide,
        bottom - _MARGIN * high,
        top + _MARGIN * high,
    )


def witnesses_of(evidence: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the counterexample of each refuted obligation of an evidence document."""
    entries = evidence.get("obligations", {})
    return {name: entry["witness"] for name, entry in entries.items() if "witness" in entry}
