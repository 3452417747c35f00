"""Proofs by splitting a box: the box is forced by the case, the leaves are closed one by one."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_checker.bernstein import Box, Layout, halves, to_bernstein
from lucid_checker.derive import Case, Constraint
from lucid_checker.document import fields, integer, items, rational
from lucid_checker.enclosure import Encloser, Unbounded
from lucid_checker.limits import (
    BITS_MAX,
    CONSTRAINTS_MAX,
    EXPONENT_MAX,
    TREE_DEPTH_MAX,
    TREE_NODES_MAX,
    VARIABLES_MAX,
    Refused,
)
from lucid_checker.polynomial import Polynomial, add, common_denominator, degrees
from lucid_checker.ring import Ring


@dataclass(frozen=True, slots=True)
class Leaf:
    """A combination sum q_i p_i; `strict` if one of its inequalities with q_i > 0 is strict."""

    weights: tuple[tuple[int, Fraction], ...]
    strict: bool

    def closed_by(self, upper: Fraction | int) -> bool:
        """Say whether an upper bound of the combination contradicts the case."""
        return upper < 0 or (upper == 0 and self.strict)


def check_split(proof: dict[str, Any], case: Case, names: list[str], ring: Ring, path: str) -> None:
    """Accept if the box holds all points of the case and every leaf of the tree is closed."""
    fields(proof, path, ("type", "box", "bounds", "form", "tree"), ("degree",))
    box = _read_box(proof, case, names, path)
    tree = [
        _read_node(node, case, len(names), f"{path}.tree[{i}]")
        for i, node in enumerate(items(proof["tree"], f"{path}.tree", TREE_NODES_MAX))
    ]
    used = _used_below(tree, path)
    for i in sorted({i for node in tree if isinstance(node, Leaf) for i, _ in node.weights}):
        if not ring.variables_of(case[i].expanded) <= box.keys():
            raise Refused(f"{path}.box: constraint {i} has a variable without bounds")
    if any(node not in box for node in tree if isinstance(node, int)):
        raise Refused(f"{path}.tree: a variable without bounds is split")
    if proof["form"] == "bernstein":
        least = [0] * len(names)
        if "degree" in proof:
            least = [
                integer(d, f"{path}.degree", 0, EXPONENT_MAX)
                for d in items(proof["degree"], f"{path}.degree", VARIABLES_MAX)
            ]
            if len(least) != len(names):
                raise Refused(f"{path}.degree: not one for each variable")
        _Bernstein(case, box, least, tree, ring, path).walk(used)
    elif proof["form"] in ("interval", "mean_value"):
        _walk_enclosures(case, box, tree, ring, path)
    else:
        raise Refused(f"{path}.form: not bernstein, interval or mean_value")


def _read_box(
    proof: dict[str, Any], case: Case, names: list[str], path: str
) -> dict[int, tuple[Fraction, Fraction]]:
    sides = fields(proof["box"], f"{path}.box", (), names)
    reasons = fields(proof["bounds"], f"{path}.bounds", sides.keys())
    box = {}
    for variable, name in enumerate(names):
        if name not in sides:
            continue
        ends = items(sides[name], f"{path}.box.{name}", 2)
        why = items(reasons[name], f"{path}.bounds.{name}", 2)
        if len(ends) != 2 or len(why) != 2:
            raise Refused(f"{path}.box.{name}: not a pair")
        low, high = (rational(end, f"{path}.box.{name}") for end in ends)
        if low > high:
            raise Refused(f"{path}.box.{name}: the lower bound is above the upper")
        for side, (end, reason) in enumerate(zip((low, high), why, strict=True)):
            where = f"{path}.bounds.{name}[{side}]"
            constraint = case[integer(reason, where, 0, len(case) - 1)]
            if not _bounds(constraint, variable, end, upper=side == 1, path=where):
                raise Refused(f"{where}: constraint {reason} does not give this bound")
        box[variable] = (low, high)
    return box


def _bounds(
    constraint: Constraint, variable: int, end: Fraction, *, upper: bool, path: str
) -> bool:
    """Say whether the constraint forces x <= end (upper) or x >= end."""
    polynomial = constraint.exact(path)
    square: dict[int, Fraction] = {}
    linear: dict[int, Fraction] = {}
    free = Fraction(0)
    for exponents, value in polynomial.items():
        where = [i for i, e in enumerate(exponents) if e]
        if not where:
            free = value
        elif len(where) == 1 and exponents[where[0]] <= 2:
            (linear if exponents[where[0]] == 1 else square)[where[0]] = value
        else:
            return False
    slope = linear.get(variable, Fraction(0))
    if not square and set(linear) == {variable}:
        root = -free / slope
        if constraint.relation != "==" and (slope < 0) != upper:
            return False
        return end >= root if upper else end <= root
    # c - sum a_i (x_i - m_i)^2 >= 0 with all a_i > 0 gives (x - m)^2 <= c / a.
    if variable not in square or not set(linear) <= set(square) or max(square.values()) >= 0:
        return False
    radius = free - sum(linear.get(i, Fraction(0)) ** 2 / (4 * a) for i, a in square.items())
    distance = end + slope / (2 * square[variable])
    outside = distance >= 0 if upper else distance <= 0
    return outside and distance**2 >= radius / -square[variable]


def _read_node(node: Any, case: Case, variables: int, path: str) -> int | Leaf:
    if not isinstance(node, dict):
        return integer(node, path, 0, variables - 1)
    if "combination" not in node:
        fields(node, path, ("constraint",), ("sign",))
        index = integer(node["constraint"], f"{path}.constraint", 0, len(case) - 1)
        weight = Fraction(1)
        if "sign" in node:
            if integer(node["sign"], f"{path}.sign", -1, 1) != -1 or case[index].relation != "==":
                raise Refused(f"{path}.sign: only -1, and only for an equation")
            weight = Fraction(-1)
        return Leaf(((index, weight),), case[index].relation == ">")
    fields(node, path, ("combination",))
    weights: dict[int, Fraction] = {}
    for entry in items(node["combination"], f"{path}.combination", CONSTRAINTS_MAX):
        pair = items(entry, f"{path}.combination", 2)
        if len(pair) != 2:
            raise Refused(f"{path}.combination: not a pair")
        index = integer(pair[0], f"{path}.combination", 0, len(case) - 1)
        weight = rational(pair[1], f"{path}.combination")
        if index in weights or (weight < 0 and case[index].relation != "=="):
            raise Refused(f"{path}.combination: constraint {index} twice or with negative weight")
        weights[index] = weight
    kept = tuple((i, q) for i, q in weights.items() if q)
    if not kept:
        raise Refused(f"{path}.combination: no weight is positive")
    return Leaf(kept, any(case[i].relation == ">" for i, _ in kept))


def _used_below(tree: list[int | Leaf], path: str) -> list[frozenset[int]]:
    """Return which constraints the leaves below each node use; refuse what is no preorder."""
    used: list[frozenset[int]] = [frozenset()] * len(tree)
    stack: list[int] = []
    for i in range(len(tree) - 1, -1, -1):
        node = tree[i]
        if isinstance(node, Leaf):
            used[i] = frozenset(index for index, _ in node.weights)
        elif len(stack) < 2:
            raise Refused(f"{path}.tree: a split has no two halves")
        else:
            left, right = used[stack.pop()], used[stack.pop()]
            used[i] = left if left == right else left | right
        stack.append(i)
    if len(stack) != 1:
        raise Refused(f"{path}.tree: not exactly one tree")
    return used


class _Bernstein:
    """Walks a tree with the Bernstein forms of the constraints that the leaves below still need."""

    def __init__(
        self,
        case: Case,
        box: dict[int, tuple[Fraction, Fraction]],
        least: list[int],
        tree: list[int | Leaf],
        ring: Ring,
        path: str,
    ) -> None:
        self.tree, self.work, self.path = tree, ring.work, path
        self.axes = sorted(box)
        self.axis_of = {variable: axis for axis, variable in enumerate(self.axes)}
        intervals: Box = [box[v] for v in self.axes]
        self.layouts: dict[int, Layout] = {}
        self.roots: dict[int, list[int]] = {}
        self.scales: dict[int, Fraction] = {}
        shared: dict[tuple[int, ...], Layout] = {}
        for i, degree in _common_degrees(case, tree, least, ring.variables, path).items():
            own = tuple(degree[v] for v in self.axes)
            self.layouts[i] = shared.setdefault(own, Layout(list(own)))
            self.roots[i], self.scales[i] = to_bernstein(
                case[i].exact(path), self.axes, intervals, self.layouts[i], self.work
            )

    def walk(self, used: list[frozenset[int]]) -> None:
        """Close every leaf, in preorder; the depth is bounded."""
        stack = [(self.roots, 0)]
        for i, node in enumerate(self.tree):
            tensors, depth = stack.pop()
            if isinstance(node, Leaf):
                self._close(node, tensors, f"{self.path}.tree[{i}]")
                continue
            if depth >= TREE_DEPTH_MAX:
                raise Refused(f"{self.path}.tree: deeper than {TREE_DEPTH_MAX}")
            lower, upper = {}, {}
            for k in used[i]:
                if tensors[k][0].bit_length() > BITS_MAX:
                    raise Refused(f"{self.path}.tree: a coefficient is too long")
                lower[k], upper[k] = halves(
                    tensors[k], self.layouts[k], self.axis_of[node], self.work
                )
            stack.append((upper, depth + 1))
            stack.append((lower, depth + 1))

    def _close(self, leaf: Leaf, tensors: dict[int, list[int]], path: str) -> None:
        if len(leaf.weights) == 1:
            index, weight = leaf.weights[0]
            tensor = tensors[index]
            self.work.spend(len(tensor) // 8)
            upper = max(tensor) if weight > 0 else -min(tensor)
        else:
            # All tensors of a combination have one degree, so halving scaled them alike.
            factors = [q * self.scales[i] for i, q in leaf.weights]
            common = common_denominator(factors)
            integers = [int(f * common) for f in factors]
            columns = zip(*(tensors[i] for i, _ in leaf.weights), strict=True)
            self.work.spend(len(tensors[leaf.weights[0][0]]) * len(factors))
            upper = max(sum(map(int.__mul__, integers, column)) for column in columns)
        if not leaf.closed_by(upper):
            raise Refused(f"{path}: the leaf is open: the combination may be positive on its box")


def _common_degrees(
    case: Case, tree: list[int | Leaf], least: list[int], variables: int, path: str
) -> dict[int, list[int]]:
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
        own = [degrees(case[k].exact(path), variables) for k in members]
        result[i] = [max(column) for column in zip(least, *own, strict=True)]
    return result


def _walk_enclosures(
    case: Case,
    box: dict[int, tuple[Fraction, Fraction]],
    tree: list[int | Leaf],
    ring: Ring,
    path: str,
) -> None:
    sums: dict[Leaf, tuple[Polynomial, dict[int, Polynomial] | None]] = {}
    stack: list[tuple[dict[int, tuple[Fraction, Fraction]], int]] = [(box, 0)]
    for i, node in enumerate(tree):
        current, depth = stack.pop()
        if not isinstance(node, Leaf):
            if depth >= TREE_DEPTH_MAX:
                raise Refused(f"{path}.tree: deeper than {TREE_DEPTH_MAX}")
            low, high = current[node]
            middle = (low + high) / 2
            stack.append(({**current, node: (middle, high)}, depth + 1))
            stack.append(({**current, node: (low, middle)}, depth + 1))
            continue
        if node not in sums:
            total: Polynomial = {}
            for index, weight in node.weights:
                total = add(total, case[index].expanded, weight)
            sums[node] = (total, _slopes(total, ring))
        if not _closed_by_enclosure(node, *sums[node], Encloser(ring, current)):
            raise Refused(
                f"{path}.tree[{i}]: the leaf is open: the combination may be positive on its box"
            )


def _slopes(combination: Polynomial, ring: Ring) -> dict[int, Polynomial] | None:
    """Return the derivatives by the variables that occur, None where there is none (abs)."""
    if "abs" in ring.functions_of(combination):
        return None
    return {v: ring.derivative(combination, v) for v in sorted(ring.variables_of(combination))}


def _closed_by_enclosure(
    leaf: Leaf, combination: Polynomial, slopes: dict[int, Polynomial] | None, encloser: Encloser
) -> bool:
    """Try the natural enclosure, then the mean value form; both need a finite natural one."""
    try:
        if leaf.closed_by(encloser.natural(combination)[1]):
            return True
        if slopes is None:
            return False
        return leaf.closed_by(encloser.mean_value(combination, slopes)[1])
    except Unbounded:
        return False
