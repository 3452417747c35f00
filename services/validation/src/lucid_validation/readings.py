"""What is claimed, in words: readings of certificate kinds, statements of obligations, methods.

Plain data; the theorems are those of docs/evidence-format.md.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A certificate kind that is decided: its reading, its flow obligation, its theorem.

    `others` are the obligations beside the flow, `names: statement` each; `names` are those of the
    flow. A number or a mode in a name stands for all of them.
    """

    flow: str
    statement: str
    theorem: str
    citation: str
    others: tuple[str, ...] = ("init: B <= 0 on init", "unsafe: B > 0 on unsafe")
    names: str = "flow"


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
        (
            "init: every cut holds on init within the domain",
            "unsafe: the cuts exclude unsafe within the domain",
        ),
        "cut1, cut2, ...",
    ),
    "BAND": Kind(
        "band",
        "B does not grow where 0 <= B <= band on the domain",
        "to pass 0 a trajectory would have to climb through the band; in discrete time a step may "
        "jump over it, and nothing follows; needs a domain that cannot be left",
        "Prajna2004",
    ),
    "ZEROING_CBF": Kind(
        "zeroing_cbf",
        "at every state of the domain some vertex of the inputs has dB/dt <= rate * B",
        "a controller keeps B <= 0; needs all of space as domain, and a strict inequality for some "
        "vertex at every state, so that the controller can be continuous [Michael1956]",
        "Ames2017",
    ),
    "FINITE_HORIZON": Kind(
        "finite_horizon",
        "dB/dt <= 0 on the domain for 0 <= t <= horizon",
        "B(t, x) does not grow up to the horizon; needs a domain that cannot be left until then",
        "Prajna2004",
        ("init: B <= 0 on init at t = 0", "unsafe: B > 0 on unsafe for 0 <= t <= horizon"),
    ),
    "VECTOR": Kind(
        "vector",
        "dB_i/dt <= sum_j A_ij B_j on the domain",
        "by comparison with z' = Az all B_i stay <= 0; needs a domain that cannot be left",
        "Sogokon2018",
        ("init: every B_i <= 0 on init", "unsafe: some B_i > 0 on unsafe"),
        "flow1, flow2, ...",
    ),
    "K_INDUCTIVE": Kind(
        "k_inductive",
        "after k states of the domain with B <= 0 comes another state with B <= 0",
        "k steps with B <= 0 imply the next one; needs a domain that is mapped into itself",
        "Anand2021",
        ("init: B <= 0 on init and for k - 1 steps from it", "unsafe: B > 0 on unsafe"),
    ),
    "SUPERMARTINGALE": Kind(
        "supermartingale",
        "B is expected to grow by drift at most, in a step or in a unit of time, on the domain",
        "the probability that a run in the domain is unsafe within the horizon is at most "
        "gamma + drift * horizon; safety is never implied [Prajna2007]",
        "Kushner1967",
        (
            "init: B <= gamma on init",
            "unsafe: B >= 1 on unsafe",
            "nonnegative: B >= 0 on the domain",
        ),
    ),
    "HYBRID": Kind(
        "modes",
        "in each mode the condition of the mode holds on its domain",
        "flows keep B <= 0 inside the domain of their mode, and jumps lead to B <= 0 of the next",
        "Prajna2007",
        (
            "init.mode: B <= 0 of the mode on its init",
            "unsafe.mode: B > 0 of the mode on its unsafe",
            "jump1, jump2, ...: from B <= 0 on the guard within the domain the reset leads to "
            "B <= 0 of the next mode",
        ),
        "flow.mode",
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
    "quadratic": Method(
        "two constraints of degree at most two, decided exactly",
        True,
        True,
        "positivstellensatz",
        "Yakubovich1971",
    ),
    "matrix_bernstein": Method(
        "quadratic forms whose coefficients are polynomials on a box",
        True,
        False,
        "positivstellensatz",
        "Scherer2006",
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
    "univariate": Method(
        "roots of an equation along lines, confirmed on a rational segment",
        False,
        True,
        "segment",
        "exact",
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
    found = KINDS[kind]
    return [*found.others, f"{found.names}: {found.statement}"]


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
    wanted = re.sub(r"\.\w+$", ".mode", re.sub(r"^(cut|flow|jump)\d+$", r"\g<1>1", obligation))
    for text in obligations_of(kind):
        names, _, statement = text.partition(": ")
        if wanted in names.split(", "):
            return statement
    return ""
