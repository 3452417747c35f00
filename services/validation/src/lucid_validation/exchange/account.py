"""A problem and its evidence as an account that people read: what is claimed, and why it holds.

The account is sections of marked text: what stands between backticks is mathematics in the grammar
of problems. `summary` and `latex` only set it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lucid_validation.barrier.conditions import (
    Case,
    Emptiness,
    Invariance,
    Obligation,
    escape_case,
    obligations,
)
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.problem import Problem

from .citations import THEOREM_WORKS, cited
from .proof_words import case_words, constraint_words, proof_words, witness_words
from .system_words import certificate_words, set_words, system_words

Json = Mapping[str, Any]
_CASES_SHOWN = 4


class Report(Protocol):
    """What the independent checker answers."""

    @property
    def accepted(self) -> bool:
        """Whether every claim of the evidence holds."""
        ...

    @property
    def implies_safety(self) -> bool:
        """Whether the evidence proves the premises of a safety theorem."""
        ...

    @property
    def reasons(self) -> Sequence[str]:
        """The first part that does not hold, or what is missing for safety."""
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """A title and lines of marked text."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The whole account; `verdict` is PROVED, REFUTED, UNDECIDED, or empty without evidence."""

    title: str
    verdict: str
    sections: tuple[Section, ...]


def account_of(
    raw: Json, problem: Problem, evidence: Json | None = None, report: Report | None = None
) -> Account:
    """Return the account of a problem object and its evidence, as far as there is any.

    `problem` is what `raw` parses to; `report` what the checker said of the two.
    """
    entries: Json = (evidence or {}).get("obligations", {})
    wanted = obligations(problem)
    sections = [
        Section("System", tuple(system_words(raw))),
        Section("Sets", tuple(set_words(raw))),
        Section("Certificate", tuple(certificate_words(raw))),
        *(_obligation(o, problem, entries.get(o.name), evidence) for o in wanted),
    ]
    if evidence is not None:
        sections.append(Section("Safety", tuple(_safety(problem, evidence, report))))
    sections.append(Section("Evidence", tuple(_evidence(problem, evidence, report))))
    title = str(raw.get("id") or f"problem {problem.sha256[:12]}")
    verdict = _overall([o.name for o in wanted], entries) if evidence is not None else ""
    return Account(title, verdict, tuple(sections))


def _overall(names: Sequence[str], entries: Json) -> str:
    verdicts = [entries[name]["verdict"] if name in entries else "UNDECIDED" for name in names]
    if "REFUTED" in verdicts:
        return "REFUTED"
    return "PROVED" if set(verdicts) == {"PROVED"} else "UNDECIDED"


def _obligation(
    obligation: Obligation, problem: Problem, entry: Json | None, evidence: Json | None
) -> Section:
    lines = [f"Claim: {obligation.theorem}.", f"Source: {cited(obligation.citation)}."]
    lines += _bad_formula(obligation)
    verdict = ""
    if entry is not None:
        verdict = str(entry["verdict"])
        lines += _how(obligation, problem, entry)
    elif evidence is not None:
        verdict = "UNDECIDED"
        lines.append("The evidence has no answer to this obligation; nothing is claimed.")
    return Section(f"Obligation {obligation.name}{': ' if verdict else ''}{verdict}", tuple(lines))


def _bad_formula(obligation: Obligation) -> list[str]:
    if isinstance(obligation, Invariance):
        count = max(1, len(obligation.conjuncts))
        parts = f"each of {count} conjuncts" if count > 1 else "the set"
        return [f"To prove: {parts} is positively invariant where the earlier ones hold."]
    count = len(obligation.cases)
    said = "one conjunction" if count == 1 else f"{count} conjunctions"
    lines = [f"To prove: {said} of constraints without a solution."]
    for number, case in enumerate(obligation.cases[:_CASES_SHOWN], start=1):
        head = f"Case {number}: " if count > 1 else ""
        lines.append(head + "; ".join(constraint_words(case)) + ".")
    if count > _CASES_SHOWN:
        lines.append(f"And {count - _CASES_SHOWN} more cases of the same form.")
    return lines


def _how(obligation: Obligation, problem: Problem, entry: Json) -> list[str]:
    if entry["verdict"] == "PROVED":
        return [f"Proof: {text}" for text in proof_words(entry["proof"], problem.ring)]
    witness = entry["witness"]
    case = witness_case(obligation, problem, witness)
    if case is None:
        return ["Counterexample: its case cannot be stated here."]
    lines = [f"Counterexample: {text}" for text in witness_words(witness, case)]
    if isinstance(obligation, Invariance):
        lines.insert(0, "What must not be: " + "; ".join(constraint_words(case)) + ".")
    elif len(obligation.cases) > 1:
        lines.insert(0, f"It is a solution of case {int(witness['case']) + 1}.")
    return lines


def witness_case(obligation: Obligation, problem: Problem, witness: Json) -> Case | None:
    """Return the conjunction that a witness is a solution of; None where there is none."""
    if isinstance(obligation, Emptiness):
        return obligation.cases[int(witness["case"])]
    conjunct = int(witness.get("conjunct", 0))
    if conjunct >= len(obligation.conjuncts):
        return None
    try:
        return escape_case(obligation.conjuncts[conjunct], problem, int(witness.get("order", 1)))
    except BarrierError:
        return None


def _safety(problem: Problem, evidence: Json, report: Report | None) -> list[str]:
    claim = evidence.get("safety")
    lines = []
    if claim is None:
        lines.append("No safety is claimed.")
        reasons = [r for r in (report.reasons if report is not None else ()) if report]
        lines += [f"Missing: {reason}" for reason in reasons]
        return lines
    theorem = str(claim["theorem"])
    work = THEOREM_WORKS.get(theorem)
    source = f", {cited(work)}" if work else ""
    if theorem == "supermartingale":
        bound = getattr(report, "probability_bound", None)
        said = f" at most {bound}" if bound is not None else " bounded"
        lines.append(
            f"The probability that a run in the domain is unsafe is{said}, by the theorem of "
            f"supermartingales{source}. Safety itself is not implied."
        )
    else:
        lines.append(f"No run from init reaches unsafe, by the theorem {theorem}{source}.")
    lines += _premises(claim, problem)
    return lines


def _premises(claim: Json, problem: Problem) -> list[str]:
    lines: list[str] = []
    for entry in claim.get("start") or []:
        number = int(entry["constraint"]) + 1
        lines += _each(
            f"Runs start inside of bound {number} of the domain", entry["proof"], problem
        )
    for entry in claim.get("domain") or []:
        number = int(entry["constraint"]) + 1
        via = {
            "face": ", along the whole face",
            "inside": ", strictly inward where the certificate holds",
        }.get(str(entry.get("via")), ", in one step")
        lines += _each(f"Bound {number} of the domain is kept{via}", entry["proof"], problem)
    named = {
        "regularity": "The gradient of B is not zero where B is",
        "selection": "Inputs can be chosen continuously",
        "nonnegative": "B is not negative anywhere",
    }
    for key, text in named.items():
        if claim.get(key) is not None:
            lines += _each(text, claim[key], problem)
    return lines


def _each(text: str, proof: Json, problem: Problem) -> list[str]:
    return [f"{text}: {said}" for said in case_words(proof["cases"], problem.ring)]


def _evidence(problem: Problem, evidence: Json | None, report: Report | None) -> list[str]:
    lines = [f"Problem: SHA-256 {problem.sha256}."]
    if evidence is None:
        return [*lines, "There is no evidence in this file: nothing above is decided."]
    if evidence.get("problem_sha256") != problem.sha256:
        lines.append("The evidence names another problem: it proves nothing here.")
    if report is not None:
        answer = "accepted" if report.accepted else "REFUSED"
        why = "" if report.accepted else ": " + "; ".join(report.reasons)
        lines.append(f"The independent checker: {answer}{why}.".replace("..", "."))
    return lines
