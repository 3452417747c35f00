"""What a vendor writes into a seed: programme, model, labels, offer and audience."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from lucid_vendor.vendors.model import Model, parse_cap
from lucid_vendor.vendors.refusals import InvalidArgument

TITLE_CHARACTERS_MAX = 200
NARRATIVE_CHARACTERS_MAX = 20_000
PHASES_MAX = 64
DURATION_S_MIN = 10 * 60
DURATION_S_MAX = 120 * 60
QUBITS_MAX = 1
RATE_MAX_HZ = 1e6


class SeedType(StrEnum):
    """The seven types of seed."""

    REMINDER = "REMINDER"
    DISCOVERY = "DISCOVERY"
    SEASONAL = "SEASONAL"
    REPLENISHMENT = "REPLENISHMENT"
    EXCLUSIVE = "EXCLUSIVE"
    NARRATIVE = "NARRATIVE"
    EXPERIENTIAL = "EXPERIENTIAL"


class SessionType(StrEnum):
    """The three kinds of session."""

    LUCID = "LUCID"
    GUIDED = "GUIDED"
    FREE = "FREE"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the programme; target intensity in [0, 1] as exact decimal text."""

    name: str
    duration_s: float
    target_intensity: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Triggers:
    """Emotions that the narrative means to raise, each in [0, 1]."""

    joy: float = 0.0
    calm: float = 0.0
    stress: float = 0.0
    longing: float = 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """Product content; the price is in minor units of `currency`."""

    product: str = ""
    description: str = ""
    price_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the seed may be offered to."""

    age_min: int = 18
    categories: tuple[str, ...] = ()
    vulnerable_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carrier:
    """A one-qubit carrier: rates in 1/s, coherence threshold theta in [0, 1] (C_l1)."""

    dephasing_rate_hz: float
    damping_rate_hz: float
    theta: float


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a vendor writes. `model`, `phases`, cap, duration and carrier are certified."""

    title: str
    narrative: str
    seed_type: SeedType
    session_types: tuple[SessionType, ...]
    phases: tuple[Phase, ...]
    model: Model
    intensity_cap: str
    duration_max_s: float
    disclosure: str
    offer: Offer = field(default_factory=Offer)
    triggers: Triggers = field(default_factory=Triggers)
    audience: Audience = field(default_factory=Audience)
    carrier: Carrier | None = None
    expires_at: datetime | None = None

    @property
    def certified_digest(self) -> str:
        """Hex SHA-256 over the certified parts: an edit of any of them changes it."""
        certified = {
            "model": self.model.text,
            "intensity_cap": self.intensity_cap,
            "phases": [asdict(phase) for phase in self.phases],
            "duration_max_s": self.duration_max_s,
            "carrier": None if self.carrier is None else asdict(self.carrier),
        }
        text = json.dumps(certified, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def check_content(content: Content) -> Content:
    """Return the content if a seed can be made of it; completeness is for submission.

    Raises:
        InvalidArgument: naming the field and what to write there.
    """
    _check_texts(content)
    if not content.session_types:
        raise InvalidArgument("seed.session_types", "must name lucid, guided or free.")
    if not 0 < len(content.phases) <= PHASES_MAX:
        raise InvalidArgument("seed.phases", f"must hold 1 to {PHASES_MAX} phases.")
    parse_cap(content.intensity_cap, field="seed.intensity_cap")
    if not DURATION_S_MIN <= content.duration_max_s <= DURATION_S_MAX:
        raise InvalidArgument(
            "seed.max_duration",
            f"must be 10 to 120 minutes, not {content.duration_max_s / 60:g}.",
        )
    for index, phase in enumerate(content.phases):
        _check_phase(phase, f"seed.phases[{index}]", content)
    _check_carrier(content.carrier)
    return content


def _check_texts(content: Content) -> None:
    if not 0 < len(content.title.strip()) <= TITLE_CHARACTERS_MAX:
        raise InvalidArgument("seed.title", f"must have 1 to {TITLE_CHARACTERS_MAX} characters.")
    if len(content.narrative) > NARRATIVE_CHARACTERS_MAX:
        raise InvalidArgument(
            "seed.narrative", f"may have at most {NARRATIVE_CHARACTERS_MAX} characters."
        )


def _check_phase(phase: Phase, where: str, content: Content) -> None:
    if not 0 < phase.duration_s <= content.duration_max_s:
        raise InvalidArgument(
            f"{where}.duration", f"must be positive and at most {content.duration_max_s:g} s."
        )


def _check_carrier(carrier: Carrier | None) -> None:
    if carrier is None:
        return
    for name in ("dephasing_rate_hz", "damping_rate_hz"):
        if not 0 <= getattr(carrier, name) <= RATE_MAX_HZ:
            raise InvalidArgument(f"seed.carrier.{name}", f"must be in [0, {RATE_MAX_HZ:g}] 1/s.")
    if not 0 < carrier.theta <= 1:
        raise InvalidArgument("seed.carrier.theta", "must be in (0, 1].")
