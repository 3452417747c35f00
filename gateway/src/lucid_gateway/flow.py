"""Backpressure for streams, which granian does not give.

`send_bytes` of granian 2.8 returns at once and queues without a limit, so a client that does not
read would fill memory: 20 000 events of 50 kB took 690 MB within seconds. Here the kernel is asked
how many bytes of the connection it still holds; above a limit the stream waits, its service is
not read, and gRPC's own flow control reaches back to the source. A client that reads nothing for
`STALLED_S` is dropped. Streams that send little never pay: the first question comes after
`ASK_EVERY_BYTES`.
"""

import asyncio
import fcntl
import os
import socket
import struct
import termios
from pathlib import Path
from typing import Final

ASK_EVERY_BYTES: Final = 64 * 1024
HELD_BYTES_MAX: Final = 256 * 1024
POLL_S: Final = 0.02
STALLED_S: Final = 60.0

_FDS: Final = Path("/proc/self/fd")


class ClientStalled(ConnectionError):
    """The client has not read for `STALLED_S`."""


class Backpressure:
    """Watches one connection; `client` is its peer as granian writes it, `host:port`.

    On a system without /proc the connection is not found and nothing waits.
    """

    def __init__(self, client: str) -> None:
        self._client = client
        self._unasked = 0
        self._socket: socket.socket | None = None
        self._is_searched = False

    async def sent(self, size: int) -> None:
        """Count bytes that were handed over; wait while the kernel holds too many of them.

        Raises:
            ClientStalled: the client does not read.
        """
        self._unasked += size
        if self._unasked < ASK_EVERY_BYTES:
            return
        self._unasked = 0
        waited_s = 0.0
        before = self._held()
        while before > HELD_BYTES_MAX:
            await asyncio.sleep(POLL_S)  # the kernel tells nobody when a queue shrinks
            held = self._held()
            waited_s = 0.0 if held < before else waited_s + POLL_S
            before = held
            if waited_s > STALLED_S:
                raise ClientStalled

    def close(self) -> None:
        """Let go of the connection, which otherwise would stay open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _held(self) -> int:
        if not self._is_searched:
            self._is_searched = True
            self._socket = _connection_to(self._client)
        if self._socket is None:
            return 0
        answer = fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0\0\0\0")
        return int(struct.unpack("i", answer)[0])


def _connection_to(client: str) -> socket.socket | None:
    """Return a second handle on this process's connection to a peer, or None."""
    host, _, port = client.rpartition(":")
    wanted = (host.strip("[]"), int(port)) if port.isdigit() else None
    if wanted is None or not _FDS.exists():
        return None
    for name in _FDS.iterdir():
        try:
            own = socket.socket(fileno=os.dup(int(name.name)))
        except OSError:  # closed meanwhile, or no socket
            continue
        try:
            if own.getpeername()[:2] == wanted:
                return own
        except (OSError, IndexError):
            pass
        own.close()
    return None
