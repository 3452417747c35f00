"""What is asked of a system of one or two qubits: how long does C_l1 stay at or above theta?"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lucid_coherence.open_systems.certificates.exact_generator import ExactArray, ExactGenerator
from lucid_coherence.open_systems.certificates.witness import Pairs
from lucid_coherence.open_systems.violations import NumberUnreadable, ThresholdNotBelowStart


@dataclass(frozen=True, slots=True)
class TubeQuestion:
    """How long does C_l1 stay at or above `theta` from every start within `radius` of `start`?

    generator: exact, in 1/s.
    start: (N,) fractions, Tr(P_i ρ) at t = 0; the trace counts as exactly 1.
    radius: Euclidean in these coordinates, that is √d times the Frobenius distance.
    theta: threshold, in (0, d − 1).

    Raises:
        NumberUnreadable: theta or radius out of range.
        ThresholdNotBelowStart: a bound of the coherence of all starts, exact at radius 0, is not
            above theta.
    """

    generator: ExactGenerator
    start: ExactArray
    radius: Fraction
    theta: Fraction

    def __post_init__(self) -> None:
        most = 2**self.generator.qubits - 1
        if not 0 < self.theta < most:
            raise NumberUnreadable(
                f"theta is {float(self.theta):.6g}; C_l1 of this system lies between 0 and {most}.",
                field="theta",
                value=self.theta,
            )
        if not 0 <= self.radius <= 1:
            raise NumberUnreadable(
                f"The radius is {float(self.radius):.6g}; it lies in [0, 1].",
                field="start_radius",
                value=self.radius,
            )
        value, gradient = Pairs.of(self.generator.qubits).coherence(self.start.astype(np.float64))
        least = value - float(self.radius) * float(np.linalg.norm(gradient))
        if least <= float(self.theta):
            raise ThresholdNotBelowStart(
                f"theta is {float(self.theta):.6g}; the coherence starts at {least:.6g} or above; "
                "that must exceed theta.",
                field="theta",
                theta=self.theta,
                initial_coherence=f"{least:.12g}",
            )
