"""Logical against physical error rates for several distances, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_cli.coherence_plot_style import CURVES, GREY, LINES, MARKERS, figure, heading, write


@dataclass(frozen=True)
class Estimate:
    """One point: failures in shots at a physical rate, and the interval of the logical rate.

    `rate` is None where no error was seen; `high` is then the upper bound that is known.
    """

    physical: float
    rate: float | None
    low: float
    high: float
    errors: int
    shots: int


@dataclass(frozen=True)
class Threshold:
    """Estimates for each code, `confidence` of their intervals, in rising distance."""

    title: str
    confidence: float
    series: Sequence[tuple[str, Sequence[Estimate]]]


def draw(shown: Threshold, out: Path) -> None:
    """Draw each code's points with intervals; no error seen is an upper bound with an arrow."""
    with figure(7.6, 6.0) as paper:
        axes = paper.add_subplot()
        axes.set(xscale="log", yscale="log")
        every = sorted({one.physical for _, estimates in shown.series for one in estimates})
        bounded = False
        for number, (label, estimates) in enumerate(shown.series):
            bounded |= _series(axes, label, estimates, number)
        axes.plot(every, every, color=GREY, lw=1, ls=(0, (1, 2)), label="logical rate = p")
        _ticks(axes, every)
        axes.set(
            xlabel="physical error rate p (dimensionless)",
            ylabel="logical error rate in one shot (dimensionless)",
        )
        axes.grid(visible=True, which="both", alpha=0.22)
        paper.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        note = f"bars: {100 * shown.confidence:g} % Wilson intervals"
        if bounded:
            note += "; arrows: no error seen, upper bound"
        axes.set_title(note, fontsize=10)
        paper.suptitle(heading(shown.title))
        write(paper, out)


def _series(axes: Any, label: str, estimates: Sequence[Estimate], number: int) -> bool:
    """Draw one code; return whether some point is only bounded from above."""
    colour, marker = CURVES[number % len(CURVES)], MARKERS[number % len(MARKERS)]
    line: Any = LINES[number % len(LINES)]
    seen = [(one, one.rate) for one in estimates if one.rate]
    bars = [[rate - one.low for one, rate in seen], [one.high - rate for one, rate in seen]]
    axes.errorbar(
        [one.physical for one, _ in seen],
        [rate for _, rate in seen],
        yerr=bars,
        color=colour,
        marker=marker,
        markersize=6,
        linestyle=line,
        linewidth=1.5,
        # Wider for each: intervals at one rate lie on one line, and moving them aside would move
        # the crossing that the reader looks for.
        capsize=3 + 2 * number,
        label=label,
    )
    bounds = [one for one in estimates if not one.rate]
    axes.errorbar(
        [one.physical for one in bounds],
        [one.high for one in bounds],
        yerr=[[0.6 * one.high for one in bounds], [0.0 for _ in bounds]],
        uplims=True,
        color=colour,
        marker=marker,
        markerfacecolor="white",
        markersize=6,
        linestyle="",
    )
    return bool(bounds)


def _ticks(axes: Any, places: Sequence[float]) -> None:
    """Write the physical rates themselves, as far as they have room beside each other."""
    import math

    shown: list[float] = []
    for place in places:
        if not shown or math.log10(place / shown[-1]) > 0.06 * math.log10(places[-1] / places[0]):
            shown.append(place)
    axes.set_xticks(shown, [f"{place:g}" for place in shown])
    axes.xaxis.minorticks_off()
