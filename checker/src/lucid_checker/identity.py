"""Positivstellensatz identities, and positive semidefinite Gram matrices by exact elimination."""

from fractions import Fraction
from typing import Any

from lucid_checker.derive import Case
from lucid_checker.document import fields, integer, items, rational
from lucid_checker.limits import BITS_MAX, GRAM_SIZE_MAX, Refused, Work
from lucid_checker.polynomial import (
    Polynomial,
    add,
    common_denominator,
    constant_polynomial,
    multiply,
    read_exponents,
    read_polynomial,
)

_FACTORS_MAX = 64
_TERMS_MAX = 100_000


def check_identity(
    proof: dict[str, Any], case: Case, variables: int, work: Work, path: str
) -> None:
    """Accept if c * prod(strict) + sum(terms) + sum(ideal) = 0 with every part as it must be.

    On a point of the case the first summand would be > 0 and the others >= 0: there is none.
    """
    fields(proof, path, ("type", "strict", "terms", "ideal"))
    strict = fields(proof["strict"], f"{path}.strict", ("coefficient", "factors"))
    coefficient = rational(strict["coefficient"], f"{path}.strict.coefficient")
    if coefficient <= 0:
        raise Refused(f"{path}.strict.coefficient: it must be positive")
    one = constant_polynomial(1, variables)
    total = _product(strict["factors"], (">",), one, case, work, f"{path}.strict.factors")
    total = {exponents: coefficient * value for exponents, value in total.items()}
    for i, term in enumerate(items(proof["terms"], f"{path}.terms", _TERMS_MAX)):
        work.spend(10 + len(total))
        total = add(total, _term(term, case, variables, work, f"{path}.terms[{i}]"))
    for i, entry in enumerate(items(proof["ideal"], f"{path}.ideal", _TERMS_MAX)):
        work.spend(10 + len(total))
        total = add(total, _ideal(entry, case, variables, work, f"{path}.ideal[{i}]"))
    if total:
        raise Refused(f"{path}: the identity does not hold: {len(total)} monomials are left")


def _product(
    factors: Any, allowed: tuple[str, ...], start: Polynomial, case: Case, work: Work, path: str
) -> Polynomial:
    result = start
    for i, factor in enumerate(items(factors, path, _FACTORS_MAX)):
        constraint = case[integer(factor, f"{path}[{i}]", 0, len(case) - 1)]
        if constraint.relation not in allowed:
            raise Refused(f"{path}[{i}]: constraint {factor} is not {' or '.join(allowed)} 0")
        result = multiply(result, constraint.exact(f"{path}[{i}]"), work)
    return result


def _term(term: Any, case: Case, variables: int, work: Work, path: str) -> Polynomial:
    if isinstance(term, dict) and "gram" in term:
        fields(term, path, ("factors", "gram"))
        start = _square_form(term["gram"], variables, work, f"{path}.gram")
    else:
        fields(term, path, ("factors", "coefficient"))
        value = rational(term["coefficient"], f"{path}.coefficient")
        if value < 0:
            raise Refused(f"{path}.coefficient: it must not be negative")
        start = constant_polynomial(value, variables)
    return _product(term["factors"], (">=", ">"), start, case, work, f"{path}.factors")


def _ideal(entry: Any, case: Case, variables: int, work: Work, path: str) -> Polynomial:
    fields(entry, path, ("constraint", "polynomial"))
    index = integer(entry["constraint"], f"{path}.constraint", 0, len(case) - 1)
    if case[index].relation != "==":
        raise Refused(f"{path}.constraint: constraint {index} is not an equation")
    multiplier = read_polynomial(entry["polynomial"], variables, f"{path}.polynomial")
    return multiply(case[index].exact(path), multiplier, work)


def _square_form(gram: Any, variables: int, work: Work, path: str) -> Polynomial:
    fields(gram, path, ("basis", "matrix"))
    basis = [
        read_exponents(entry, variables, f"{path}.basis[{i}]")
        for i, entry in enumerate(items(gram["basis"], f"{path}.basis", GRAM_SIZE_MAX))
    ]
    rows = items(gram["matrix"], f"{path}.matrix", GRAM_SIZE_MAX)
    matrix = [
        [rational(q, f"{path}.matrix[{i}]") for q in items(row, f"{path}.matrix[{i}]", len(basis))]
        for i, row in enumerate(rows)
    ]
    size = len(basis)
    if len(matrix) != size or any(len(row) != size for row in matrix):
        raise Refused(f"{path}.matrix: it is not {size} by {size}")
    if any(matrix[i][j] != matrix[j][i] for i in range(size) for j in range(i)):
        raise Refused(f"{path}.matrix: it is not symmetric")
    if not is_positive_semidefinite(matrix, work):
        raise Refused(f"{path}.matrix: it is not positive semidefinite")
    result: Polynomial = {}
    for i, left in enumerate(basis):
        for j, right in enumerate(basis):
            exponents = tuple(map(int.__add__, left, right))
            result[exponents] = result.get(exponents, Fraction(0)) + matrix[i][j]
    return {exponents: value for exponents, value in result.items() if value}


def is_positive_semidefinite(matrix: list[list[Fraction]], work: Work) -> bool:
    """Decide z^T M z >= 0 for a symmetric rational matrix, exactly.

    Fraction-free elimination [Bareiss1968]: after k positive pivots every entry is a minor, that is
    the pivot product (positive) times the entry of the Schur complement, so signs can be read off.
    A zero on the diagonal of a positive semidefinite matrix has a zero row; it is skipped.
    """
    scale = common_denominator(q for row in matrix for q in row)
    rest = [[q.numerator * (scale // q.denominator) for q in row] for row in matrix]
    previous = 1
    while rest:
        head = rest[0]
        pivot = head[0]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(head):
                return False
            rest = [row[1:] for row in rest[1:]]
            continue
        bits = max(entry.bit_length() for entry in head)
        if bits > BITS_MAX:
            raise Refused(f"the elimination needs numbers of more than {BITS_MAX} bits")
        work.spend(len(rest) ** 2 * (2 + bits // 256))
        rest = _eliminate(rest, head, pivot, previous)
        previous = pivot
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
            result[i - 1][j - 1] = value
            result[j - 1][i - 1] = value
    return result
