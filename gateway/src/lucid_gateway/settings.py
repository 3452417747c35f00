"""What the gateway reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from lucid_runtime.addresses import (
    HEALTH_OFFSET,
    NOUNS,
    Address,
    default_address,
    parse_address,
)
from lucid_runtime.settings import (
    SettingsInvalid,
    flag,
    positive_integer,
    positive_seconds,
    setting,
)


def _hosts(text: str) -> frozenset[str]:
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Settings of the gateway; the peers are read by `peers_of`."""

    listen: Address = setting(
        "LUCID_LISTEN",
        default=Address("127.0.0.1", 8080),
        help="where to serve HTTP",
        why="loopback: nobody but this machine, until there is an identity to check",
        parse=parse_address,
    )
    allow_remote: bool = setting(
        "LUCID_ALLOW_REMOTE",
        default=False,
        help="whether to serve on an address that other machines reach",
        why="whoever reaches the gateway is the operator; a cluster says so on purpose",
        parse=flag,
    )
    allowed_hosts: frozenset[str] = setting(
        "LUCID_ALLOWED_HOSTS",
        default=frozenset(),
        help="names, separated by commas, that the Host header may have beside loopback's",
        why="a page that rebinds its own name to loopback must not be answered",
        parse=_hosts,
    )
    workers: int = setting(
        "LUCID_GATEWAY_WORKERS",
        default=1,
        help="processes that serve",
        why="one serves thousands of requests a second and keeps start-up and memory small",
        parse=positive_integer,
    )
    timeout_s: float = setting(
        "LUCID_REQUEST_TIMEOUT_SECONDS",
        default=30.0,
        unit="s",
        help="time that a call may take where X-Request-Timeout does not say",
        why="longer than every budget that a service gives itself by default",
        parse=positive_seconds,
    )
    stream_s: float = setting(
        "LUCID_STREAM_SECONDS",
        default=3600.0,
        unit="s",
        help="time after which a stream ends and its client resumes",
        why="a stream without an end outlives every mistake",
        parse=positive_seconds,
    )
    heartbeat_s: float = setting(
        "LUCID_HEARTBEAT_SECONDS",
        default=10.0,
        unit="s",
        help="time between signs of life on a silent stream",
        why="shorter than the idle limits of common proxies",
        parse=positive_seconds,
    )
    is_worker: bool = setting(
        "LUCID_GATEWAY_IS_WORKER",
        default=False,
        help="set by the gateway for the processes that it starts: they share one port",
        parse=flag,
    )
    drain_s: float = setting(
        "LUCID_DRAIN_GRACE",
        default=10.0,
        unit="s",
        help="time that requests in progress get after SIGTERM",
        why="longer than a call usually takes, shorter than an operator's patience",
        parse=positive_seconds,
    )
    cache_bytes: int = setting(
        "LUCID_EDGE_CACHE_BYTES",
        default=16 * 1024 * 1024,
        unit="By",
        help="memory for answers that can never change",
        why="holds thousands of verdicts",
        parse=positive_integer,
    )


def check(settings: GatewaySettings) -> None:
    """Refuse to serve other machines by accident.

    Raises:
        SettingsInvalid: the address is not loopback and LUCID_ALLOW_REMOTE does not say so.
    """
    if not settings.listen.is_loopback and not settings.allow_remote:
        raise SettingsInvalid(
            [f"LUCID_LISTEN={settings.listen} is not loopback; LUCID_ALLOW_REMOTE=true permits it"]
        )


@dataclass(frozen=True, slots=True)
class Peer:
    """One service: where it serves and where it tells its health."""

    noun: str
    address: Address
    health: Address


def peers_of(environ: Mapping[str, str]) -> tuple[Peer, ...]:
    """Return the six services.

    LUCID_<NOUN>_ADDRESS and LUCID_<NOUN>_HEALTH_ADDRESS move one; health is 100 ports above the
    service where only the first is set.

    Raises:
        SettingsInvalid: naming every variable that is not an address.
    """
    problems: list[str] = []
    peers = []
    for noun in NOUNS:
        address = _address(environ, f"LUCID_{noun.upper()}_ADDRESS", problems)
        address = address or default_address(noun)
        health = _address(environ, f"LUCID_{noun.upper()}_HEALTH_ADDRESS", problems)
        health = health or Address(address.host, address.port + HEALTH_OFFSET)
        peers.append(Peer(noun, address, health))
    if problems:
        raise SettingsInvalid(problems)
    return tuple(peers)


def _address(environ: Mapping[str, str], name: str, problems: list[str]) -> Address | None:
    text = environ.get(name, "").strip()
    try:
        return parse_address(text) if text else None
    except ValueError as error:
        problems.append(f"{name}={text!r}: {error}")
        return None
