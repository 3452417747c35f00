"""The whole story in order, on a running mesh."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import httpx
from rich.console import Console

from lucid_cli.mesh_client import channel_to, describe
from lucid_cli.problem_file import ProblemFileInvalid, read_json
from lucid_cli.story import horizon, problems, sessions, vendors
from lucid_cli.story.patience import StillAway
from lucid_cli.story.recorder import Recorder
from lucid_cli.trace_command import span_tree

if TYPE_CHECKING:
    from lucid_local.supervisor import Supervisor


async def tell(
    supervisor: "Supervisor",
    problems_file: Path | None,
    seeds_file: Path | None,
    seed_of_draw: int,
    console: Console,
) -> bool:
    """Do the main job on real input; return whether every step held.

    Raises:
        ProblemFileInvalid: if a file of the user's cannot be read.
    """
    recorder = Recorder(console)
    chosen = _problems(problems_file)
    entries = vendors.read_seeds(seeds_file) if seeds_file else vendors.example_seeds()
    try:
        await _acts(supervisor, chosen, entries, seed_of_draw, recorder)
    except grpc.aio.AioRpcError as error:
        recorder.step("the mesh answers", False, describe(error))
    except (TimeoutError, StillAway, httpx.TransportError) as error:
        recorder.step("the mesh answers in time", False, str(error) or "timed out")
    console.rule(style="dim")
    if recorder.all_held:
        console.print(f"[bold green]all {recorder.held} steps held[/]")
    else:
        console.print(
            f"[bold red]{len(recorder.failed)} steps failed:[/] {'; '.join(recorder.failed)}"
        )
    return recorder.all_held


def _problems(path: Path | None) -> list[dict[str, object]]:
    if path is None:
        return problems.bundled_problems()
    entries = read_json(path)
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise ProblemFileInvalid(f"{path}: want an array of problem objects")
    return entries


async def _acts(
    supervisor: "Supervisor",
    chosen: list[dict[str, object]],
    entries: list[vendors.SeedEntry],
    seed_of_draw: int,
    recorder: Recorder,
) -> None:
    layout = supervisor.layout
    async with AsyncExitStack() as stack:

        async def channel(service: str) -> grpc.aio.Channel:
            return await stack.enter_async_context(channel_to(layout, service))

        await problems.decide_problems(await channel("validation"), chosen, recorder)
        coherence = await channel("coherence")
        await horizon.certify_horizon(coherence, recorder)
        await horizon.certify_driven_pair(coherence, recorder)
        vendor = await channel("vendor")
        name = await vendors.register_vendor(vendor, recorder)
        published = await vendors.certify_seeds(vendor, name, entries, recorder)
        if not recorder.step("there is a published seed to run", bool(published)):
            return
        services = sessions.Services(await channel("dream"), vendor, coherence, layout.gateway_url)
        user = await sessions.register_user(services, recorder)
        trace_id = await sessions.take_session(services, user, published[0], recorder)
        await sessions.survive_a_kill(
            services,
            lambda: supervisor.pid("dream"),
            user,
            published[0],
            seed_of_draw,
            recorder,
        )
        _show_trace(supervisor, trace_id, recorder)


def _show_trace(supervisor: "Supervisor", trace_id: str, recorder: Recorder) -> None:
    from lucid_local.traces import edges, read_trace

    spans = read_trace(supervisor.layout.traces_file, trace_id)
    recorder.step("the session has a trace", len(trace_id) == 32, f"trace {trace_id}")
    if not spans:
        recorder.say("[dim]  its spans went to OTEL_EXPORTER_OTLP_ENDPOINT[/]")
        return
    recorder.console.print(span_tree(trace_id, spans))
    crossed = {callee for _, callee in edges(spans)} | {spans[0].service}
    recorder.step("the trace crosses the services", len(crossed) >= 5, ", ".join(sorted(crossed)))
