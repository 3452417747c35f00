"""Taylor models of expanded forms with function terms on one box, with proven remainders.

On a box the variables are x = m + r u with u in [-1, 1]. Every function term is replaced by its
Taylor polynomial around the value of its argument in the middle; coefficients and remainders come
from ball arithmetic. What is left is a polynomial in u and one bound on the distance. The bounds
are floats, taken with room for their own rounding. [Makino2003], [Johansson2017]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from flint import arb, arb_series, ctx, fmpq

from lucid_validation.barrier.polynomial import INVERSE, Polynomial, Ring, rational

from .enclosure import Form, form_of

_BITS = 128
# Room for some hundred roundings of positive floats.
_ROOM = 1.0 + 1e-12
Range = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Model:
    """A function of u in [-1, 1]^n within `remainder` of `polynomial`; `size` bounds both."""

    polynomial: Polynomial
    remainder: float
    size: float


class Forms:
    """What the models of all boxes share: the monomials of each expanded form, read once."""

    def __init__(self, ring: Ring) -> None:
        """Take the ring; its terms may still grow."""
        self.ring = ring
        self._known: dict[int, tuple[Polynomial, Form, tuple[int, ...]]] = {}

    def of(self, polynomial: Polynomial) -> tuple[Form, tuple[int, ...]]:
        """Return a form's monomials, and the generators of its function terms."""
        known = self._known.get(id(polynomial))
        if known is None:
            form, count = form_of(polynomial), len(self.ring.variables)
            places = {g for _, factors in form for g, _ in factors if g >= count}
            # The polynomial is kept, so that its identity stays its own.
            known = self._known[id(polynomial)] = (polynomial, form, tuple(sorted(places)))
        return known[1], known[2]


class TaylorModels:
    """The models of one box: each function term is expanded once."""

    def __init__(self, forms: Forms, ranges: Sequence[Range | None], order: int) -> None:
        """Take the range of each variable (None: it does not occur) and the order."""
        ring = forms.ring
        self._forms, self._ring, self._order = forms, ring, order
        self._context = ring.plain_context
        self._zero = self._context.constant(0)
        units = self._context.gens()
        self._images: list[Any] = []
        self._sizes: list[float] = []
        for unit, ends in zip(units, ranges, strict=True):
            low, high = ends or (Fraction(0), Fraction(0))
            middle, radius = rational((low + high) / 2), rational((high - low) / 2)
            self._images.append(unit * radius + middle)
            self._sizes.append(float(max(abs(low), abs(high))) * _ROOM)
        self._models: dict[int, Model | None] = {}

    def of(self, polynomial: Polynomial) -> Model | None:
        """Return the model of an expanded form; None where a function has no bounded derivative."""
        form, places = self._forms.of(polynomial)
        if not places:
            plain = self._ring.plain(polynomial)
            kept, dropped = self._short(plain.compose(*self._images, ctx=self._context))
            return Model(kept, dropped, (_size(kept) + dropped) * _ROOM)
        images, models = list(self._images), {}
        images += [self._zero] * (len(self._ring.generators) - len(images))
        for place in places:
            model = self._slot(place - len(self._images))
            if model is None:
                return None
            models[place] = model
            images[place] = model.polynomial
        kept, dropped = self._short(polynomial.compose(*images, ctx=self._context))
        remainder = (dropped + _distance(form, models, self._sizes)) * _ROOM
        return Model(kept, remainder, (_size(kept) + remainder) * _ROOM)

    def _slot(self, slot: int) -> Model | None:
        if slot not in self._models:
            function, argument = self._ring.opaque_terms[slot]
            inner = self.of(argument)
            self._models[slot] = None if inner is None else self._expand(function, inner)
        return self._models[slot]

    def _expand(self, function: str, inner: Model) -> Model | None:
        """Return the model of a function of a model."""
        constant = self._context.constant(1)
        middle = inner.polynomial[(0,) * len(self._ring.variables)]
        difference = inner.polynomial - constant * middle
        spread = (_size(difference) + inner.remainder) * _ROOM
        before = ctx.prec
        ctx.prec = _BITS
        try:
            near = _series(function, arb(middle), self._order)
            wide = _series(function, arb(arb(middle), spread), self._order + 1)
        finally:
            ctx.prec = before
        if near is None or wide is None:
            return None
        remainder = _above(wide[-1]) * spread ** (self._order + 1)
        slope = 0.0
        total = constant * 0
        for power in range(self._order, -1, -1):
            value = near[power]
            exact = _dyadic(value)
            remainder += _above(value - arb(exact)) * spread**power
            slope += power * abs(float(exact)) * spread ** max(0, power - 1)
            total = total * difference + constant * exact
        kept, dropped = self._short(total)
        remainder = (remainder + dropped + slope * inner.remainder) * _ROOM
        if not remainder < inf:
            return None
        return Model(kept, remainder, (_size(kept) + remainder) * _ROOM)

    def _short(self, polynomial: Polynomial) -> tuple[Polynomial, float]:
        """Return the terms up to degree 2 * order, and the sum of the others' sizes."""
        limit = 2 * self._order
        if not len(polynomial) or int(polynomial.total_degree()) <= limit:
            return polynomial, 0.0
        kept, dropped = {}, 0.0
        for exponents, value in polynomial.to_dict().items():
            if sum(exponents) <= limit:
                kept[exponents] = value
            else:
                dropped += abs(float(value))
        return self._context.from_dict(kept), dropped * _ROOM


def _size(polynomial: Polynomial) -> float:
    """Return a bound on |p| over [-1, 1]^n."""
    return sum([abs(float(value)) for value in polynomial.coeffs()]) * _ROOM


def _distance(form: Form, models: Mapping[int, Model], sizes: Sequence[float]) -> float:
    """Bound the change of a form when each function term moves by its remainder."""
    total = 0.0
    for value, factors in form:
        part, share = abs(value), 0.0
        for place, power in factors:
            model = models.get(place)
            if model is None:
                part *= sizes[place] ** power
            elif model.size > 0.0:
                part *= model.size**power
                share += power * model.remainder / model.size
            else:
                part = 0.0
        total += part * share
    return total * _ROOM


def _series(function: str, at: Any, order: int) -> list[Any] | None:
    """Return enclosures of the Taylor coefficients 0..order at every point of a ball, or None."""
    argument = arb_series([at, 1], prec=order + 1)
    if function == "abs":
        if at > 0:
            found = argument
        elif at < 0:
            found = -argument
        else:
            return None
    elif function in {"log", "sqrt"} and not at > 0:
        return None
    elif function == INVERSE:
        if not (at > 0 or at < 0):
            return None
        found = argument.inv()
    elif function == "tanh":
        found = 1 - 2 * ((2 * argument).exp() + 1).inv()
    else:
        found = getattr(argument, function)()
    values = [found[power] for power in range(order + 1)]
    return values if all(value.is_finite() for value in values) else None


def _above(value: Any) -> float:
    """Return a float above |value|."""
    return float(value.abs_upper()) * _ROOM + 1e-300


def _dyadic(value: Any) -> Any:
    """Return the middle of a ball, exactly."""
    mantissa, exponent = value.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)
