"""`lucid coherence plot`: pictures of states, evolutions, horizons and logical error rates."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.coherence_plot_file import Plan, read_plan
from lucid_cli.coherence_plot_style import NotDrawable, require_suffix
from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import console, emit_json, fail
from lucid_cli.problem_file import ProblemFileInvalid

TIMEOUT_S_DEFAULT = 120.0
UNTIL_S_MAX = 1e12


class Kind(StrEnum):
    """What is drawn."""

    BLOCH = "bloch"
    CITYSCAPE = "cityscape"
    DECAY = "decay"
    THRESHOLD = "threshold"


def plot(
    kind: Annotated[Kind, typer.Argument(help="What to draw.")],
    target: Annotated[Path, typer.Argument(help="A file (JSON) that says of what.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The picture: a file .png or .svg.")
    ],
    by_phase: Annotated[
        bool, typer.Option("--by-phase", help="cityscape: magnitudes, coloured by phase.")
    ] = False,
    until: Annotated[
        float, typer.Option(help="decay: the last time shown, s; 0 means beyond the horizon.")
    ] = 0.0,
    timeout: Annotated[float, typer.Option(help="Seconds for everything.")] = TIMEOUT_S_DEFAULT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Also the drawn numbers as one JSON object.")
    ] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """Draw numbers of the running mesh: bloch, cityscape, decay or threshold."""
    if not timeout > 0:
        fail(ExitCode.USAGE, f"--timeout: {timeout} s is not positive", as_json=as_json)
    if not 0 <= until <= UNTIL_S_MAX:
        fail(ExitCode.USAGE, f"--until: {until} s is not in 0..{UNTIL_S_MAX:g}", as_json=as_json)
    try:
        require_suffix(output)
        plan = read_plan(kind.value, target)
        said, numbers = asyncio.run(
            _draw(plan, output, (by_phase, until), (timeout, as_json, data_dir))
        )
    except (ProblemFileInvalid, NotDrawable) as error:
        fail(ExitCode.USAGE, str(error), as_json=as_json)
    except OSError as error:
        fail(ExitCode.USAGE, f"{output}: {error.strerror or error}", as_json=as_json)
    if as_json:
        emit_json({"picture": str(output), "shows": said, **numbers})
    else:
        console.print(f"{output}  {said}", soft_wrap=True, markup=False)


async def _draw(
    plan: Plan, out: Path, look: tuple[bool, float], asked: tuple[float, bool, Path]
) -> tuple[str, dict[str, Any]]:
    """Ask the mesh and draw; return what is shown in words and as numbers."""
    import grpc.aio

    from lucid_cli.coherence_plot_data import draw
    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    timeout, as_json, data_dir = asked
    async with channel_to(layout_of(data_dir), "coherence") as channel:
        try:
            async with asyncio.timeout(timeout):
                return await draw(plan, out, channel, by_phase=look[0], until_s=look[1])
        except TimeoutError:
            fail(ExitCode.FAILED, f"not finished within {timeout:g} s", as_json=as_json)
        except grpc.aio.AioRpcError as error:
            fail_with(error, as_json=as_json)
            raise
