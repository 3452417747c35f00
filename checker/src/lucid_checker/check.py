"""The one entry point: two texts in, a report out; it never raises on what it is given."""

from dataclasses import dataclass, field
from typing import Any

from lucid_checker.derive import Problem, obligations
from lucid_checker.document import Unreadable, fields, read_object
from lucid_checker.limits import Refused, Work
from lucid_checker.proof import check_proof, check_refutation
from lucid_checker.safety import check_safety, missing

FORMAT = "lucid-evidence/1"


@dataclass(frozen=True)
class Report:
    """What the evidence establishes about the problem.

    `accepted`: every claim in the evidence holds. `obligations`: PROVED or REFUTED by name, empty
    if not accepted. `implies_safety` with its `theorem`, or `reasons`: sentences that name the
    first failing part, or say what is missing for safety. `readable`: both texts were JSON objects.
    """

    accepted: bool
    obligations: dict[str, str] = field(default_factory=dict)
    implies_safety: bool = False
    theorem: str | None = None
    reasons: list[str] = field(default_factory=list)
    readable: bool = True


def check(problem_text: str, evidence_text: str) -> Report:
    """Check evidence against a problem, both as JSON texts."""
    try:
        raw, evidence = read_object(problem_text, "problem"), read_object(evidence_text, "evidence")
        return _check(Problem(raw, Work()), evidence)
    except Unreadable as error:
        return Report(accepted=False, reasons=[f"{error}."], readable=False)
    except Refused as error:
        return Report(accepted=False, reasons=[f"{error}."])
    except (
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
        MemoryError,
    ) as error:
        # Not expected; but whatever hostile input provokes here, nothing is accepted by it.
        return Report(accepted=False, reasons=[f"the check broke off ({type(error).__name__})."])


def _check(problem: Problem, evidence: dict[str, Any]) -> Report:
    fields(evidence, "evidence", ("format", "problem_sha256", "obligations"), ("safety",))
    if evidence["format"] != FORMAT:
        raise Refused(f"evidence.format: not {FORMAT}")
    if evidence["problem_sha256"] != problem.sha256:
        raise Refused("evidence.problem_sha256: the evidence belongs to another problem")
    expected = obligations(problem)
    claimed = fields(evidence["obligations"], "obligations", (), expected)
    if not claimed:
        raise Refused("obligations: nothing is claimed")
    verdicts = {}
    for name, entry in claimed.items():
        path = f"obligations.{name}"
        verdict = entry.get("verdict") if isinstance(entry, dict) else None
        if verdict == "PROVED":
            fields(entry, path, ("verdict", "proof"))
            check_proof(expected[name], entry["proof"], problem, f"{path}.proof")
        elif verdict == "REFUTED":
            fields(entry, path, ("verdict", "witness"))
            check_refutation(expected[name], entry["witness"], problem, f"{path}.witness")
        else:
            raise Refused(f"{path}.verdict: not PROVED or REFUTED")
        verdicts[name] = verdict
    safety = evidence.get("safety")
    if safety is None:
        reasons = missing(problem, verdicts, list(expected))
        return Report(accepted=True, obligations=verdicts, reasons=reasons)
    unproved = [name for name in expected if verdicts.get(name) != "PROVED"]
    if unproved:
        raise Refused(f"safety: OBLIGATION_NOT_PROVED: {unproved[0]} is not proved")
    theorem = check_safety(safety, problem, "safety")
    return Report(accepted=True, obligations=verdicts, implies_safety=True, theorem=theorem)
