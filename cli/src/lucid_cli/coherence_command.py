"""`lucid coherence`: what the coherence service knows, from the terminal."""

import typer

from lucid_cli.coherence_certify import certify
from lucid_cli.coherence_plot import plot

coherence = typer.Typer(
    name="coherence",
    help="Quantum coherence: pictures and certificates.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@coherence.callback()
def _group() -> None:
    """Quantum coherence: pictures and certificates."""


coherence.command(name="plot")(plot)
coherence.command(name="certify")(certify)
