"""What the dream service refuses, each as a sentence. `errors` says how each is answered."""


class Refused(Exception):
    """A request that breaks a rule of this service."""


class UserNotFound(Refused):
    """No user has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no user has the name {name}")
        self.name = name


class UserAlreadyExists(Refused):
    """The wanted id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name} is taken")
        self.name = name


class UserNotAdult(Refused):
    """Sessions are for adults."""

    def __init__(self, age_min: int) -> None:
        super().__init__(f"sessions are for people of at least {age_min} years")
        self.age_min = age_min


class DateOfBirthInvalid(Refused):
    """The date of birth is not a date, or not a plausible one."""

    def __init__(self) -> None:
        super().__init__("the date of birth must be a date in the past, as YYYY-MM-DD")
        self.field = "user.date_of_birth"


class TimeZoneUnknown(Refused):
    """No such time zone."""

    def __init__(self, time_zone: str) -> None:
        super().__init__(f"there is no time zone {time_zone!r}")
        self.time_zone = time_zone


class CapNotUsable(Refused):
    """A cap is not an exact decimal above 0, at most 1."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field} must be an exact decimal above 0 and at most 1, got {value!r}")
        self.field = field
        self.value = value


class ConsentNotFound(Refused):
    """No consent has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no consent has the name {name}")
        self.name = name


class SessionNotFound(Refused):
    """No session has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no session has the name {name}")
        self.name = name


class SessionAlreadyExists(Refused):
    """The wanted id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name} is taken")
        self.name = name


class SessionAlreadyRunning(Refused):
    """The user has a session that has not ended."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the user already has the session {name}, which has not ended")
        self.name = name


class SessionStateForbids(Refused):
    """The session's state does not allow this."""

    def __init__(self, state: str, wanted: str) -> None:
        super().__init__(f"a session in the state {state} cannot become {wanted}")
        self.state = state
        self.wanted = wanted


class TelemetryNotUsable(Refused):
    """A stream must name its session first, and the same session ever after."""
