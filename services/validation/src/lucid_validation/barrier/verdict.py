"""What can be said at the end: proved, refuted or undecided, and never more than was checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Evidence = dict[str, Any]
Reason = Literal["TIMEOUT", "MEMORY", "SOLVER_CLAIM", "NUMERIC", "UNSUPPORTED", "QUARANTINED"]


@dataclass(frozen=True, slots=True)
class Proved:
    """The obligation holds; `proof` in the format of docs/evidence-format.md."""

    method: str
    proof: Evidence


@dataclass(frozen=True, slots=True)
class Refuted:
    """The obligation fails at `witness`, in the format of docs/evidence-format.md."""

    method: str
    witness: Evidence


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing is claimed. `detail` may hold what a solver said; it is no evidence.

    `residual`, where there is one: for the first open case on a bounded box, the boxes that a short
    search leaves open, with their exact volume. Every counterexample of the case lies in them.
    """

    reason: Reason
    detail: str = ""
    residual: Evidence | None = None


Verdict = Proved | Refuted | Undecided


def word(verdict: Verdict) -> str:
    """Return PROVED, REFUTED or UNDECIDED."""
    match verdict:
        case Proved():
            return "PROVED"
        case Refuted():
            return "REFUTED"
        case Undecided():
            return "UNDECIDED"


@dataclass(frozen=True, slots=True)
class ObligationResult:
    """One obligation, its verdict and what it cost in seconds of the caller's clock."""

    name: str
    verdict: Verdict
    seconds: float
    theorem: str
    citation: str


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether the certificate implies safety: by which theorem, or what is missing.

    `probability_bound` is an exact rational in [0, 1] as text: what a supermartingale claims where
    safety is not implied. `evidence` is there for either claim.
    """

    implies_safety: bool
    theorem: str | None
    missing: str | None
    evidence: Evidence | None = None
    probability_bound: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer for one problem.

    `verdict` is PROVED if all obligations are, REFUTED if any is, else UNDECIDED. `evidence` is the
    document that the checker accepted, or None when nothing was decided.
    """

    verdict: Literal["PROVED", "REFUTED", "UNDECIDED"]
    obligations: Mapping[str, ObligationResult]
    safety: Safety
    evidence: Evidence | None
    method_set_version: str
    notes: tuple[str, ...] = field(default=())


def overall(verdicts: Mapping[str, Verdict]) -> Literal["PROVED", "REFUTED", "UNDECIDED"]:
    """Combine the obligations' verdicts."""
    words = [word(verdict) for verdict in verdicts.values()]
    if "REFUTED" in words:
        return "REFUTED"
    if words and all(w == "PROVED" for w in words):
        return "PROVED"
    return "UNDECIDED"
