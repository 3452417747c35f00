"""From the text of a problem to its canonical hash and its proof obligations."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lucid_checker.document import Unreadable, items
from lucid_checker.formula import Atom, Formula, Junction, both, conjuncts, opposite
from lucid_checker.limits import (
    CASES_MAX,
    CONSTRAINTS_MAX,
    NESTING_MAX,
    VARIABLES_MAX,
    Refused,
    Work,
)
from lucid_checker.parse import FUNCTIONS, NAME, decimal, parse_expression, parse_relation
from lucid_checker.polynomial import Polynomial, add, negate
from lucid_checker.ring import SLOTS_MAX, Ring

_FUNCTION_LIKE = re.compile(r"[A-Za-z_]\w*\s*\(|/\s*[^0-9\s]|(\*\*|\^)\s*[-+(]")
CUTS_MAX = 64
_FIELDS = ("kind", "vars", "parameters", "dynamics", "domain", "init", "unsafe", "flow_condition")
_CERTIFICATE = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")
CONTINUOUS = ("everywhere", "boundary_strict", "boundary_weak", "exponential", "invariant")
DISCRETE = ("discrete_decrease", "discrete_inductive")


class Constraint:
    """One `p >= 0 | p > 0 | p == 0` of a case."""

    def __init__(self, atom: Atom, ring: Ring) -> None:
        """Hold the atom's expanded form and, where no function is left, the plain polynomial."""
        self.expanded, self.relation = atom.polynomial, atom.relation
        self.polynomial = ring.plain(atom.polynomial)

    def exact(self, path: str) -> Polynomial:
        """Return the polynomial over the variables, refused where there is none."""
        if self.polynomial is None:
            raise Refused(f"{path}: the constraint is not polynomial")
        return self.polynomial


Case = list[Constraint]


@dataclass(frozen=True)
class Claim:
    """Positive invariance of {p <= 0}, {p < 0} or {p == 0} within `within`.

    Of the other conjuncts of the same cut, a proof may use those `before`, and a refutation must
    hold all of those `beside` it strictly.
    """

    kind: str  # weak, strict, equation
    polynomial: Polynomial
    within: Formula
    before: tuple[Formula, ...] = ()
    beside: tuple[Formula, ...] = ()


@dataclass(frozen=True)
class Obligation:
    """Either a bad formula that must have no solution, or claims of invariance."""

    bad: Formula | None
    claims: tuple[Claim, ...] = ()
    several: bool = False  # the proof is a list, one per conjunct of the cut
    unsupported: str = ""


class Problem:
    """The mathematics of one problem, parsed; labels and ids are never looked at."""

    def __init__(self, raw: dict[str, Any], work: Work) -> None:
        """Parse `raw`; refused where it is not a problem that the format speaks about."""
        self.canonical, self.sha256 = canonical_problem(raw)
        self.work, self.variables = work, _variables(self.canonical)
        slots = SLOTS_MAX if _FUNCTION_LIKE.search(json.dumps(self.canonical)) else 0
        self.ring = Ring(len(self.variables), slots, work)
        self.kind, self.condition = self.canonical["kind"], self.canonical["flow_condition"]
        self._constraints: dict[int, tuple[Atom, Constraint]] = {}
        self.dynamics = self._dynamics()
        self.parameters = self._parameters()
        domain = self.canonical["domain"]
        self.domain = both() if domain is None else self.formula(domain, "domain")
        self.init = self.formula(self.canonical["init"], "init")
        self.unsafe = self.formula(self.canonical["unsafe"], "unsafe")
        self.barrier: Polynomial | None = None
        self.cuts: tuple[Formula, ...] = ()
        self._read_certificate()

    def _read_certificate(self) -> None:
        certificate = self.canonical["certificate"]
        if not isinstance(certificate, dict) or certificate["type"] not in ("barrier", "invariant"):
            raise Refused("certificate: the type is not barrier or invariant")
        allowed: tuple[str, ...] = CONTINUOUS if self.kind == "continuous" else DISCRETE
        if certificate["type"] == "barrier":
            self.barrier = self.expression(certificate["expr"], "certificate.expr")
        else:
            allowed = ("invariant",) if self.kind == "continuous" else ()
            cuts = items(certificate["cuts"], "certificate.cuts", CUTS_MAX)
            self.cuts = tuple(
                self.formula(cut, f"certificate.cuts[{i}]") for i, cut in enumerate(cuts)
            )
            if not cuts:
                raise Refused("certificate.cuts: there is none")
        if self.kind not in ("continuous", "discrete") or self.condition not in allowed:
            raise Refused("flow_condition: it does not fit the kind and the certificate")

    def expression(self, value: Any, path: str) -> Polynomial:
        """Return the expanded form of an expression's text."""
        return self.ring.expand(parse_expression(value, self.variables, path))

    def formula(self, value: Any, path: str, depth: int = 0) -> Formula:
        """Return the formula: `lhs op rhs`, {"and": […]}, {"or": […]}, or a list (and)."""
        if depth > NESTING_MAX:
            raise Refused(f"{path}: nested deeper than {NESTING_MAX}")
        if isinstance(value, str):
            left, right, relation = parse_relation(value, self.variables, path)
            return Atom(add(self.ring.expand(left), self.ring.expand(right), -1), relation)
        kind, parts = "and", value
        if isinstance(value, dict):
            kind, parts = next(iter(value.items()), ("", None))
            if len(value) != 1 or kind not in ("and", "or"):
                raise Refused(f"{path}: a formula is a text, and, or")
        return Junction(
            kind,
            tuple(
                self.formula(part, f"{path}.{kind}[{i}]", depth + 1)
                for i, part in enumerate(items(parts, path, CONSTRAINTS_MAX))
            ),
        )

    def _dynamics(self) -> dict[int, Polynomial]:
        dynamics = self.canonical["dynamics"]
        if not isinstance(dynamics, dict) or set(dynamics) != set(self.variables):
            raise Refused("dynamics: not exactly one expression for each variable")
        return {
            i: self.expression(dynamics[name], f"dynamics.{name}")
            for i, name in enumerate(self.variables)
        }

    def _parameters(self) -> frozenset[int]:
        listed = self.canonical["parameters"]
        names = items([] if listed is None else listed, "parameters", VARIABLES_MAX)
        if any(name not in self.variables for name in names):
            raise Refused("parameters: one of them is not a variable")
        found = frozenset(self.variables.index(name) for name in names)
        for i in found:
            constant = self.ring.generator(i) if self.kind == "discrete" else {}
            if self.dynamics[i] != constant:
                raise Refused(f"dynamics.{self.variables[i]}: a parameter must not change")
        return found

    def rate(self, polynomial: Polynomial) -> Polynomial:
        """Return dB/dt along the flow."""
        return self.ring.rate(polynomial, self.dynamics)

    def next(self, polynomial: Polynomial) -> Polynomial:
        """Return B(f(x))."""
        images = [self.dynamics[i] for i in range(len(self.variables))]
        return self.ring.compose(polynomial, images)

    def cases(self, formula: Formula) -> list[Case]:
        """Return the disjunctive normal form in the order that evidence counts in."""
        return [[self._constraint(atom) for atom in case] for case in self._normal(formula)]

    def _constraint(self, atom: Atom) -> Constraint:
        """Return the one Constraint of this atom; it is kept, so that its id stays its own."""
        if id(atom) not in self._constraints:
            self._constraints[id(atom)] = (atom, Constraint(atom, self.ring))
        return self._constraints[id(atom)][1]

    def _normal(self, formula: Formula) -> list[list[Atom]]:
        if isinstance(formula, Atom):
            return [[formula]]
        if formula.kind == "or":
            joined = [case for part in formula.parts for case in self._normal(part)]
            self._count(len(joined), 0)
            return joined
        result: list[list[Atom]] = [[]]
        for part in formula.parts:
            cases = self._normal(part)
            self._count(len(result) * len(cases), len(result[0]) if result else 0)
            result = [left + right for left in result for right in cases]
        return result

    def _count(self, cases: int, constraints: int) -> None:
        self.work.spend(cases * (constraints + 1))
        if cases > CASES_MAX or constraints > CONSTRAINTS_MAX:
            raise Refused(f"a formula has more than {CASES_MAX} cases")


def canonical_problem(raw: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the canonical problem and its SHA-256 in hexadecimal."""
    canonical = {field: raw.get(field) for field in _FIELDS}
    certificate = raw.get("certificate")
    if isinstance(certificate, dict):
        certificate = {field: certificate.get(field) for field in _CERTIFICATE}
    canonical["certificate"] = certificate
    try:
        encoded = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (ValueError, RecursionError):
        raise Unreadable("problem: nested too deep") from None
    return canonical, hashlib.sha256(encoded.encode("ascii")).hexdigest()


def _variables(canonical: dict[str, Any]) -> list[str]:
    names = items(canonical["vars"], "vars", VARIABLES_MAX)
    for name in names:
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in FUNCTIONS:
            raise Refused("vars: one of them is not a name")
    if not names or len(set(names)) != len(names):
        raise Refused("vars: none, or a name twice")
    return names


def obligations(problem: Problem) -> dict[str, Obligation]:
    """Return the obligations of the problem's certificate, by name."""
    barrier = problem.barrier
    if barrier is None:
        return _cut_obligations(problem)
    below = Atom(negate(barrier), ">=")
    return {
        "init": Obligation(both(problem.init, Atom(barrier, ">"))),
        "unsafe": Obligation(both(problem.unsafe, below)),
        "flow": _flow(problem, barrier, below),
    }


def _flow(problem: Problem, barrier: Polynomial, below: Atom) -> Obligation:
    condition, domain = problem.condition, problem.domain
    if condition == "discrete_decrease":
        step = add(problem.next(barrier), barrier, -1)
        return Obligation(both(domain, Atom(step, ">")))
    if condition == "discrete_inductive":
        return Obligation(both(domain, below, Atom(problem.next(barrier), ">")))
    if condition == "invariant":
        kind = "strict" if _originally_strict(problem) else "weak"
        return Obligation(None, (Claim(kind, barrier, domain),))
    rate = problem.rate(barrier)
    if condition == "everywhere":
        return Obligation(both(domain, Atom(rate, ">")))
    if condition == "exponential":
        scaled = problem.ring.times(lambda_of(problem), barrier)
        return Obligation(both(domain, Atom(add(rate, scaled, -1), ">")))
    relation = ">=" if condition == "boundary_strict" else ">"
    return Obligation(both(domain, Atom(barrier, "=="), Atom(rate, relation)))


def _originally_strict(problem: Problem) -> bool:
    original = problem.canonical["certificate"]["original_invariant"]
    if original is None:
        return False
    atoms = conjuncts(problem.formula(original, "certificate.original_invariant"))
    return atoms is not None and len(atoms) == 1 and atoms[0].relation == ">"


def lambda_of(problem: Problem) -> Polynomial:
    """Return lambda: a number, read as its shortest decimal, or the text of an expression."""
    value = problem.canonical["certificate"]["lambda"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = repr(value)
        sign = -1 if text.startswith("-") else 1
        return problem.ring.constant(sign * decimal(text.lstrip("-"), "certificate.lambda"))
    return problem.expression(value, "certificate.lambda")


def _cut_obligations(problem: Problem) -> dict[str, Obligation]:
    every = both(*problem.cuts)
    result = {
        "init": Obligation(both(problem.init, problem.domain, opposite(every))),
        "unsafe": Obligation(both(every, problem.domain, problem.unsafe)),
    }
    for i, cut in enumerate(problem.cuts):
        earlier = both(problem.domain, *problem.cuts[:i])
        atoms = conjuncts(cut)
        if atoms is None:
            unsupported = "a cut that is not a conjunction of atoms is not supported"
            result[f"cut{i + 1}"] = Obligation(None, unsupported=unsupported)
            continue
        claims = tuple(_claim(atoms, j, earlier) for j in range(len(atoms)))
        result[f"cut{i + 1}"] = Obligation(None, claims, several=len(atoms) != 1)
    return result


def _claim(atoms: Iterable[Atom], j: int, earlier: Formula) -> Claim:
    parts = tuple(atoms)
    atom = parts[j]
    kind = {">=": "weak", ">": "strict", "==": "equation"}[atom.relation]
    node = atom.polynomial if kind == "equation" else negate(atom.polynomial)
    return Claim(kind, node, earlier, parts[:j], parts[:j] + parts[j + 1 :])
