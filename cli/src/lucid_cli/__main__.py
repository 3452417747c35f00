"""Entry point of the `lucid` command."""

import os

import typer

from lucid_cli.coherence_command import coherence
from lucid_cli.evidence_command import check_evidence
from lucid_cli.exit_codes import HELP
from lucid_cli.export_command import export
from lucid_cli.import_command import import_
from lucid_cli.repair_command import repair
from lucid_cli.seeds_command import seeds
from lucid_cli.session_command import session
from lucid_cli.status_command import status
from lucid_cli.synthesize_command import synthesize
from lucid_cli.trace_command import trace
from lucid_cli.up_command import up
from lucid_cli.validate_command import validate

app = typer.Typer(
    name="lucid",
    help=f"A mesh of services in which nothing runs without a proof.\n\n{HELP}.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (
    *(up, status, validate, repair, synthesize, check_evidence, import_, export),
    *(seeds, session, trace),
):
    app.command(name=command.__name__.strip("_").replace("_", "-"))(command)
app.add_typer(coherence)


def main() -> None:
    """Run the command line."""
    # gRPC's own notes would appear between our lines.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    app()


if __name__ == "__main__":
    main()
