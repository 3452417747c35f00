"""The ethics policy: a short explicit list of rules, each with its reason.

No score. A rule either forbids (the seed is refused, naming the field) or asks a person (the seed
waits in NEEDS_REVIEW even when its proof holds).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from lucid_vendor.vendors.content import AGE_MIN, Content, SeedType
from lucid_vendor.vendors.refusals import SeedInvalid

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


Rule = Callable[[Content, tuple[str, ...]], Iterator[Finding]]


def review_content(content: Content, domains: tuple[str, ...]) -> tuple[Finding, ...]:
    """Apply every rule, in the order of the policy; `domains` are the vendor's own."""
    return tuple(finding for rule in POLICY for finding in rule(content, domains))


def require_permitted(content: Content, domains: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return the findings that ask a person.

    Raises:
        SeedInvalid: at the first rule that forbids.
    """
    findings = review_content(content, domains)
    for finding in findings:
        if finding.severity is Severity.FORBIDDEN:
            raise SeedInvalid(finding.field, finding.rule, finding.reason)
    return findings


def _disclosure(content: Content, _domains: tuple[str, ...]) -> Iterator[Finding]:
    if not content.disclosure.strip():
        yield Finding(
            "DISCLOSURE_REQUIRED",
            Severity.FORBIDDEN,
            "seed.disclosure",
            "commercial content must be labelled; write what people are shown, such as "
            "'Advertisement by Example Ltd'.",
        )


def _adults_only(content: Content, _domains: tuple[str, ...]) -> Iterator[Finding]:
    if content.min_age < AGE_MIN:
        yield Finding(
            "ADULTS_ONLY",
            Severity.FORBIDDEN,
            "seed.min_age",
            f"must be at least {AGE_MIN}, not {content.min_age}.",
        )


def _own_offer_domain(content: Content, domains: tuple[str, ...]) -> Iterator[Finding]:
    url = content.offer.url if content.offer else ""
    if url and not _is_on(url, domains):
        owned = ", ".join(domains) or "none yet"
        yield Finding(
            "OFFER_DOMAIN_NOT_OWN",
            Severity.FORBIDDEN,
            "seed.offer.url",
            f"must be an https address on a domain of the vendor ({owned}).",
        )


def _unpriced_product(content: Content, _domains: tuple[str, ...]) -> Iterator[Finding]:
    if content.seed_type is SeedType.PRODUCT and content.offer is None:
        yield Finding(
            "PRODUCT_WITHOUT_OFFER",
            Severity.NEEDS_REVIEW,
            "seed.offer",
            "a product experience without a named offer cannot be labelled; a reviewer decides.",
        )


def _pressure(content: Content, _domains: tuple[str, ...]) -> Iterator[Finding]:
    texts = {"seed.title": content.title, "seed.narrative": content.narrative}
    for index, phase in enumerate(content.phases):
        texts[f"seed.phases[{index}].cue"] = phase.cue
    for field, text in texts.items():
        plain = " ".join(text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
        for phrase in PRESSURE_PHRASES:
            if phrase in plain:
                yield Finding(
                    "PRESSURE_PHRASE",
                    Severity.NEEDS_REVIEW,
                    field,
                    f"'{phrase}' presses for a purchase; a reviewer decides, or leave it out.",
                )


def _is_on(url: str, domains: tuple[str, ...]) -> bool:
    if not url.startswith("https://"):
        return False
    # Only a plain host counts: user names, ports and escapes could show one host and mean another.
    host = url.removeprefix("https://").split("/")[0].split("?")[0].split("#")[0].casefold()
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


POLICY: tuple[Rule, ...] = (
    _disclosure,
    _adults_only,
    _own_offer_domain,
    _unpriced_product,
    _pressure,
)
