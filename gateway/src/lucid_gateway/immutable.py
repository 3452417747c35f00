"""Answers that can never change: content-addressed resources, kept in memory and named by ETag.

Which routes these are is read from the protos: a safe GET whose only path variable is, by its own
rule, a name that ends in a SHA-256.
"""

import hashlib
from collections import OrderedDict
from typing import Any, Final

from lucid_gateway.exchange import JSON, Reply, Request
from lucid_gateway.routes import CallKind, Route

_HASH: Final = "[0-9a-f]{64}$"
_HEADERS: Final = ("cache-control", "private, max-age=31536000, immutable")


class ImmutableReplies:
    """A least-recently-used store of whole answers, bounded in bytes."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._is_immutable: dict[str, bool] = {}
        self.hits = 0
        self.misses = 0

    def keeps(self, route: Route) -> bool:
        """Say whether the answers of a route never change."""
        key = f"{route.http_method} {route.path}"
        known = self._is_immutable.get(key)
        if known is None:
            known = self._is_immutable[key] = is_immutable(route)
        return known

    def get(self, route: Route, request: Request) -> Reply | None:
        """Return the kept answer of a request, as 304 where the client has it."""
        if request.query or not self.keeps(route):
            return None
        kept = self._kept.get(request.path)
        if kept is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(request.path)
        return _reply(request, *kept)

    def put(self, request: Request, body: bytes) -> Reply:
        """Keep an answer and return it."""
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if not request.query and len(body) <= self._bytes_max:
            _, before = self._kept.pop(request.path, ("", b""))
            self._kept[request.path] = (tag, body)
            self._bytes += len(body) - len(before)
            while self._bytes > self._bytes_max:
                _, (_, oldest) = self._kept.popitem(last=False)
                self._bytes -= len(oldest)
        return _reply(request, tag, body)


def is_immutable(route: Route) -> bool:
    """Say whether a route's answers are named by their content."""
    from buf.validate import validate_pb2  # its descriptors are not needed before

    variables = route.template.variables
    is_read = route.http_method == "GET" and route.rpc.is_safe
    if not is_read or route.rpc.kind is not CallKind.UNARY or len(variables) != 1:
        return False
    field = route.rpc.input.fields_by_name.get(variables[0].field_path)
    if field is None:
        return False
    extension: Any = validate_pb2.field
    rules = field.GetOptions().Extensions[extension]
    return bool(rules.string.pattern.endswith(_HASH))


def _reply(request: Request, tag: str, body: bytes) -> Reply:
    headers = (_HEADERS, ("etag", tag))
    wanted = [item.strip() for item in request.header("if-none-match").split(",")]
    if tag in wanted or "*" in wanted:
        return Reply(304, "", b"", headers)
    return Reply(200, JSON, body, headers)
