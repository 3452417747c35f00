"""`lucid session`: take a session from the terminal with a simulated user's telemetry."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import console, emit_json, fail

MINUTES_MIN = 10
MINUTES_MAX = 120
COMPRESSION_MAX = 10_000.0


def session(
    user: Annotated[str, typer.Option(help="The user, as users/ID.")],
    seed: Annotated[str, typer.Option(help="vendors/V/seeds/S; none means BASIC mode.")] = "",
    date_of_birth: Annotated[
        str, typer.Option(help="YYYY-MM-DD: register the user first, with consent to everything.")
    ] = "",
    minutes: Annotated[int, typer.Option(help="Session minutes, 10 to 120.")] = 20,
    cap: Annotated[str, typer.Option(help="Intensity cap, exact decimal up to 1.")] = "",
    compression: Annotated[float, typer.Option(help="Session seconds in one real second.")] = 240.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="The session as one JSON object.")
    ] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """Take a session; exit 0 if it completes, 1 if it is refused or aborted."""
    if not MINUTES_MIN <= minutes <= MINUTES_MAX:
        fail(ExitCode.USAGE, f"--minutes: {minutes} is not in {MINUTES_MIN}..{MINUTES_MAX}")
    if not 0 < compression <= COMPRESSION_MAX:
        fail(ExitCode.USAGE, f"--compression: {compression} is not in (0, {COMPRESSION_MAX:.0f}]")
    if not user.startswith("users/"):
        fail(ExitCode.USAGE, f"--user: {user!r} does not begin with users/")
    wanted = (seed, cap, minutes, compression)
    ended = asyncio.run(_take(user, date_of_birth, wanted, data_dir, as_json))
    from lucid.dream.v1 import session_pb2

    state = session_pb2.SessionState.Name(ended.state).removeprefix("SESSION_STATE_")
    if as_json:
        from google.protobuf.json_format import MessageToDict

        emit_json(MessageToDict(ended))
    else:
        console.print(f"{ended.name} [bold]{state}[/] {ended.outcome_reason} {ended.message}")
        console.print(f"trace {ended.trace_id}")
    raise typer.Exit(ExitCode.OK if state == "COMPLETED" else ExitCode.REFUTED)


async def _take(
    user: str,
    date_of_birth: str,
    wanted: tuple[str, str, int, float],
    data_dir: Path,
    as_json: bool,
) -> Any:
    import grpc.aio
    from lucid.dream.v1 import dream_service_pb2 as api
    from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceStub

    from lucid_cli.attend import attend
    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    compression = wanted[3]
    async with channel_to(layout_of(data_dir), "dream") as channel:
        stub = DreamServiceStub(channel)
        try:
            if date_of_birth:
                await _register(channel, user, date_of_birth)
            started = await stub.StartSession(_request(user, wanted), timeout=30)
            limit_s = 60 + 60 * wanted[2] / compression
            await attend(stub, started.name, compression, limit_s, _quiet if as_json else _show)
            return await _ended(stub, api.GetSessionRequest(name=started.name), limit_s)
        except grpc.aio.AioRpcError as error:
            fail_with(error, as_json=as_json)


async def _register(channel: Any, user: str, date_of_birth: str) -> None:
    from lucid.dream.v1 import consent_pb2, consent_service_pb2
    from lucid.dream.v1.consent_service_pb2_grpc import ConsentServiceStub

    stub = ConsentServiceStub(channel)
    await stub.RegisterUser(
        consent_service_pb2.RegisterUserRequest(
            user_id=user.removeprefix("users/"),
            user=consent_pb2.User(
                date_of_birth=date_of_birth,
                attestation=consent_pb2.AGE_ATTESTATION_SELF_DECLARED,
            ),
        ),
        timeout=10,
    )
    consent = consent_pb2.Consent(
        level=consent_pb2.CONSENT_LEVEL_DREAM_AWARE, scope=consent_pb2.CONSENT_SCOPE_GLOBAL
    )
    await stub.GrantConsent(
        consent_service_pb2.GrantConsentRequest(parent=user, consent=consent), timeout=10
    )


def _request(user: str, wanted: tuple[str, str, int, float]) -> Any:
    from lucid.dream.v1 import dream_service_pb2 as api
    from lucid.dream.v1 import session_pb2

    seed, cap, minutes, compression = wanted
    basic = session_pb2.SESSION_MODE_BASIC
    asked = session_pb2.Session(
        user=user,
        seed=seed,
        session_type=session_pb2.SESSION_TYPE_GUIDED,
        intensity_cap=cap,
        time_compression=compression,
        mode=session_pb2.SESSION_MODE_FULL if seed else basic,
    )
    asked.duration.FromSeconds(60 * minutes)
    calm = {"valence": 0.6, "calm": 0.8, "joy": 0.6, "focus": 0.6, "stability": 0.8}
    inputs = {"stress": 0.15, "attention": 0.6, "arousal": 0.3, "dominance": 0.6, "longing": 0.2}
    for name, value in {**calm, **inputs, "dream_residue": 0.1}.items():
        setattr(asked.readiness_inputs, name, value)
    asked.readiness_inputs.measure_time.GetCurrentTime()
    return api.StartSessionRequest(session=asked)


async def _ended(stub: Any, request: Any, timeout_s: float) -> Any:
    from lucid_cli.story.sessions import ENDED

    async with asyncio.timeout(timeout_s):
        while True:
            found = await stub.GetSession(request, timeout=10)
            if found.state in ENDED:
                return found
            await asyncio.sleep(0.2)


def _quiet(_response: Any) -> None:
    """Show nothing: the answer is JSON."""


def _show(response: Any) -> None:
    bar = "█" * round(20 * response.intensity)
    console.print(
        f"{response.session_time_s:6.0f} s  {response.phase:12.12} {response.intensity:.2f} "
        f"[cyan]{bar:20}[/] B = {response.barrier_value:+.3f}  {response.message}"
    )
