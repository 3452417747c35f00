"""The vendor portal as a server: its parts put together, and who may call what."""

from typing import Final

from grpc.aio import Channel
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid.vendor.v1 import (
    analytics_service_pb2,
    analytics_service_pb2_grpc,
    commerce_service_pb2,
    commerce_service_pb2_grpc,
    seed_service_pb2,
    seed_service_pb2_grpc,
    vendor_service_pb2,
    vendor_service_pb2_grpc,
)
from lucid_rpc.authorization import GATEWAY, OPERATOR, Policy, service_role
from lucid_rpc.channel import connect
from lucid_rpc.server import ServerDefinition
from lucid_runtime.clock import Clock, SystemClock
from lucid_runtime.identifiers import RandomBytes, system_random
from lucid_store import threads
from lucid_telemetry import Telemetry

from lucid_vendor.bell import Bell
from lucid_vendor.certifier import Certifier, Validator
from lucid_vendor.errors import ERRORS
from lucid_vendor.pepper import load_pepper
from lucid_vendor.seed_servicer import SeedServicer
from lucid_vendor.settings import Settings
from lucid_vendor.store import Store
from lucid_vendor.validation_client import ValidationClient
from lucid_vendor.vendor_servicer import CommerceServicer, VendorServicer
from lucid_vendor.watcher import Watcher

DREAM: Final = service_role("dream")
_EDGE: Final = frozenset({OPERATOR, GATEWAY})
_READ_BY_DREAM: Final = frozenset({"GetVendor", "GetSeed", "ListSeeds", "WatchSeed"})
_SAGA: Final = frozenset({"ReserveSeed", "ReleaseSeed", "RecordEntry", "ReverseEntry"})

_FILES: Final = (
    vendor_service_pb2,
    seed_service_pb2,
    commerce_service_pb2,
    analytics_service_pb2,
)


def policy() -> Policy:
    """Return who may call what.

    The saga's steps are the orchestrator's, and the operator's for repairs, but never the edge's.
    """
    roles = {}
    for file in _FILES:
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                roles[f"{service.full_name}/{method.name}"] = _roles_of(method.name)
    return Policy(roles)


def _roles_of(method: str) -> frozenset[str]:
    if method in _SAGA:
        return frozenset({OPERATOR, DREAM})
    return _EDGE | {DREAM} if method in _READ_BY_DREAM else _EDGE


class Portal:
    """The parts of one running vendor portal."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        validator: Validator,
        *,
        pepper: bytes,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._store = store
        bell = Bell()
        self.certifier = Certifier(
            store,
            validator,
            clock,
            bell,
            certifications_max=settings.certifications_max,
            retry_s=settings.retry_s,
        )
        watcher = Watcher(store, clock, bell, heartbeat_s=settings.heartbeat_s)
        self._vendors = VendorServicer(store, clock, pepper, random_bytes)
        self._commerce = CommerceServicer(store, clock, random_bytes)
        self._seeds = SeedServicer(
            store,
            clock,
            self.certifier,
            watcher,
            random_bytes,
            submit_wait_s=settings.submit_wait_s,
        )

    def definition(self, channel: Channel | None = None) -> ServerDefinition:
        """Return what is served; `channel` is closed at the end."""

        async def start() -> None:
            self.certifier.start()

        async def stop() -> None:
            await self.certifier.stop()
            if channel is not None:
                await channel.close()
            self._store.close()

        return ServerDefinition(
            name="vendor",
            servicers=[
                (vendor_service_pb2_grpc.add_VendorServiceServicer_to_server, self._vendors),
                (seed_service_pb2_grpc.add_SeedServiceServicer_to_server, self._seeds),
                (commerce_service_pb2_grpc.add_CommerceServiceServicer_to_server, self._commerce),
                (
                    analytics_service_pb2_grpc.add_AnalyticsServiceServicer_to_server,
                    analytics_service_pb2_grpc.AnalyticsServiceServicer(),
                ),
            ],
            service_names=[
                service.full_name
                for file in _FILES
                for service in file.DESCRIPTOR.services_by_name.values()
            ],
            errors=ERRORS,
            policy=policy(),
            on_start=start,
            on_stop=stop,
        )


async def build(settings: Settings, _telemetry: Telemetry) -> ServerDefinition:
    """Open the store, connect to validation and return what is served."""
    store = await threads.run(Store.open, settings.store_url)
    clock = SystemClock()
    channel = connect(settings.validation, service="validation", caller="vendor")
    stub = validation_service_pb2_grpc.ValidationServiceStub(channel)
    portal = Portal(
        settings,
        store,
        ValidationClient(stub, clock, budget_s=settings.validation_budget_s),
        pepper=load_pepper(settings.pepper_path),
        clock=clock,
        random_bytes=system_random,
    )
    return portal.definition(channel)
