"""Laws: what Lie derivatives say about just after and just before, and the moments of noise."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_checker.algebra import Ring
from lucid_checker.document import Json
from lucid_checker.formula import Atom, Junction
from lucid_checker.invariance import _inside, _outside
from lucid_checker.limits import Work
from lucid_checker.noise import read_moments

NEAR = Fraction(1, 10**6)
roots = st.lists(st.fractions(-1, 1, max_denominator=4), max_size=5)


def holds(formula, x):
    if isinstance(formula, Junction):
        parts = [holds(part, x) for part in formula.parts]
        return all(parts) if formula.kind == "and" else any(parts)
    value = sum(v * x ** e[0] for e, v in formula.polynomial.terms.items())
    return {">": value > 0, ">=": value >= 0, "==": value == 0}[formula.relation]


@given(
    roots=roots,
    zero=st.booleans(),
    sign=st.sampled_from([-1, 1]),
    at=st.integers(-8, 8),
    relation=st.sampled_from([">", ">=", "=="]),
)
def test_derivatives_say_what_holds_just_after_and_just_before(roots, zero, sign, at, relation):
    """Along x' = 1, with roots at multiples of 1/12 and points at multiples of 1/8."""
    ring = Ring(1, 0, Work())
    x, p = ring.generator(0), ring.constant(0 if zero else sign)
    for root in roots:
        p *= x - ring.constant(root)
    chain = [p]
    for _ in roots:
        chain.append(chain[-1].rate({0: ring.constant(1)}))
    atom, point = Atom(p, relation), Fraction(at, 8)
    assert holds(_inside(atom, chain), point) == holds(atom, point + NEAR)
    assert holds(_inside(atom, chain, past=True), point) == holds(atom, point - NEAR)
    assert holds(_outside(atom, chain), point) == (not holds(atom, point + NEAR))


@pytest.mark.parametrize(
    ("noise", "moments"),
    [
        ({"distribution": "normal", "mean": "0", "variance": "2"}, [1, 0, 2, 0, 12, 0, 120]),
        ({"distribution": "normal", "mean": "3", "variance": "0"}, [1, 3, 9, 27, 81]),
        ({"distribution": "normal", "mean": "1", "variance": "1"}, [1, 1, 2, 4, 10]),
        ({"distribution": "uniform", "low": "-1", "high": "1"}, [1, 0, "1/3", 0, "1/5"]),
        ({"distribution": "uniform", "low": "0", "high": "2"}, [1, 1, "4/3", 2]),
        ({"distribution": "finite", "values": [["2", "1/3"], ["-1", "2/3"]]}, [1, 0, 2, 2, 6]),
    ],
)
def test_moments_are_the_known_ones(noise, moments):
    moment = read_moments(Json(noise), lambda node: Fraction(node.value))
    assert [moment(k) for k in range(len(moments))] == [Fraction(m) for m in moments]
