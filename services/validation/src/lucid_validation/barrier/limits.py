"""Named limits on what is read. Each is checked where data enters; errors give limit and value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes above which an input is refused.

    characters, tokens, nodes and depth concern one expression; digits one number; exponent one
    power; degree, terms and coefficient_bits one expanded polynomial; variables one problem;
    cases one obligation in disjunctive normal form.
    """

    characters: int = 100_000
    tokens: int = 50_000
    nodes: int = 50_000
    depth: int = 120
    digits: int = 400
    exponent: int = 64
    degree: int = 96
    terms: int = 100_000
    coefficient_bits: int = 100_000
    opaque_terms: int = 24
    variables: int = 64
    cases: int = 4_096


LIMITS = Limits()
