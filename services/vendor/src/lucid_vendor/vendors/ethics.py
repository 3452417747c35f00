"""The ethics policy: a short explicit list of rules, each with its reason.

No score. A rule either forbids (the seed cannot be submitted) or asks a person (the seed waits in
NEEDS_REVIEW even when its proof holds). The thresholds follow the portal's default policy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from lucid_vendor.vendors.content import Content

STRESS_MAX = 0.3
AGE_MIN = 18
PRESSURE_PHRASES = ("buy now", "limited time", "act fast", "don't miss", "hurry")


class Severity(StrEnum):
    """What a finding leads to."""

    FORBIDDEN = "FORBIDDEN"
    NEEDS_REVIEW = "NEEDS_REVIEW"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that the content breaks: where, and what to do about it."""

    rule: str
    severity: Severity
    field: str
    reason: str


def review_content(content: Content) -> tuple[Finding, ...]:
    """Apply every rule, in the order of the policy."""
    return tuple(finding for rule in POLICY for finding in rule(content))


def _disclosure(content: Content) -> Iterator[Finding]:
    if not content.disclosure.strip():
        yield Finding(
            "DISCLOSURE_REQUIRED",
            Severity.FORBIDDEN,
            "seed.disclosure_label",
            "commercial content must be labelled; write what the sleeper is shown, such as "
            "'Advertisement by Example Ltd'.",
        )


def _adults_only(content: Content) -> Iterator[Finding]:
    if content.audience.age_min < AGE_MIN:
        yield Finding(
            "ADULTS_ONLY",
            Severity.FORBIDDEN,
            "seed.targeting.age_min",
            f"must be at least {AGE_MIN}, not {content.audience.age_min}.",
        )


def _vulnerable_groups(content: Content) -> Iterator[Finding]:
    if content.audience.vulnerable_groups:
        yield Finding(
            "VULNERABLE_GROUPS",
            Severity.FORBIDDEN,
            "seed.targeting.vulnerable_groups",
            "vulnerable groups are never targeted; leave the list empty.",
        )


def _stress(content: Content) -> Iterator[Finding]:
    if content.triggers.stress > STRESS_MAX:
        yield Finding(
            "STRESS_LIMIT",
            Severity.FORBIDDEN,
            "seed.emotional_triggers.stress",
            f"must be at most {STRESS_MAX}, not {content.triggers.stress:g}.",
        )


def _pressure(content: Content) -> Iterator[Finding]:
    text = f"{content.title}\n{content.narrative}\n{content.offer.description}".casefold()
    for phrase in PRESSURE_PHRASES:
        if phrase in text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"):
            yield Finding(
                "PRESSURE_PHRASE",
                Severity.NEEDS_REVIEW,
                "seed.narrative",
                f"'{phrase}' presses for a purchase; a reviewer decides, or leave it out.",
            )


def _nameless_product(content: Content) -> Iterator[Finding]:
    if not content.offer.product.strip():
        yield Finding(
            "PRODUCT_UNNAMED",
            Severity.NEEDS_REVIEW,
            "seed.product",
            "the product is not named, so the label cannot be checked; a reviewer decides.",
        )


POLICY: tuple[Callable[[Content], Iterator[Finding]], ...] = (
    _disclosure,
    _adults_only,
    _vulnerable_groups,
    _stress,
    _pressure,
    _nameless_product,
)
