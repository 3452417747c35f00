"""Authorisation: one choke point, default deny.

For now there are two kinds of callers. The *operator* is whoever reaches a service over loopback
without saying who it is: a person at this machine. A *service* says its noun in `x-lucid-caller`.
Both count only from a trusted network, which is loopback unless a setting says more.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from lucid_rpc.rejections import NotPermitted

CALLER_KEY: Final = "x-lucid-caller"
OPERATOR: Final = "operator"
GATEWAY: Final = "service:gateway"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)

_NOUN: Final = re.compile(r"[a-z]{1,32}")

ALWAYS: Final = frozenset(
    {
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    }
)
"""Methods that every identified caller may call: they show only the public descriptors."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: `roles` is empty for somebody whom we do not know."""

    name: str
    roles: frozenset[str]


NOBODY: Final = Principal("an unknown caller", frozenset())

_current: ContextVar[Principal] = ContextVar("lucid_principal", default=NOBODY)


def current_principal() -> Principal:
    """Return who made the call that is being worked on."""
    return _current.get()


def service_role(noun: str) -> str:
    """Return the role of a service, as in `service:dream`."""
    return f"service:{noun}"


def parse_networks(text: str) -> tuple[Network, ...]:
    """Parse networks in CIDR notation separated by commas; raises `ValueError`."""
    return tuple(ipaddress.ip_network(item.strip()) for item in text.split(",") if item.strip())


def noun_in(metadata: Iterable[tuple[str, str | bytes]]) -> str | bytes | None:
    """Return who a caller says it is, or None."""
    return next((value for key, value in metadata if key == CALLER_KEY), None)


def identify(
    peer: str, noun: str | bytes | None, trusted: Sequence[Network] = LOOPBACK
) -> Principal:
    """Return the principal behind a gRPC peer string such as `ipv4:127.0.0.1:5000`.

    `noun` is who it says it is, None for the operator.
    """
    if not _is_trusted(_host(peer), trusted):
        return NOBODY
    if noun is None:
        return Principal("the operator", frozenset({OPERATOR}))
    if isinstance(noun, str) and _NOUN.fullmatch(noun):
        return Principal(f"service {noun}", frozenset({service_role(noun)}))
    return NOBODY


@dataclass(frozen=True, slots=True)
class Policy:
    """Which roles may call which methods; a method without an entry may be called by nobody.

    `roles` maps `package.Service/Method` to the roles that may call it.
    """

    roles: Mapping[str, frozenset[str]]

    def check(self, method: str, principal: Principal) -> None:
        """Raise `NotPermitted` unless `principal` may call `method`."""
        if method in ALWAYS and principal.roles:
            return
        if not principal.roles & self.roles.get(method, frozenset()):
            raise NotPermitted(method, principal.name)


def enter(principal: Principal) -> None:
    """Make `principal` the current one for the rest of this task."""
    _current.set(principal)


def _host(peer: str) -> str:
    """Return the IP address in a peer string, or an empty string when there is none."""
    family, _, rest = unquote(peer).partition(":")
    if family == "unix":
        return "127.0.0.1"
    if family not in {"ipv4", "ipv6"}:
        return ""
    return rest.rpartition(":")[0].removeprefix("[").removesuffix("]").partition("%")[0]


def _is_trusted(host: str, trusted: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in trusted)
