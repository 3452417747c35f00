"""What the portal refuses, as sentences: what was wrong, where, and what to do.

Each refusal carries `facts`, the dynamic parts of its sentence by name; the shell sends them as
the metadata of the error. Only the shell knows status codes.
"""


class Refusal(Exception):
    """A rule said no. `facts` holds every dynamic part of the sentence, as text."""

    def __init__(self, sentence: str, **facts: str) -> None:
        super().__init__(sentence)
        self.facts = facts


class InvalidArgument(Refusal):
    """A field holds something that the portal cannot accept; `field` is its path."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", field=field)
        self.field = field


class VendorNotFound(Refusal):
    """No vendor of this name."""

    def __init__(self, vendor: str) -> None:
        super().__init__(f"There is no {vendor}; list the vendors to see their names.", name=vendor)


class SeedNotFound(Refusal):
    """No seed of this name, or not of this vendor."""

    def __init__(self, seed: str) -> None:
        super().__init__(f"There is no {seed}; list the vendor's seeds to see names.", name=seed)


class ApiKeyNotFound(Refusal):
    """No key of this name."""

    def __init__(self, api_key: str) -> None:
        super().__init__(f"There is no {api_key}; list the vendor's keys.", name=api_key)


class EntryNotFound(Refusal):
    """No ledger entry of this name."""

    def __init__(self, entry: str) -> None:
        super().__init__(f"There is no {entry}; record an entry before reversing it.", name=entry)


class AlreadyExists(Refusal):
    """The chosen id is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} exists already; choose another id.", name=name)


class EtagMismatch(Refusal):
    """Somebody else changed the resource in between."""

    def __init__(self, name: str, current: str) -> None:
        super().__init__(
            f"{name} was changed since you read it (its etag is now {current}); "
            "read it again and repeat the change.",
            name=name,
            etag=current,
        )


class StateConflict(Refusal):
    """The resource is not in a state that allows the action."""

    def __init__(self, name: str, state: str, action: str, allowed: str) -> None:
        super().__init__(
            f"{name} is {state}, so it cannot be {action}; that is possible when it is {allowed}.",
            name=name,
            state=state,
            action=action,
            allowed=allowed,
        )


class VendorNotInGoodStanding(Refusal):
    """A vendor that is suspended, off-boarded or past its trial cannot do this."""

    def __init__(self, vendor: str, standing: str) -> None:
        super().__init__(
            f"{vendor} is {standing}; an operator can reinstate it or set a paid tier.",
            name=vendor,
            state=standing,
        )


class QuotaExceeded(Refusal):
    """The tier allows no more of this."""

    def __init__(self, vendor: str, what: str, limit: int) -> None:
        super().__init__(
            f"{vendor} already has {limit} {what}, which is all that its tier allows; "
            f"remove one or move to a larger tier.",
            name=vendor,
            quota=what,
            limit=str(limit),
        )


class NotProved(Refusal):
    """Publishing or serving needs a proof, and there is none for exactly this version."""

    def __init__(self, seed: str, missing: str) -> None:
        super().__init__(
            f"{seed} cannot be published: {missing}. Publishing needs a PROVED verdict that "
            "implies safety for exactly this version.",
            name=seed,
            missing=missing,
        )


class EthicsRefused(Refusal):
    """The ethics policy forbids this content outright."""

    def __init__(self, seed: str, rule: str, field: str, sentence: str) -> None:
        super().__init__(f"{seed}: {field}: {sentence}", name=seed, rule=rule, field=field)
        self.field = field


class SeedNotPublished(Refusal):
    """Only a published version can be reserved for a session."""

    def __init__(self, seed: str, version: int, state: str) -> None:
        super().__init__(
            f"Version {version} of {seed} is {state}; only a PUBLISHED version can be reserved.",
            name=seed,
            version=str(version),
            state=state,
        )


class ReservationConflict(Refusal):
    """The session has this step for another seed, or has released it for good."""

    def __init__(self, session: str, sentence: str) -> None:
        super().__init__(f"{session} {sentence}", session=session)


class LedgerConflict(Refusal):
    """The event id was used for another booking."""

    def __init__(self, event_id: str, sentence: str) -> None:
        super().__init__(f"Event {event_id} {sentence}", event_id=event_id)


class ValidationUnavailable(Refusal):
    """The validation service does not answer now; the seed waits."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"Validation does not answer now ({detail}); the seed stays VALIDATING and the check "
            "is resumed by itself.",
            detail=detail,
        )
