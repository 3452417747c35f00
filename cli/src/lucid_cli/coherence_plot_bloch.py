"""Trajectories of a qubit's Bloch vector."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_cli.coherence_plot_style import BLACK, GREY, MARKERS, figure, heading, seconds, write

_AXES = (
    ((1, 0, 0), r"$|{+}\rangle$", "x"),
    ((0, 1, 0), r"$|{+i}\rangle$", "y"),
    ((0, 0, 1), r"$|0\rangle$", "z"),
)


@dataclass(frozen=True)
class Trajectories:
    """Bloch vectors over time: `times_s` is (T,), `vectors` is (starts, T, 3)."""

    title: str
    times_s: Any
    vectors: Any


def draw(shown: Trajectories, out: Path) -> None:
    """Draw each trajectory, coloured by time, with its start and its end marked."""
    with figure(7.2, 6.2) as paper:
        # Drawn in the order below: the sphere must not veil what is inside of it.
        axes = paper.add_subplot(projection="3d", computed_zorder=False)
        _sphere(axes)
        lines = [_trajectory(axes, shown.times_s, path) for path in shown.vectors]
        for number, path in enumerate(shown.vectors):
            _ends(axes, path, MARKERS[number % len(MARKERS)], last=number == len(lines) - 1)
        bar = paper.colorbar(lines[0], ax=axes, shrink=0.65, pad=0.08)
        bar.set_label("time t in s")
        axes.legend(loc="upper left", bbox_to_anchor=(-0.08, 1.0), frameon=False)
        until = seconds(float(shown.times_s[-1]))
        paper.suptitle(heading(f"{shown.title}\nBloch vector from t = 0 to {until}"))
        write(paper, out)


def _sphere(axes: Any) -> None:
    import numpy as np

    around, down = np.meshgrid(np.linspace(0, 2 * np.pi, 49), np.linspace(0, np.pi, 25))
    x, y, z = np.cos(around) * np.sin(down), np.sin(around) * np.sin(down), np.cos(down)
    axes.plot_surface(x, y, z, color="#DDE6EE", alpha=0.35, linewidth=0, shade=False, zorder=0)
    turn = np.linspace(0, 2 * np.pi, 181)
    zero, cosine, sine = np.zeros_like(turn), np.cos(turn), np.sin(turn)
    for circle in ((cosine, sine, zero), (cosine, zero, sine), (zero, cosine, sine)):
        axes.plot(*circle, color=GREY, linewidth=0.7, alpha=0.7)
    for direction, ket, letter in _AXES:
        vector = np.array(direction, dtype=float)
        axes.plot(*np.outer(vector, [-1, 1]), color=GREY, linewidth=0.7, linestyle=":")
        axes.quiver(0, 0, 0, *(1.18 * vector), color=BLACK, linewidth=1.1, arrow_length_ratio=0.06)
        axes.text(*(1.32 * vector), f"${letter}$ {ket}", ha="center", va="center")
    axes.text(0, 0, -1.22, r"$|1\rangle$", ha="center", va="center")
    axes.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
    axes.set_box_aspect((1, 1, 1), zoom=1.22)
    axes.view_init(elev=22, azim=35)
    axes.set_axis_off()


def _trajectory(axes: Any, times_s: Any, path: Any) -> Any:
    import numpy as np
    from mpl_toolkits.mplot3d.art3d import Line3DCollection  # type: ignore[import-untyped]

    pieces = np.stack([path[:-1], path[1:]], axis=1)
    line = Line3DCollection(pieces, cmap="viridis", linewidth=2.4, capstyle="round", zorder=3)
    line.set_array((times_s[:-1] + times_s[1:]) / 2)
    line.set_clim(times_s[0], times_s[-1])
    return axes.add_collection(line)


def _ends(axes: Any, path: Any, marker: str, *, last: bool) -> None:
    style = {"marker": marker, "s": 60, "edgecolors": BLACK, "depthshade": False, "zorder": 4}
    axes.scatter(*path[0], color="white", label="start" if last else None, **style)
    axes.scatter(*path[-1], color=BLACK, label="end" if last else None, **style)
