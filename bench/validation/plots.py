"""The pictures of the report: obligations decided over time, and one scatter per peer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "lucid"
from matplotlib import pyplot as plt  # noqa: E402  # the backend is chosen first

# Okabe and Ito's colours, told apart by colour-blind readers too.
COLOURS = {"lucid": "#0072B2", "z3": "#D55E00", "cvc5": "#009E73"}
ANSWERS = ("sat", "unsat")


def cactus(lines: list[dict[str, Any]], names: Sequence[str], path: Path) -> None:
    """Draw how many obligations each tool decides within how many seconds for each."""
    figure, axes = plt.subplots(figsize=(6.4, 4.0))
    for name in names:
        times = sorted(line[name]["seconds"] for line in lines if line[name]["answer"] in ANSWERS)
        axes.step([*times], range(1, len(times) + 1), label=name, color=COLOURS[name])
    axes.set_xscale("log")
    axes.set_xlabel("CPU seconds for one obligation")
    axes.set_ylabel(f"decided, of {len(lines)}")
    axes.legend(loc="lower right")
    axes.grid(visible=True, alpha=0.3)
    _save(figure, path)


def scatter(lines: list[dict[str, Any]], peer: str, limit: float, path: Path) -> None:
    """Draw Lucid's seconds against the peer's; undecided ones lie on the limit."""
    figure, axes = plt.subplots(figsize=(4.8, 4.6))
    for answer, marker in (("unsat", "o"), ("sat", "^")):
        chosen = [
            line for line in lines if answer in (line["lucid"]["answer"], line[peer]["answer"])
        ]
        axes.scatter(
            [_seconds(line[peer], limit) for line in chosen],
            [_seconds(line["lucid"], limit) for line in chosen],
            s=12,
            marker=marker,
            color=COLOURS[peer] if answer == "sat" else COLOURS["lucid"],
            alpha=0.7,
            label="violated" if answer == "sat" else "holds",
        )
    ends = [3e-4, 1.3 * limit]
    axes.plot(ends, ends, color="0.4", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    axes.set_xlabel(f"{peer}, CPU seconds (limit {limit:g})")
    axes.set_ylabel("Lucid, CPU seconds")
    axes.legend(loc="upper left")
    axes.grid(visible=True, alpha=0.3)
    _save(figure, path)


def _seconds(entry: dict[str, Any], limit: float) -> float:
    return float(entry["seconds"]) if entry["answer"] in ANSWERS else limit


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
