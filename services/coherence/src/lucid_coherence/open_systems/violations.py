"""What can be wrong with open systems and with questions about them, each as a sentence."""


class EvolutionRefused(Exception):
    """A question about an open system that cannot be answered; the parent of all here."""

    def __init__(self, sentence: str, *, field: str, **facts: object) -> None:
        super().__init__(sentence)
        self.field = field
        self.metadata = {key: _text(value) for key, value in facts.items()}


class NumberUnreadable(EvolutionRefused):
    """A text is not an exact decimal or fraction within its range."""


class RatesUnphysical(EvolutionRefused):
    """T2 > 2 T1, a negative rate or an empty interval: such an evolution leaves the states."""


class ModelUnsupported(EvolutionRefused):
    """No method here evolves or certifies this model."""


class OperatorMalformed(EvolutionRefused):
    """An operator's bytes do not match the dimensions, or it is not Hermitian where it must be."""


class TimesNotRising(EvolutionRefused):
    """Output times that are negative, not finite or not rising."""


class OutputTooLarge(EvolutionRefused):
    """The evolved states would pass a named limit."""


class WorkTooLarge(EvolutionRefused):
    """The evolution would take longer than one call may."""


class AccuracyNotReached(EvolutionRefused):
    """The error bound at the last time is too large for the result to mean anything."""


class ThresholdNotBelowStart(EvolutionRefused):
    """The initial coherence does not exceed the threshold, so that no horizon exists."""


class DegreeExhausted(EvolutionRefused):
    """No polynomial within the degree limit comes as close to the exact horizon as was asked."""


def _text(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
