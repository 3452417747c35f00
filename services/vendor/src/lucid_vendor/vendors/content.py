"""What a vendor writes into a seed: programme, model, carrier, label and offer."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from lucid_vendor.vendors.model import Model, parse_unit_decimal
from lucid_vendor.vendors.refusals import SeedInvalid

PROGRAMME_S_MAX = 120 * 60
AGE_MIN = 18


class SeedType(StrEnum):
    """The seven types of seed."""

    NARRATIVE = "NARRATIVE"
    SOUNDSCAPE = "SOUNDSCAPE"
    VISUAL = "VISUAL"
    HAPTIC = "HAPTIC"
    BREATH = "BREATH"
    PRODUCT = "PRODUCT"
    MIXED = "MIXED"


class SessionType(StrEnum):
    """The three kinds of session."""

    LUCID = "LUCID"
    GUIDED = "GUIDED"
    FREE = "FREE"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the programme; the wanted intensity is in (0, 1]."""

    name: str
    duration_s: float
    intensity: float
    cue: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be bought after a session; the price is in minor units of `currency`."""

    product: str
    price_minor: int
    currency: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The simulated open system behind the texture.

    `system` is the declaration as JSON text (coherence owns its meaning). Content is defined while
    C_l1 is at least `theta`, starting from at least `initial_coherence`; both exact decimals.
    """

    system: str
    theta: str
    initial_coherence: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a vendor writes. Model, cap, phases and carrier are the certified parts."""

    title: str
    narrative: str
    seed_type: SeedType
    session_types: tuple[SessionType, ...]
    phases: tuple[Phase, ...]
    model: Model
    intensity_cap: str
    disclosure: str
    min_age: int = AGE_MIN
    offer: Offer | None = None
    carrier: Carrier | None = None
    expires_at: datetime | None = None

    @property
    def certified_digest(self) -> str:
        """Hex SHA-256 over the certified parts: an edit of any of them changes it."""
        certified = {
            "model": self.model.text,
            "intensity_cap": self.intensity_cap,
            "phases": [asdict(phase) for phase in self.phases],
            "carrier": None if self.carrier is None else asdict(self.carrier),
        }
        text = json.dumps(certified, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def check_content(content: Content) -> Content:
    """Return the content if its parts fit together; single fields are checked at the edge.

    Raises:
        SeedInvalid: naming the field, the rule and what to write there.
    """
    parse_unit_decimal(content.intensity_cap, "seed.intensity_cap")
    if len(set(content.session_types)) != len(content.session_types):
        raise SeedInvalid("seed.session_types", "REPEATED", "names a session type twice.")
    for index, phase in enumerate(content.phases):
        if phase.duration_s <= 0:
            raise SeedInvalid(
                f"seed.phases[{index}].duration", "DURATION", "must be longer than 0 s."
            )
    programme_s = sum(phase.duration_s for phase in content.phases)
    if programme_s > PROGRAMME_S_MAX:
        raise SeedInvalid(
            "seed.phases",
            "PROGRAMME_TOO_LONG",
            f"last {programme_s / 60:g} minutes together; the limit is {PROGRAMME_S_MAX // 60}.",
        )
    _check_carrier(content.carrier)
    return content


def _check_carrier(carrier: Carrier | None) -> None:
    if carrier is None:
        return
    theta = Decimal(parse_unit_decimal(carrier.theta, "seed.carrier.theta"))
    initial = Decimal(
        parse_unit_decimal(carrier.initial_coherence, "seed.carrier.initial_coherence")
    )
    if theta > initial:
        raise SeedInvalid(
            "seed.carrier.theta",
            "THETA_ABOVE_START",
            f"is {theta}, above the initial coherence {initial}; the carrier never qualifies.",
        )
