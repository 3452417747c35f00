"""The float shortcut never changes the exact answer."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.methods import sos_definite
from lucid_validation.barrier.methods.sos_definite import is_positive_semidefinite

TINY = Fraction(1, 2**80)


def gram(rows: list[list[Fraction]], shift: Fraction) -> list[list[Fraction]]:
    """Return R R^T + shift * I."""
    size = len(rows)
    return [
        [
            sum((p * q for p, q in zip(rows[i], rows[j], strict=True)), Fraction(0))
            + (shift if i == j else 0)
            for j in range(size)
        ]
        for i in range(size)
    ]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.fractions(-3, 3, max_denominator=50), min_size=4, max_size=4),
        min_size=5,
        max_size=5,
    ),
    shift=st.sampled_from([Fraction(0), TINY, -TINY, Fraction(1, 7), Fraction(-1, 7)]),
    power=st.integers(-200, 200),
)
def test_it_agrees_with_exact_elimination(
    rows: list[list[Fraction]], shift: Fraction, power: int
) -> None:
    # Five rows of rank at most four: the sign of the shift decides, and floats miss a tiny one.
    scale = Fraction(2) ** power
    matrix = gram(rows, shift)
    unlike = [
        [q * (scale if i == 0 else 1) * (scale if j == 0 else 1) for j, q in enumerate(row)]
        for i, row in enumerate(matrix)
    ]
    expected = shift >= 0
    assert sos_definite._by_elimination(matrix) == expected
    assert is_positive_semidefinite(matrix) == expected
    assert is_positive_semidefinite(unlike) == expected


def test_a_clear_case_needs_no_elimination() -> None:
    size = 40
    clear = [[Fraction(int(i == j)) + Fraction(1, 3) for j in range(size)] for i in range(size)]
    assert sos_definite._by_floats(clear) is True
    clear[3][4] = clear[4][3] = Fraction(2)
    assert sos_definite._by_floats(clear) is False


def test_what_floats_cannot_tell_is_left_open() -> None:
    singular = gram([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]], Fraction(0))
    assert sos_definite._by_floats(singular) is None
    assert is_positive_semidefinite(singular)
    singular[0][0] -= TINY
    assert not is_positive_semidefinite(singular)
