"""A cached value, its fingerprint, and how much room it takes."""

import hashlib
from dataclasses import dataclass
from enum import Enum

OVERHEAD_BYTES = 256
"""What an entry costs beside its texts and its value: objects, index rows. An estimate."""


class EntryTooLarge(Exception):
    """The value has more bytes than the cache takes."""

    def __init__(self, value_bytes: int, bytes_max: int) -> None:
        super().__init__(f"The value has {value_bytes} bytes; the limit is {bytes_max}.")
        self.value_bytes = value_bytes
        self.bytes_max = bytes_max


class EntryClass(Enum):
    """How long an entry lives."""

    IMMUTABLE = "immutable"
    """Named by its content: right for ever, dropped only for space."""

    TTL = "ttl"
    """Right for a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An opaque value with the SHA-256 that it must have to be served."""

    key: str
    value: bytes
    value_sha256: bytes
    """32 bytes."""

    entry_class: EntryClass
    tags: frozenset[str]
    schema: str
    """Fingerprint of the value's schema; empty means that the writer named none."""

    cost_s: float
    """What it cost to compute; every hit saves as much."""

    created_at_s: float
    """Unix time, s."""

    expires_at_s: float | None
    """Unix time, s; None: never."""

    @property
    def size_bytes(self) -> int:
        """The room that it takes in a tier."""
        texts = len(self.key) + len(self.schema) + sum(map(len, self.tags))
        return len(self.value) + texts + OVERHEAD_BYTES

    @property
    def is_sound(self) -> bool:
        """Whether the value is the one that was stored."""
        return fingerprint(self.value) == self.value_sha256

    def is_expired(self, now_s: float) -> bool:
        """Whether its time is over at the unix time `now_s`."""
        return self.expires_at_s is not None and now_s >= self.expires_at_s

    def is_readable_as(self, schema: str) -> bool:
        """Whether a reader of `schema` may see it; an empty schema reads anything."""
        return not schema or schema == self.schema


def fingerprint(value: bytes) -> bytes:
    """Return the SHA-256 of a value."""
    return hashlib.sha256(value).digest()


def require_size(value: bytes, bytes_max: int) -> None:
    """Refuse a value of more than `bytes_max` bytes.

    Raises:
        EntryTooLarge: It has more.
    """
    if len(value) > bytes_max:
        raise EntryTooLarge(len(value), bytes_max)
