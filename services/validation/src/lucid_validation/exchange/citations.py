"""The works whose theorems verdicts lean on, as one line each; keys are those of references.bib."""

from __future__ import annotations

from typing import Final

WORKS: Final = {
    "Ames2017": "Ames, Xu, Grizzle, Tabuada: Control Barrier Function Based Quadratic Programs for "
    "Safety Critical Systems, 2017",
    "Anand2021": "Anand, Murali, Trivedi, Zamani: Safety Verification of Dynamical Systems via "
    "k-Inductive Barrier Certificates, 2021",
    "Farouki2012": "Farouki: The Bernstein Polynomial Basis: A Centennial Retrospective, 2012",
    "Kong2013": "Kong, He, Song, Hung, Gu: Exponential-Condition-Based Barrier Certificate "
    "Generation for Safety Verification of Hybrid Systems, 2013",
    "Kushner1967": "Kushner: Stochastic Stability and Control, 1967",
    "Liu2011": "Liu, Zhan, Zhao: Computing Semi-Algebraic Invariants for Polynomial Dynamical "
    "Systems, 2011",
    "Michael1956": "Michael: Continuous Selections. I, 1956",
    "Moore1966": "Moore: Interval Analysis, 1966",
    "Nagumo1942": "Nagumo: Über die Lage der Integralkurven gewöhnlicher "
    "Differentialgleichungen, 1942",
    "Platzer2010": "Platzer: Logical Analysis of Hybrid Systems, 2010",
    "Prajna2004": "Prajna, Jadbabaie: Safety Verification of Hybrid Systems Using Barrier "
    "Certificates, 2004",
    "Prajna2007": "Prajna, Jadbabaie, Pappas: A Framework for Worst-Case and Stochastic Safety "
    "Verification Using Barrier Certificates, 2007",
    "Putinar1993": "Putinar: Positive Polynomials on Compact Semi-algebraic Sets, 1993",
    "Sogokon2018": "Sogokon, Ghorbal, Tan, Platzer: Vector Barrier Certificates and Comparison "
    "Systems, 2018",
    "Stengle1974": "Stengle: A Nullstellensatz and a Positivstellensatz in Semialgebraic "
    "Geometry, 1974",
}

THEOREM_WORKS: Final = {
    "everywhere": "Prajna2004",
    "strict_level_set": "Prajna2004",
    "exponential": "Kong2013",
    "weak_level_set_regular": "Nagumo1942",
    "discrete_decrease": "Prajna2004",
    "discrete_inductive": "Prajna2004",
    "positive_invariance": "Nagumo1942",
    "differential_cuts": "Platzer2010",
    "band": "Prajna2004",
    "zeroing_cbf": "Michael1956",
    "finite_horizon": "Prajna2004",
    "vector": "Sogokon2018",
    "k_inductive": "Anand2021",
    "hybrid": "Prajna2007",
    "supermartingale": "Kushner1967",
}
"""The source of each safety theorem of docs/evidence-format.md, section 4."""


def cited(key: str) -> str:
    """Return `work [key]`, or the key alone where the work is not listed."""
    return f"{WORKS[key]} [{key}]" if key in WORKS else f"[{key}]"
