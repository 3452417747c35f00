"""What validation said about one composed problem, as the portal keeps it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VerdictStatus(StrEnum):
    """The vocabulary of verdicts."""

    PROVED = "PROVED"
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"
    INVALID_INPUT = "INVALID_INPUT"
    ERROR = "ERROR"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The exact point (or segment) that breaks one obligation; values are `p` or `p/q`.

    `end` is empty for a point; for a segment it is the other end.
    """

    obligation: str
    values: tuple[tuple[str, str], ...]
    end: tuple[tuple[str, str], ...] = ()
    explanation: str = ""

    def sentence(self) -> str:
        """Say where the obligation fails, in exact numbers."""
        if not self.values:
            return f"obligation {self.obligation} fails: {self.explanation}"
        point = ", ".join(f"{name} = {value}" for name, value in self.values)
        if not self.end:
            return f"obligation {self.obligation} fails at {point}."
        other = ", ".join(f"{name} = {value}" for name, value in self.end)
        return f"obligation {self.obligation} fails between {point} and {other}."


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """A verdict and the digest of exactly what it is about.

    `certified_digest` is the digest of the seed version when it was asked; a record about other
    contents never counts for a version.
    """

    status: VerdictStatus
    implies_safety: bool
    certified_digest: str
    problem_sha256: str
    decided_at: datetime
    verdict_name: str = ""
    evidence_name: str = ""
    theorem: str = ""
    missing: tuple[str, ...] = ()
    reason: str = ""
    method_set_version: str = ""
    counterexample: Counterexample | None = None

    @property
    def is_proof_of_safety(self) -> bool:
        """PROVED, and the proved obligations imply safety."""
        return self.status is VerdictStatus.PROVED and self.implies_safety
