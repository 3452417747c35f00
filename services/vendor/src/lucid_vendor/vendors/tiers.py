"""What each tier allows: seeds, request rate, monthly fee and trial days."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """The tiers, smallest first."""

    TRIAL = "TRIAL"
    BASIC = "BASIC"
    PROFESSIONAL = "PROFESSIONAL"
    ENTERPRISE = "ENTERPRISE"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits of a tier: seeds not revoked, requests per hour with a burst, the fee in US cents."""

    seeds_max: int
    requests_per_hour: int
    burst_max: int
    fee_cents_per_month: int
    trial_days: int | None = None


ALLOWANCES: dict[Tier, Allowance] = {
    Tier.TRIAL: Allowance(10, 100, 10, 0, trial_days=30),
    Tier.BASIC: Allowance(100, 1_000, 50, 29_900),
    Tier.PROFESSIONAL: Allowance(1_000, 10_000, 200, 89_900),
    Tier.ENTERPRISE: Allowance(10_000, 100_000, 1_000, 249_900),
}
