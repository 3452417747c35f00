"""Free loopback ports below the range that the system hands to clients."""

import random
import socket
from typing import Final

from lucid_runtime.addresses import LOOPBACK, Address

LOWEST: Final = 15_000
HIGHEST: Final = 32_000
_TRIES: Final = 200


def free_address() -> Address:
    """Return a loopback address on which nobody listens now."""
    chance = random.SystemRandom()
    for _ in range(_TRIES):
        port = chance.randrange(LOWEST, HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return Address(LOOPBACK, port)
    message = f"no free port found between {LOWEST} and {HIGHEST}"
    raise RuntimeError(message)
