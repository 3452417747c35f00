"""The claim of a tube as a hybrid barrier-certificate problem in exact text.

Mode `tube`: the error e (N variables), a disturbance y (N) and the clock s. In units of 1/κ

    e' = (Ā − 1) e + D y,    s' = 1 − s,    B = |e|² − 1,    B' <= −ε B where |y|² <= 1 + β |e|²,

and a jump at s = 1/4, where one segment ends and the next begins, keeps e: p is continuous there
and σ grows by the discount. The domain excludes no run of the system: D y is
δ/σ + (Â_0 − Ā + Σ h_k Â_k) e, and both parts are bounded without rounding. y is an
over-approximation: its true law is not stated (y' = 0 stands in its place), and no obligation
contains it. They hold for every y of the domain at every moment, so for every y(t) in it.

C_l1 >= w·r, and (1 − s)(w·r − θ) = (w·p − θ (1 − s)) + σ w·e is positive if the first part is above
a number c and σ w·e above −c. The second is what is unsafe in the tube, for each piece of the
trajectory. The first does not know e: it is the safety of the mode `clock`, in which s runs and
y_1, ... stand for the uncertain rates h_1, ..., unsafe on each box of (s, h) where
w·p − θ (1 − s) <= c. Its barrier is −1: no point of the boxes may be unsafe at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lucid_coherence.open_systems.certificates.centre import SEGMENT_END, START_ROUNDING
from lucid_coherence.open_systems.certificates.pieces import Piece, Terms
from lucid_coherence.open_systems.certificates.tube import COARSE, DISTURBANCE, Tube
from lucid_coherence.open_systems.exact import exact_text, short_above

TUBE, CLOCK = "tube", "clock"
FLOW_RATE = Fraction(-1, 2)
"""−ε, the rate of the exponential condition in units of κ."""


@dataclass(frozen=True, slots=True)
class TubeMode:
    """`unsafe` is a disjunction of conjunctions; `domain` and `initial` are conjunctions."""

    name: str
    dynamics: dict[str, str]
    domain: tuple[str, ...]
    initial: tuple[str, ...]
    unsafe: tuple[tuple[str, ...], ...]
    barrier: str


@dataclass(frozen=True, slots=True)
class TubeProblem:
    """A hybrid problem for the validation service; the mode `tube` jumps to itself."""

    variables: tuple[str, ...]
    modes: tuple[TubeMode, ...]
    guard: tuple[str, ...]
    reset: dict[str, str]
    rate: str
    theorem: str


ATOM_CHARACTERS_MAX = 16_384
"""Validation reads relations up to this length."""


def longest_atom(problem: TubeProblem) -> int:
    """Return the length of the longest relation of a problem."""
    return max(len(atom) for mode in problem.modes for one in mode.unsafe for atom in one)


def tube_problem(found: Tube) -> TubeProblem:
    """Write a tube with its pieces as a problem, all exact."""
    size = found.generator.size
    errors = tuple(f"e{i}" for i in range(1, size + 1))
    disturbances = tuple(f"y{i}" for i in range(1, size + 1))
    still = dict.fromkeys((*errors, *disturbances), "0") | {"s": "1 - s"}
    end = exact_text(SEGMENT_END)
    slope = exact_text(found.slope)
    pieces = [piece for part in found.pieces for piece in part]
    rates = disturbances[: found.generator.uncertain]
    box = tuple(part for name in rates for part in (f"{name} >= -1", f"{name} <= 1"))
    tube = TubeMode(
        name=TUBE,
        dynamics=still | _errors(found, errors, disturbances),
        domain=(f"{_squares(disturbances)} <= 1 + ({slope})*({_squares(errors)})",),
        initial=(f"{_squares(errors)} <= {exact_text(_start_size(found) ** 2)}",),
        unsafe=tuple((line,) for line in dict.fromkeys(_outside(p, errors) for p in pieces)),
        barrier=f"{_squares(errors)} - 1",
    )
    clock = TubeMode(
        name=CLOCK,
        dynamics=still,
        domain=("s >= 0", f"s <= {end}"),
        initial=("s == 0", *box),
        unsafe=tuple(_low(piece, ("s", *rates)) for piece in pieces),
        barrier="-1",
    )
    return TubeProblem(
        variables=(*errors, *disturbances, "s"),
        modes=(tube, clock),
        guard=(f"s == {end}",),
        reset={"s": "0"},
        rate=exact_text(FLOW_RATE),
        theorem=_theorem(found),
    )


def _squares(names: Sequence[str]) -> str:
    return " + ".join(f"{name}**2" for name in names)


def _start_size(found: Tube) -> Fraction:
    """Bound |e| at the start; s = 0 takes no part in what is proved of it."""
    distance = (found.question.radius + START_ROUNDING) / found.widths[0]
    return min(short_above(distance), Fraction(1))


def _errors(found: Tube, errors: Sequence[str], disturbances: Sequence[str]) -> dict[str, str]:
    dynamics = {}
    for i, name in enumerate(errors):
        row = list(found.coarse[i])
        row[i] -= COARSE
        terms = [f"({value})*{other}" for value, other in zip(row, errors, strict=True) if value]
        own = f"({exact_text(DISTURBANCE)})*{disturbances[i]}"
        dynamics[name] = f"({' + '.join(terms) or '0'})/{COARSE} + {own}"
    return dynamics


def _outside(piece: Piece, errors: Sequence[str]) -> str:
    """Return that e leaves the half space that the piece needs."""
    pairs = zip(piece.tilt, errors, strict=True)
    tilt = " + ".join(f"({exact_text(q)})*{name}" for q, name in pairs if q)
    return f"{tilt or '0'} <= {exact_text(-piece.reach)}"


def _low(piece: Piece, letters: Sequence[str]) -> tuple[str, ...]:
    """Return that the centre's coherence is too low somewhere on the box of a piece."""
    box = [
        relation
        for name, (low, high) in zip(letters, piece.box, strict=True)
        for relation in (f"{name} >= {exact_text(low)}", f"{name} <= {exact_text(high)}")
    ]
    text = " + ".join(_monomials(piece.terms, letters))
    return (f"{text} <= {exact_text(piece.reach)}", *box)


def _monomials(terms: Terms, letters: Sequence[str]) -> Iterator[str]:
    for power, q in terms.items():
        factors = [
            name if k == 1 else f"{name}**{k}" for name, k in zip(letters, power, strict=True) if k
        ]
        yield "*".join([f"({exact_text(q)})", *factors])


def _theorem(found: Tube) -> str:
    question = found.question
    rates = question.generator.uncertain
    known = f", for all values of the {rates} uncertain rates" if rates else ""
    return (
        f"In each of {len(found.parts)} segments the clock is s = 1 - exp(-k t), k = "
        f"{exact_text(found.kappa)}/s, up to s = 1/4, and e = ((1 - s) r - p)/sigma with r the "
        f"Pauli coordinates and p a polynomial of degree {found.degree} in s. Every run has "
        "|y|^2 <= 1 + beta |e|^2: the coherence service bounds the residual of p and the variation "
        "of the generator in exact arithmetic; y is an over-approximation of both. B = |e|^2 - 1 "
        "<= 0 at the start, B' <= -B/2 for every such y [Kong2013], and the jump from one segment "
        "to the next keeps e, so |e| <= 1. C_l1 >= w.r for w = sum Re(conj(u) z), |u| <= 1 "
        "checked exactly; (1 - s)(w.r - theta) = (w.p - theta (1 - s)) + sigma w.e, where the mode "
        "clock has the first part above a number c and the mode tube the second above -c. "
        f"{len(found.parts)} ln(4/3)/k >= T, so C_l1 >= {exact_text(question.theta)} for all times "
        f"in [0, {exact_text(found.horizon_s)}] s{known}."
    )
