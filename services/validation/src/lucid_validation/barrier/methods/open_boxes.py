"""What a search that stopped leaves undecided: boxes with exact ends and their exact volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class OpenBoxes:
    """Every solution of the case lies in one of `boxes`; the rest of `whole` has none.

    `boxes` do not overlap; `explored` counts the boxes that were looked at.
    """

    whole: Mapping[str, Interval]
    boxes: Sequence[Mapping[str, Interval]]
    explored: int

    @property
    def volume(self) -> Fraction:
        """The exact volume of the open boxes, in the units of the variables."""
        return sum((_volume(box) for box in self.boxes), Fraction(0))

    @property
    def share(self) -> Fraction:
        """The open part of the volume, from 0 to 1; 1 where the whole box is flat."""
        whole = _volume(self.whole)
        return self.volume / whole if whole else Fraction(1)

    def to_json(self, boxes_max: int = 64) -> dict[str, Any]:
        """Return the record as data: all of the volume, and the first `boxes_max` boxes."""
        return {
            "explored": self.explored,
            "open": len(self.boxes),
            "volume": str(self.volume),
            "share": str(self.share),
            "whole": _ends(self.whole),
            "boxes": [_ends(box) for box in self.boxes[:boxes_max]],
        }


def _volume(box: Mapping[str, Interval]) -> Fraction:
    return prod((high - low for low, high in box.values()), start=Fraction(1))


def _ends(box: Mapping[str, Interval]) -> dict[str, list[str]]:
    return {name: [str(low), str(high)] for name, (low, high) in box.items()}
