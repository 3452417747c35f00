"""What can be wrong with states and with questions about them, each as a sentence with its size."""


class StatesRefused(Exception):
    """A question about states that cannot be answered; the parent of all in this module."""

    def __init__(self, sentence: str, *, field: str, **facts: object) -> None:
        super().__init__(sentence)
        self.field = field
        self.metadata = {key: _text(value) for key, value in facts.items()}


class BatchMalformed(StatesRefused):
    """The description of a batch contradicts itself or its data."""


class BatchTooLarge(StatesRefused):
    """A batch is over a named limit."""


class StateUnphysical(StatesRefused):
    """A state fails a check where a physical state is needed."""


class ToleranceOutOfRange(StatesRefused):
    """A tolerance is outside the range in which results keep their meaning."""


class MeasureUndefined(StatesRefused):
    """A measure is not defined for this system."""


class RenyiOrderInvalid(StatesRefused):
    """An order for which there is no Rényi entropy."""


class CutInvalid(StatesRefused):
    """A bipartition that does not split the system into two parts."""


class ProjectionTooFar(StatesRefused):
    """The nearest physical state is further away than the caller accepts."""


def _text(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
