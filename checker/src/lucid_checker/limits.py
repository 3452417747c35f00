"""Named limits of the checker's own work, and the one way it refuses.

Every limit is a count of something that hostile evidence could inflate. A part that exceeds its
limit is refused: a refusal is always safe, because nothing is claimed then.
"""

TEXT_CHARS_MAX = 32_000_000  # characters of one document
DIGITS_MAX = 4_000  # decimal digits of one number; CPython itself stops at 4300
DECIMAL_EXPONENT_MAX = 400  # |e| in 1e400
EXPRESSION_CHARS_MAX = 200_000  # characters of one expression
NESTING_MAX = 100  # parentheses, signs, quotients and formulas inside each other
EXPONENT_MAX = 100  # in x**n and in monomials of the evidence
VARIABLES_MAX = 64
CASES_MAX = 4_096  # cases of one disjunctive normal form
CONSTRAINTS_MAX = 1_024  # constraints of one case
POLYNOMIAL_TERMS_MAX = 200_000
TENSOR_COEFFICIENTS_MAX = 200_000  # Bernstein coefficients of one constraint
GRAM_SIZE_MAX = 400  # rows of one Gram matrix
TREE_NODES_MAX = 2_000_000
TREE_DEPTH_MAX = 300
BITS_MAX = 60_000  # bits of one intermediate integer
WORK_MAX = 600_000_000  # elementary steps of one check, about 100 ns each


class Refused(Exception):
    """The evidence (or the problem) is not accepted; the text says which part and why."""


class Work:
    """Counts elementary steps of one check and refuses to go on beyond `WORK_MAX`."""

    def __init__(self) -> None:
        """Start at zero steps."""
        self.steps = 0

    def spend(self, steps: int) -> None:
        """Add `steps`; refuse when the limit is passed."""
        self.steps += steps
        if self.steps > WORK_MAX:
            raise Refused(f"the check needs more than {WORK_MAX} steps")
