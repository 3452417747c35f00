"""The service levels: what is promised, and how it stands by what was counted.

A level is a share of good events: calls that did not fail by the server's fault, or calls that
took no longer than a threshold. Thresholds are bounds of the histograms, so that shares are exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lucid_metrics.series.query import calls_by_method
from lucid_metrics.series.rollup import Mesh


class Status(Enum):
    """How a level stands."""

    UNKNOWN = "unknown"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise about some methods of one service or of all."""

    name: str
    """`slos/{slo}`."""

    description: str
    share: float
    """Wanted share of good events."""

    methods: tuple[str, ...]
    """Full names, or a prefix that ends in `/` or `.`."""

    threshold_s: float | None = None
    """A call is good if it takes no longer; None: if it does not fail by the server's fault."""

    def covers(self, method: str) -> bool:
        """Whether calls of `method` are events of this level."""
        return any(
            method.startswith(name) if name.endswith(("/", ".")) else method == name
            for name in self.methods
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """An objective and what was counted for it."""

    objective: Objective
    good: int
    total: int

    @property
    def actual(self) -> float | None:
        """The share of good events; None without events."""
        return self.good / self.total if self.total else None

    @property
    def status(self) -> Status:
        """How it stands."""
        if self.actual is None:
            return Status.UNKNOWN
        return Status.MET if self.actual >= self.objective.share else Status.MISSED


def _availability(noun: str) -> Objective:
    return Objective(
        f"slos/availability-{noun}",
        f"Calls of {noun} that do not fail by its own fault.",
        0.99,
        (f"lucid.{noun}.v1.",),
    )


def _latency(name: str, description: str, threshold_s: float, *methods: str) -> Objective:
    return Objective(f"slos/latency-{name}", description, 0.95, methods, threshold_s)


OBJECTIVES: tuple[Objective, ...] = (
    *map(_availability, ("cache", "coherence", "dream", "metrics", "validation", "vendor")),
    Objective(
        "slos/availability-critical",
        "Critical calls (sessions, consent, revocation, money) that do not fail by our own fault.",
        0.999,
        (
            "lucid.dream.v1.ConsentService/RevokeConsent",
            "lucid.dream.v1.DreamService/StartSession",
            "lucid.dream.v1.DreamService/StopSession",
            "lucid.vendor.v1.CommerceService/RecordEntry",
            "lucid.vendor.v1.CommerceService/ReverseEntry",
            "lucid.vendor.v1.SeedService/ReserveSeed",
            "lucid.vendor.v1.SeedService/RevokeSeed",
        ),
    ),
    _latency(
        "cache-reads",
        "Reads of the cache within 10 ms.",
        0.01,
        "lucid.cache.v1.CacheService/Get",
        "lucid.cache.v1.CacheService/BatchGet",
    ),
    _latency(
        "coherence-analysis",
        "Analyses of state batches within 100 ms.",
        0.1,
        "lucid.coherence.v1.CoherenceService/AnalyzeStates",
    ),
    _latency(
        "session-start",
        "Sessions accepted within 500 ms.",
        0.5,
        "lucid.dream.v1.DreamService/StartSession",
    ),
    _latency(
        "validation-status",
        "Submissions, status and finished verdicts within 100 ms.",
        0.1,
        "lucid.validation.v1.ValidationService/CreateValidation",
        "lucid.validation.v1.ValidationService/GetValidation",
        "lucid.validation.v1.ValidationService/GetVerdict",
        "lucid.validation.v1.ValidationService/GetEvidence",
    ),
    _latency(
        "vendor-reads",
        "Reads of vendors and seeds within 100 ms.",
        0.1,
        "lucid.vendor.v1.VendorService/GetVendor",
        "lucid.vendor.v1.SeedService/GetSeed",
        "lucid.vendor.v1.SeedService/ListSeeds",
    ),
)
"""Sorted by name within their kind; shown sorted by name."""


def standings(mesh: Mesh, objectives: Iterable[Objective] = OBJECTIVES) -> list[Standing]:
    """Return how each level stands by all that was counted since the start, sorted by name."""
    calls = [
        (method, found)
        for reporter in mesh.reporters
        for method, found in calls_by_method(reporter).items()
    ]
    result = []
    for objective in sorted(objectives, key=lambda objective: objective.name):
        good = total = 0
        for method, found in calls:
            if not objective.covers(method):
                continue
            total += found.durations.total
            if objective.threshold_s is None:
                good += found.durations.total - found.errors
            else:
                good += found.durations.within(objective.threshold_s)
        result.append(Standing(objective, good, total))
    return result
