"""From the text of a problem to its canonical hash and its mathematics."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_checker.algebra import Polynomial, Ring
from lucid_checker.document import Json, Unreadable
from lucid_checker.expression import FUNCTIONS, NAME, decimal, expand, relation
from lucid_checker.formula import (
    Atom,
    Case,
    Formula,
    Junction,
    atoms_of,
    below,
    both,
    conjuncts,
    normal_form,
)
from lucid_checker.limits import CONSTRAINTS_MAX, NESTING_MAX, VARIABLES_MAX, Refused, Work
from lucid_checker.noise import Moments, read_moments

_FUNCTION_LIKE = re.compile(r"[A-Za-z_]\w*\s*\(|/\s*[^0-9\s]|(\*\*|\^)\s*[-+(]")
_SLOTS_MAX = 40
_CUTS_MAX = 64
_MODES_MAX = 32
_FUNCTIONS_MAX = 16
_LIST_MAX = 256  # vertices, transitions, Wiener processes
_FIELDS = ("kind", "vars", "parameters", "dynamics", "domain", "init", "unsafe", "flow_condition")
_CERTIFICATE = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")
_FURTHER = ("inputs", "noise", "diffusion", "time", "horizon", "modes", "transitions")
_FURTHER_CERTIFICATE = ("exprs", "matrix", "band", "k", "gamma", "drift")
_FLOWS = {  # kind, certificate and flow condition: the further fields that belong to them
    "continuous barrier everywhere": "",
    "continuous barrier boundary_strict": "",
    "continuous barrier boundary_weak": "",
    "continuous barrier exponential": "",
    "continuous barrier invariant": "",
    "continuous barrier band": "band",
    "continuous barrier zeroing_cbf": "inputs",
    "continuous barrier finite_horizon": "time horizon",
    "continuous vector vector": "exprs matrix",
    "continuous invariant invariant": "",
    "discrete barrier discrete_decrease": "",
    "discrete barrier discrete_inductive": "",
    "discrete barrier band": "band",
    "discrete barrier k_inductive": "k",
    "stochastic_discrete barrier supermartingale": "noise horizon gamma drift",
    "stochastic_continuous barrier supermartingale": "diffusion horizon gamma drift",
    "hybrid modes everywhere": "modes transitions exprs",
    "hybrid modes boundary_strict": "modes transitions exprs",
    "hybrid modes exponential": "modes transitions exprs",
}
_NONE = Json(None)


@dataclass(frozen=True)
class Mode:
    """How a system moves and what is claimed of it; a system that is not hybrid has one mode.

    `within` is the domain, with the bounds of time where the horizon is finite.
    """

    name: str
    dynamics: dict[int, Polynomial]
    domain: Formula
    within: Formula
    init: Formula | None
    unsafe: Formula | None
    barriers: tuple[Polynomial, ...]


@dataclass(frozen=True)
class Jump:
    """A transition between modes; `reset` maps every variable to its value afterwards."""

    source: Mode
    target: Mode
    guard: Formula
    reset: dict[int, Polynomial]


class Problem:
    """The mathematics of one problem, parsed; labels and ids are never looked at."""

    def __init__(self, raw: dict[str, Any], work: Work) -> None:
        """Parse `raw`; refused where it is not a problem that the format speaks about."""
        self.canonical, self.sha256 = canonical_problem(raw)
        self.lifted: set[str] = set()  # functions whose terms a proof has lifted
        self.ways: set[str] = set()  # how invariance was proved
        self._certificate = Json(self.canonical["certificate"], "certificate")
        certificate = self._certificate.fields(_CERTIFICATE, _FURTHER_CERTIFICATE)
        self._given = {k: Json(v, k) for k, v in self.canonical.items()} | certificate
        self.kind, self.condition = (str(self.canonical[f]) for f in ("kind", "flow_condition"))
        self.discrete = self.kind in ("discrete", "stochastic_discrete")
        self._check_fields()
        self.names = self._names("vars")
        self.index = {name: i for i, name in enumerate(self.names)}
        slots = _SLOTS_MAX if _FUNCTION_LIKE.search(json.dumps(self.canonical)) else 0
        self.ring = Ring(len(self.names), slots, work)
        self.generators = {name: self.ring.generator(i) for name, i in self.index.items()}
        self.parameters = self._indices(self._names("parameters"), "parameters")
        self._read_numbers()
        self.modes = self._modes()
        self.jumps = list(map(self._jump, self._list("transitions")))
        self.diffusion = [self._images(node) for node in self._list("diffusion")]
        self.noise: dict[int, Moments] = {}
        self.vertices: list[dict[int, Polynomial]] = []
        self._read_noise()
        self._read_inputs()

    def _get(self, name: str) -> Json:
        return self._given.get(name, Json(None, name))

    def _list(self, name: str) -> list[Json]:
        return self._given[name].items(_LIST_MAX) if name in self._given else []

    def _check_fields(self) -> None:
        """Refuse a kind, certificate and flow condition that do not belong together."""
        allowed = _FLOWS.get(f"{self.kind} {self._certificate.tag('type')} {self.condition}")
        if allowed is None:
            raise Refused("flow_condition: it does not fit the kind and the certificate")
        for name in (*_FURTHER, *_FURTHER_CERTIFICATE):
            if name in self._given and name not in allowed.split():
                raise Refused(f"{name}: this field does not belong to {self.condition}")

    def _names(self, field: str) -> list[str]:
        listed = self._get(field)
        names = [] if listed.value is None else [n.text() for n in listed.items(VARIABLES_MAX)]
        if any(not NAME.fullmatch(name) or name in FUNCTIONS for name in names):
            raise listed.refuse("one of them is not a name")
        if len(set(names)) != len(names) or (field == "vars" and not names):
            raise listed.refuse("none, or a name twice")
        return names

    def _indices(self, names: list[str], path: str) -> frozenset[int]:
        for name in names:
            if name not in self.index:
                raise Refused(f"{path}: {name[:80]} is not a variable")
        return frozenset(self.index[name] for name in names)

    def case(self, *atoms: Atom) -> Case:
        """Return the conjunction, of which evidence speaks in the problem's variables."""
        return Case(list(atoms), self.names, list(range(len(self.names))), self.ring)

    def cases(self, formula: Formula) -> list[Case]:
        """Return the cases of a formula, in the order that evidence counts in."""
        return [self.case(*atoms) for atoms in normal_form(formula, self.ring.work)]

    def expression(self, node: Json) -> Polynomial:
        """Return the expanded form of an expression's text."""
        return expand(node.text(), self.generators, self.ring, node)

    def number(self, node: Json) -> Fraction:
        """Return the rational that a text says."""
        value = self.expression(node).constant()
        if value is None:
            raise node.refuse("not a number")
        return value

    def formula(self, node: Json, depth: int = 0) -> Formula:
        """Return the formula: `lhs op rhs`, {"and": […]}, {"or": […]}, or a list (and)."""
        if depth > NESTING_MAX:
            raise node.refuse(f"nested deeper than {NESTING_MAX}")
        if isinstance(node.value, str):
            return relation(node.value, self.generators, self.ring, node)
        kind = "and"
        if isinstance(node.value, dict):
            kind = "or" if "or" in node.value else "and"
            node = node.fields((kind,))[kind]
        parts = tuple(self.formula(part, depth + 1) for part in node.items(CONSTRAINTS_MAX))
        return Junction(kind, parts)

    def _positive(self, name: str) -> Fraction:
        node = self._get(name)
        if type(node.value) is int and self.discrete and name == "horizon":
            node = Json(str(node.value), name)  # a number of steps may be an integer
        value = self.number(node)
        if value <= 0 or (self.discrete and name == "horizon" and value.denominator != 1):
            raise node.refuse("not a positive number, or not a number of steps")
        return value

    def _read_numbers(self) -> None:
        """Read what the flow conditions are parametrised with; what does not belong is 0."""
        numbers = dict.fromkeys(("band", "gamma", "drift", "horizon"), Fraction(0))
        if self.condition in ("band", "finite_horizon") or "horizon" in self._given:
            name = "band" if self.condition == "band" else "horizon"
            numbers[name] = self._positive(name)
        if self.condition == "supermartingale":
            numbers["gamma"] = self.number(self._get("gamma"))
            numbers["drift"] = self.number(self._given.get("drift", Json("0")))
            if min(numbers.values()) < 0 or (numbers["drift"] and not numbers["horizon"]):
                raise Refused("certificate: gamma or drift is negative, or drift without a horizon")
        self.bound = min(Fraction(1), numbers["gamma"] + numbers["drift"] * numbers["horizon"])
        self.numbers = {name: self.ring.constant(value) for name, value in numbers.items()}
        self.numbers["lambda"] = self._lambda()
        self.steps = self._get("k").integer(1, 8) if self.condition == "k_inductive" else 1
        self.clock = -1
        if self.condition == "finite_horizon":
            self.clock = min(self._indices([self._get("time").text()], "time"))
        original, atoms = self._get("original_invariant"), None
        if self.condition == "invariant" and original.value is not None:
            atoms = conjuncts(self.formula(original))
        self.strict = [atom.relation for atom in atoms or ()] == [">"]

    def _lambda(self) -> Polynomial:
        """Return lambda: a number, read as its shortest decimal, or the text of an expression."""
        node = self._get("lambda")
        if self.condition not in ("exponential", "zeroing_cbf"):
            return self.ring.constant(0)
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            sign = -1 if node.value < 0 else 1
            return self.ring.constant(sign * decimal(repr(node.value).lstrip("-"), node))
        return self.expression(node)

    def _modes(self) -> list[Mode]:
        """Return the modes, or the system itself as the only one."""
        kind, exprs = self._certificate.tag("type"), self._get("exprs")
        self.cuts: tuple[Formula, ...] = ()
        self.matrix: list[list[Fraction]] = []
        if kind == "barrier":
            return [self._mode("", self._given, (self.expression(self._get("expr")),))]
        if kind == "invariant":
            self.cuts = tuple(map(self.formula, self._get("cuts").items(_CUTS_MAX)))
            if not self.cuts:
                raise Refused("certificate.cuts: there is none")
            return [self._mode("", self._given, ())]
        if kind == "vector":
            functions = tuple(map(self.expression, exprs.items(_FUNCTIONS_MAX)))
            size = len(functions)
            for i, row in enumerate(self._get("matrix").items(size, exactly=size)):
                self.matrix.append([self.number(q) for q in row.items(size, exactly=size)])
                if any(q < 0 for j, q in enumerate(self.matrix[i]) if j != i):
                    raise row.refuse("a negative entry off the diagonal")
            if not functions:
                raise exprs.refuse("there is none")
            return [self._mode("", self._given, functions)]
        if any(
            self.canonical[name] is not None for name in ("dynamics", "domain", "init", "unsafe")
        ):
            raise Refused("dynamics: a hybrid system has it, and its sets, in its modes")
        listed = self._get("modes").items(_MODES_MAX)
        sets = ("domain", "init", "unsafe")
        every = {node.tag("name"): node.fields(("name", "dynamics"), sets) for node in listed}
        if not listed or len(every) != len(listed):
            raise Refused("modes: none, or a name twice")
        barriers = exprs.fields([fields["name"].text() for fields in every.values()])
        return [self._mode(x, every[x], (self.expression(barriers[x]),)) for x in every]

    def _mode(
        self, name: str, fields: Mapping[str, Json], barriers: tuple[Polynomial, ...]
    ) -> Mode:
        dynamics = self._images(fields["dynamics"])
        if len(dynamics) < len(self.names):
            raise fields["dynamics"].refuse("an expression is missing")
        if self.discrete:
            dynamics |= {i: self.ring.generator(i) for i in self.parameters}
        nodes = {f: fields.get(f, _NONE) for f in ("domain", "init", "unsafe")}
        found = {f: self.formula(x) for f, x in nodes.items() if x.value is not None}
        if self.kind != "hybrid" and not {"init", "unsafe"} <= {*found}:
            raise Refused("init, unsafe: one of them is missing")
        within = domain = found.get("domain", both())
        init, unsafe = found.get("init"), found.get("unsafe")
        if self.clock >= 0 and init and unsafe:
            if dynamics[self.clock].terms != self.ring.constant(1).terms:
                raise Refused("time: its rate is not 1")
            t = self.ring.generator(self.clock)
            now = (Atom(t, ">="), below(t - self.numbers["horizon"]))
            within, unsafe, init = both(domain, *now), both(unsafe, *now), both(init, Atom(t, "=="))
        return Mode(name, dynamics, domain, within, init, unsafe, barriers)

    def _images(self, node: Json) -> dict[int, Polynomial]:
        """Return the expressions by variable; what is not 0 for no parameter, unless discrete."""
        entries = node.fields((), self.names)
        images = {self.index[x]: self.expression(value) for x, value in entries.items()}
        if not self.discrete and any(images.get(i) for i in self.parameters):
            raise node.refuse("a parameter must not change")
        return images

    def _jump(self, node: Json) -> Jump:
        fields = node.fields(("from", "to", "guard"), ("reset",))
        ends = [m for end in ("from", "to") for m in self.modes if m.name == fields[end].value]
        if len(ends) != 2:
            raise node.refuse("there is no such mode")
        entries = (
            {}
            if fields.get("reset", _NONE).value is None
            else fields["reset"].fields((), self.names)
        )
        reset = {i: self.ring.generator(i) for i in range(len(self.names))}
        reset |= {self.index[name]: self.expression(value) for name, value in entries.items()}
        if any(reset[i].terms != self.ring.generator(i).terms for i in self.parameters):
            raise node.refuse("a parameter must not change")
        return Jump(ends[0], ends[1], self.formula(fields["guard"]), reset)

    def _read_noise(self) -> None:
        if "noise" in self._given:
            noise = self._given["noise"].fields((), self.names)
            indices = self._own(list(noise), "noise")
            moments = [read_moments(node, self.number) for node in noise.values()]
            self.noise = dict(zip(indices, moments, strict=True))

    def _read_inputs(self) -> None:
        if self.condition != "zeroing_cbf":
            return
        fields = self._get("inputs").fields(("names", "vertices"))
        names = [name.text() for name in fields["names"].items(VARIABLES_MAX)]
        inputs = self._own(names, "inputs")
        for vertex in fields["vertices"].items(_LIST_MAX):
            values = [self.number(q) for q in vertex.items(len(inputs), exactly=len(inputs))]
            self.vertices.append(dict(zip(inputs, map(self.ring.constant, values), strict=True)))
        if not self.vertices:
            raise fields["vertices"].refuse("there is none")
        for rate in self.modes[0].dynamics.values():
            if any(sum(e[i] for i in inputs) > 1 for e in rate.terms):
                raise Refused("dynamics: it is not affine in the inputs")
            self.outside_functions(rate, inputs)

    def outside_functions(
        self, polynomial: Polynomial, hidden: Mapping[int, Any] | list[int]
    ) -> None:
        """Refuse one of these variables inside an opaque term."""
        for k in polynomial.opaque():
            if self.ring.term(k)[1].variables() & {*hidden}:
                raise Refused("dynamics: an input or noise inside a function")

    def _own(self, names: list[str], path: str) -> list[int]:
        """Return the indices of inputs or noise, which occur in the dynamics only."""
        mode, found = self.modes[0], self._indices(names, path)
        if len(found) != len(names) or found & self.parameters:
            raise Refused(f"{path}: a name twice, or a parameter")
        if any(mode.dynamics[i] for i in found):
            raise Refused(f'{path}: one of them has dynamics other than "0"')
        sets = both(mode.domain, mode.init or both(), mode.unsafe or both())
        polynomials = [atom.polynomial for atom in atoms_of(sets)]
        if any(
            p.variables() & found for p in (*polynomials, *mode.barriers, self.numbers["lambda"])
        ):
            raise Refused(f"{path}: one of them occurs outside of the dynamics")
        return [self.index[name] for name in names]


def canonical_problem(raw: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the canonical problem and its SHA-256 in hexadecimal."""
    canonical = _kept(raw, _FIELDS, _FURTHER)
    certificate = raw.get("certificate")
    if isinstance(certificate, dict):
        certificate = _kept(certificate, _CERTIFICATE, _FURTHER_CERTIFICATE)
    canonical["certificate"] = certificate
    try:
        encoded = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (ValueError, RecursionError):
        raise Unreadable("problem: nested too deep") from None
    return canonical, hashlib.sha256(encoded.encode("ascii")).hexdigest()


def _kept(
    raw: Mapping[str, Any], always: tuple[str, ...], given: tuple[str, ...]
) -> dict[str, Any]:
    kept = {name: raw.get(name) for name in always}
    return kept | {name: raw[name] for name in given if raw.get(name) is not None}
