"""Addresses of older plans, answered with 308 to where the thing is now.

Only the method's name is written here; the address comes from the route table.
"""

import re
from typing import Final
from urllib.parse import quote

from lucid_gateway.routes import RouteTable

_OLD: Final = (
    (r"/validate", "lucid.validation.v1.ValidationService/ValidateCertificate"),
    (r"/status/(?P<value>[^/]+)", "lucid.validation.v1.ValidationService/GetValidation"),
    (r"/api/metrics/cache", "lucid.metrics.v1.MetricsService/GetCacheReport"),
    (r"/api/metrics/comprehensive", "lucid.metrics.v1.MetricsService/GetComprehensiveReport"),
    (r"/api/test/circuit-breaker/status", "lucid.metrics.v1.ResilienceService/ListBreakers"),
    (
        r"/api/test/circuit-breaker/trigger-failure/(?P<value>[^/]+)",
        "lucid.metrics.v1.ResilienceService/TripBreaker",
    ),
    (
        r"/api/test/circuit-breaker/reset/(?P<value>[^/]+)",
        "lucid.metrics.v1.ResilienceService/ResetBreaker",
    ),
)


class Redirects:
    """The old addresses of one route table."""

    def __init__(self, table: RouteTable) -> None:
        canonical = {r.rpc.full_name: r.template for r in table.routes if r.is_canonical}
        self._rules = tuple(
            (re.compile(pattern), canonical[name]) for pattern, name in _OLD if name in canonical
        )

    def target_of(self, path: str) -> str | None:
        """Return the path that replaces an old one, or None for a path that is not old."""
        for pattern, template in self._rules:
            match = pattern.fullmatch(path)
            if match:
                value = match.groupdict().get("value", "")
                parts = [
                    quote(value, safe="%") if segment == "*" else segment
                    for segment in template.segments
                ]
                return "/" + "/".join(parts) + (f":{template.verb}" if template.verb else "")
        return None
