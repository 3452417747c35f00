from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.conditions import Case, make_case
from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.methods.evidence import (
    Identity,
    Term,
    identity_from_json,
    point,
    positivstellensatz,
)
from lucid_validation.barrier.methods.sos_definite import is_positive_semidefinite
from lucid_validation.barrier.polynomial import Ring

RING = Ring(["x", "y"])
X, Y = RING.generators
ONE = Fraction(1)


def empty_case() -> Case:
    return make_case([Atom(X - 1, ">="), Atom(-X, ">")], RING)


def test_a_true_identity_is_a_proof_and_reads_back() -> None:
    identity = Identity(ONE, (1,), (Term((0,), ONE), Term((), ONE)))
    proof = positivstellensatz(empty_case(), identity)
    assert proof is not None
    assert identity_from_json(proof.proof, empty_case()) == identity


def test_a_false_identity_is_none() -> None:
    for wrong in (
        Identity(ONE, (1,), (Term((0,), ONE), Term((), Fraction(2)))),
        Identity(-ONE, (1,), (Term((0,), -ONE), Term((), -ONE))),
        Identity(ONE, (0,), (Term((), ONE),)),
    ):
        assert positivstellensatz(empty_case(), wrong) is None


def test_an_indefinite_gram_matrix_is_no_proof() -> None:
    # -x^2 > 0 "by" adding x^2 as the indefinite form 2x^2 - x^2 would be right; -x*x alone is not.
    case = make_case([Atom(X**2, ">")], RING)
    basis = ((1, 0),)
    assert positivstellensatz(case, Identity(ONE, (0,), (Term((), None, basis, [[-ONE]]),))) is None


def test_equations_multiply_only_in_the_ideal() -> None:
    case = make_case([Atom(X, "=="), Atom(-X, ">")], RING)
    assert positivstellensatz(case, Identity(ONE, (1,), (Term((0,), ONE),))) is None
    unit = RING.plain_context.constant(1)
    assert positivstellensatz(case, Identity(ONE, (1,), (), ((0, unit),))) is not None


matrices = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(matrices)
def test_a_product_with_its_transpose_is_semidefinite(rows: list[list[int]]) -> None:
    size = range(len(rows))
    gram = [[Fraction(sum(rows[i][k] * rows[j][k] for k in size)) for j in size] for i in size]
    assert is_positive_semidefinite(gram)
    gram[0][0] -= gram[0][0] + 1
    assert not is_positive_semidefinite(gram)


def test_zero_pivots_need_zero_rows() -> None:
    zero = Fraction(0)
    assert not is_positive_semidefinite([[zero, ONE], [ONE, zero]])
    assert is_positive_semidefinite([[zero, zero], [zero, ONE]])


def test_points_are_confirmed_exactly() -> None:
    case = make_case([Atom(X - 1, ">"), Atom(Y, "==")], RING)
    assert point(case, [Fraction(2), Fraction(0)]) is not None
    assert point(case, [Fraction(1), Fraction(0)]) is None
    assert point(case, [Fraction(2), Fraction(1, 10**30)]) is None
