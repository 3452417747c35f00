"""What the carriers and their certification refuse, as sentences with their facts."""

from collections.abc import Mapping


class CarrierRefused(Exception):
    """A request about a carrier that cannot be met; the parent of all in this module."""

    def __init__(self, sentence: str, facts: Mapping[str, str]) -> None:
        super().__init__(sentence)
        self.metadata = dict(facts)


class CarrierNotFound(CarrierRefused):
    """No carrier has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no carrier {name}.", {"name": name})


class CarrierAlreadyExists(CarrierRefused):
    """The wanted id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The carrier {name} exists already.", {"name": name})


class CarrierDiscarded(CarrierRefused):
    """The carrier was discarded and has no state any more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The carrier {name} was discarded.", {"name": name})


class CheckpointNotFound(CarrierRefused):
    """No checkpoint has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no checkpoint {name}.", {"name": name})


class HorizonTooShort(CarrierRefused):
    """The horizon that can be certified is shorter than the caller needs."""

    def __init__(self, horizon_s: str, needed_s: str) -> None:
        super().__init__(
            f"The horizon {horizon_s} s is shorter than the needed {needed_s} s.",
            {"horizon_s": horizon_s, "needed_s": needed_s},
        )


class HorizonNotCertified(CarrierRefused):
    """Validation answered, and did not prove the horizon."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(
            f"Validation did not prove the horizon: {status}. {reason}".strip(), {"status": status}
        )


class ValidationUnavailable(CarrierRefused):
    """Validation cannot be reached or does not answer in time."""

    def __init__(self) -> None:
        super().__init__("Validation cannot be reached; nothing was certified.", {})
