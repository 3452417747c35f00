"""A density matrix as a city: one block for each entry."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_cli.coherence_plot_style import (
    BLUE,
    GREY,
    VERMILION,
    NotDrawable,
    figure,
    heading,
    write,
)

DIMENSION_MAX = 16
_BLOCK = 0.72


@dataclass(frozen=True)
class City:
    """One density matrix, `matrix` (d, d) complex, of subsystems with `dims` levels."""

    title: str
    matrix: Any
    dims: Sequence[int]


def draw(shown: City, out: Path, *, by_phase: bool) -> None:
    """Draw real and imaginary parts side by side, or magnitudes coloured by phase.

    Raises NotDrawable above 16 levels: blocks could not be told apart.
    """
    if shown.matrix.shape[0] > DIMENSION_MAX:
        raise NotDrawable(
            f"the state has {shown.matrix.shape[0]} levels; a cityscape shows at most "
            f"{DIMENSION_MAX}"
        )
    with figure(*((7.4, 6.0) if by_phase else (11.0, 5.2))) as paper:
        paper.suptitle(heading(shown.title))
        if by_phase:
            _phases(paper, shown)
        else:
            low = min(float(shown.matrix.real.min()), float(shown.matrix.imag.min()), 0.0)
            high = max(float(shown.matrix.real.max()), float(shown.matrix.imag.max()))
            for place, (name, part) in enumerate(
                (("Re", shown.matrix.real), ("Im", shown.matrix.imag)), start=1
            ):
                axes = paper.add_subplot(1, 2, place, projection="3d")
                _blocks(axes, part, [BLUE if v >= 0 else VERMILION for v in part.ravel()])
                _ground(axes, shown.dims, rf"{name} $\rho_{{jk}}$", (low, high))
                words = "real part" if name == "Re" else "imaginary part"
                axes.set_title(words if part.any() else f"{words}: all zero")
        write(paper, out)


def _phases(paper: Any, shown: City) -> None:
    import numpy as np
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    size, phase = np.abs(shown.matrix), np.angle(shown.matrix)
    colours = ScalarMappable(Normalize(-np.pi, np.pi), "twilight_shifted")
    axes = paper.add_subplot(projection="3d")
    _blocks(axes, size, colours.to_rgba(phase.ravel()))
    _ground(axes, shown.dims, r"$|\rho_{jk}|$", (0.0, float(size.max())))
    bar = paper.colorbar(colours, ax=axes, shrink=0.65, pad=0.1)
    bar.set_label(r"phase of $\rho_{jk}$ in rad")
    bar.set_ticks([-np.pi, -np.pi / 2, 0, np.pi / 2, np.pi])
    bar.set_ticklabels([r"$-\pi$", r"$-\pi/2$", "0", r"$\pi/2$", r"$\pi$"])


def _blocks(axes: Any, heights: Any, colours: Any) -> None:
    import numpy as np
    from matplotlib.colors import LightSource

    d = heights.shape[0]
    row, column = (index.ravel() for index in np.indices((d, d)))
    # A block without height would still draw its outline.
    tall = np.abs(heights.ravel()) > 1e-9 * max(1e-300, float(np.abs(heights).max()))
    chosen = [colour for colour, keep in zip(colours, tall, strict=True) if keep]
    if not tall.any():
        return
    tops = heights.ravel()[tall]
    axes.bar3d(
        column[tall] - _BLOCK / 2,
        row[tall] - _BLOCK / 2,
        np.minimum(tops, 0.0),
        _BLOCK,
        _BLOCK,
        np.abs(tops),
        color=chosen,
        edgecolor="#333333",
        linewidth=0.4,
        # From above: the tops, which are seen best, keep their colours.
        lightsource=LightSource(azdeg=200, altdeg=65),
    )


def _ground(axes: Any, dims: Sequence[int], label: str, span: tuple[float, float]) -> None:
    kets = ["".join(map(str, levels)) for levels in itertools.product(*map(range, dims))]
    places = range(len(kets))
    small = {"fontsize": 9 if len(kets) <= 8 else 7}
    axes.set_xticks(places, [rf"$\langle {ket}|$" for ket in kets], **small)
    axes.set_yticks(places, [rf"$|{ket}\rangle$" for ket in kets], **small)
    axes.set_xlabel("column k", labelpad=8)
    axes.set_ylabel("row j", labelpad=8)
    axes.set_zlabel(label, labelpad=6)
    if span[0] < 0:
        edge = (-0.5, len(kets) - 0.5)
        for line in (place - 0.5 for place in range(len(kets) + 1)):
            axes.plot(edge, (line, line), (0, 0), color=GREY, linewidth=0.5, zorder=0)
            axes.plot((line, line), edge, (0, 0), color=GREY, linewidth=0.5, zorder=0)
    margin = 0.02 * (span[1] - span[0] or 1.0)
    axes.set(
        xlim=(-0.6, len(kets) - 0.4),
        ylim=(len(kets) - 0.4, -0.6),
        zlim=(span[0] - (margin if span[0] < 0 else 0), span[1] + margin),
    )
    axes.set_box_aspect((1, 1, 0.8), zoom=0.94)
    axes.view_init(elev=28, azim=-58)
