"""What the gateway answers by itself: its health, its pages and its description."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from importlib import metadata, resources
from typing import Any

import msgspec
from lucid_rpc.breaker import BreakerState

from lucid_gateway import docs_page, status_page
from lucid_gateway.exchange import HTML, JSON, Headers, Reply, Request
from lucid_gateway.health import HealthOfPeers
from lucid_gateway.openapi import build_openapi
from lucid_gateway.reasons import all_reasons
from lucid_gateway.routes import RouteTable

_FRESH: Headers = (("cache-control", "no-store"),)
_KEPT: Headers = (("cache-control", "no-cache"),)


class Pages:
    """The gateway's own paths. The description is built when it is first asked for."""

    def __init__(
        self,
        table: RouteTable,
        health: HealthOfPeers,
        breakers: Callable[[], Sequence[BreakerState]],
        stopping: asyncio.Event,
    ) -> None:
        self._table = table
        self._health = health
        self._breakers = breakers
        self._stopping = stopping
        self._version = metadata.version("lucid-mesh-gateway")

    def by_path(self) -> Mapping[str, Callable[[Request], Awaitable[Reply]]]:
        """Return the paths and what answers them."""
        return {
            "/": self.status,
            "/docs": self.docs,
            "/openapi.json": self.openapi,
            "/livez": self.livez,
            "/readyz": self.readyz,
        }

    async def livez(self, _: Request) -> Reply:
        """Say that this process answers; it does so while it drains."""
        return Reply(200, JSON, b'{"status":"SERVING"}', _FRESH)

    async def readyz(self, _: Request) -> Reply:
        """Say whether the mesh takes requests: 200 only if the gateway and all services do."""
        services = await self._health.ask()
        is_ready = not self._stopping.is_set() and all(one.is_serving for one in services)
        status = "DRAINING" if self._stopping.is_set() else "SERVING"
        body = {
            "status": "READY" if is_ready else "NOT_READY",
            "services": {
                "gateway": {"status": status},
                **{
                    one.noun: {
                        "status": one.status,
                        "address": one.address,
                        "latencyMs": one.latency_ms,
                    }
                    for one in services
                },
            },
        }
        return Reply(200 if is_ready else 503, JSON, msgspec.json.encode(body), _FRESH)

    async def status(self, _: Request) -> Reply:
        """Return the page of the mesh's state."""
        services = await self._health.ask()
        body = status_page.render(
            self._version, services, self._breakers(), is_draining=self._stopping.is_set()
        )
        return Reply(200, HTML, body, _FRESH)

    async def openapi(self, _: Request) -> Reply:
        """Return the OpenAPI document."""
        return Reply(200, JSON, self._openapi_text, _KEPT)

    async def docs(self, _: Request) -> Reply:
        """Return the page of the API."""
        return Reply(200, HTML, self._docs_html, _KEPT)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document as data."""
        return build_openapi(
            self._table, self._comments, data("lucid_gateway", "examples.json"), self._version
        )

    @cached_property
    def _comments(self) -> Mapping[str, str]:
        return data("lucid", "comments.json")

    @cached_property
    def _openapi_text(self) -> bytes:
        return msgspec.json.encode(self.document)

    @cached_property
    def _docs_html(self) -> bytes:
        return docs_page.render(self.document, all_reasons(self._comments))


def data(package: str, name: str) -> dict[str, Any]:
    """Return a JSON file that a package carries."""
    text = resources.files(package).joinpath(name).read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
