"""A bell that wakes everybody who waits for news in this process."""

import asyncio


class Bell:
    """Rings for all who wait; what happened is read from the store, never from the bell."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait now."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def listen(self) -> asyncio.Event:
        """Return the event that the next ring sets. Take it before looking for news."""
        return self._next


async def rings_within(event: asyncio.Event, seconds: float) -> bool:
    """Return whether a ring came within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
