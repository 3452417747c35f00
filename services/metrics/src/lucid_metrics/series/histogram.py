"""Durations counted in buckets: what can be added, subtracted and asked."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise


class HistogramInvalid(Exception):
    """The bounds do not rise, or there is not exactly one count more than bounds."""

    def __init__(self, metric: str) -> None:
        super().__init__(
            f"The histogram {metric} needs rising, finite bounds and one count more than bounds, "
            "none of them negative."
        )
        self.metric = metric


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of durations per bucket.

    Bucket i counts durations in (bounds_s[i-1], bounds_s[i]], the first from 0, the last open.
    """

    bounds_s: tuple[float, ...]
    counts: tuple[int, ...]
    sum_s: float

    @property
    def total(self) -> int:
        """How many durations were counted."""
        return sum(self.counts)

    def plus(self, other: "Histogram") -> "Histogram":
        """Return both together; those of other bounds cannot be added and are left out."""
        if other.bounds_s != self.bounds_s:
            return self
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Histogram(self.bounds_s, counts, self.sum_s + other.sum_s)

    def minus(self, earlier: "Histogram") -> "Histogram":
        """Return what came after `earlier`, a reading of the same growing histogram."""
        if earlier.bounds_s != self.bounds_s:
            return self
        counts = tuple(max(a - b, 0) for a, b in zip(self.counts, earlier.counts, strict=True))
        return Histogram(self.bounds_s, counts, max(self.sum_s - earlier.sum_s, 0.0))

    def has_grown_from(self, earlier: "Histogram") -> bool:
        """Whether `earlier` may be an earlier reading: same bounds, no count higher."""
        return self.bounds_s == earlier.bounds_s and all(
            a >= b for a, b in zip(self.counts, earlier.counts, strict=True)
        )

    def quantile_s(self, share: float) -> float | None:
        """Return the duration, s, below which `share` of them lie; None without any.

        Interpolated within a bucket. In the open bucket it is the last bound: the true value is
        that or more.
        """
        total = self.total
        if total == 0 or not self.bounds_s:
            return None
        rank, below = share * total, 0
        for place, count in enumerate(self.counts[:-1]):
            if count and below + count >= rank:
                low = self.bounds_s[place - 1] if place else 0.0
                return low + (self.bounds_s[place] - low) * max(rank - below, 0.0) / count
            below += count
        return self.bounds_s[-1]

    def within(self, threshold_s: float) -> int:
        """Return how many durations are certainly at most `threshold_s`.

        Exact when the threshold is a bound; otherwise those in the bucket around it do not count.
        """
        return sum(self.counts[: bisect_right(self.bounds_s, threshold_s)])


def histogram_of(
    metric: str, bounds_s: tuple[float, ...], counts: tuple[int, ...], sum_s: float
) -> Histogram:
    """Return a histogram whose parts fit together.

    Raises:
        HistogramInvalid: They do not.
    """
    rises = all(low < high for low, high in pairwise(bounds_s))
    numbers = (*bounds_s, sum_s)
    fits = len(counts) == len(bounds_s) + 1 and min(counts) >= 0
    if not (rises and fits and all(map(math.isfinite, numbers)) and sum_s >= 0):
        raise HistogramInvalid(metric)
    return Histogram(bounds_s, counts, sum_s)
