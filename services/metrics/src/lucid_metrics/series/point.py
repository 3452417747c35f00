"""What a series is called, and the limits of its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NAME_CHARACTERS_MAX = 128
LABELS_MAX = 8
LABEL_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A metric with its labels; the reporter is known from where the key is kept."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    """Sorted pairs."""

    def label(self, name: str) -> str:
        """Return the value of a label, empty when it has none."""
        return dict(self.labels).get(name, "")


def series_key(metric: str, labels: Mapping[str, str]) -> SeriesKey | None:
    """Return the key, or None when a name, a value or their number is above the limits.

    The limits keep one faulty reporter from filling the memory with names.
    """
    if not 0 < len(metric) <= NAME_CHARACTERS_MAX or len(labels) > LABELS_MAX:
        return None
    if any(length > LABEL_CHARACTERS_MAX for length in _lengths(labels.items())):
        return None
    return SeriesKey(metric, tuple(sorted(labels.items())))


def _lengths(pairs: Iterable[tuple[str, str]]) -> Iterable[int]:
    return (len(text) for pair in pairs for text in pair)
