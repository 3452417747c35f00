"""Opaque identifiers from an injected source of randomness."""

import base64
import os
from collections.abc import Callable
from typing import Final

RandomBytes = Callable[[int], bytes]
"""Returns the asked number of random bytes; `os.urandom` in a process, a seeded one in tests."""

ID_BYTES: Final = 15
"""120 bits: no collision to fear, and 24 base32 characters without padding."""

system_random: Final[RandomBytes] = os.urandom


def opaque_id(random_bytes: RandomBytes, prefix: str = "x") -> str:
    """Return an identifier such as `v-…`, valid as a resource id (AIP-122).

    `prefix` starts with a lower-case letter. The rest is 24 lower-case base32 characters, so the
    whole matches `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`.
    """
    body = base64.b32encode(random_bytes(ID_BYTES)).decode("ascii").lower()
    return f"{prefix}-{body}"
