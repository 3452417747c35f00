"""Proofs by splitting a box: the box is forced by the case, the leaves are closed one by one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from lucid_checker.algebra import Polynomial, integers
from lucid_checker.bernstein import Box, Layout, halves, to_bernstein
from lucid_checker.document import Json
from lucid_checker.enclosure import Encloser, taylor_bound
from lucid_checker.formula import Case
from lucid_checker.functions import Unbounded
from lucid_checker.limits import (
    CONSTRAINTS_MAX,
    EXPONENT_MAX,
    TREE_DEPTH_MAX,
    TREE_NODES_MAX,
)

_FORMS = ("bernstein", "interval", "mean_value", "taylor")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A combination sum q_i p_i; `strict` if one of its inequalities with q_i > 0 is strict."""

    weights: tuple[tuple[int, Fraction], ...]
    strict: bool

    def closed_by(self, upper: Fraction | int) -> bool:
        """Say whether an upper bound of the combination contradicts the case."""
        return upper < 0 or (upper == 0 and self.strict)


def check_split(proof: Json, case: Case) -> None:
    """Accept if the box holds all points of the case and every leaf of the tree is closed."""
    form = proof.tag("form")
    own = ("order",) if form == "taylor" else ()
    parts = proof.fields(("type", "box", "bounds", "form", "tree", *own), ("degree",))
    if form not in (_FORMS if len(case.columns) == case.ring.variables else _FORMS[:1]):
        raise parts["form"].refuse(f"not one of {', '.join(_FORMS)}, or not with lifted terms")
    box = _read_box(parts["box"], parts["bounds"], case)
    tree = [_read_node(node, case) for node in parts["tree"].items(TREE_NODES_MAX)]
    leaves = {node for node in tree if isinstance(node, Leaf)}
    for i in sorted({i for leaf in leaves for i, _ in leaf.weights}):
        used = case.atoms[i].polynomial.variables()
        if form == "bernstein":
            used = frozenset(filter(case.exact(i, proof).degree, case.columns))
        if not used <= box.keys():
            raise parts["box"].refuse(f"constraint {i} has a variable without bounds")
    if form == "bernstein":
        count = len(case.columns)
        degree = parts.get("degree", Json([0] * count)).items(count, exactly=count)
        least = [entry.integer(0, EXPONENT_MAX) for entry in degree]
        _walk(tree, _root_forms(case, leaves, box, least, proof), parts["tree"])
    else:
        order = parts["order"].integer(1, 12) if form == "taylor" else 0
        bounds = {leaf: _upper_bounds(leaf, case, order) for leaf in leaves}
        _walk(tree, _Boxes(box, bounds), parts["tree"])


def _read_box(sides: Json, bounds: Json, case: Case) -> Box:
    every = sides.fields((), case.names)
    reasons = bounds.fields(every)
    box = {}
    for column, name in zip(case.columns, case.names, strict=True):
        if name not in every:
            continue
        low, high = (end.rational() for end in every[name].items(2, exactly=2))
        if low > high:
            raise every[name].refuse("the lower bound is above the upper")
        why = reasons[name].items(2, exactly=2)
        for reason, end, sign in zip(why, (-low, high), (-1, 1), strict=True):
            index = case.index(reason)
            p = case.exact(index, reason)
            if not _forces(p, case.atoms[index].relation == "==", column, end, sign):
                raise reason.refuse(f"constraint {index} does not give this bound")
        box[column] = (low, high)
    return box


def _forces(p: Polynomial, equation: bool, column: int, end: Fraction, sign: int) -> bool:
    """Say whether p >= 0 (or == 0) forces sign * x <= end."""
    square: dict[int, Fraction] = {}
    linear: dict[int, Fraction] = {}
    free = Fraction(0)
    for exponents, value in p.terms.items():
        where = [i for i, e in enumerate(exponents) if e]
        if not where:
            free = value
        elif len(where) == 1 and exponents[where[0]] <= 2:
            (linear if exponents[where[0]] == 1 else square)[where[0]] = value
        else:
            return False
    slope = linear.get(column, Fraction(0)) * sign
    if not square and set(linear) == {column}:
        return (equation or slope < 0) and end >= -free / slope
    # c - sum a_i (x_i - m_i)^2 >= 0 with all a_i > 0 gives (x - m)^2 <= c / a.
    if column not in square or not set(linear) <= set(square) or max(square.values()) >= 0:
        return False
    radius = free - sum(linear.get(i, Fraction(0)) ** 2 / (4 * a) for i, a in square.items())
    distance = end + slope / (2 * square[column])
    return distance >= 0 and distance**2 >= radius / -square[column]


def _read_node(node: Json, case: Case) -> int | Leaf:
    if not isinstance(node.value, dict):
        return case.columns[node.integer(0, len(case.columns) - 1)]
    weights: dict[int, Fraction] = {}
    if "combination" not in node.value:
        parts = node.fields(("constraint",), ("sign",))
        index = case.index(parts["constraint"])
        weights[index] = Fraction(parts["sign"].integer(-1, -1) if "sign" in parts else 1)
    else:
        for entry in node.fields(("combination",))["combination"].items(CONSTRAINTS_MAX):
            first, second = entry.items(2, exactly=2)
            if (index := case.index(first)) in weights:
                raise entry.refuse(f"constraint {index} twice")
            weights[index] = second.rational()
    kept = tuple((i, q) for i, q in weights.items() if q)
    if any(q < 0 and case.atoms[i].relation != "==" for i, q in kept):
        raise node.refuse("a negative weight, which is only for an equation")
    if not kept:
        raise node.refuse("no weight is positive")
    return Leaf(kept, any(case.atoms[i].relation == ">" for i, _ in kept))


def _walk(tree: list[int | Leaf], root: "_Forms | _Boxes", node: Json) -> None:
    """Close every leaf, in preorder; the list must be exactly one tree."""
    stack: list[tuple[Any, int]] = [(root, 0)]
    for i, entry in enumerate(tree):
        if not stack:
            raise node.refuse("not exactly one tree")
        piece, depth = stack.pop()
        if isinstance(entry, Leaf):
            if not piece.closes(entry):
                why = "the leaf is open: the combination may be positive on its box"
                raise Json(None, i, node).refuse(why)
        elif depth >= TREE_DEPTH_MAX:
            raise node.refuse(f"deeper than {TREE_DEPTH_MAX}")
        else:
            lower, upper = piece.split(entry, node)
            stack.extend(((upper, depth + 1), (lower, depth + 1)))
    if stack:
        raise node.refuse("a split has no two halves")


@dataclass(frozen=True)
class _Boxes:
    """A box, and the tests that may close each leaf on it, the cheapest first."""

    box: Box
    bounds: dict[Leaf, list[Callable[[Box], Fraction]]]

    def closes(self, leaf: Leaf) -> bool:
        try:
            return any(leaf.closed_by(bound(self.box)) for bound in self.bounds[leaf])
        except Unbounded:
            return False

    def split(self, column: int, node: Json) -> tuple["_Boxes", "_Boxes"]:
        if column not in self.box:
            raise node.refuse("a variable without bounds is split")
        low, high = self.box[column]
        middle = (low + high) / 2
        parts = [{**self.box, column: side} for side in ((low, middle), (middle, high))]
        return _Boxes(parts[0], self.bounds), _Boxes(parts[1], self.bounds)


def _upper_bounds(leaf: Leaf, case: Case, order: int) -> list[Callable[[Box], Fraction]]:
    """Return bounds of the combination on a box: a Taylor model, or two enclosures."""
    total = case.ring.sum([case.atoms[i].polynomial * q for i, q in leaf.weights])
    if order:
        return [lambda box: taylor_bound(total, box, order)]
    natural = [lambda box: Encloser(case.ring, box).natural(total)[1]]
    if "abs" in total.functions():
        return natural
    slopes = {v: total.derivative(v) for v in sorted(total.variables())}
    return [*natural, lambda box: Encloser(case.ring, box).mean_value(total, slopes)[1]]


@dataclass(slots=True)
class _Forms:
    """Bernstein forms of the constraints on a box, halved from those above it where needed.

    `scales` belong to the root: halving scales all forms of one degree alike.
    """

    layouts: dict[int, Layout]
    scales: dict[int, Fraction]
    box: Box
    forms: dict[int, list[int]] = field(default_factory=dict)
    above: "tuple[_Forms, int, int] | None" = None  # the box above, the axis, which half
    halved: dict[int, tuple[list[int], list[int]]] = field(default_factory=dict)

    def closes(self, leaf: Leaf) -> bool:
        forms = [self._form(i) for i, _ in leaf.weights]
        self.layouts[leaf.weights[0][0]].work.spend(len(forms[0]) * len(forms))
        if len(forms) == 1:
            return leaf.closed_by(max(forms[0]) if leaf.weights[0][1] > 0 else -min(forms[0]))
        factors, _ = integers([q * self.scales[i] for i, q in leaf.weights])
        columns = zip(*forms, strict=True)
        return leaf.closed_by(max(sum(map(int.__mul__, factors, column)) for column in columns))

    def _form(self, k: int) -> list[int]:
        if k not in self.forms and self.above:
            whole, axis, side = self.above
            if k not in whole.halved:
                whole.halved[k] = halves(whole._form(k), self.layouts[k], axis)
            self.forms[k] = whole.halved[k][side]
        return self.forms[k]

    def split(self, column: int, node: Json) -> tuple["_Forms", "_Forms"]:
        if column not in self.box:
            raise node.refuse("a variable without bounds is split")
        axis = list(self.box).index(column)
        parts = [_Forms(self.layouts, self.scales, self.box, above=(self, axis, s)) for s in (0, 1)]
        return parts[0], parts[1]


def _root_forms(case: Case, leaves: set[Leaf], box: Box, least: list[int], node: Json) -> _Forms:
    """Convert each constraint that leaves use, to one degree with all it is combined with."""
    group: dict[int, set[int]] = {}
    for leaf in leaves:
        members = {i for i, _ in leaf.weights}
        members = members.union(*(group.get(i, set()) for i in members))
        group.update(dict.fromkeys(members, members))
    root = _Forms({}, {}, box)
    shared: dict[tuple[int, ...], Layout] = {}
    floor = dict(zip(case.columns, least, strict=True))
    for i, members in group.items():
        polynomials = [case.exact(k, node) for k in members]
        degree = tuple(max(floor[c], *(p.degree(c) for p in polynomials)) for c in box)
        root.layouts[i] = shared.setdefault(degree, Layout(list(degree), case.ring.work))
        root.forms[i], root.scales[i] = to_bernstein(case.exact(i, node), box, root.layouts[i])
    return root
