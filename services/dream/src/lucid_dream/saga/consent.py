"""Who may take part, and in what: adults, with specific, live, revocable consent.

Everything here fails closed: what is missing, expired, revoked or of an older epoch is a no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

ADULT_AGE_YEARS = 18
AGE_MAX_YEARS = 130


class Level(IntEnum):
    """How far consent goes; each level includes the ones below it."""

    NONE = 0
    BASIC = 1
    ENHANCED = 2
    FULL_SYMBOLIC = 3
    DREAM_AWARE = 4


class Scope(StrEnum):
    """What a consent is about."""

    GLOBAL = "global"
    CONTENT_TYPE = "content_type"
    TEMPORAL = "temporal"
    EMOTIONAL = "emotional"
    CONTEXTUAL = "contextual"
    DATA_SOURCE = "data_source"
    VENDOR = "vendor"
    AI_GENERATION = "ai_generation"


class VendorSharing(StrEnum):
    """What vendors may learn, from nothing to everything that is shared at all."""

    NONE = "none"
    AGGREGATED_ONLY = "aggregated_only"
    SELECTED_VENDORS = "selected_vendors"
    ALL = "all"


DATA_SOURCES = frozenset(
    {
        "email",
        "shopping_history",
        "calendar",
        "location",
        "voice",
        "biometric",
        "browsing",
        "social_media",
        "health",
        "financial",
        "contacts",
        "messages",
        "photos",
        "app_usage",
        "device_sensors",
    }
)
"""The sources of data that a consent may name."""


class ConsentInvalid(Exception):
    """A consent breaks a rule: the field and the rule (UPPER_SNAKE) say which."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule.lower().replace('_', ' ')}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Consent:
    """One grant. `epoch` is the user's consent epoch at its last change."""

    id: str
    level: Level
    scope: Scope
    granted_at: datetime
    subject: str = ""
    sharing: VendorSharing = VendorSharing.NONE
    data_sources: tuple[str, ...] = ()
    epoch: int = 0
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether this consent holds at `now`."""
        if self.revoked_at is not None or now < self.granted_at:
            return False
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Need:
    """What a session needs consent for: a level, and perhaps one vendor's content."""

    level: Level = Level.BASIC
    vendor: str | None = None


BASIC_NEED = Need(Level.BASIC)


def need_for(vendor: str | None) -> Need:
    """Return the need of a session with this vendor's seed, or of a BASIC one (None)."""
    return BASIC_NEED if vendor is None else Need(Level.ENHANCED, vendor)


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """Allowed, by which consents; or not, and why (UPPER_SNAKE)."""

    allowed: bool
    reason: str = ""
    consent_ids: tuple[str, ...] = ()


def check_grant(consent: Consent, now: datetime) -> None:
    """Refuse a grant that breaks a rule.

    Raises:
        ConsentInvalid: A subject is missing or out of place, a data source is unknown, or the
            consent would be over before it began.
    """
    if consent.scope is Scope.GLOBAL and consent.subject:
        raise ConsentInvalid("consent.subject", "SUBJECT_NOT_ALLOWED")
    if consent.scope is not Scope.GLOBAL and not consent.subject:
        raise ConsentInvalid("consent.subject", "SUBJECT_REQUIRED")
    if consent.scope is Scope.VENDOR and not consent.subject.startswith("vendors/"):
        raise ConsentInvalid("consent.subject", "SUBJECT_NOT_A_VENDOR")
    if not set(consent.data_sources) <= DATA_SOURCES:
        raise ConsentInvalid("consent.data_sources", "DATA_SOURCE_UNKNOWN")
    if consent.expires_at is not None and consent.expires_at <= now:
        raise ConsentInvalid("consent.expire_time", "EXPIRY_IN_THE_PAST")


def age_years(born: date, today: date) -> int:
    """Return the completed years of age. A birthday on 29 February counts from 1 March."""
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if had_birthday else 1)


def age_reason(born: date | None, attested: bool, today: date) -> str | None:
    """Return why this person may not take part because of age, or None if they may."""
    if born is None:
        return "DATE_OF_BIRTH_MISSING"
    if not attested:
        return "ATTESTATION_MISSING"
    years = age_years(born, today)
    if years < 0 or years > AGE_MAX_YEARS:
        return "DATE_OF_BIRTH_IMPLAUSIBLE"
    return "UNDER_AGE" if years < ADULT_AGE_YEARS else None


def check_consent(consents: Iterable[Consent], need: Need, now: datetime) -> ConsentDecision:
    """Decide whether these consents cover this need at `now`. Anything missing is a no.

    A session needs a live global consent of at least BASIC. A vendor's content needs the level
    ENHANCED from the consent about this vendor if there is one (the particular beats the
    general, also when it forbids), else from the global one.
    """
    live = [c for c in consents if c.is_live(now)]
    general = max((c for c in live if c.scope is Scope.GLOBAL), key=_level, default=None)
    if general is None:
        return ConsentDecision(False, "CONSENT_MISSING")
    if general.level < max(Level.BASIC, Level.BASIC if need.vendor else need.level):
        return ConsentDecision(False, "CONSENT_LEVEL_TOO_LOW")
    if need.vendor is None:
        return ConsentDecision(True, "", (general.id,))
    particular = [c for c in live if c.scope is Scope.VENDOR and c.subject == need.vendor]
    decisive = max(particular, key=_changed, default=general)
    if decisive.level < need.level:
        return ConsentDecision(False, "VENDOR_NOT_CONSENTED")
    return ConsentDecision(True, "", tuple(dict.fromkeys((general.id, decisive.id))))


def _level(consent: Consent) -> int:
    return consent.level


def _changed(consent: Consent) -> int:
    return consent.epoch
