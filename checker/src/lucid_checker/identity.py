"""Positivstellensatz identities, and positive semidefinite Gram matrices by exact elimination."""

from fractions import Fraction

from lucid_checker.algebra import Exponents, Polynomial, integers
from lucid_checker.document import Json
from lucid_checker.formula import Case
from lucid_checker.limits import BITS_MAX, GRAM_SIZE_MAX, Refused, Work

_FACTORS_MAX = 64
_TERMS_MAX = 100_000


def check_identity(proof: Json, case: Case) -> None:
    """Accept if c * prod(strict) + sum(terms) + sum(ideal) = 0 with every part as it must be.

    On a point of the case the first summand would be > 0 and the others >= 0: there is none.
    """
    parts = proof.fields(("type", "strict", "terms", "ideal"))
    strict = parts["strict"].fields(("coefficient", "factors"))
    coefficient = strict["coefficient"].rational()
    if coefficient <= 0:
        raise strict["coefficient"].refuse("it must be positive")
    total = _product(strict["factors"], (">",), case.ring.constant(coefficient), case)
    for term in parts["terms"].items(_TERMS_MAX):
        total += _term(term, case)
    for entry in parts["ideal"].items(_TERMS_MAX):
        total += _ideal(entry, case)
    if total:
        raise proof.refuse(f"the identity does not hold: {len(total.terms)} monomials are left")


def _product(factors: Json, allowed: tuple[str, ...], start: Polynomial, case: Case) -> Polynomial:
    result = start
    for factor in factors.items(_FACTORS_MAX):
        index = case.index(factor)
        if case.atoms[index].relation not in allowed:
            raise factor.refuse(f"constraint {index} is not {' or '.join(allowed)} 0")
        result *= case.exact(index, factor)
    return result


def _term(term: Json, case: Case) -> Polynomial:
    kind = "coefficient" if term.tag("gram") is None else "gram"
    parts = term.fields(("factors", kind))
    if kind == "gram":
        start = _square_form(parts["gram"], case)
    else:
        start = case.ring.constant(parts["coefficient"].rational())
        if any(value < 0 for value in start.terms.values()):
            raise parts["coefficient"].refuse("it must not be negative")
    return _product(parts["factors"], (">=", ">"), start, case)


def _ideal(entry: Json, case: Case) -> Polynomial:
    parts = entry.fields(("constraint", "polynomial"))
    index = case.index(parts["constraint"])
    if case.atoms[index].relation != "==":
        raise parts["constraint"].refuse(f"constraint {index} is not an equation")
    return case.exact(index, entry) * case.polynomial(parts["polynomial"])


def _square_form(gram: Json, case: Case) -> Polynomial:
    parts = gram.fields(("basis", "matrix"))
    basis = [case.exponents(entry) for entry in parts["basis"].items(GRAM_SIZE_MAX)]
    size = len(basis)
    rows = parts["matrix"].items(GRAM_SIZE_MAX, exactly=size)
    matrix = [[q.rational() for q in row.items(size, exactly=size)] for row in rows]
    if any(matrix[i][j] != matrix[j][i] for i in range(size) for j in range(i)):
        raise parts["matrix"].refuse("it is not symmetric")
    if not is_positive_semidefinite(matrix, case.ring.work):
        raise parts["matrix"].refuse("it is not positive semidefinite")
    result: dict[Exponents, Fraction] = {}
    for left, row in zip(basis, matrix, strict=True):
        for right, value in zip(basis, row, strict=True):
            exponents = tuple(map(int.__add__, left, right))
            result[exponents] = result.get(exponents, Fraction(0)) + value
    return Polynomial(case.ring, result)


def is_positive_semidefinite(matrix: list[list[Fraction]], work: Work) -> bool:
    """Decide z^T M z >= 0 for a symmetric rational matrix, exactly.

    Fraction-free elimination [Bareiss1968]: after k positive pivots every entry is a minor, that is
    the pivot product (positive) times the entry of the Schur complement, so signs can be read off.
    A zero on the diagonal of a positive semidefinite matrix has a zero row; it is skipped.
    """
    size = len(matrix)
    flat, _ = integers(q for row in matrix for q in row)
    rest = [flat[i * size : (i + 1) * size] for i in range(size)]
    previous = 1
    while rest:
        head = rest[0]
        pivot = head[0]
        if pivot < 0 or (pivot == 0 and any(head)):
            return False
        if pivot == 0:
            rest = [row[1:] for row in rest[1:]]
            continue
        bits = max(entry.bit_length() for entry in head)
        if bits > BITS_MAX:
            raise Refused(f"the elimination needs numbers of more than {BITS_MAX} bits")
        work.spend(len(rest) ** 2 * (2 + bits // 256))
        rest, previous = _eliminate(rest, head, pivot, previous), pivot
    return True


def _eliminate(
    rest: list[list[int]], head: list[int], pivot: int, previous: int
) -> list[list[int]]:
    size = len(rest)
    result = [[0] * (size - 1) for _ in range(size - 1)]
    for i in range(1, size):
        row, factor = rest[i], rest[i][0]
        for j in range(i, size):
            value = (pivot * row[j] - factor * head[j]) // previous
            result[i - 1][j - 1] = result[j - 1][i - 1] = value
    return result
