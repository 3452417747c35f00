"""Addresses: the one table of ports, and how `host:port` is written."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LOOPBACK: Final = "127.0.0.1"

PORTS: Final[Mapping[str, int]] = {
    "gateway": 8080,
    "validation": 7101,
    "coherence": 7102,
    "vendor": 7103,
    "dream": 7104,
    "cache": 7105,
    "metrics": 7106,
}
"""Below 32768: ports above it collide with those that the system hands to clients."""

HEALTH_OFFSET: Final = 100
"""The health service listens this far above the service itself."""

NOUNS: Final = ("validation", "coherence", "vendor", "dream", "cache", "metrics")
"""The six services, by name."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        if ":" in self.host:
            return f"[{self.host}]:{self.port}"
        return f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_address(text: str) -> Address:
    """Parse `host:port` or `[ipv6]:port`; raises `ValueError` with a sentence."""
    host, separator, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not separator or not host or not port.isdecimal() or int(port) > 65535:
        message = "must be host:port"
        raise ValueError(message)
    return Address(host, int(port))


def default_address(noun: str) -> Address:
    """Return where a service listens when nothing else is said."""
    return Address(LOOPBACK, PORTS[noun])


def default_health_address(noun: str) -> Address:
    """Return where the health of a service listens when nothing else is said."""
    return Address(LOOPBACK, PORTS[noun] + HEALTH_OFFSET)


def peer_address(environ: Mapping[str, str], noun: str) -> Address:
    """Return where to dial a peer: `LUCID_<NOUN>_ADDRESS`, or its default port on loopback.

    Raises `ValueError` when the variable is set and is not an address.
    """
    text = environ.get(f"LUCID_{noun.upper()}_ADDRESS", "").strip()
    return parse_address(text) if text else default_address(noun)
