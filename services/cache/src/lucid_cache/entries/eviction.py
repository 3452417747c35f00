"""The memory tier: entries by key, the least recently used dropped when the bytes run out."""

from collections import OrderedDict
from collections.abc import Iterable

from lucid_cache.entries.entry import Entry
from lucid_cache.entries.tags import TagIndex


class Shelf:
    """A bounded map from key to entry, in order of use. Every operation is O(1) amortized."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._tags = TagIndex()
        self.bytes = 0
        self.evictions = 0
        self.expirations = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def get(self, key: str, now_s: float) -> Entry | None:
        """Return the entry, now the most recently used, unless its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.is_expired(now_s):
            self.remove([key])
            self.expirations += 1
            return None
        self._entries.move_to_end(key)
        return entry

    def put(self, entry: Entry) -> bool:
        """Keep an entry and return whether there is room for it at all.

        Others are dropped, the least recently used first, until all fit. An entry larger than the
        whole shelf would drop everything else and then itself: it is not kept, and an older one
        under its key is dropped, because it is no longer right.
        """
        self.remove([entry.key])
        if entry.size_bytes > self._bytes_max:
            return False
        self._entries[entry.key] = entry
        self._tags.assign(entry.key, entry.tags)
        self.bytes += entry.size_bytes
        while self.bytes > self._bytes_max:
            self.remove([next(iter(self._entries))])
            self.evictions += 1
        return True

    def remove(self, keys: Iterable[str]) -> set[str]:
        """Drop entries and return the keys that were there."""
        removed = set()
        for key in keys:
            entry = self._entries.pop(key, None)
            if entry is not None:
                self.bytes -= entry.size_bytes
                self._tags.remove(key)
                removed.add(key)
        return removed

    def keys_of(self, tags: Iterable[str]) -> set[str]:
        """Return the keys of the entries that carry at least one of the tags."""
        return self._tags.keys_of(tags)
