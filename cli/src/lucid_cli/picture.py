"""A picture of a problem: sets, level set, flow and counterexamples, as SVG or PNG.

The colours are told apart by colour-blind eyes (Okabe and Ito's), and by hatching.
"""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_BLUE, _VERMILION, _BLACK, _GREY, _YELLOW = "#0072B2", "#D55E00", "#000000", "#999999", "#F0E442"
_LINES = ("-", "--", "-.", ":")
_POINTS = 480
_ARROWS = 17


def draw(entry: Any, evidence: Mapping[str, Any], out: Path, verdicts: Mapping[str, str]) -> str:
    """Draw a problem object and its counterexamples into a file; return what is drawn in words.

    `evidence` is empty where there is none; `verdicts` are those that the checker confirmed.

    Raises `NotDrawable`, whose text says why, and `OSError` if the file cannot be written.
    """
    from lucid_validation.barrier.errors import BarrierError
    from lucid_validation.barrier.problem import parse_problem

    from lucid_cli import picture_values as values

    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise values.NotDrawable("pictures need matplotlib; install it beside lucid") from None
    try:
        problem = parse_problem(entry)
    except BarrierError as error:
        raise values.NotDrawable(str(error)) from None
    found = values.witnesses_of(evidence)
    plane = values.plane_of(problem, list(found.values()))
    panels = values.panels_of(problem)
    points = [point for witness in found.values() for point in values.points_of(witness)]
    box = values.window_of(panels, plane, points)
    # The same problem gives the same file: no date, no random identifiers.
    with mpl.rc_context({"svg.hashsalt": "lucid", "font.size": 11}):
        figure = Figure(figsize=(6.4 * len(panels), 5.6), layout="constrained")
        keys: dict[str, Any] = {}
        for number, panel in enumerate(panels, start=1):
            axes = figure.add_subplot(1, len(panels), number)
            shown = (panel, plane, box)
            for key in _panel(axes, shown, found, discrete="discrete" in problem.kind):
                keys.setdefault(key.get_label(), key)
        # Below the axes: a legend inside of them would hide what is behind it.
        figure.legend(handles=list(keys.values()), loc="outside lower center", ncols=3)
        rest = ", ".join(f"{name} = {value:.4g}" for name, value in plane.resting().items())
        said = f"the plane of {' and '.join(plane.names)}{f' at {rest}' if rest else ''}"
        name = str(entry.get("id") or problem.sha256[:12])
        figure.suptitle(_title(name, verdicts, rest))
        metadata = {"Date": None} if out.suffix == ".svg" else None
        figure.savefig(out, dpi=150, metadata=metadata)
    return said


def _title(name: str, verdicts: Mapping[str, str], rest: str) -> str:
    words = ", ".join(f"{key} {verdict}" for key, verdict in verdicts.items())
    lines = [name, *([words] if words else []), *([f"slice at {rest}"] if rest else [])]
    return "\n".join(textwrap.fill(line, 80) for line in lines)


def _panel(
    axes: Any, shown: tuple[Any, Any, Any], witnesses: Mapping[str, Any], *, discrete: bool
) -> list[Any]:
    import numpy as np

    panel, plane, (left, right, bottom, top) = shown
    x, y = np.meshgrid(np.linspace(left, right, _POINTS), np.linspace(bottom, top, _POINTS))
    handles: list[Any] = []
    if panel.domain.children:
        outside = ~plane.holds(panel.domain, x, y)
        handles += _fill(axes, (x, y, outside), "outside of the domain", _GREY, "..")
    for formula, label, colour, hatch in (
        (panel.init, "init", _BLUE, "//"),
        (panel.unsafe, "unsafe", _VERMILION, "xx"),
    ):
        if formula is not None:
            handles += _fill(axes, (x, y, plane.holds(formula, x, y)), label, colour, hatch)
    for number, (label, polynomial) in enumerate(panel.curves):
        handles += _curve(axes, (x, y, plane.values_of(polynomial, x, y)), label, number)
    _flow(axes, panel, plane, (left, right, bottom, top), discrete=discrete)
    handles += _marks(axes, plane, witnesses)
    if 0.4 < (top - bottom) / (right - left) < 2.5:
        axes.set_aspect("equal")
    axes.set(xlim=(left, right), ylim=(bottom, top), xlabel=plane.names[0], ylabel=plane.names[1])
    axes.set_title(panel.title)
    return handles


def _fill(axes: Any, shown: Any, label: str, colour: str, hatch: str) -> list[Any]:
    from matplotlib.patches import Patch

    x, y, mask = shown
    if not mask.any():
        return [Patch(facecolor="none", edgecolor=colour, label=f"{label} (not in this window)")]
    style = {"colors": [colour], "alpha": 0.25, "hatches": [hatch]}
    axes.contourf(x, y, mask.astype(float), levels=[0.5, 1.5], **style)
    if not mask.all():
        axes.contour(x, y, mask.astype(float), levels=[0.5], colors=[colour], linewidths=1)
    return [Patch(facecolor=colour, alpha=0.35, hatch=hatch, label=label)]


def _curve(axes: Any, shown: Any, label: str, number: int) -> list[Any]:
    import numpy as np
    from matplotlib.lines import Line2D

    x, y, values = shown
    style: Any = _LINES[number % len(_LINES)]
    if np.nanmin(values) < 0 < np.nanmax(values):
        axes.contour(x, y, values, levels=[0.0], colors=[_BLACK], linewidths=2, linestyles=[style])
    else:
        label += " (not in this window)"
    return [Line2D([], [], color=_BLACK, linewidth=2, linestyle=style, label=label)]


def _flow(axes: Any, panel: Any, plane: Any, box: Any, *, discrete: bool) -> None:
    import numpy as np

    left, right, bottom, top = box
    count = _ARROWS if discrete else 40
    x, y = np.meshgrid(np.linspace(left, right, count), np.linspace(bottom, top, count))
    u, v = (plane.values_of(panel.dynamics[name], x, y) for name in plane.names)
    if discrete:
        u, v = u - x, v - y
    u, v = (np.nan_to_num(part, nan=0.0, posinf=0.0, neginf=0.0) for part in (u, v))
    if not (np.abs(u).any() or np.abs(v).any()):
        return
    if discrete:
        size = np.hypot(u, v)
        size[size == 0] = 1
        axes.quiver(x, y, u / size, v / size, color=_GREY, width=0.003)
    else:
        axes.streamplot(x, y, u, v, color=_GREY, linewidth=0.7, arrowsize=0.9, density=1.1)


def _marks(axes: Any, plane: Any, witnesses: Mapping[str, Any]) -> list[Any]:
    from lucid_cli.picture_values import points_of

    handles = []
    for (name, witness), marker in zip(witnesses.items(), "*PXDosv^", strict=False):
        ends = points_of(witness)
        across, up = ([end.get(axis, 0.0) for end in ends] for axis in plane.names)
        style = {"marker": marker, "markersize": 13, "markeredgecolor": _BLACK, "zorder": 5}
        line = "-" if len(ends) > 1 else ""
        handles += axes.plot(across, up, line, color=_YELLOW, label=f"{name} fails", **style)
    return handles
