"""Coherence over time, with the threshold and for how long it is certified to stay above."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_cli.coherence_plot_style import (
    BLACK,
    CURVES,
    GREEN,
    LINES,
    figure,
    heading,
    seconds,
    seconds_at_least,
    write,
)


@dataclass(frozen=True)
class Decay:
    """C_l1 over time: `times_s` is (T,), each curve a label and (T,) values.

    `certified_s` is None where nothing is certified, and `reason` then says why.
    """

    title: str
    times_s: Any
    curves: list[tuple[str, Any]]
    theta: float
    certified_s: float | None
    numerical_s: float | None
    reason: str = ""


def draw(shown: Decay, out: Path) -> None:
    """Draw the curves, the threshold, the certified time as an area and the numerical horizon."""
    with figure(8.0, 5.2) as paper:
        axes = paper.add_subplot()
        for number, (label, values) in enumerate(shown.curves):
            style: Any = LINES[number % len(LINES)]
            colour = CURVES[number % len(CURVES)]
            axes.plot(shown.times_s, values, color=colour, linestyle=style, lw=2, label=label)
        axes.axhline(
            shown.theta,
            color=BLACK,
            lw=1.2,
            ls="--",
            label=rf"threshold $\theta$ = {shown.theta:.4g}",
        )
        if shown.certified_s is not None:
            axes.axvspan(
                0, shown.certified_s, facecolor=GREEN, alpha=0.14, hatch="//", edgecolor=GREEN, lw=0
            )
            axes.axvline(
                shown.certified_s,
                color=GREEN,
                lw=2,
                label=f"certified horizon T* = {seconds_at_least(shown.certified_s)}",
            )
        if shown.numerical_s is not None:
            axes.axvline(
                shown.numerical_s,
                color=BLACK,
                lw=1.4,
                ls=":",
                label=f"numerical horizon = {seconds(shown.numerical_s)}",
            )
        top = max(float(values.max()) for _, values in shown.curves)
        axes.set(
            xlim=(float(shown.times_s[0]), float(shown.times_s[-1])),
            ylim=(0, 1.08 * max(top, shown.theta)),
            xlabel="time t in s",
            ylabel=r"coherence $C_{\ell_1}$ (dimensionless)",
        )
        axes.grid(visible=True, alpha=0.25)
        paper.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
        # The command prints the whole reason; a title has room for its first sentence.
        why = shown.reason.split(". ")[0].removesuffix(".")
        below = f"\nnot certified: {why}" if shown.certified_s is None else ""
        paper.suptitle(heading(shown.title + below))
        write(paper, out)
