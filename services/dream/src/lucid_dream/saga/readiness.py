"""Whether a person is ready now, and how strong a session may be: one pure function.

The attention check and the emotional filter in one. Its cap is the unsafe level used when the
certificate is composed, so what the filter allows is what the proof is about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction


class Verdict(StrEnum):
    """What the filter says."""

    ALLOW = "allow"
    DEFER = "defer"
    TRANSFORM = "transform"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class ReadinessInputs:
    """Self-report or wearable estimates in [0, 1]; None means unknown.

    Valence is 0.5 when neutral. `local_minute` is the minute of the local day, 0..1439.
    """

    observed_at: datetime | None
    local_minute: int | None
    stress: float | None
    attention: float | None = None
    valence: float | None = None
    arousal: float | None = None
    dominance: float | None = None
    calm: float | None = None
    joy: float | None = None
    longing: float | None = None
    focus: float | None = None
    stability: float | None = None
    dream_residue: float | None = None


@dataclass(frozen=True, slots=True)
class ReadinessPolicy:
    """The rules' numbers, declared defaults of ours: exact intensities and plain thresholds."""

    stale_after_s: float = 900.0
    retry_after_s: float = 300.0
    stress_moderate: float = 0.4
    stress_moderate_cap: Fraction = Fraction(6, 10)
    stress_high: float = 0.6
    stress_high_cap: Fraction = Fraction(3, 10)
    stress_block: float = 0.9
    night_from_minute: int = 22 * 60
    night_until_minute: int = 6 * 60
    night_cap: Fraction = Fraction(3, 10)
    residue_from: float = 0.5
    residue_cap: Fraction = Fraction(2, 10)
    stability_min: float = 0.2
    distress_valence: float = 0.2
    distress_arousal: float = 0.7
    distress_dominance: float = 0.3
    longing_high: float = 0.9
    longing_calm_min: float = 0.1
    joy_calming: float = 0.7
    attention_busy: float = 0.95
    cap_min: Fraction = Fraction(1, 10)
    cap_step: Fraction = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The filter's answer. `cap` is the greatest permissible intensity, 0 where there is none."""

    verdict: Verdict
    cap: Fraction
    reasons: tuple[str, ...] = ()
    until: datetime | None = None


DEFAULT_POLICY = ReadinessPolicy()


def assess(
    inputs: ReadinessInputs,
    *,
    wanted: Fraction,
    seed_cap: Fraction,
    now: datetime,
    policy: ReadinessPolicy = DEFAULT_POLICY,
) -> Readiness:
    """Decide whether a session may start, and at most how strong.

    `wanted` is the user's cap and `seed_cap` the seed's, both in (0, 1]. The result's cap never
    exceeds either. Unknown or stale inputs defer; nothing unknown ever allows.
    """
    unknown = _unknown(inputs, now, policy)
    if unknown:
        until = now + timedelta(seconds=policy.retry_after_s)
        return Readiness(Verdict.DEFER, Fraction(0), unknown, until)
    blocked = _blocked(inputs, policy)
    if blocked:
        return Readiness(Verdict.BLOCK, Fraction(0), blocked)
    busy = _busy(inputs, policy)
    if busy:
        until = now + timedelta(seconds=policy.retry_after_s)
        return Readiness(Verdict.DEFER, Fraction(0), busy, until)
    return _capped(inputs, min(wanted, seed_cap), policy)


def _unknown(inputs: ReadinessInputs, now: datetime, policy: ReadinessPolicy) -> tuple[str, ...]:
    if inputs.observed_at is None:
        return ("INPUTS_MISSING",)
    age_s = (now - inputs.observed_at).total_seconds()
    if age_s > policy.stale_after_s or age_s < -policy.stale_after_s:
        return ("INPUTS_STALE",)
    missing = []
    if inputs.stress is None or not 0.0 <= inputs.stress <= 1.0:
        missing.append("STRESS_UNKNOWN")
    if inputs.local_minute is None:
        missing.append("LOCAL_TIME_UNKNOWN")
    return tuple(missing)


def _blocked(inputs: ReadinessInputs, policy: ReadinessPolicy) -> tuple[str, ...]:
    reasons = []
    if inputs.stress is not None and inputs.stress >= policy.stress_block:
        reasons.append("STRESS_TOO_HIGH")
    if _is_distressed(inputs, policy):
        reasons.append("ACUTE_DISTRESS")
    if inputs.stability is not None and inputs.stability < policy.stability_min:
        reasons.append("UNSTABLE")
    return tuple(reasons)


def _is_distressed(inputs: ReadinessInputs, policy: ReadinessPolicy) -> bool:
    """Low mood with agitation, unless joy or a sense of control speaks against it."""
    low = inputs.valence is not None and inputs.valence <= policy.distress_valence
    agitated = inputs.arousal is not None and inputs.arousal >= policy.distress_arousal
    joyful = inputs.joy is not None and inputs.joy >= policy.joy_calming
    in_control = inputs.dominance is not None and inputs.dominance > policy.distress_dominance
    return low and agitated and not joyful and not in_control


def _busy(inputs: ReadinessInputs, policy: ReadinessPolicy) -> tuple[str, ...]:
    """Attention and focus both taken: whatever the person is doing, it is not resting."""
    claims = (inputs.attention, inputs.focus)
    if all(c is not None and c >= policy.attention_busy for c in claims):
        return ("ATTENTION_BUSY",)
    longing = inputs.longing is not None and inputs.longing >= policy.longing_high
    restless = inputs.calm is not None and inputs.calm < policy.longing_calm_min
    return ("LONGING_WITHOUT_CALM",) if longing and restless else ()


def _capped(inputs: ReadinessInputs, wanted: Fraction, policy: ReadinessPolicy) -> Readiness:
    caps = {"": wanted, **_caps(inputs, policy)}
    cap = (min(caps.values()) // policy.cap_step) * policy.cap_step
    reasons = tuple(sorted(reason for reason, value in caps.items() if reason and value < wanted))
    if cap < policy.cap_min:
        return Readiness(Verdict.BLOCK, Fraction(0), (*reasons, "CAP_TOO_LOW"))
    if reasons:
        return Readiness(Verdict.TRANSFORM, cap, reasons)
    return Readiness(Verdict.ALLOW, cap)


def _caps(inputs: ReadinessInputs, policy: ReadinessPolicy) -> dict[str, Fraction]:
    caps: dict[str, Fraction] = {}
    stress = 1.0 if inputs.stress is None else inputs.stress
    if stress >= policy.stress_high:
        caps["STRESS_HIGH"] = policy.stress_high_cap
    elif stress >= policy.stress_moderate:
        caps["STRESS_MODERATE"] = policy.stress_moderate_cap
    if _is_night(inputs.local_minute, policy):
        caps["NIGHT"] = policy.night_cap
    if inputs.dream_residue is not None and inputs.dream_residue >= policy.residue_from:
        caps["DREAM_RESIDUE"] = policy.residue_cap
    return caps


def _is_night(local_minute: int | None, policy: ReadinessPolicy) -> bool:
    if local_minute is None:
        return True
    return local_minute >= policy.night_from_minute or local_minute < policy.night_until_minute
