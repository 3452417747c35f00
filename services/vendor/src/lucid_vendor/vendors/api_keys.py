"""API keys: 256 bits of secret that are shown once and stored only as a keyed hash.

Two live keys at a time make rotation possible without an outage: create the new one, move over,
revoke the old one. `lk_` lets secret scanners find a leaked key.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime

from lucid_vendor.vendors.refusals import FieldInvalid, TooManyLiveKeys

LIVE_KEYS_MAX = 2
SECRET_BYTES = 32
PEPPER_BYTES_MIN = 32

_KEY = re.compile(r"lk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as stored: never the secret, only HMAC-SHA256(pepper, secret)."""

    vendor_id: str
    key_id: str
    digest: bytes
    display_name: str
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        return f"vendors/{self.vendor_id}/apiKeys/{self.key_id}"

    @property
    def is_live(self) -> bool:
        """Whether requests signed in with this key are accepted."""
        return self.revoked_at is None


def key_text(key_id: str, secret: bytes) -> str:
    """Return what the vendor keeps: `lk_<id>_<secret>`; `secret` has 32 random bytes."""
    encoded = base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")
    return f"lk_{key_id}_{encoded}"


def secret_digest(pepper: bytes, secret: bytes) -> bytes:
    """Return the 32 bytes that are stored for a secret."""
    return hmac.new(pepper, secret, hashlib.sha256).digest()


def issue_key(
    live: list[ApiKey],
    *,
    vendor_id: str,
    key_id: str,
    digest: bytes,
    display_name: str,
    now: datetime,
) -> ApiKey:
    """Return a new key beside the live ones.

    Raises:
        TooManyLiveKeys: when two keys are live already.
    """
    count = sum(key.is_live for key in live)
    if count >= LIVE_KEYS_MAX:
        raise TooManyLiveKeys(f"vendors/{vendor_id}", count, LIVE_KEYS_MAX)
    return ApiKey(vendor_id, key_id, digest, display_name, now)


def revoke_key(key: ApiKey, now: datetime) -> ApiKey:
    """Return the revoked key; revoking twice keeps the first time."""
    return key if key.revoked_at is not None else replace(key, revoked_at=now)


def parse_key(text: str) -> tuple[str, bytes]:
    """Split a presented key into its id and its secret bytes.

    Raises:
        FieldInvalid: when it does not have the form of a key. The text is not repeated.
    """
    match = _KEY.fullmatch(text)
    if match is None:
        raise FieldInvalid("api_key", "must have the form lk_<id>_<secret>.")
    return match.group(1), base64.urlsafe_b64decode(match.group(2) + "=")


def is_presented_key(key: ApiKey, secret: bytes, pepper: bytes) -> bool:
    """Whether the secret opens this key; takes the same time whatever the answer."""
    return hmac.compare_digest(key.digest, secret_digest(pepper, secret)) and key.is_live
