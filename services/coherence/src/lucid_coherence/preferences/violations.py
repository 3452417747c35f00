"""What can be wrong with seed features and with feedback, each as a sentence with its facts."""


class PreferenceRefused(Exception):
    """A question about preferences that cannot be answered; the parent of all in this module."""

    def __init__(self, sentence: str, *, field: str, **facts: object) -> None:
        super().__init__(sentence)
        self.field = field
        self.metadata = {key: _text(value) for key, value in facts.items()}


class SeedFeatureInvalid(PreferenceRefused):
    """A seed's direction is no unit vector of the feature space, or its name is not its own."""


class FeedbackImpossible(PreferenceRefused):
    """The state gives this feedback no probability: there is nothing that could be normalised."""


class PreferenceTooLarge(PreferenceRefused):
    """A request is over a named limit."""


def _text(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
