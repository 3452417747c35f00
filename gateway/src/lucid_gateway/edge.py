"""The edge: admit a request, find who answers it, and turn every failure into a problem."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from lucid_gateway import admission
from lucid_gateway.admission import Limits
from lucid_gateway.exchange import Reply, Request, StreamReply
from lucid_gateway.failures import internal_problem
from lucid_gateway.problem import Problem
from lucid_gateway.redirects import Redirects
from lucid_gateway.routes import CallKind, Found, RouteTable
from lucid_gateway.serving import Serving
from lucid_gateway.streams import draining

Page = Callable[[Request], Awaitable[Reply]]

_LOG: Final = logging.getLogger(__name__)


class Edge:
    """Answers HTTP requests.

    Args:
        table: the routes of the API.
        serving: what calls the services.
        pages: what the gateway itself answers, by path; these answer even while it drains.
        allowed_hosts: names, beside loopback's, that the Host header may have.
        limits: sizes and times.
        stopping: set when the gateway drains.
    """

    def __init__(
        self,
        table: RouteTable,
        serving: Serving,
        pages: Mapping[str, Page],
        *,
        allowed_hosts: frozenset[str],
        limits: Limits,
        stopping: asyncio.Event,
    ) -> None:
        self._table = table
        self._serving = serving
        self._pages = pages
        self._redirects = Redirects(table)
        self._allowed_hosts = allowed_hosts
        self._limits = limits
        self._stopping = stopping

    async def answer(self, request: Request, trace_id: str) -> tuple[Reply | StreamReply, str]:
        """Return the answer and the route's template ("" where there is no route).

        Never raises but for cancellation: a defect is logged and becomes INTERNAL.
        """
        route = ""
        try:
            admission.check_headers(request.headers, self._limits)
            admission.check_origin(request, self._allowed_hosts)
            page = self._pages.get(request.path)
            if page is not None:
                route = request.path
                return await self._page(page, request), route
            found = self._found(request)
            if isinstance(found, Reply):
                return found, route
            route = found.route.path
            if not found.route.rpc.is_safe:
                admission.check_same_origin(request)
            if self._stopping.is_set():
                raise draining()
            return await self._serving.serve(found, request, trace_id), route
        except Problem as problem:
            return problem.reply(trace_id), route
        except Exception:  # noqa: BLE001 the boundary: a defect becomes a problem, and a log line
            _LOG.exception("request failed", extra={"path": request.path})
            return internal_problem().reply(trace_id), route

    async def _page(self, page: Page, request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            raise _method_not_allowed(("GET", "HEAD"))
        return await page(request)

    def _found(self, request: Request) -> Found | Reply:
        method = "GET" if request.method == "HEAD" else request.method
        found = self._table.find(method, request.path)
        if found is not None:
            if request.method == "HEAD" and found.route.rpc.kind is not CallKind.UNARY:
                raise _method_not_allowed(self._table.methods_of(request.path))
            return found
        moved = self._redirects.target_of(request.path)
        if moved is not None:
            query = f"?{request.query}" if request.query else ""
            return Reply(308, "", b"", (("location", moved + query),))
        methods = self._table.methods_of(request.path)
        if methods:
            raise _method_not_allowed(methods)
        raise Problem(
            404,
            "ROUTE_NOT_FOUND",
            "There is no such path; /docs lists all of them.",
            code="NOT_FOUND",
        )


def without_body(reply: Reply) -> Reply:
    """Return the answer to HEAD: the same, without its body."""
    return replace(reply, body=b"")


def _method_not_allowed(methods: tuple[str, ...]) -> Problem:
    allowed = ", ".join(methods)
    return Problem(
        405,
        "METHOD_NOT_ALLOWED",
        f"This path answers to {allowed}.",
        metadata=(("allowed", allowed),),
        headers=(("allow", allowed),),
        code="UNIMPLEMENTED",
    )
