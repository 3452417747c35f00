"""The pictures of the report: ratios to every peer, and errors of the concurrence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "lucid"
from matplotlib import pyplot as plt  # noqa: E402  # the backend is chosen first

Line = dict[str, Any]
# Okabe and Ito's colours, told apart by colour-blind readers too.
COLOURS = {
    "lucid": "#0072B2",
    "qutip": "#D55E00",
    "qutip-defaults": "#E69F00",
    "qutip+numpy": "#D55E00",
    "qutip-propagator": "#E69F00",
    "toqito": "#009E73",
    "qiskit": "#CC79A7",
    "cvxpy": "#56B4E9",
    "stim+pymatching": "#000000",
}
EXACT_SHOWN = 1e-17
"""Errors of zero are drawn here."""


def ratios(lines: list[Line], path: Path) -> None:
    """Draw each peer's CPU time over the service's, on a logarithmic axis; 1 is equal."""
    bars = [
        (line["key"], peer, times["cpu_s"] / line["times"]["lucid"]["cpu_s"])
        for line in lines
        for peer, times in line.get("times", {}).items()
        if peer in COLOURS and peer != "lucid"
    ]
    figure, axes = plt.subplots(figsize=(7.2, 0.9 + 0.21 * len(bars)))
    for row, (_, peer, value) in enumerate(bars):
        axes.barh(row, value - 1, left=1, color=COLOURS[peer], height=0.75)
        axes.text(value, row, f" {value:.3g} ", va="center", ha="left" if value > 1 else "right")
    axes.set_yticks(range(len(bars)), [f"{key}: {peer}" for key, peer, _ in bars], fontsize=7)
    axes.invert_yaxis()
    axes.axvline(1.0, color="0.3", linewidth=0.8)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_xlabel("CPU time of the peer / CPU time of client and service (1: equal)")
    axes.grid(visible=True, axis="x", alpha=0.3)
    _save(figure, path)


def accuracy(lines: list[Line], path: Path) -> None:
    """Draw the largest error of the concurrence on each family."""
    figure, axes = plt.subplots(figsize=(7.2, 0.9 + 0.3 * len(lines)))
    for name in lines[0]["errors"] if lines else ():
        errors = [max(line["errors"][name], EXACT_SHOWN) for line in lines]
        marker = "o" if name == "lucid" else "x"
        axes.plot(errors, range(len(lines)), marker, label=name, color=COLOURS[name])
    axes.set_yticks(range(len(lines)), [line["key"] for line in lines], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("largest error of the concurrence")
    axes.grid(visible=True, alpha=0.3)
    if lines:
        axes.legend(loc=(0.5, 0.12), fontsize=8)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
