"""Proofs by splitting a box: the box is forced by the case, the leaves are closed one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from lucid_checker.bernstein import Box, Layout, halves, to_bernstein
from lucid_checker.cases import Case
from lucid_checker.document import Json
from lucid_checker.enclosure import Encloser, taylor_bound
from lucid_checker.functions import Interval, Unbounded
from lucid_checker.limits import (
    BITS_MAX,
    CONSTRAINTS_MAX,
    EXPONENT_MAX,
    TREE_DEPTH_MAX,
    TREE_NODES_MAX,
    Refused,
)
from lucid_checker.polynomial import Polynomial, add, degrees, integers
from lucid_checker.ring import Ring

_FORMS = ("bernstein", "interval", "mean_value", "taylor")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A combination sum q_i p_i; `strict` if one of its inequalities with q_i > 0 is strict."""

    weights: tuple[tuple[int, Fraction], ...]
    strict: bool

    def closed_by(self, upper: Fraction | int) -> bool:
        """Say whether an upper bound of the combination contradicts the case."""
        return upper < 0 or (upper == 0 and self.strict)


Tree = list[int | Leaf]


def check_split(proof: Json, case: Case) -> None:
    """Accept if the box holds all points of the case and every leaf of the tree is closed."""
    form = proof.tag("form")
    own = ("order",) if form == "taylor" else ()
    parts = proof.fields(("type", "box", "bounds", "form", "tree", *own), ("degree",))
    if form not in (_FORMS if len(case.columns) == case.ring.variables else _FORMS[:1]):
        raise parts["form"].refuse(f"not one of {', '.join(_FORMS)}, or not with lifted terms")
    count = len(case.columns)
    box = _read_box(parts["box"], parts["bounds"], case)
    tree = [_read_node(node, case) for node in parts["tree"].items(TREE_NODES_MAX)]
    used = _used_below(tree, parts["tree"])
    for i in sorted({i for node in tree if isinstance(node, Leaf) for i, _ in node.weights}):
        if form == "bernstein":
            found = {v for v, d in enumerate(degrees(case.exact(i, proof), count)) if d}
        else:
            found = set(case.ring.variables_of(case.atoms[i].polynomial))
        if not found <= box.keys():
            raise parts["box"].refuse(f"constraint {i} has a variable without bounds")
    if any(node not in box for node in tree if isinstance(node, int)):
        raise parts["tree"].refuse("a variable without bounds is split")
    if form == "bernstein":
        least = [0] * count
        if "degree" in parts:
            entries = parts["degree"].items(count, exactly=count)
            least = [entry.integer(0, EXPONENT_MAX) for entry in entries]
        _Bernstein(case, box, least, tree, parts["tree"]).walk(used)
        return
    order = parts["order"].integer(1, 12) if form == "taylor" else 0
    _walk_enclosures(case, box, tree, order, parts["tree"])


def _read_box(sides: Json, bounds: Json, case: Case) -> dict[int, Interval]:
    every = sides.fields((), case.names)
    reasons = bounds.fields(every)
    box = {}
    for column, name in enumerate(case.names):
        if name not in every:
            continue
        low, high = (end.rational() for end in every[name].items(2, exactly=2))
        if low > high:
            raise every[name].refuse("the lower bound is above the upper")
        why = reasons[name].items(2, exactly=2)
        for reason, end, upper in zip(why, (low, high), (False, True), strict=True):
            index = case.index(reason)
            relation = case.atoms[index].relation
            if not _bounds(case.exact(index, reason), relation, column, end, upper=upper):
                raise reason.refuse(f"constraint {index} does not give this bound")
        box[column] = (low, high)
    return box


def _bounds(p: Polynomial, relation: str, column: int, end: Fraction, *, upper: bool) -> bool:
    """Say whether the constraint forces x <= end (upper) or x >= end."""
    square: dict[int, Fraction] = {}
    linear: dict[int, Fraction] = {}
    free = Fraction(0)
    for exponents, value in p.items():
        where = [i for i, e in enumerate(exponents) if e]
        if not where:
            free = value
        elif len(where) == 1 and exponents[where[0]] <= 2:
            (linear if exponents[where[0]] == 1 else square)[where[0]] = value
        else:
            return False
    slope = linear.get(column, Fraction(0))
    if not square and set(linear) == {column}:
        if relation != "==" and (slope < 0) != upper:
            return False
        return end >= -free / slope if upper else end <= -free / slope
    # c - sum a_i (x_i - m_i)^2 >= 0 with all a_i > 0 gives (x - m)^2 <= c / a.
    if column not in square or not set(linear) <= set(square) or max(square.values()) >= 0:
        return False
    radius = free - sum(linear.get(i, Fraction(0)) ** 2 / (4 * a) for i, a in square.items())
    distance = end + slope / (2 * square[column])
    outside = distance >= 0 if upper else distance <= 0
    return outside and distance**2 >= radius / -square[column]


def _read_node(node: Json, case: Case) -> int | Leaf:
    if not isinstance(node.value, dict):
        return node.integer(0, len(case.columns) - 1)
    if "combination" not in node.value:
        parts = node.fields(("constraint",), ("sign",))
        index = case.index(parts["constraint"])
        relation = case.atoms[index].relation
        if "sign" in parts and (parts["sign"].integer(-1, 1) != -1 or relation != "=="):
            raise parts["sign"].refuse("only -1, and only for an equation")
        return Leaf(((index, Fraction(-1 if "sign" in parts else 1)),), relation == ">")
    combination = node.fields(("combination",))["combination"]
    weights: dict[int, Fraction] = {}
    for entry in combination.items(CONSTRAINTS_MAX):
        first, second = entry.items(2, exactly=2)
        index, weight = case.index(first), second.rational()
        if index in weights or (weight < 0 and case.atoms[index].relation != "=="):
            raise entry.refuse(f"constraint {index} twice or with negative weight")
        weights[index] = weight
    kept = tuple((i, q) for i, q in weights.items() if q)
    if not kept:
        raise combination.refuse("no weight is positive")
    return Leaf(kept, any(case.atoms[i].relation == ">" for i, _ in kept))


def _used_below(tree: Tree, node: Json) -> list[frozenset[int]]:
    """Return for each node which constraints the leaves below it use; the list is one full tree."""
    used: list[frozenset[int]] = [frozenset()] * len(tree)
    stack: list[int] = []
    for i in range(len(tree) - 1, -1, -1):
        entry = tree[i]
        if isinstance(entry, Leaf):
            used[i] = frozenset(index for index, _ in entry.weights)
        elif len(stack) < 2:
            raise node.refuse("a split has no two halves")
        else:
            left, right = used[stack.pop()], used[stack.pop()]
            used[i] = left if left == right else left | right
        stack.append(i)
    if len(stack) != 1:
        raise node.refuse("not exactly one tree")
    return used


class _Bernstein:
    """Walks a tree with the Bernstein forms of the constraints that the leaves below still need."""

    def __init__(
        self, case: Case, box: dict[int, Interval], least: list[int], tree: Tree, node: Json
    ) -> None:
        self.tree, self.work, self.node = tree, case.ring.work, node
        axes = sorted(box)
        self.axis_of = {variable: axis for axis, variable in enumerate(axes)}
        sides: Box = [box[v] for v in axes]
        self.layouts: dict[int, Layout] = {}
        self.roots: dict[int, list[int]] = {}
        self.scales: dict[int, Fraction] = {}
        shared: dict[tuple[int, ...], Layout] = {}
        for i, degree in _common_degrees(case, tree, least, node).items():
            own = tuple(degree[v] for v in axes)
            layout = self.layouts[i] = shared.setdefault(own, Layout(list(own)))
            self.roots[i], self.scales[i] = to_bernstein(
                case.exact(i, node), axes, sides, layout, self.work
            )

    def walk(self, used: list[frozenset[int]]) -> None:
        """Close every leaf, in preorder; the depth is bounded."""
        stack = [(self.roots, 0)]
        for i, node in enumerate(self.tree):
            tensors, depth = stack.pop()
            if isinstance(node, Leaf):
                if not node.closed_by(self._upper(node, tensors)):
                    raise _open_leaf(self.node, i)
                continue
            if depth >= TREE_DEPTH_MAX:
                raise self.node.refuse(f"deeper than {TREE_DEPTH_MAX}")
            lower, upper = {}, {}
            axis = self.axis_of[node]
            for k in used[i]:
                if tensors[k][0].bit_length() > BITS_MAX:
                    raise self.node.refuse("a coefficient is too long")
                lower[k], upper[k] = halves(tensors[k], self.layouts[k], axis, self.work)
            stack.extend(((upper, depth + 1), (lower, depth + 1)))

    def _upper(self, leaf: Leaf, tensors: dict[int, list[int]]) -> int:
        """Return a positive multiple of the largest coefficient of the combination."""
        if len(leaf.weights) == 1:
            index, weight = leaf.weights[0]
            self.work.spend(len(tensors[index]) // 8)
            return max(tensors[index]) if weight > 0 else -min(tensors[index])
        # All tensors of a combination have one degree, so halving scaled them alike.
        factors, _ = integers(q * self.scales[i] for i, q in leaf.weights)
        columns = zip(*(tensors[i] for i, _ in leaf.weights), strict=True)
        self.work.spend(len(tensors[leaf.weights[0][0]]) * len(factors))
        return max(sum(map(int.__mul__, factors, column)) for column in columns)


def _open_leaf(tree: Json, i: int) -> Refused:
    leaf = Json(None, i, tree)
    return leaf.refuse("the leaf is open: the combination may be positive on its box")


def _common_degrees(case: Case, tree: Tree, least: list[int], node: Json) -> dict[int, list[int]]:
    """Return a multi-degree per used constraint, common to all that are combined together."""
    group: dict[int, set[int]] = {}
    for leaf in {node for node in tree if isinstance(node, Leaf)}:
        members = {i for i, _ in leaf.weights}
        for i in tuple(members):
            members |= group.get(i, set())
        for i in members:
            group[i] = members
    result = {}
    for i, members in group.items():
        own = [degrees(case.exact(k, node), len(case.columns)) for k in members]
        result[i] = [max(column) for column in zip(least, *own, strict=True)]
    return result


def _walk_enclosures(
    case: Case, box: dict[int, Interval], tree: Tree, order: int, node: Json
) -> None:
    """Close every leaf by Taylor models of this order, or with order 0 by enclosures."""
    sums: dict[Leaf, Callable[[dict[int, Interval]], bool]] = {}
    stack: list[tuple[dict[int, Interval], int]] = [(box, 0)]
    for i, entry in enumerate(tree):
        current, depth = stack.pop()
        if isinstance(entry, Leaf):
            if entry not in sums:
                total: Polynomial = {}
                for index, weight in entry.weights:
                    total = add(total, case.atoms[index].polynomial, weight)
                sums[entry] = _closer(entry, total, order, case.ring)
            if not sums[entry](current):
                raise _open_leaf(node, i)
            continue
        if depth >= TREE_DEPTH_MAX:
            raise node.refuse(f"deeper than {TREE_DEPTH_MAX}")
        low, high = current[entry]
        middle = (low + high) / 2
        stack.append(({**current, entry: (middle, high)}, depth + 1))
        stack.append(({**current, entry: (low, middle)}, depth + 1))


def _closer(
    leaf: Leaf, total: Polynomial, order: int, ring: Ring
) -> Callable[[dict[int, Interval]], bool]:
    """Return the test of a box: natural and mean value enclosure, or a Taylor model."""
    slopes: dict[int, Polynomial] = {}
    if not order and "abs" not in ring.functions_of(total):
        slopes = {v: ring.derivative(total, v) for v in sorted(ring.variables_of(total))}

    def closes(box: dict[int, Interval]) -> bool:
        try:
            if order:
                return leaf.closed_by(taylor_bound(total, box, order, ring))
            encloser = Encloser(ring, box)
            if leaf.closed_by(encloser.natural(total)[1]):
                return True
            return bool(slopes) and leaf.closed_by(encloser.mean_value(total, slopes)[1])
        except Unbounded:
            return False

    return closes
