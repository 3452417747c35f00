"""Why a request may fail: the reasons of the gateway, of the libraries and of every service."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lucid_rpc.errors import RPC_DOMAIN, RPC_ERRORS

from lucid_gateway.problem import DOMAIN

GATEWAY_REASONS: Final[Mapping[str, str]] = {
    "BODY_NOT_JSON": "The body is not JSON with unique keys, finite numbers and 32 levels at most.",
    "REQUEST_INVALID": "A field of path, query or body is unknown or does not fit; see violations.",
    "BODY_TOO_LARGE": "The body, or one line of it, is larger than 4 MiB.",
    "BODY_TIMEOUT": "The body did not arrive in time.",
    "BODY_TRUNCATED": "The connection ended before the whole body had arrived.",
    "HEADERS_TOO_LARGE": "The headers take more than 16 KiB.",
    "MEDIA_TYPE_UNSUPPORTED": "The Content-Type is not one that this path reads.",
    "TIMEOUT_INVALID": "X-Request-Timeout is not a number of seconds above 0.",
    "RESUME_INVALID": "Last-Event-ID is not the id of an event.",
    "ROUTE_NOT_FOUND": "There is no such path.",
    "METHOD_NOT_ALLOWED": "The path exists but does not answer to this method; see Allow.",
    "HOST_REFUSED": "The Host header names another server.",
    "ORIGIN_REFUSED": "A page of another origin sent this.",
    "STREAM_NOT_OPEN": "Nothing reads this stream now; open it with GET first.",
    "STREAM_ALREADY_OPEN": "Somebody reads this stream; there can be one reader.",
    "STREAMS_FULL": "As many streams are open as one process serves.",
    "STREAM_BACKLOG": "Messages come faster than the service takes them.",
    "PEER_UNAVAILABLE": "The service behind this path cannot be reached now.",
    "DEADLINE_EXCEEDED": "The service did not answer in the time that was given.",
    "MESSAGE_TOO_LARGE": "A message to or from the service exceeds 4 MiB.",
    "NOT_SERVED": "The service behind this path does not know the method.",
    "CALL_FAILED": "The service failed without a reason of its own.",
    "CANCELLED": "The caller or the service ended the call.",
    "DRAINING": "The gateway is stopping; connect again.",
    "INTERNAL": "The gateway has a defect; its log has the details under the trace.",
}
"""Every reason of the domain gateway.lucid, and what it means."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: `anchor` is where /docs explains it, and a problem's `type` points there."""

    domain: str
    name: str
    text: str

    @property
    def anchor(self) -> str:
        """The fragment of the page."""
        return f"{self.domain.split('.')[0]}-{self.name}"


def all_reasons(comments: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return every reason that a problem may carry, by domain."""
    found = [Reason(DOMAIN, name, text) for name, text in GATEWAY_REASONS.items()]
    known = {entry.reason: kind.__doc__ or "" for kind, entry in RPC_ERRORS.entries.items()}
    known.setdefault("INTERNAL", "The service has a defect; quote the incident.")
    known.setdefault("BREAKER_OPEN", "The service has been failing; calls are held back.")
    for name, text in known.items():
        found.append(Reason(RPC_DOMAIN, name, text.strip().splitlines()[0] if text else ""))
    return (*found, *_of_services(comments))


def _of_services(comments: Mapping[str, str]) -> list[Reason]:
    import lucid

    found: list[Reason] = []
    for noun in sorted(module.name for module in pkgutil.iter_modules(lucid.__path__)):
        module = importlib.import_module(f"lucid.{noun}.v1.error_reason_pb2")
        for enum in module.DESCRIPTOR.enum_types_by_name.values():
            for value in enum.values:
                name = value.name.removeprefix("ERROR_REASON_")
                if value.number:
                    text = comments.get(f"{enum.full_name}.{value.name}", "")
                    found.append(Reason(f"{noun}.lucid", name, text))
    return found
