"""The page at /: what runs, what says that it is well, and where to go from here."""

from collections.abc import Sequence
from html import escape

from lucid_rpc.breaker import BreakerState

from lucid_gateway import style
from lucid_gateway.health import ServiceHealth

_LINKS = (
    ("/docs", "the API, with an example of each call"),
    ("/openapi.json", "the API as data (OpenAPI 3.1)"),
    ("/readyz", "health of every service as JSON"),
    ("/livez", "whether this process answers"),
    ("/v1/methods", "how problems are decided, with the theorems"),
    ("/v1/metrics/snapshot", "counts and durations"),
    ("/v1/slos", "objectives"),
)


def render(
    version: str,
    services: Sequence[ServiceHealth],
    breakers: Sequence[BreakerState],
    *,
    is_draining: bool,
) -> bytes:
    """Return the page."""
    well = sum(service.is_serving for service in services)
    state = "is stopping" if is_draining else f"{well} of {len(services)} services are serving"
    body = [
        f"<h1>Lucid</h1><p>{escape(state)}.</p>",
        '<p class="soft">A mesh of services in which nothing runs without a proof. '
        f"Gateway {escape(version)}.</p>",
        "<h2>Services</h2>",
        _services(services),
        "<h2>Breakers of this gateway</h2>",
        _breakers(breakers),
        "<h2>Where to go</h2>",
        style.table(
            ("Address", ""),
            [(f'<a href="{path}">{path}</a>', escape(text)) for path, text in _LINKS],
        ),
    ]
    return style.page(f"Lucid: {state}", "".join(body))


def _services(services: Sequence[ServiceHealth]) -> str:
    rows = [
        (
            f"<strong>{escape(one.noun)}</strong>",
            f'<span class="dot {escape(one.status)}">{escape(one.status)}</span>',
            f"<code>{escape(one.address)}</code>",
            f"{one.latency_ms:.1f} ms" if one.status != "UNREACHABLE" else "–",
        )
        for one in services
    ]
    return style.table(("Service", "Health", "gRPC address", "Health answered in"), rows)


def _breakers(breakers: Sequence[BreakerState]) -> str:
    if not breakers:
        return '<p class="soft">No service has been called yet.</p>'
    rows = [
        (
            escape(one.peer),
            escape(one.method_class),
            f'<span class="dot {escape(one.state)}">{escape(one.state)}</span>',
            str(one.consecutive_failures),
            str(one.rejections),
        )
        for one in sorted(breakers, key=lambda one: (one.peer, one.method_class))
    ]
    return style.table(("Service", "Calls", "State", "Failures in a row", "Held back"), rows)
