"""What can be wrong with codes, circuits, syndromes and questions about them, as sentences."""


class CorrectionRefused(Exception):
    """A question about error correction that cannot be answered; the parent of all here."""

    def __init__(self, sentence: str, *, field: str, **facts: object) -> None:
        super().__init__(sentence)
        self.field = field
        self.metadata = {key: _text(value) for key, value in facts.items()}


class CodeUnknown(CorrectionRefused):
    """No code has this name."""


class CircuitInvalid(CorrectionRefused):
    """A circuit or detector error model that cannot be read, or that decides nothing."""


class CombinationUnsupported(CorrectionRefused):
    """A noise model, decoder or method that does not apply to this code or model."""


class SyndromesMalformed(CorrectionRefused):
    """Packed syndromes whose length or padding does not match what was announced."""


class ParameterOutOfRange(CorrectionRefused):
    """A probability, number of rounds or stopping rule outside of its range."""


class CorrectionTooLarge(CorrectionRefused):
    """A model or an answer that is over a named limit."""


def _text(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
