"""What is claimed, in words: readings of certificate kinds, statements of obligations, methods.

Plain data; the theorems are those of docs/evidence-format.md.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A certificate kind that is decided: its reading, its flow obligation, its theorem."""

    flow: str
    statement: str
    theorem: str
    citation: str


KINDS: Final = {
    "EVERYWHERE": Kind(
        "everywhere",
        "dB/dt <= 0 everywhere on the domain",
        "B never grows along a trajectory in the domain; needs a domain that cannot be left",
        "Prajna2004",
    ),
    "STRICT_LEVEL_SET": Kind(
        "boundary_strict",
        "dB/dt < 0 where B = 0 on the domain",
        "no trajectory can cross B = 0 upwards; needs a domain that cannot be left",
        "Prajna2004",
    ),
    "WEAK_LEVEL_SET": Kind(
        "boundary_weak",
        "dB/dt <= 0 where B = 0 on the domain",
        "sound only where the gradient of B is not zero on B = 0 and the domain is all space",
        "Nagumo1942",
    ),
    "EXPONENTIAL": Kind(
        "exponential",
        "dB/dt <= rate * B on the domain",
        "B stays below an exponential of its start; needs a domain that cannot be left",
        "Kong2013",
    ),
    "DISCRETE_DECREASE": Kind(
        "discrete_decrease",
        "B(f(x)) <= B(x) on the domain",
        "B never grows from one state to the next; needs a domain that is mapped into itself",
        "Prajna2004",
    ),
    "DISCRETE_INDUCTIVE": Kind(
        "discrete_inductive",
        "B(f(x)) <= 0 where B(x) <= 0 on the domain",
        "the set B <= 0 is mapped into itself; needs a domain that is mapped into itself",
        "Prajna2004",
    ),
    "INVARIANT": Kind(
        "invariant",
        "the set B <= 0 (B < 0 if the original is strict) is positively invariant in the domain",
        "positive invariance, by a cofactor or by a strict boundary",
        "Platzer2010",
    ),
    "DIFFERENTIAL_CUTS": Kind(
        "invariant",
        "each cut is positively invariant within the domain and the earlier cuts",
        "differential cuts",
        "Platzer2010",
    ),
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the portfolio."""

    description: str
    can_prove: bool
    can_refute: bool
    evidence_type: str
    citation: str


METHODS: Final = {
    "algebra": Method(
        "constants, signs, exact division", True, False, "positivstellensatz", "exact"
    ),
    "linear": Method(
        "exact linear programming over products", True, False, "positivstellensatz", "Handelman1988"
    ),
    "bernstein": Method("Bernstein forms on a splitting box", True, True, "split", "Farouki2012"),
    "interval": Method("interval enclosures on a splitting box", True, False, "split", "Moore1966"),
    "sos": Method(
        "sums of squares, rounded to exact rationals",
        True,
        False,
        "positivstellensatz",
        "Putinar1993",
    ),
    "lift": Method(
        "function terms as variables with the facts about them", True, False, "lift", "exact"
    ),
    "falsifier": Method(
        "search for exact counterexamples", False, True, "point or segment", "exact"
    ),
    "smt": Method(
        "z3, for models only; its unsat is a claim, never a verdict",
        False,
        True,
        "point or segment",
        "deMoura2008",
    ),
}


def obligations_of(kind: str) -> list[str]:
    """Return the obligations of a certificate kind, in symbols."""
    flow = KINDS[kind].statement
    if kind == "DIFFERENTIAL_CUTS":
        return [
            "init: every cut holds on init within the domain",
            "unsafe: the cuts exclude unsafe within the domain",
            f"cut1, cut2, ...: {flow}",
        ]
    return ["init: B <= 0 on init", "unsafe: B > 0 on unsafe", f"flow: {flow}"]


def reading_of(kind: str) -> str:
    """Return the reading of a certificate kind that was decided."""
    if kind not in KINDS:
        return "This kind of certificate is not decided yet."
    warning = " The condition alone is not sound." if kind == "WEAK_LEVEL_SET" else ""
    return "; ".join(obligations_of(kind)) + f". {KINDS[kind].theorem.capitalize()}.{warning}"


def statement_of(kind: str, obligation: str) -> str:
    """Return one obligation in words; empty for a kind that is not decided."""
    if kind not in KINDS:
        return ""
    wanted = "cut1" if obligation.startswith("cut") else obligation
    for text in obligations_of(kind):
        names, _, statement = text.partition(": ")
        if wanted in names.split(", "):
            return statement
    return ""
