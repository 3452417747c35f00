"""What may be left out when something is missing, and what may never be.

The carrier, the cache, the metrics and the vendor only add to a session. Consent, certificate,
age, revocation and readiness are what makes one permissible: without them there is none.
"""

from dataclasses import dataclass
from enum import StrEnum

from lucid_dream.saga.history import Step


class Capability(StrEnum):
    """Something a session uses."""

    CARRIER = "carrier"
    CACHE = "cache"
    METRICS = "metrics"
    VENDOR = "vendor_content"
    CONSENT = "consent"
    CERTIFICATE = "certificate"
    AGE = "age"
    REVOCATION = "revocation"
    READINESS = "readiness"


class Consequence(StrEnum):
    """What follows when a step's peer does not answer."""

    REFUSE = "refuse"
    GO_WITHOUT = "go_without"
    FALL_BACK_TO_BASIC = "fall_back_to_basic"
    RETRY = "retry"


MAY_DEGRADE = frozenset(
    {Capability.CARRIER, Capability.CACHE, Capability.METRICS, Capability.VENDOR}
)

_ON_UNAVAILABLE = {
    Step.CARRIER: Consequence.GO_WITHOUT,
    Step.RESERVE: Consequence.FALL_BACK_TO_BASIC,
    Step.SETTLE: Consequence.RETRY,
}


@dataclass(frozen=True, slots=True)
class Degradation:
    """One thing a session did without, and why (UPPER_SNAKE)."""

    capability: Capability
    reason: str


def on_unavailable(step: Step) -> Consequence:
    """Return what follows when this step's peer does not answer. Fails closed."""
    return _ON_UNAVAILABLE.get(step, Consequence.REFUSE)


def may_degrade(capability: Capability) -> bool:
    """Return whether a session may go on without this."""
    return capability in MAY_DEGRADE
