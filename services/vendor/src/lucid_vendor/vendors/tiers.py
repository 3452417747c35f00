"""What each tier allows: seeds, request rate and trial days."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """The five tiers, smallest first."""

    TRIAL = "TRIAL"
    BASIC = "BASIC"
    PROFESSIONAL = "PROFESSIONAL"
    ENTERPRISE = "ENTERPRISE"
    STRATEGIC = "STRATEGIC"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits of a tier.

    `seeds_max` counts seeds that are not revoked (None = unlimited); rates are requests per hour
    with a burst; `fee_minor_per_month` is in minor units of US dollars (None = by contract).
    """

    seeds_max: int | None
    requests_per_hour: int | None
    burst_max: int
    fee_minor_per_month: int | None
    trial_days: int | None = None


ALLOWANCES: dict[Tier, Allowance] = {
    Tier.TRIAL: Allowance(10, 100, 10, 0, trial_days=30),
    Tier.BASIC: Allowance(100, 1_000, 50, 29_900),
    Tier.PROFESSIONAL: Allowance(1_000, 10_000, 200, 89_900),
    Tier.ENTERPRISE: Allowance(10_000, 100_000, 1_000, 249_900),
    Tier.STRATEGIC: Allowance(None, None, 5_000, None),
}
