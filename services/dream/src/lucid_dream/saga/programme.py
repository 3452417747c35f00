"""A stimulus programme: how strong the stimulus is meant to be at each second of a session.

Piecewise linear through its phases, faded in and out, and never above the cap. What is really
delivered is decided by the monitor, which may only lower it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ProgrammeInvalid(Exception):
    """The phases do not make a programme."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One part: its share of the session in (0, 1] and its target intensity in [0, 1]."""

    name: str
    share: float
    intensity: float


@dataclass(frozen=True, slots=True)
class Programme:
    """Phases over `duration_s`, with linear fades of `fade_s` at both ends and between phases."""

    phases: tuple[Phase, ...]
    duration_s: float
    fade_s: float
    cap: float

    def phase_at(self, time_s: float) -> Phase:
        """Return the phase that the session is in at this session time."""
        end_s = 0.0
        for phase in self.phases:
            end_s += phase.share * self.duration_s
            if time_s < end_s:
                return phase
        return self.phases[-1]

    def intensity_at(self, time_s: float) -> float:
        """Return the intended intensity at this session time, in [0, cap]; 0 outside."""
        if not 0.0 <= time_s <= self.duration_s:
            return 0.0
        edge_s = min(time_s, self.duration_s - time_s)
        fade = min(1.0, edge_s / self.fade_s) if self.fade_s > 0.0 else 1.0
        return max(0.0, min(self.cap, fade * self._target_at(time_s)))

    def _target_at(self, time_s: float) -> float:
        start_s, before = 0.0, self.phases[0].intensity
        for phase in self.phases:
            end_s = start_s + phase.share * self.duration_s
            if time_s < end_s or phase is self.phases[-1]:
                fade_s = min(self.fade_s, end_s - start_s)
                into = 1.0 if fade_s <= 0.0 else min(1.0, (time_s - start_s) / fade_s)
                return before + (phase.intensity - before) * into
            start_s, before = end_s, phase.intensity
        return before


def programme(
    phases: Sequence[Phase], *, duration_s: float, cap: float, fade_s: float = 60.0
) -> Programme:
    """Return the programme of these phases; shares are scaled to sum to one.

    Raises:
        ProgrammeInvalid: No phase, a share that is not positive, or an intensity outside [0, 1].
    """
    if not phases:
        raise ProgrammeInvalid("a programme needs at least one phase")
    if not all(p.share > 0.0 and 0.0 <= p.intensity <= 1.0 for p in phases):
        raise ProgrammeInvalid("shares must be positive and intensities in [0, 1]")
    total = sum(p.share for p in phases)
    scaled = tuple(Phase(p.name, p.share / total, p.intensity) for p in phases)
    return Programme(scaled, duration_s, min(fade_s, duration_s / 4), cap)
