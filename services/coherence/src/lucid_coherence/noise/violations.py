"""What can be wrong with measured data and with questions about them, each as a sentence."""


class NoiseRefused(Exception):
    """A question about noise that cannot be answered; the parent of all in this module."""

    def __init__(self, sentence: str, *, field: str, **facts: object) -> None:
        super().__init__(sentence)
        self.field = field
        self.metadata = {key: _text(value) for key, value in facts.items()}


class DataMalformed(NoiseRefused):
    """Data that contradict themselves: lengths, counts over shots, equal scales."""


class DataTooLarge(NoiseRefused):
    """The data are over a named limit."""


class NotIdentified(NoiseRefused):
    """The data are well formed and cannot tell the wanted quantity; `cause` says which way."""


def _text(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
