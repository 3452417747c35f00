"""The coherence service as a server: its parts put together, and who may call what."""

from typing import Any, Final

from grpc.aio import Channel
from lucid.coherence.v1 import coherence_service_pb2, coherence_service_pb2_grpc
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_rpc.authorization import GATEWAY, OPERATOR, Policy, service_role
from lucid_rpc.channel import connect
from lucid_rpc.server import ServerDefinition
from lucid_runtime.clock import Clock, SystemClock
from lucid_runtime.identifiers import RandomBytes, system_random
from lucid_store import threads
from lucid_telemetry import Telemetry

from lucid_coherence.carriers import Carriers
from lucid_coherence.certifier import Certifier
from lucid_coherence.errors import ERRORS
from lucid_coherence.servicer import CoherenceServicer
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store

_SERVICE: Final = coherence_service_pb2.DESCRIPTOR.services_by_name["CoherenceService"]
_CALLERS: Final = frozenset({OPERATOR, GATEWAY, service_role("dream")})


def policy() -> Policy:
    """Return who may call what: the operator, the edge and the orchestrator, everything."""
    return Policy({f"{_SERVICE.full_name}/{method.name}": _CALLERS for method in _SERVICE.methods})


def definition(
    store: Store,
    validation: Any,
    settings: Settings,
    *,
    channel: Channel | None = None,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
) -> ServerDefinition:
    """Return what is served.

    Args:
        store: carriers and checkpoints; closed at the end.
        validation: a stub of ValidationService.
        settings: the service's settings.
        channel: closed at the end, if given.
        clock: where the time is read; the machine's if left out.
        random_bytes: where ids come from.
    """
    certifier = Certifier(validation, budget_s=settings.validation_budget_s)
    carriers = Carriers(store, certifier, clock or SystemClock(), random_bytes)

    servicer = CoherenceServicer(carriers, certifier, ERRORS)

    async def stop() -> None:
        await servicer.close()
        if channel is not None:
            await channel.close()
        store.close()

    return ServerDefinition(
        name="coherence",
        servicers=[(coherence_service_pb2_grpc.add_CoherenceServiceServicer_to_server, servicer)],
        service_names=[_SERVICE.full_name],
        errors=ERRORS,
        policy=policy(),
        on_stop=stop,
    )


async def build(settings: Settings, _telemetry: Telemetry) -> ServerDefinition:
    """Open the store, connect to validation and return what is served."""
    store = await threads.run(Store.open, settings.store_url)
    channel = connect(settings.validation, service="validation", caller="coherence")
    stub = validation_service_pb2_grpc.ValidationServiceStub(channel)
    return definition(store, stub, settings, channel=channel)
