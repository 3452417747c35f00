"""What a request must be before anybody looks at its meaning: small, ours, and on time."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lucid_gateway.exchange import Request
from lucid_gateway.problem import Problem, Violation

_TIMEOUT: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)s?\Z")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes and times in seconds that hold for every request."""

    header_bytes_max: int = 16 * 1024
    body_bytes_max: int = 4 * 1024 * 1024
    timeout_default_s: float = 30.0
    timeout_max_s: float = 600.0
    body_read_s: float = 20.0


def check_origin(request: Request, allowed_hosts: frozenset[str]) -> None:
    """Refuse a request that was sent to another name, or by a page of another origin.

    A server on a loopback address is reachable from every page that a browser has open; the
    Host check stops DNS rebinding, the Origin check stops forms and `no-cors` fetches.

    Raises:
        Problem: HOST_REFUSED or ORIGIN_REFUSED.
    """
    host = request.header("host") or request.header(":authority")
    if _hostname(host) not in allowed_hosts | _LOOPBACK_HOSTS:
        raise Problem(421, "HOST_REFUSED", "This gateway does not answer for the Host given.")
    origin = request.header("origin")
    if origin and origin.partition("://")[2] != host:
        raise Problem(403, "ORIGIN_REFUSED", "Requests from pages of other origins are refused.")
    if request.header("sec-fetch-mode") != "navigate":
        check_same_origin(request)


def check_same_origin(request: Request) -> None:
    """Refuse what a page of another origin caused, following a link included.

    Raises:
        Problem: ORIGIN_REFUSED.
    """
    if request.header("sec-fetch-site") in ("cross-site", "same-site"):
        raise Problem(403, "ORIGIN_REFUSED", "Requests from pages of other origins are refused.")


def check_headers(headers: Mapping[str, str], limits: Limits) -> None:
    """Refuse headers that are too large in all.

    Raises:
        Problem: HEADERS_TOO_LARGE.
    """
    size = sum(len(name) + len(value) + 4 for name, value in headers.items())
    if size > limits.header_bytes_max:
        raise Problem(
            431,
            "HEADERS_TOO_LARGE",
            f"The headers take {size} bytes; at most {limits.header_bytes_max} are read.",
            metadata=(("size_bytes", str(size)), ("max_bytes", str(limits.header_bytes_max))),
        )


def timeout_s(request: Request, limits: Limits) -> float:
    """Return the seconds that a call may take: X-Request-Timeout, capped, or the default.

    Raises:
        Problem: TIMEOUT_INVALID.
    """
    text = request.header("x-request-timeout")
    if not text:
        return limits.timeout_default_s
    match = _TIMEOUT.match(text)
    seconds = float(match[1]) if match else 0.0
    if seconds <= 0:
        raise Problem(
            400,
            "TIMEOUT_INVALID",
            "X-Request-Timeout must be seconds > 0, such as 2.5.",
            violations=(Violation("X-Request-Timeout", "must be seconds > 0, such as 2.5"),),
        )
    return min(seconds, limits.timeout_max_s)


def request_id_of(request: Request, fallback: str) -> str:
    """Return the caller's X-Request-Id if it is printable and short, else the fallback."""
    given = request.header("x-request-id")
    return given if _REQUEST_ID.match(given) else fallback


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read a whole body within the limit.

    Raises:
        Problem: BODY_TOO_LARGE, as soon as it is known; BODY_TIMEOUT; BODY_TRUNCATED.
    """
    declared = request.header("content-length")
    if request.method == "GET" and not declared and not request.header("transfer-encoding"):
        return b""
    if declared.isdigit() and int(declared) > limits.body_bytes_max:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_read_s):
            body = await _gathered(request, limits)
    except TimeoutError:
        raise Problem(
            408, "BODY_TIMEOUT", f"The body did not arrive within {limits.body_read_s:g} s."
        ) from None
    if declared.isdigit() and len(body) != int(declared):
        raise Problem(400, "BODY_TRUNCATED", "The body is shorter than its Content-Length.")
    return body


async def _gathered(request: Request, limits: Limits) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in request.chunks():
        size += len(chunk)
        if size > limits.body_bytes_max:
            raise _too_large(limits)
        parts.append(chunk)
    return b"".join(parts)


def check_media_type(request: Request, *wanted: str) -> None:
    """Refuse a body of another type; a page of another origin cannot send these without asking.

    Raises:
        Problem: MEDIA_TYPE_UNSUPPORTED.
    """
    given = request.header("content-type").split(";")[0].strip().lower()
    if given not in wanted:
        raise Problem(
            415,
            "MEDIA_TYPE_UNSUPPORTED",
            f"The body must be sent as {' or '.join(wanted)}.",
            metadata=(("accepted", ", ".join(wanted)),),
        )


def _too_large(limits: Limits) -> Problem:
    return Problem(
        413,
        "BODY_TOO_LARGE",
        f"The body is larger than {limits.body_bytes_max} bytes.",
        metadata=(("max_bytes", str(limits.body_bytes_max)),),
        headers=(("connection", "close"),),
    )


def _hostname(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()
