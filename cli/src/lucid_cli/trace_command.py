"""`lucid trace`: the spans of one request as a tree."""

from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer
from rich.tree import Tree

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import console, emit_json, fail

SPANS_SHOWN_MAX = 400
# What dream calls the steps of its saga.
STEP_ATTRIBUTE = "lucid.dream.step"


def trace(
    trace_id: Annotated[str, typer.Argument(help="32 hex digits.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a span.")] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """Show the spans of a trace that the local mesh recorded."""
    from dataclasses import asdict

    from lucid_local.layout import load
    from lucid_local.traces import read_trace

    spans = read_trace(load(data_dir).traces_file, trace_id)
    if not spans:
        fail(
            ExitCode.USAGE, f"{trace_id}: no spans; traces go to OTEL_EXPORTER_OTLP_ENDPOINT if set"
        )
    if as_json:
        for span in spans:
            emit_json(asdict(span))
        return
    console.print(span_tree(trace_id, spans))


def span_tree(trace_id: str, spans: list) -> Tree:  # type: ignore[type-arg]
    """Return the spans as a tree with durations in milliseconds."""
    root = Tree(f"trace {trace_id}, {len(spans)} spans")
    children = defaultdict(list)
    ids = {span.span_id for span in spans}
    for span in spans[:SPANS_SHOWN_MAX]:
        children[span.parent_id if span.parent_id in ids else ""].append(span)

    def add(branch: Tree, parent: str) -> None:
        for span in children.get(parent, ()):
            milliseconds = (span.end_ns - span.start_ns) / 1e6
            colour = "red" if span.status == "ERROR" else "green"
            step = span.attributes.get(STEP_ATTRIBUTE, "")
            name = f"{span.name.removeprefix('lucid.')} {step}".rstrip()
            text = f"[bold]{span.service}[/] {name} [{colour}]{milliseconds:.1f} ms[/]"
            add(branch.add(text), span.span_id)

    add(root, "")
    return root
