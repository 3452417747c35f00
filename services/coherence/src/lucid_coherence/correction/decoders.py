"""Which decoders there are, and for which codes."""

from enum import Enum

from lucid_coherence.correction.codes import Code, seen_by
from lucid_coherence.correction.lookup import can_tabulate


class DecoderKind(Enum):
    """How syndromes are decoded."""

    LOOKUP = "a table of least-weight errors"
    MATCHING = "minimum-weight perfect matching"


def decoders_for(code: Code) -> tuple[DecoderKind, ...]:
    """Return the decoders that apply to a code at code capacity, the first by default."""
    applying = {DecoderKind.LOOKUP: can_tabulate(code), DecoderKind.MATCHING: can_match(code)}
    return tuple(kind for kind, applies in applying.items() if applies)


def can_match(code: Code) -> bool:
    """Say whether the stabilisers are of X or of Z only and no qubit has over two of a kind.

    [[5,1,3]] has few enough, but of mixed kinds: matching then takes Y for two errors, and decodes
    worse than no code at all.
    """
    pure = all(len(set(stabiliser) - {"I"}) == 1 for stabiliser in code.stabilisers)
    return pure and all(len(seen) <= 2 for seen in seen_by(code))
