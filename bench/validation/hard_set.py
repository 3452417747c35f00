"""A second, harder set: sublevel sets of Lyapunov functions in 2 to 12 dimensions, as problems.

    python bench/validation/hard_set.py > bench/validation/hard_set.json

The vector fields are published ones (`source`); the certificates are made here: B = V - c with
V = x'Px and P from the Lyapunov equation of the linear part, rounded to rationals, with a quartic
term for some. init is the largest ball inside {B <= 0} times (1 - margin), unsafe the half-space
beyond the set by the same margin, so that small margins ask for precision; with a margin of -1e-6
init is violated by a thin lens. Nothing here says which obligations hold: that is for the tools.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_continuous_lyapunov

Matrix = NDArray[np.float64]
MARGINS = ("1/10", "1/1000", "-1/1000000")


def _chain(coefficients: Sequence[int]) -> list[str]:
    names = [f"x{i + 1}" for i in range(len(coefficients))]
    last = " ".join(f"- {c}*{x}" for c, x in zip(coefficients, names, strict=True))
    return [*names[1:], last.removeprefix("- ").join(["-", ""])]


def _spiral(size: int) -> list[str]:
    names = [f"x{i + 1}" for i in range(size)]
    rates = []
    for i, x in enumerate(names):
        after, before = names[(i + 1) % size], names[i - 1]
        rates.append(f"-{x} - {x}**3 + {after}/2 - {before}/2")
    return rates


def _coupled_line(size: int) -> list[str]:
    names = [f"x{i + 1}" for i in range(size)]
    return [
        f"-2*{x}" + "".join(f" + {names[k]}" for k in (i - 1, i + 1) if 0 <= k < size)
        for i, x in enumerate(names)
    ]


JET = ["-x2 - 3/2*x1**2 - x1**3/2", "3*x1 - x2"]
LORENZ = ["10*(x2 - x1)", "x1/2 - x2 - x1*x3", "x1*x2 - 8/3*x3"]
SYSTEMS: tuple[tuple[str, str, list[str]], ...] = (
    ("jet", "Moore-Greitzer jet engine without stall [Krstic1995]", JET),
    ("vanderpol", "Van der Pol, time reversed [Khalil2002]", ["-x2", "x1 + (x1**2 - 1)*x2"]),
    ("prajna", "damped oscillator [Prajna2004]", ["x2", "-x1 + x1**3/3 - x2"]),
    ("lorenz", "Lorenz, r = 1/2 [Lorenz1963]", LORENZ),
    ("chain4", "hi-ord-4 [Edwards2024]", _chain([576, 2400, 4180, 3980])),
    ("chain6", "hi-ord-6 [Edwards2024]", _chain([576, 2400, 4180, 3980, 2273, 800])),
    ("chain8", "hi-ord-8 [Edwards2024]", _chain([576, 2400, 4180, 3980, 2273, 800, 170, 20])),
    ("spiral3", "ring of cubically damped oscillators", _spiral(3)),
    ("spiral5", "ring of cubically damped oscillators", _spiral(5)),
    ("spiral7", "ring of cubically damped oscillators", _spiral(7)),
    ("spiral9", "ring of cubically damped oscillators", _spiral(9)),
    ("line12", "heat equation on a line, 12 cells", _coupled_line(12)),
)


def _jacobian(names: list[str], rates: list[str]) -> Matrix:
    from lucid_validation.barrier.expression import parse_expression
    from lucid_validation.barrier.polynomial import Ring, terms

    ring = Ring(names)
    matrix = np.zeros((len(names), len(names)))
    for i, rate in enumerate(rates):
        tree = parse_expression(rate, frozenset(names))
        for exponents, value in terms(ring.expand(tree)).items():
            if sum(exponents) == 1:
                matrix[i, exponents.index(1)] = float(value)
    return matrix


def _rounded(value: float) -> Fraction:
    return Fraction(round(value * 2**40), 2**40)


def problem(name: str, source: str, rates: list[str], margin: str) -> dict[str, Any]:
    """Return one problem of the set."""
    names = [f"x{i + 1}" for i in range(len(rates))]
    size = len(names)
    jacobian = _jacobian(names, rates)
    shape = solve_continuous_lyapunov(jacobian.T, -np.eye(size))
    shape = shape / np.linalg.eigvalsh(shape)[-1]
    quadratic = [[_rounded(shape[i, j]) for j in range(size)] for i in range(size)]
    exact = np.array([[float(q) for q in row] for row in quadratic])
    # Some room for the cubic terms: the set is a tenth of the unit ball's size there.
    level = Fraction(1, 1) if name.startswith(("chain", "line")) else Fraction(1, 16)
    quartic = " + ".join(f"{x}**4/8" for x in names) if name.startswith("spiral") else ""
    form = " + ".join(
        f"({quadratic[i][j]})*{names[i]}*{names[j]}"
        for i in range(size)
        for j in range(size)
        if quadratic[i][j]
    )
    keep = 1 - Fraction(margin)
    largest = np.linalg.eigvalsh(exact)[-1]
    radius = _fine(float(level) / largest) * keep * (1 if not quartic else Fraction(31, 32))
    reach = float(np.sqrt(float(level) * np.linalg.inv(exact)[0, 0]))
    beyond = _fine(reach) * (1 + abs(Fraction(margin)))
    wide = Fraction(round(2 * reach * 8) + 1, 8)
    return {
        "id": f"{name} margin {margin}",
        "source": source,
        "kind": "continuous",
        "vars": names,
        "dynamics": dict(zip(names, rates, strict=True)),
        "domain": [f"{x} >= -{wide}" for x in names] + [f"{x} <= {wide}" for x in names],
        "init": " + ".join(f"{x}**2" for x in names) + f" <= {radius}",
        "unsafe": f"x1 >= {beyond}",
        "certificate": {
            "type": "barrier",
            "expr": form + (f" + {quartic}" if quartic else "") + f" - {level}",
        },
        "flow_condition": "boundary_strict",
    }


def _fine(value: float) -> Fraction:
    return Fraction(round(value * 2**30), 2**30)


def main() -> int:
    """Print the set as JSON."""
    found = [problem(*system, margin) for system in SYSTEMS for margin in MARGINS]
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
