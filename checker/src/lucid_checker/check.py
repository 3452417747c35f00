"""The one entry point: two texts in, a report out; it never raises on what it is given."""

from dataclasses import dataclass, field

from lucid_checker.derive import Problem
from lucid_checker.document import Json, Unreadable, read_object
from lucid_checker.invariance import check_proof, check_refutation
from lucid_checker.limits import Refused, Work
from lucid_checker.obligations import obligations
from lucid_checker.safety import check_safety, missing

FORMAT = "lucid-evidence/1"


@dataclass(frozen=True)
class Report:
    """What the evidence establishes about the problem.

    `accepted`: every claim in the evidence holds. `obligations`: PROVED or REFUTED by name, empty
    if not accepted. `implies_safety` with its `theorem`, or `reasons`: sentences that name the
    first failing part, or say what is missing for safety. `readable`: both texts were JSON objects.
    `probability_bound`: "p/q", where a run is unsafe at most with this probability.
    """

    accepted: bool
    obligations: dict[str, str] = field(default_factory=dict)
    implies_safety: bool = False
    theorem: str | None = None
    reasons: list[str] = field(default_factory=list)
    readable: bool = True
    probability_bound: str | None = None


def check(problem_text: str, evidence_text: str) -> Report:
    """Check evidence against a problem, both as JSON texts."""
    try:
        raw, evidence = read_object(problem_text, "problem"), read_object(evidence_text, "evidence")
        return _check(Problem(raw.value, Work()), evidence)
    except Unreadable as error:
        return Report(accepted=False, reasons=[f"{error}."], readable=False)
    except Refused as error:
        return Report(accepted=False, reasons=[f"{error}."])
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError) as e:
        # Not expected; but whatever hostile input provokes here, nothing is accepted by it.
        return Report(accepted=False, reasons=[f"the check broke off ({type(e).__name__})."])


def _check(problem: Problem, evidence: Json) -> Report:
    fields = evidence.fields(("format", "problem_sha256", "obligations"), ("safety",))
    if fields["format"].value != FORMAT:
        raise fields["format"].refuse(f"not {FORMAT}")
    if fields["problem_sha256"].value != problem.sha256:
        raise fields["problem_sha256"].refuse("the evidence belongs to another problem")
    expected = obligations(problem)
    claimed = fields["obligations"].fields((), expected)
    if not claimed:
        raise fields["obligations"].refuse("nothing is claimed")
    verdicts = {}
    for name, entry in claimed.items():
        verdicts[name] = verdict = str(entry.tag("verdict"))
        if verdict == "PROVED":
            proof = entry.fields(("verdict", "proof"))["proof"]
            check_proof(expected[name], proof, problem)
        elif verdict == "REFUTED":
            witness = entry.fields(("verdict", "witness"))["witness"]
            check_refutation(expected[name], witness, problem)
        else:
            raise entry.refuse("the verdict is not PROVED or REFUTED")
    safety = fields.get("safety", Json(None))
    if safety.value is None:
        reasons = missing(problem, verdicts, list(expected))
        return Report(accepted=True, obligations=verdicts, reasons=reasons)
    unproved = [name for name in expected if verdicts.get(name) != "PROVED"]
    if unproved:
        raise safety.refuse(f"OBLIGATION_NOT_PROVED: {unproved[0]} is not proved")
    theorem = check_safety(safety, problem)
    if theorem == "supermartingale":
        reasons = ["PROBABILISTIC: a probability is bounded."]
        bound = str(problem.bound)
        return Report(True, verdicts, theorem=theorem, reasons=reasons, probability_bound=bound)
    return Report(accepted=True, obligations=verdicts, implies_safety=True, theorem=theorem)
