"""A case as SMT-LIB text for an outside solver, and its model as a confirmed witness.

The solver's `unsat` is only a claim; its model counts only after exact confirmation.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Polynomial, terms

from .evidence import Witness, point
from .falsifier import confirm, scene_of


def script(case: Case) -> str:
    """Return the plain case as a QF_NRA script; variable number k is called `v<k>`."""
    return "\n".join(["(set-logic QF_NRA)", *declarations(case), f"(assert {assertion(case)})"])


def declarations(case: Case) -> list[str]:
    """Return one declaration for each variable."""
    return [f"(declare-const v{k} Real)" for k in range(len(case.variables))]


def assertion(case: Case) -> str:
    """Return the plain case as one term of sort Bool."""
    parts = []
    for atom in case.constraints:
        sense = "=" if atom.sense == "==" else atom.sense
        parts.append(f"({sense} {_polynomial(atom.polynomial)} 0.0)")
    return f"(and true {' '.join(parts)})"


def _number(value: Fraction) -> str:
    size = f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
    return f"(- {size})" if value < 0 else size


def _polynomial(polynomial: Polynomial) -> str:
    parts = []
    for exponents, value in terms(polynomial).items():
        factors = [_number(value)]
        for k, power in enumerate(exponents):
            factors += [f"v{k}"] * power
        parts.append(f"(* {' '.join(factors)})" if len(factors) > 1 else factors[0])
    if not parts:
        return "0.0"
    return f"(+ {' '.join(parts)})" if len(parts) > 1 else parts[0]


def witness_from(case: Case, model: Mapping[str, Fraction]) -> Witness | None:
    """Return a confirmed witness at or near a model (names `v<k>`, missing = 0), or None."""
    values = [model.get(f"v{k}", Fraction(0)) for k in range(len(case.variables))]
    exact = point(case, values)
    if exact is not None:
        return exact
    scene = scene_of(case)
    if scene is None:
        return None
    return confirm(scene, np.array([float(v) for v in values]), thorough=True)
