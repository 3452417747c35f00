"""Stabiliser codes with one logical qubit: repetition, [[5,1,3]], Steane, Shor, rotated surface.

A Pauli operator on n qubits is also the number x + 2**n z, in which bit i of x (of z) says that X
(Z) acts on qubit i; Y has both bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from lucid_coherence.correction.violations import CodeUnknown

REPETITION_SIZES: Final = tuple(range(3, 32, 2))
SURFACE_DISTANCES: Final = (3, 5, 7, 9, 11)


@dataclass(frozen=True, slots=True)
class Code:
    """A stabiliser code of one logical qubit.

    `stabilisers` are independent generators in the order of the syndrome's bits; all operators are
    Pauli strings of `n` letters, qubit 0 first. `distance` is the least weight of a Pauli that the
    stabilisers do not see and that changes the logical qubit; `distance_bit_flip` and
    `distance_phase_flip` count only operators made of X, or of Z.
    """

    name: str
    family: str
    n: int
    stabilisers: tuple[str, ...]
    logical_x: str
    logical_z: str
    distance: int
    distance_bit_flip: int
    distance_phase_flip: int

    @property
    def syndrome_bits(self) -> int:
        """Number of stabiliser generators, n - 1."""
        return len(self.stabilisers)


def pauli_number(pauli: str) -> int:
    """Return a Pauli string as x + 2**n z."""
    x = sum(1 << i for i, letter in enumerate(pauli) if letter in "XY")
    z = sum(1 << i for i, letter in enumerate(pauli) if letter in "ZY")
    return x | z << len(pauli)


def anticommutes(left: str, right: str) -> bool:
    """Say whether two Pauli strings of equal length anticommute."""
    differing = sum(a != b and "I" not in (a, b) for a, b in zip(left, right, strict=True))
    return differing % 2 == 1


def seen_by(code: Code) -> list[list[int]]:
    """Return for X on each qubit, then Z on each qubit, the stabilisers that anticommute."""
    return [
        [s for s, stabiliser in enumerate(code.stabilisers) if stabiliser[qubit] in seeing]
        for seeing in ("ZY", "XY")
        for qubit in range(code.n)
    ]


def repetition(n: int) -> Code:
    """Return the repetition code of odd n: full distance n against bit flips, 1 against the rest.

    Its stabilisers are Z Z on neighbours.
    """
    neighbours = tuple(_on(n, "Z", (i, i + 1)) for i in range(n - 1))
    name = f"repetition_{n}"
    return Code(name, "repetition", n, neighbours, "X" * n, _on(n, "Z", (0,)), 1, n, 1)


def surface(d: int) -> Code:
    """Return the rotated surface code of odd d on d x d qubits, row by row [Bombin2007].

    Faces alternate between X and Z; the half faces at the top and bottom are X, at the sides Z.
    """
    faces = [
        ("X" if (i + j) % 2 == 0 else "Z", tuple(_corners(i, j, d)))
        for i in range(d + 1)
        for j in range(d + 1)
        if _is_face(i, j, d)
    ]
    n = d * d
    stabilisers = tuple(_on(n, letter, qubits) for letter, qubits in faces)
    column = _on(n, "X", range(0, n, d))
    row = _on(n, "Z", range(d))
    return Code(f"surface_{d}", "surface", n, stabilisers, column, row, d, d, d)


def _is_face(i: int, j: int, d: int) -> bool:
    is_x = (i + j) % 2 == 0
    if i in (0, d) and j in (0, d):
        return False
    if i in (0, d):
        return is_x
    return not is_x if j in (0, d) else True


def _corners(i: int, j: int, d: int) -> list[int]:
    near = [(r, c) for r in (i - 1, i) for c in (j - 1, j)]
    return [r * d + c for r, c in near if 0 <= r < d and 0 <= c < d]


def _on(n: int, letter: str, qubits: Sequence[int]) -> str:
    return "".join(letter if i in qubits else "I" for i in range(n))


FIVE_QUBIT: Final = Code(
    "five_qubit",
    "five_qubit",
    5,
    ("XZZXI", "IXZZX", "XIXZZ", "ZXIXZ"),
    "XXXXX",
    "ZZZZZ",
    3,
    5,
    5,
)
"""The perfect code [[5,1,3]]. [Laflamme1996]"""
STEANE: Final = Code(
    "steane",
    "steane",
    7,
    ("IIIXXXX", "IXXIIXX", "XIXIXIX", "IIIZZZZ", "IZZIIZZ", "ZIZIZIZ"),
    "XXXXXXX",
    "ZZZZZZZ",
    3,
    3,
    3,
)
"""The code [[7,1,3]] from the Hamming code. [Steane1996]"""
SHOR: Final = Code(
    "shor",
    "shor",
    9,
    (
        *("ZZIIIIIII", "IZZIIIIII", "IIIZZIIII", "IIIIZZIII", "IIIIIIZZI", "IIIIIIIZZ"),
        *("XXXXXXIII", "IIIXXXXXX"),
    ),
    "ZZZZZZZZZ",
    "XXXXXXXXX",
    3,
    3,
    3,
)
"""The code [[9,1,3]]: three blocks of three, phases protected across the blocks. [Shor1995]"""


@cache
def catalogue() -> dict[str, Code]:
    """Return every code by its name."""
    found = [
        *(repetition(n) for n in REPETITION_SIZES),
        *(FIVE_QUBIT, STEANE, SHOR),
        *(surface(d) for d in SURFACE_DISTANCES),
    ]
    return {code.name: code for code in found}


def find_code(name: str, *, field: str) -> Code:
    """Return the code of this name; raises CodeUnknown with the names that exist."""
    code = catalogue().get(name)
    if code is None:
        shown = name[:64]
        raise CodeUnknown(
            f"There is no code {shown!r}; there are {', '.join(catalogue())}.",
            field=field,
            code=shown,
        )
    return code
