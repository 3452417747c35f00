"""A simulated user for demonstrations: arousal follows the delivered intensity.

The same engineering model that seeds declare [product model; rates per minute], integrated here
by small Euler steps. It stands for a wearable's estimate, not for a person.
"""

from dataclasses import dataclass

DECAY_PER_MIN = 0.2
GAIN_PER_MIN = 1.2
HABITUATION_WEIGHT_PER_MIN = 0.3
HABITUATION_RATE_PER_MIN = 0.1
STEP_MIN_MAX = 0.02


@dataclass
class SimulatedUser:
    """Arousal and habituation, both in [0, 1], at a session time in seconds."""

    arousal: float = 0.1
    habituation: float = 0.0
    time_s: float = 0.0

    def advance(self, to_time_s: float, intensity: float) -> None:
        """Move to a later session time under a constant intensity."""
        left_min = max(0.0, to_time_s - self.time_s) / 60
        while left_min > 0:
            step = min(STEP_MIN_MAX, left_min)
            a, h = self.arousal, self.habituation
            drive = GAIN_PER_MIN * (intensity - a) * (1 - a) if intensity > a else 0.0
            rate = drive - DECAY_PER_MIN * a - HABITUATION_WEIGHT_PER_MIN * h * a
            self.arousal = min(1.0, max(0.0, a + step * rate))
            self.habituation = min(1.0, max(0.0, h + step * HABITUATION_RATE_PER_MIN * (a - h)))
            left_min -= step
        self.time_s = max(self.time_s, to_time_s)
