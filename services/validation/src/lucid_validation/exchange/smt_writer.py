"""Obligations as SMT-LIB 2 scripts: `unsat` means that the obligation holds.

`QF_NRA` with exact rationals; reciprocals, square roots and absolute values become variables with
their defining relations. Other functions are written as cvc5 has them (logic `QF_NRAT`), or, in
dReal's dialect, all functions by their names. A solver's answer is no evidence here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from lucid_validation.barrier.conditions import (
    Case,
    Conjunct,
    Emptiness,
    Obligation,
    boundary_cases,
    lie_cases,
    obligations,
)
from lucid_validation.barrier.errors import Unsupported
from lucid_validation.barrier.formula import Atom, Formula, atoms_in_order
from lucid_validation.barrier.lie import LieChain, lie_chain
from lucid_validation.barrier.polynomial import INVERSE, Polynomial, Ring, terms
from lucid_validation.barrier.problem import Problem

from .errors import NotExpressible

Dialect = Literal["smt2", "dreal"]
_LOGIC = {"and", "or", "not", "xor", "ite", "let", "true", "false", "exists", "forall", "distinct"}
_COMMANDS = {"_", "as", "assert", "par", "push", "pop", "exit", "echo", "reset"}
_ARITHMETIC = {"abs", "div", "mod", "min", "max", "pow", "is_int", "to_int", "to_real", "select"}
_FUNCTIONS = {"sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "pi", "store", "int_of"}
_RESERVED = frozenset(_LOGIC | _COMMANDS | _ARITHMETIC | _FUNCTIONS)
# Orders of Lie derivatives are found quickly or not at all.
_ORDERS_MAX = 8


@dataclass(frozen=True, slots=True)
class Script:
    """One obligation as a script. `exact`: `sat` means that the obligation fails."""

    obligation: str
    text: str
    exact: bool


def obligation_names(problem: Problem) -> list[str]:
    """Return the names of the problem's obligations, in order."""
    return [obligation.name for obligation in obligations(problem)]


def write_smt(problem: Problem, dialect: Dialect, only: str | None = None) -> list[Script]:
    """Return a script for each obligation, or for the one of that name.

    Raises `NotExpressible` for an unknown name.
    """
    chosen = [o for o in obligations(problem) if only in (None, o.name)]
    if not chosen:
        names = ", ".join(obligation_names(problem))
        raise NotExpressible(f"there is no obligation {only!r}; there are {names}")
    return [_script(obligation, problem, dialect) for obligation in chosen]


def _script(obligation: Obligation, problem: Problem, dialect: Dialect) -> Script:
    cases, exact, remark = _cases(obligation, problem)
    writer = _Writer(problem.ring, dialect)
    body = [writer.case(case) for case in cases]
    bad = body[0] if len(body) == 1 else f"(or false {' '.join(body)})"
    text = [
        f"; problem {problem.sha256}",
        f"; obligation {obligation.name}: {obligation.theorem} [{obligation.citation}]",
        f"; unsat: the obligation holds. {remark}",
        f"(set-logic {writer.logic()})",
        *(f"(declare-fun {name} () Real)" for name in writer.declared()),
        f"(assert {bad})",
        "(check-sat)",
        "(exit)",
        "",
    ]
    return Script(obligation.name, "\n".join(text), exact)


def _cases(obligation: Obligation, problem: Problem) -> tuple[list[Case], bool, str]:
    """Return what must be empty, whether that is all, and what `sat` means."""
    if isinstance(obligation, Emptiness):
        return list(obligation.cases), True, "sat: it fails at the model."
    found: list[Case] = []
    exact = True
    sets: list[tuple[Formula, tuple[Formula, ...], Conjunct | None]]
    sets = [(c.region, c.within, c) for c in obligation.conjuncts]
    if obligation.whole is not None:
        sets.append((obligation.whole.region, obligation.whole.within, None))
    for region, within, conjunct in sets:
        criterion = _criterion(region, within, problem)
        if criterion is not None:
            found += criterion
            # Where the flow leaves the domain at once, a solution need not be a failure.
            exact = exact and not within
        elif conjunct is not None:
            found += _first_order(conjunct, problem)
            exact = False
        else:
            raise NotExpressible(
                f"{obligation.name}: its criterion by Lie derivatives is out of reach; use json"
            )
    if exact:
        return found, True, "sat: it fails near the model [Liu2011]."
    return found, False, "sat: nothing follows, the condition is sufficient only."


def _criterion(
    region: Formula, within: tuple[Formula, ...], problem: Problem
) -> tuple[Case, ...] | None:
    """Return the cases of the criterion by Lie derivatives; None where it is out of reach."""
    chains = _chains(region, problem)
    if chains is None:
        return None
    try:
        return lie_cases(region, within, chains, problem)
    except Unsupported:
        return None


def _first_order(conjunct: Conjunct, problem: Problem) -> list[Case]:
    if conjunct.kind == "equation":
        raise NotExpressible("the invariance of an equation needs polynomial dynamics; use json")
    return list(boundary_cases(conjunct, problem, weak=False))


def _chains(region: Formula, problem: Problem) -> list[LieChain] | None:
    ring = problem.ring
    atoms = atoms_in_order(region)
    polynomials = [*(atom.polynomial for atom in atoms), *problem.dynamics.values()]
    if not all(ring.is_plain(polynomial) for polynomial in polynomials):
        return None
    found: list[LieChain] = []
    for atom in atoms:
        chain = lie_chain(atom.polynomial, problem.dynamics, ring, _countdown(_ORDERS_MAX))
        if chain is None:
            return None
        found.append(chain)
    return found


def _countdown(count: int) -> Callable[[], bool]:
    """Return a function that says yes `count` times."""
    left = iter(range(count))
    return lambda: next(left, None) is not None


@dataclass(slots=True)
class _Writer:
    """Writes constraints; collects the variables and functions that occur."""

    ring: Ring
    dialect: Dialect
    used: set[int] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    defined: dict[int, str] = field(default_factory=dict)
    in_case: set[int] = field(default_factory=set)
    symbols: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.symbols = symbols_of(self.ring.variables)

    def logic(self) -> str:
        """Return the logic of what was written."""
        return "QF_NRAT" if self.dialect == "smt2" and self.functions else "QF_NRA"

    def declared(self) -> list[str]:
        """Return the symbols to declare, in order."""
        names = [name for k, name in enumerate(self.symbols) if k in self.used]
        return [*names, *(f"of.{slot}" for slot in sorted(self.defined))]

    def case(self, case: Case) -> str:
        """Return the conjunction of a case, with the definitions of its opaque terms."""
        self.in_case.clear()
        parts = [self._atom(atom) for atom in case.constraints]
        definitions = [self.defined[slot] for slot in sorted(self.in_case)]
        return f"(and true {' '.join([*definitions, *parts])})"

    def _atom(self, atom: Atom) -> str:
        sense = "=" if atom.sense == "==" else atom.sense
        return f"({sense} {self._polynomial(atom.polynomial)} 0.0)"

    def _polynomial(self, polynomial: Polynomial) -> str:
        parts = []
        for exponents, value in terms(polynomial).items():
            factors = [] if value == 1 and any(exponents) else [number(value)]
            for place, power in enumerate(exponents):
                if power:
                    factors += self._power(self._symbol(place), power)
            parts.append(f"(* {' '.join(factors)})" if len(factors) > 1 else factors[0])
        if not parts:
            return "0.0"
        return f"(+ {' '.join(parts)})" if len(parts) > 1 else parts[0]

    def _power(self, text: str, power: int) -> list[str]:
        if self.dialect == "dreal" and power > 1:
            return [f"(^ {text} {power})"]
        return [text] * power

    def _symbol(self, place: int) -> str:
        count = len(self.ring.variables)
        if place < count:
            self.used.add(place)
            return self.symbols[place]
        return self._opaque(place - count)

    def _opaque(self, slot: int) -> str:
        function, argument = self.ring.opaque_terms[slot]
        inner = self._polynomial(argument)
        if self.dialect == "dreal":
            return f"(/ 1.0 {inner})" if function == INVERSE else f"({function} {inner})"
        if function in {"sin", "cos", "tan", "exp"}:
            self.functions.add(function)
            return f"({function} {inner})"
        name = f"of.{slot}"
        self.in_case.add(slot)
        self.defined[slot] = self._definition(function, name, inner)
        return name

    def _definition(self, function: str, name: str, inner: str) -> str:
        match function:
            case "inverse":
                return f"(= (* {name} {inner}) 1.0)"
            case "sqrt":
                return f"(>= {name} 0.0) (= (* {name} {name}) {inner})"
            case "abs":
                return f"(= {name} (ite (>= {inner} 0.0) {inner} (- {inner})))"
            case "log":
                self.functions.add("exp")
                return f"(= (exp {name}) {inner})"
            case "tanh":
                self.functions.add("exp")
                double = f"(exp (* 2.0 {inner}))"
                return f"(= (* {name} (+ {double} 1.0)) (- {double} 1.0))"
            case _:
                raise NotExpressible(f"{function} has no counterpart in SMT-LIB; export as dreal")


def number(value: Fraction) -> str:
    """Return an exact rational as a term of sort Real."""
    size = f"{abs(value.numerator)}.0"
    if value.denominator != 1:
        size = f"(/ {size} {value.denominator}.0)"
    return f"(- {size})" if value < 0 else size


def symbols_of(names: Sequence[str]) -> list[str]:
    """Return a symbol for each variable: its name, or one that no solver reads otherwise."""
    found: list[str] = []
    for name in names:
        free = name
        while free in _RESERVED or free in found or (free != name and free in names):
            free += "_"
        found.append(free)
    return found
