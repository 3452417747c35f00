"""What the portal refuses, as sentences: what was wrong, where, and what to do.

Each refusal carries `facts`, the dynamic parts of its sentence by name; the shell sends them as
the metadata of the error. Only the shell knows status codes.
"""


class Refusal(Exception):
    """A rule said no. `facts` holds every dynamic part of the sentence, as text."""

    def __init__(self, sentence: str, **facts: str) -> None:
        super().__init__(sentence)
        self.facts = facts


class FieldInvalid(Refusal):
    """A field of a request holds what the portal cannot accept; `field` is its path."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", field=field)
        self.field = field
        self.sentence = sentence


class SeedInvalid(Refusal):
    """A seed breaks a rule of its form, of its model or of the ethics policy."""

    def __init__(self, field: str, rule: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", field=field, rule=rule)
        self.field = field
        self.rule = rule


class VendorNotFound(Refusal):
    """No vendor of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no {name}; list the vendors to see their names.", name=name)


class VendorExists(Refusal):
    """The wanted vendor id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} exists already; choose another vendor_id.", name=name)


class VendorNotActive(Refusal):
    """A vendor that is suspended, gone or past its trial cannot do this."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            f"{name} is {state}; an operator can reinstate it or set a paid tier.",
            name=name,
            state=state,
        )


class ApiKeyNotFound(Refusal):
    """No key of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no {name}; list the vendor's keys.", name=name)


class TooManyLiveKeys(Refusal):
    """As many keys live as may; revoke one first."""

    def __init__(self, name: str, live: int, maximum: int) -> None:
        super().__init__(
            f"{name} has {live} live keys and may have {maximum}; revoke one first.",
            name=name,
            live=str(live),
            maximum=str(maximum),
        )


class SeedNotFound(Refusal):
    """No seed, or no such version, of this name."""

    def __init__(self, name: str, version: int = 0) -> None:
        which = f"version {version} of {name}" if version else name
        facts = {"version": str(version)} if version else {}
        super().__init__(
            f"There is no {which}; list the vendor's seeds to see their names.", name=name, **facts
        )


class SeedExists(Refusal):
    """The wanted seed id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} exists already; choose another seed_id.", name=name)


class SeedQuotaExceeded(Refusal):
    """The tier allows no more seeds."""

    def __init__(self, name: str, tier: str, maximum: int) -> None:
        super().__init__(
            f"{name} has the {maximum} seeds that the tier {tier} allows; "
            "revoke one or move to a larger tier.",
            name=name,
            tier=tier,
            maximum=str(maximum),
        )


class SeedStateForbids(Refusal):
    """The state does not allow the step."""

    def __init__(self, name: str, state: str, wanted: str, allowed: str) -> None:
        super().__init__(
            f"{name} is {state} and cannot become {wanted}; that is possible from {allowed}.",
            name=name,
            state=state,
            wanted=wanted,
            allowed=allowed,
        )


class SeedNotCertified(Refusal):
    """There is no proof of safety for exactly this version."""

    def __init__(self, name: str, version: int, status: str, missing: str) -> None:
        super().__init__(
            f"Version {version} of {name} has no proof that implies safety: {missing}.",
            name=name,
            version=str(version),
            status=status,
            missing=missing,
        )


class EtagMismatch(Refusal):
    """Somebody else changed the resource in between."""

    def __init__(self, name: str, etag: str) -> None:
        super().__init__(
            f"{name} was changed since it was read (its etag is {etag} now); "
            "read it again and repeat the change.",
            name=name,
            etag=etag,
        )


class UpdateMaskInvalid(Refusal):
    """The mask names a field that does not exist or that nobody may write."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} cannot be changed by an update; leave it out.", path=path)


class ReservationNotFound(Refusal):
    """The session holds another seed than the one to release."""

    def __init__(self, session: str, name: str, held: str) -> None:
        super().__init__(
            f"{session} has no reservation of {name}; it has one of {held}.",
            session=session,
            name=name,
            held=held,
        )


class EntryNotFound(Refusal):
    """No entry settles this event."""

    def __init__(self, event_id: str) -> None:
        super().__init__(
            f"No entry of this vendor settles event {event_id}; record it before reversing it.",
            event_id=event_id,
        )


class EventReused(Refusal):
    """The event was settled with other values before."""

    def __init__(self, event_id: str) -> None:
        super().__init__(
            f"Event {event_id} was settled with other values before; use a new event id.",
            event_id=event_id,
        )
