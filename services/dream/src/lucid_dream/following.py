"""Following a topic: every event once, in order, from where the follower left off."""

from collections.abc import AsyncIterator
from functools import partial

from lucid_dream.journal import Bell, events_after
from lucid_dream.store import Store

POLL_S = 2.0
"""Seconds between two looks for events of other processes; our own ring the bell."""

HEARTBEATS_EVERY = 5
"""A heartbeat after so many empty looks: 10 s."""


async def follow(
    store: Store, bell: Bell, topic: str, after: int
) -> AsyncIterator[tuple[int, bytes | None]]:
    """Yield (sequence, payload) of each event after `after`; payload None is a heartbeat."""
    listener = bell.listen(topic)
    empty = 0
    try:
        while True:
            found = await store.read(partial(events_after, topic=topic, sequence=after))
            for sequence, payload in found:
                after = sequence
                yield sequence, payload
            if found:
                empty = 0
                continue
            if await listener.wait(POLL_S):
                continue
            empty += 1
            if empty % HEARTBEATS_EVERY == 0:
                yield 0, None
    finally:
        listener.close()
