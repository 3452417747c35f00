"""What the pictures of coherence have in common: colours, paper, files.

Colours are told apart by colour-blind eyes (Okabe and Ito's; viridis and twilight for values), and
nothing is told by colour alone: curves also differ in their markers, and areas in their hatching.
"""

import math
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, BLACK, GREY = "#CC79A7", "#56B4E9", "#000000", "#777777"
CURVES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
SUFFIXES = (".png", ".svg")
DPI = 150
INSTALL = "pictures need matplotlib: pip install 'lucid-mesh-cli[plot]'"


class NotDrawable(Exception):
    """There is no such picture; the message says why and what to do."""


def require_suffix(out: Path) -> None:
    """Refuse a file that is neither PNG nor SVG; raises NotDrawable."""
    if out.suffix not in SUFFIXES:
        raise NotDrawable(f"{out}: the picture's file ends in .png or .svg")


@contextmanager
def figure(width: float, height: float) -> Iterator[Any]:
    """Yield an empty figure of so many inches; raises NotDrawable where matplotlib is missing."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise NotDrawable(INSTALL) from None
    # A figure of its own never looks for a screen. The same numbers give the same file: no random
    # identifiers here, no date below.
    with mpl.rc_context({"svg.hashsalt": "lucid", "font.size": 11, "axes.titlesize": 12}):
        yield Figure(figsize=(width, height), layout="constrained")


def write(drawn: Any, out: Path) -> None:
    """Write a figure; the suffix says how; raises OSError if the file cannot be written."""
    metadata = {"Date": None} if out.suffix == ".svg" else None
    drawn.savefig(out, dpi=DPI, metadata=metadata)


def heading(text: str) -> str:
    """Return text as a title: in lines, and with no character that starts a formula."""
    return "\n".join(textwrap.fill(line, 72) for line in text.replace("$", r"\$").splitlines())


def seconds(value: float) -> str:
    """Return a time as text with its unit."""
    return f"{value:.4g} s"


def seconds_at_least(value: float) -> str:
    """Return a time to four digits, never rounded up: more than this is not claimed."""
    places = 3 - math.floor(math.log10(value)) if value > 0 else 0
    return seconds(math.floor(value * 10**places) / 10**places)
