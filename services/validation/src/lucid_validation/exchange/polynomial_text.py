"""Exact polynomials and numbers as text that can be read back by the problem grammar."""

from __future__ import annotations

from fractions import Fraction

from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import INVERSE, Exponents, Polynomial, Ring, terms

from .infix import number_text


def polynomial_text(polynomial: Polynomial, ring: Ring) -> str:
    """Return a polynomial of the ring, or of its variables alone, highest degree first."""
    return terms_text(terms(polynomial), ring)


def terms_text(values: dict[Exponents, Fraction], ring: Ring) -> str:
    """Return exponents -> coefficient as text; exponents follow variables, then opaque terms."""
    found = ""
    for exponents in sorted(values, key=lambda e: (-sum(e), [-k for k in e])):
        value = values[exponents]
        factors = [_factor(ring, place, power) for place, power in enumerate(exponents) if power]
        size = abs(value)
        parts = factors if size == 1 and factors else [number_text(size), *factors]
        sign = "-" if value < 0 else "+"
        found += f" {sign} {'*'.join(parts)}" if found else "-"[value > 0 :] + "*".join(parts)
    return found or "0"


def _factor(ring: Ring, place: int, power: int) -> str:
    count = len(ring.variables)
    if place < count:
        base = ring.variables[place]
    else:
        function, argument = ring.opaque_terms[place - count]
        inner = polynomial_text(argument, ring)
        base = f"(1/({inner}))" if function == INVERSE else f"{function}({inner})"
    return base if power == 1 else f"{base}**{power}"


def atom_text(atom: Atom, ring: Ring) -> str:
    """Return `p >= 0`, `p > 0` or `p == 0`."""
    return f"{polynomial_text(atom.polynomial, ring)} {atom.sense} 0"


def decimal_text(value: Fraction, digits: int = 6) -> str:
    """Return a rational rounded to a number of significant digits, for reading only."""
    return f"{float(value):.{digits}g}" if abs(value) < 10**300 else "beyond 1e300"
