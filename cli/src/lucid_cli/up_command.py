"""`lucid up`: start the whole mesh, do the main job if asked, and keep it up."""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import console, emit_json, fail, table

if TYPE_CHECKING:
    from lucid_local.layout import MeshLayout
    from lucid_local.supervisor import Supervisor

READY_TIMEOUT_S = 60.0


def up(
    story: Annotated[bool, typer.Option(help="Do the main job once the mesh serves.")] = False,
    once: Annotated[
        bool, typer.Option(help="Stop after the job; exit 0 only if all held.")
    ] = False,
    problems: Annotated[Path | None, typer.Option(help="Your own problems (JSON array).")] = None,
    seeds: Annotated[Path | None, typer.Option(help="Your own seeds (JSON array).")] = None,
    ports: Annotated[str, typer.Option(help="`default` (7101-7106, 8080) or `auto`.")] = "default",
    random_seed: Annotated[int | None, typer.Option(help="Seed of the story's draws.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object once ready.")] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """Start all services on embedded stores, wait until they serve, and stay up."""
    from lucid_local import layout as layouts

    if ports not in {"default", "auto"}:
        fail(ExitCode.USAGE, f"--ports: {ports!r} is neither default nor auto")
    for given in (problems, seeds):
        if given is not None and not given.is_file():
            fail(ExitCode.USAGE, f"{given}: no such file")
    alive = layouts.pids(data_dir).get("supervisor")
    if alive and layouts.is_alive(alive) and alive != os.getpid():
        fail(ExitCode.USAGE, f"{data_dir}: a mesh runs here already, as process {alive}")
    seed = random_seed if random_seed is not None else random.SystemRandom().randrange(2**32)
    chosen = (
        layouts.DEFAULT_PORTS if ports == "default" else layouts.free_ports(random.SystemRandom())
    )
    layout = layouts.MeshLayout(data_dir, chosen)
    busy = layouts.busy_ports(layout)
    if busy:
        listed = ", ".join(f"{name} {port}" for name, port in busy.items())
        fail(ExitCode.USAGE, f"ports in use: {listed}; stop what holds them or use --ports auto")
    code = asyncio.run(_run(layout, story, once, problems, seeds, seed, as_json))
    sys.stdout.flush()
    raise typer.Exit(code)


async def _run(
    layout: "MeshLayout",
    story: bool,
    once: bool,
    problems: Path | None,
    seeds: Path | None,
    seed: int,
    as_json: bool,
) -> ExitCode:
    from dataclasses import replace

    from lucid_local.supervisor import Supervisor
    from lucid_local.traces import serve_traces

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    receiver = None
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        receiver, collector = await serve_traces(layout.traces_file)
        layout = replace(layout, collector=collector)
    supervisor = Supervisor(layout, os.environ, _on_event)
    try:
        if not await _start(supervisor, as_json):
            return ExitCode.FAILED
        code = ExitCode.OK
        if story:
            code = await _tell(supervisor, problems, seeds, seed, stop)
        if once or stop.is_set():
            return code
        _invite(layout)
        await stop.wait()
    finally:
        await supervisor.stop()
        if receiver is not None:
            await receiver.stop(0)
    return code


async def _start(supervisor: "Supervisor", as_json: bool) -> bool:
    from lucid_local.readiness import wait_until_serving
    from lucid_local.supervisor import last_log_lines

    started = time.monotonic()
    console.print("starting validation, coherence, vendor, dream, cache, metrics and the gateway")
    await supervisor.start()
    missing = await wait_until_serving(
        supervisor.layout,
        READY_TIMEOUT_S,
        lambda name, elapsed: console.print(
            f"  [green]✓[/] {name:10} serves after {elapsed:.2f} s"
        ),
    )
    for name in missing:
        console.print(f"  [red]✗[/] {name} does not serve; the end of its log:")
        for line in last_log_lines(supervisor.layout.log_file(name)):
            console.print(f"    {line}", markup=False)
    elapsed = time.monotonic() - started
    if not missing:
        console.print(f"[bold]the mesh serves[/] after {elapsed:.2f} s")
    if as_json:
        emit_json({"ready": not missing, "seconds": elapsed, "url": supervisor.layout.gateway_url})
    return not missing


async def _tell(
    supervisor: "Supervisor",
    problems: Path | None,
    seeds: Path | None,
    seed: int,
    stop: asyncio.Event,
) -> ExitCode:
    from lucid_cli.problem_file import ProblemFileInvalid
    from lucid_cli.story.telling import tell

    telling = asyncio.create_task(tell(supervisor, problems, seeds, seed, console))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not telling.done():
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        console.print("[yellow]interrupted[/]")
        return ExitCode.FAILED
    try:
        return ExitCode.OK if telling.result() else ExitCode.REFUTED
    except ProblemFileInvalid as error:
        console.print(f"[red]{error}[/]", soft_wrap=True)
        return ExitCode.USAGE


def _on_event(process: str, event: str) -> None:
    console.print(f"[yellow]{process}[/] {event}")


def _invite(layout: "MeshLayout") -> None:
    shown = table("Look here", "what", "where")
    for what, path in (
        ("status page", "/"),
        ("API, readable", "/docs"),
        ("API, OpenAPI 3.1", "/openapi.json"),
        ("methods and theorems", "/v1/methods"),
        ("sessions", "/v1/sessions"),
        ("published seeds", "/v1/vendors/-/seeds"),
        ("metrics", "/v1/metrics/snapshot"),
        ("cache", "/v1/metrics/cache"),
        ("breakers", "/v1/breakers"),
    ):
        shown.add_row(what, layout.gateway_url + path)
    for service in ("validation", "coherence", "vendor", "dream", "cache", "metrics"):
        shown.add_row(f"{service} (gRPC, reflection)", layout.address(service))
    console.print(shown)
    console.print("[bold]Try[/]")
    for command in (
        "lucid status",
        "lucid validate bb-s-39",
        "lucid validate my-problem.json --local",
        "lucid seeds",
        "lucid session --help",
    ):
        console.print(f"  .venv/bin/{command}")
    console.print("Ctrl-C stops the mesh.")
