"""From the text of a problem to its canonical hash and its mathematics."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_checker.document import Json, Unreadable
from lucid_checker.expression import FUNCTIONS, NAME, decimal, expand, sides
from lucid_checker.formula import Atom, Formula, Junction, atoms_of, below, both, conjuncts
from lucid_checker.limits import CONSTRAINTS_MAX, NESTING_MAX, VARIABLES_MAX, Refused, Work
from lucid_checker.noise import Moments, read_moments
from lucid_checker.polynomial import Polynomial, add, as_constant
from lucid_checker.ring import SLOTS_MAX, Ring

_FUNCTION_LIKE = re.compile(r"[A-Za-z_]\w*\s*\(|/\s*[^0-9\s]|(\*\*|\^)\s*[-+(]")
_CUTS_MAX = 64
_SMALL_MAX = 256  # vertices, transitions, Wiener processes
_FIELDS = ("kind", "vars", "parameters", "dynamics", "domain", "init", "unsafe", "flow_condition")
_CERTIFICATE = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")
_FURTHER = ("inputs", "noise", "diffusion", "time", "horizon", "modes", "transitions")
_FURTHER_CERTIFICATE = ("exprs", "matrix", "band", "k", "gamma", "drift")
_BOUND = ("horizon", "gamma", "drift")
_FLOWS: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    # (kind, certificate): flow condition: the further fields that belong to it
    ("continuous", "barrier"): {
        **dict.fromkeys(("everywhere", "boundary_strict", "boundary_weak"), ()),
        **dict.fromkeys(("exponential", "invariant"), ()),
        "band": ("band",),
        "zeroing_cbf": ("inputs",),
        "finite_horizon": ("time", "horizon"),
    },
    ("continuous", "vector"): {"vector": ("exprs", "matrix")},
    ("continuous", "invariant"): {"invariant": ()},
    ("discrete", "barrier"): {
        **dict.fromkeys(("discrete_decrease", "discrete_inductive"), ()),
        "band": ("band",),
        "k_inductive": ("k",),
    },
    ("stochastic_discrete", "barrier"): {"supermartingale": ("noise", *_BOUND)},
    ("stochastic_continuous", "barrier"): {"supermartingale": ("diffusion", *_BOUND)},
    ("hybrid", "modes"): dict.fromkeys(
        ("everywhere", "boundary_strict", "exponential"), ("modes", "transitions", "exprs")
    ),
}


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
        self.work, self._given = work, {k: Json(v, k) for k, v in self.canonical.items()}
        certificate = self._given["certificate"]
        self._certificate = certificate.fields(_CERTIFICATE, _FURTHER_CERTIFICATE)
        self.kind, self.condition = (str(self.canonical[f]) for f in ("kind", "flow_condition"))
        self._check_fields()
        self.names = self._names("vars")
        self.index = {name: i for i, name in enumerate(self.names)}
        slots = SLOTS_MAX if _FUNCTION_LIKE.search(json.dumps(self.canonical)) else 0
        self.ring = Ring(len(self.names), slots, work)
        self.parameters = self._indices(self._names("parameters"), "parameters")
        self.discrete = self.kind in ("discrete", "stochastic_discrete")
        self.lifted: set[str] = set()  # functions whose terms a proof has lifted
        self.ways: set[str] = set()  # how invariance was proved
        self.vertices: list[dict[int, Polynomial]] = []
        self.noise: dict[int, Moments] = {}
        self._read_numbers()
        self.modes = self._modes()
        self.jumps = self._jumps()
        self.diffusion = self._diffusion()
        self._read_inputs_and_noise()
        self.cuts: tuple[Formula, ...] = ()
        if self._certificate["type"].value == "invariant":
            self.cuts = tuple(map(self.formula, self._certificate["cuts"].items(_CUTS_MAX)))
            if not self.cuts:
                raise Refused("certificate.cuts: there is none")

    def _check_fields(self) -> None:
        """Refuse a kind, certificate and flow condition that do not belong together."""
        flows = _FLOWS.get((self.kind, str(self._certificate["type"].value)), {})
        if self.condition not in flows:
            raise Refused("flow_condition: it does not fit the kind and the certificate")
        further = {*_FURTHER, *_FURTHER_CERTIFICATE} & {*self._given, *self._certificate}
        for name in sorted(further - {*flows[self.condition]}):
            raise Refused(f"{name}: this field does not belong to {self.condition}")

    def _names(self, field: str) -> list[str]:
        listed = self._given[field]
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

    def expression(self, node: Json) -> Polynomial:
        """Return the expanded form of an expression's text."""
        if not isinstance(node.value, str):
            raise node.refuse("not an expression")
        return expand(node.value, self.index, self.ring, node)

    def number(self, node: Json, *, positive: bool = False) -> Fraction:
        """Return the rational that a text says."""
        value = as_constant(self.expression(node))
        if value is None or (positive and value <= 0):
            raise node.refuse(f"not a {'positive ' if positive else ''}number")
        return value

    def formula(self, node: Json, depth: int = 0) -> Formula:
        """Return the formula: `lhs op rhs`, {"and": […]}, {"or": […]}, or a list (and)."""
        if depth > NESTING_MAX:
            raise node.refuse(f"nested deeper than {NESTING_MAX}")
        if isinstance(node.value, str):
            left, right, relation = sides(node.value, node)
            p, q = (expand(text, self.index, self.ring, node) for text in (left, right))
            return Atom(add(p, q, -1), relation)
        kind = "and"
        if isinstance(node.value, dict):
            kind = "or" if "or" in node.value else "and"
            node = node.fields((kind,))[kind]
        inner = (self.formula(part, depth + 1) for part in node.items(CONSTRAINTS_MAX))
        return Junction(kind, tuple(inner))

    def _read_numbers(self) -> None:
        """Read what the flow conditions are parametrised with."""
        zero = Json("0")
        get = {**self._given, **self._certificate}.get
        self.slope = self.ring.constant(0)
        if self.condition in ("exponential", "zeroing_cbf"):
            self.slope = self._lambda(self._certificate["lambda"])
        self.strict = self.condition == "invariant" and self._originally_strict()
        self.band = self.horizon = self.gamma = self.drift = Fraction(0)
        self.steps, self.matrix, self.clock = 1, list[list[Fraction]](), -1
        if self.condition == "band":
            self.band = self.number(get("band", zero), positive=True)
        if self.condition == "k_inductive":
            self.steps = get("k", zero).integer(1, 8)
        if self.condition == "finite_horizon":
            self.horizon = self.number(get("horizon", zero), positive=True)
            self.clock = min(self._indices([get("time", zero).text()], "time"))
        if self.condition == "supermartingale":
            self.gamma, self.drift = (self.number(get(f, zero)) for f in ("gamma", "drift"))
            if "horizon" in self._given:
                self.horizon = self._horizon(self._given["horizon"])
            elif self.drift != 0:
                raise Refused("certificate.drift: without a horizon it must be 0")
            if self.gamma < 0 or self.drift < 0 or "gamma" not in self._certificate:
                raise Refused("certificate: gamma or drift is missing or negative")

    def _horizon(self, node: Json) -> Fraction:
        if type(node.value) is int and self.discrete:
            node = Json(str(node.value), "horizon")
        value = self.number(node, positive=True)
        if self.discrete and value.denominator != 1:
            raise node.refuse("not a number of steps")
        return value

    def _lambda(self, node: Json) -> Polynomial:
        """Return lambda: a number, read as its shortest decimal, or the text of an expression."""
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            text = repr(node.value)
            sign = -1 if text.startswith("-") else 1
            return self.ring.constant(sign * decimal(text.lstrip("-"), node))
        return self.expression(node)

    def _originally_strict(self) -> bool:
        original = self._certificate["original_invariant"]
        atoms = None if original.value is None else conjuncts(self.formula(original))
        return atoms is not None and len(atoms) == 1 and atoms[0].relation == ">"

    def _modes(self) -> list[Mode]:
        if self.kind != "hybrid":
            return [self._mode("", self._given, self._barriers())]
        for name in ("dynamics", "domain", "init", "unsafe"):
            if self.canonical[name] is not None:
                raise Refused(f"{name}: a hybrid system has it in its modes")
        sets = ("domain", "init", "unsafe")
        listed = self._given.get("modes", Json(None, "modes")).items(32)
        every = [node.fields(("name", "dynamics"), sets) for node in listed]
        names = [fields["name"].text() for fields in every]
        if not names or len(set(names)) != len(names):
            raise Refused("modes: none, or a name twice")
        barriers = self._certificate.get("exprs", Json(None, "exprs")).fields(names)
        return [
            self._mode(name, fields, (self.expression(barriers[name]),))
            for name, fields in zip(names, every, strict=True)
        ]

    def _barriers(self) -> tuple[Polynomial, ...]:
        kind = self._certificate["type"].value
        if kind == "invariant":
            return ()
        if kind == "barrier":
            return (self.expression(self._certificate["expr"]),)
        functions = self._certificate.get("exprs", Json(None, "exprs")).items(16)
        rows = self._certificate.get("matrix", Json(None, "matrix"))
        for i, row in enumerate(rows.items(16, exactly=len(functions))):
            entries = [self.number(q) for q in row.items(16, exactly=len(functions))]
            if any(q < 0 for j, q in enumerate(entries) if j != i):
                raise row.refuse("a negative entry off the diagonal")
            self.matrix.append(entries)
        if not functions:
            raise Refused("certificate.exprs: there is none")
        return tuple(map(self.expression, functions))

    def _mode(
        self, name: str, fields: Mapping[str, Json], barriers: tuple[Polynomial, ...]
    ) -> Mode:
        rates = fields["dynamics"].fields(self.names)
        dynamics = {i: self.expression(rates[x]) for i, x in enumerate(self.names)}
        for i in self.parameters:
            if self.discrete:
                dynamics[i] = self.ring.generator(i)
            elif dynamics[i]:
                raise rates[self.names[i]].refuse("a parameter must not change")
        domain, init, unsafe = (
            None if x.value is None else self.formula(x)
            for x in (fields.get(f, Json(None, f)) for f in ("domain", "init", "unsafe"))
        )
        if self.kind != "hybrid" and (init is None or unsafe is None):
            raise Refused("init, unsafe: one of them is missing")
        within = domain = domain or both()
        if self.clock >= 0 and init and unsafe:
            if dynamics[self.clock] != self.ring.constant(1):
                raise Refused("time: its rate is not 1")
            t = self.ring.generator(self.clock)
            now = (Atom(t, ">="), below(add(t, self.ring.constant(self.horizon), -1)))
            within, unsafe, init = both(domain, *now), both(unsafe, *now), both(init, Atom(t, "=="))
        return Mode(name, dynamics, domain, within, init, unsafe, barriers)

    def _jumps(self) -> list[Jump]:
        modes = {mode.name: mode for mode in self.modes}
        result = []
        if self.kind != "hybrid":
            return []
        for node in self._given.get("transitions", Json([], "transitions")).items(_SMALL_MAX):
            fields = node.fields(("from", "to", "guard"), ("reset",))
            ends = [fields[end].text() for end in ("from", "to")]
            if not {*ends} <= {*modes}:
                raise node.refuse("there is no such mode")
            reset_node = fields.get("reset", Json(None))
            changed = {} if reset_node.value is None else reset_node.fields((), self.names)
            reset = {
                i: self.expression(changed[x]) if x in changed else self.ring.generator(i)
                for i, x in enumerate(self.names)
            }
            if any(reset[i] != self.ring.generator(i) for i in self.parameters):
                raise node.refuse("a parameter must not change")
            guard = self.formula(fields["guard"])
            result.append(Jump(modes[ends[0]], modes[ends[1]], guard, reset))
        return result

    def _diffusion(self) -> list[dict[int, Polynomial]]:
        result = []
        for node in self._given.get("diffusion", Json([], "diffusion")).items(_SMALL_MAX):
            entries = node.fields((), self.names)
            result.append({self.index[x]: self.expression(v) for x, v in entries.items()})
            if any(result[-1].get(i) for i in self.parameters):
                raise node.refuse("a parameter must not change")
        return result

    def _read_inputs_and_noise(self) -> None:
        if self.condition == "zeroing_cbf":
            fields = self._given.get("inputs", Json(None, "inputs")).fields(("names", "vertices"))
            names = [name.text() for name in fields["names"].items(VARIABLES_MAX)]
            inputs = self._own(names, "inputs")
            for vertex in fields["vertices"].items(_SMALL_MAX):
                entries = vertex.items(VARIABLES_MAX, exactly=len(names))
                values = [self.number(q) for q in entries]
                images = zip(inputs, map(self.ring.constant, values), strict=True)
                self.vertices.append(dict(images))
            if not self.vertices:
                raise fields["vertices"].refuse("there is none")
            for rate in self.modes[0].dynamics.values():
                if any(sum(e[i] for i in inputs) > 1 for e in rate):
                    raise Refused("dynamics: it is not affine in the inputs")
                self.outside_functions(rate, inputs)
        elif "noise" in self._given:
            noise = self._given["noise"].fields((), self.names)
            indices = self._own(list(noise), "noise")
            moments = [read_moments(node, self.number) for node in noise.values()]
            self.noise = dict(zip(indices, moments, strict=True))

    def outside_functions(self, polynomial: Polynomial, hidden: list[int]) -> None:
        """Refuse one of these variables inside an opaque term."""
        for k in self.ring.within(polynomial):
            if self.ring.variables_of(self.ring.opaque[k - self.ring.variables][1]) & {*hidden}:
                raise Refused("dynamics: an input or noise inside a function")

    def _own(self, names: list[str], path: str) -> list[int]:
        """Return the indices of inputs or noise, which occur in the dynamics only."""
        mode = self.modes[0]
        found = self._indices(names, path)
        if len(found) != len(names) or found & self.parameters:
            raise Refused(f"{path}: a name twice, or a parameter")
        if any(mode.dynamics[i] for i in found):
            raise Refused(f'{path}: one of them has dynamics other than "0"')
        sets = [mode.domain, mode.init or both(), mode.unsafe or both()]
        polynomials = [atom.polynomial for s in sets for atom in atoms_of(s)]
        for polynomial in (*polynomials, *mode.barriers, self.slope):
            if self.ring.variables_of(polynomial) & found:
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
    return {
        **{name: raw.get(name) for name in always},
        **{name: raw[name] for name in given if raw.get(name) is not None},
    }
