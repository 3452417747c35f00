"""The route table, derived from the protos: nothing here is listed by hand.

Every service of every `lucid.<noun>.v1` package is walked; each `google.api.http` rule of each
method (its `additional_bindings` too) becomes a `Route`. The table refuses to exist when two
routes could answer the same request.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Final, cast

from google.api import annotations_pb2, http_pb2
from google.longrunning import operations_pb2
from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from lucid_gateway.path_template import PathTemplate, parse_template, split_path

OPERATIONS_NOUN: Final = "validation"
"""Who is asked about operations: the one service that serves them."""

_PATTERNS: Final = ("get", "put", "post", "delete", "patch")


class RouteTableInvalid(ValueError):
    """The protos describe an edge that cannot be served."""


class CallKind(Enum):
    """The four shapes of an RPC."""

    UNARY = "unary"
    SERVER_STREAM = "server stream"
    CLIENT_STREAM = "client stream"
    BIDI_STREAM = "bidi stream"


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of one service, as the gateway calls it.

    `noun` is the service's package noun (it names the peer); `full_name` is without a leading
    slash; `is_safe` says that the method declares NO_SIDE_EFFECTS.
    """

    noun: str
    full_name: str
    kind: CallKind
    request: type[Message]
    response: type[Message]
    is_safe: bool

    @property
    def input(self) -> Descriptor:
        """The descriptor of the request."""
        return cast("Descriptor", self.request.DESCRIPTOR)

    @property
    def output(self) -> Descriptor:
        """The descriptor of the response."""
        return cast("Descriptor", self.response.DESCRIPTOR)

    @property
    def path(self) -> str:
        """The path of the HTTP/2 request that gRPC sends."""
        return f"/{self.full_name}"


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP binding of one RPC.

    `body` is "*" (the whole request), a field's name, or "" (no body); `is_canonical` marks
    the first rule of a method, which documents link to.
    """

    http_method: str
    path: str
    template: PathTemplate
    body: str
    response_body: str
    rpc: Rpc
    is_canonical: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A route and the values that the path gave to the request's fields."""

    route: Route
    path_values: dict[str, str]


class RouteTable:
    """All routes, indexed by their first two segments, which must be literal (`/v1/vendors`)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(sorted(routes, key=lambda r: (r.template.specificity(), r.path)))
        _refuse_collisions(self.routes)
        self._by_start: dict[tuple[str, int, tuple[str, ...]], list[Route]] = {}
        self._open: dict[str, list[Route]] = {}
        for route in self.routes:
            segments = route.template.segments
            if "*" in segments[:2]:
                raise RouteTableInvalid(f"{route.path} must begin with two literal segments")
            if segments[-1] == "**":
                self._open.setdefault(route.template.verb, []).append(route)
            else:
                key = (route.template.verb, len(segments), segments[:2])
                self._by_start.setdefault(key, []).append(route)

    def find(self, http_method: str, path: str) -> Found | None:
        """Return the route of a request, or None."""
        for route, values in self._matching(path):
            if route.http_method == http_method:
                return Found(route, values)
        return None

    def methods_of(self, path: str) -> tuple[str, ...]:
        """Return the HTTP methods that a path answers to, sorted; empty for an unknown path."""
        return tuple(sorted({route.http_method for route, _ in self._matching(path)}))

    def siblings(self, route: Route) -> tuple[Route, ...]:
        """Return every route of the same RPC, the canonical one first."""
        own = [other for other in self.routes if other.rpc.full_name == route.rpc.full_name]
        return tuple(sorted(own, key=lambda other: not other.is_canonical))

    def _matching(self, path: str) -> Iterator[tuple[Route, dict[str, str]]]:
        segments, verb = split_path(path)
        readings = [(segments, verb)]
        if verb:  # a colon may also belong to the last segment: an identifier such as sha256:…
            readings.append(((*segments[:-1], f"{segments[-1]}:{verb}"), ""))
        for parts, ending in readings:
            candidates = self._by_start.get((ending, len(parts), parts[:2]), ())
            for route in (*candidates, *self._open.get(ending, ())):
                values = route.template.match(parts, ending)
                if values is not None:
                    yield route, values


def mesh_services() -> tuple[ServiceDescriptor, ...]:
    """Return the services of every generated `lucid.<noun>.v1.*_service_pb2`, and Operations."""
    import lucid

    found: list[ServiceDescriptor] = []
    for noun in sorted(module.name for module in pkgutil.iter_modules(lucid.__path__)):
        package = importlib.import_module(f"lucid.{noun}.v1")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.endswith("_service_pb2"):
                generated = importlib.import_module(f"lucid.{noun}.v1.{module.name}")
                found.extend(generated.DESCRIPTOR.services_by_name.values())
    found.append(operations_pb2.DESCRIPTOR.services_by_name["Operations"])
    return tuple(found)


def build_table(services: Iterable[ServiceDescriptor]) -> RouteTable:
    """Derive the table of some services.

    Raises:
        RouteTableInvalid: two routes collide, or a binding names a field that does not exist.
        TemplateInvalid: a path is not of the grammar.
    """
    return RouteTable(
        route for service in services for method in service.methods for route in _routes_of(method)
    )


def rpc_of(method: MethodDescriptor) -> Rpc:
    """Describe a method as the gateway calls it."""
    service = method.containing_service
    level = method.GetOptions().idempotency_level
    return Rpc(
        noun=_noun(service),
        full_name=f"{service.full_name}/{method.name}",
        kind=_KINDS[method.client_streaming, method.server_streaming],
        request=message_factory.GetMessageClass(method.input_type),
        response=message_factory.GetMessageClass(method.output_type),
        is_safe=level == descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS,
    )


_KINDS = {
    (False, False): CallKind.UNARY,
    (False, True): CallKind.SERVER_STREAM,
    (True, False): CallKind.CLIENT_STREAM,
    (True, True): CallKind.BIDI_STREAM,
}


_ADDED_RULES: Final = {
    # Google's proto gives WaitOperation no path of its own.
    "google.longrunning.Operations.WaitOperation": http_pb2.HttpRule(
        post="/v1/{name=operations/**}:wait", body="*"
    ),
}


def _noun(service: ServiceDescriptor) -> str:
    package = service.file.package.split(".")
    return package[1] if package[0] == "lucid" else OPERATIONS_NOUN


def _routes_of(method: MethodDescriptor) -> Iterator[Route]:
    options = method.GetOptions()
    rule = _ADDED_RULES.get(method.full_name)
    if rule is None and not options.HasExtension(annotations_pb2.http):
        return
    rule = rule or options.Extensions[annotations_pb2.http]
    rpc = rpc_of(method)
    for position, binding in enumerate((rule, *rule.additional_bindings)):
        http_method, path = _pattern(binding, rpc)
        route = Route(
            http_method,
            path,
            parse_template(path),
            binding.body,
            binding.response_body,
            rpc,
            is_canonical=position == 0,
        )
        _check_fields(route)
        yield route


def _pattern(binding: Message, rpc: Rpc) -> tuple[str, str]:
    name = binding.WhichOneof("pattern")
    if name == "custom":
        return binding.custom.kind.upper(), binding.custom.path  # type: ignore[attr-defined]
    if name not in _PATTERNS:
        raise RouteTableInvalid(f"{rpc.full_name} has an HTTP rule without a path")
    return name.upper(), getattr(binding, name)


def _check_fields(route: Route) -> None:
    for variable in route.template.variables:
        descriptor: Descriptor | None = route.rpc.input
        for part in variable.field_path.split("."):
            field = descriptor.fields_by_name.get(part) if descriptor else None
            if field is None:
                raise RouteTableInvalid(
                    f"{route.path} binds {variable.field_path!r}: no such field"
                )
            descriptor = field.message_type
    if route.body not in ("", "*") and route.body not in route.rpc.input.fields_by_name:
        raise RouteTableInvalid(f"{route.path} takes its body from {route.body!r}: no such field")


def _refuse_collisions(routes: tuple[Route, ...]) -> None:
    for one, two in combinations(routes, 2):
        if one.http_method != two.http_method or not one.template.collides_with(two.template):
            continue
        if one.template.specificity() == two.template.specificity():
            raise RouteTableInvalid(
                f"{one.http_method} {one.path} ({one.rpc.full_name}) and {two.path} "
                f"({two.rpc.full_name}) can answer the same request"
            )
