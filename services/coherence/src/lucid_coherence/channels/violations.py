"""What can be wrong with channels and with questions about them, each a sentence with its size."""


class ChannelRefused(Exception):
    """A question about channels that cannot be answered; the parent of all in this module."""

    def __init__(self, sentence: str, *, field: str, **facts: object) -> None:
        super().__init__(sentence)
        self.field = field
        self.metadata = {key: _text(value) for key, value in facts.items()}


class ChannelMalformed(ChannelRefused):
    """The numbers of a channel do not match its dimensions, or are not finite or far too large."""


class ChannelTooLarge(ChannelRefused):
    """A channel is over a named limit."""


class FormUndefined(ChannelRefused):
    """A form that does not exist for this system, such as a Pauli transfer matrix of a qutrit."""


class ChannelUnphysical(ChannelRefused):
    """A map is not completely positive or not trace preserving where a channel is needed."""


class StrengthOutOfRange(ChannelRefused):
    """A parameter of a noise model is outside the range in which the model is a channel."""


class RelaxationUnphysical(ChannelRefused):
    """T2 > 2 T1, or a time that is not positive: no channel relaxes so."""


class SolverMissing(ChannelRefused):
    """The optional package that a distance needs is not installed here."""


def _text(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
