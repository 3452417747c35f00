"""Which keys carry which tags, in both directions."""

from collections.abc import Iterable


class TagIndex:
    """A many-to-many relation of keys and tags; nothing remains of a key that was removed."""

    def __init__(self) -> None:
        self._keys_by_tag: dict[str, set[str]] = {}
        self._tags_by_key: dict[str, frozenset[str]] = {}

    def assign(self, key: str, tags: frozenset[str]) -> None:
        """Let `key` carry exactly `tags`."""
        self.remove(key)
        if not tags:
            return
        self._tags_by_key[key] = tags
        for tag in tags:
            self._keys_by_tag.setdefault(tag, set()).add(key)

    def remove(self, key: str) -> None:
        """Forget a key; an unknown one is no error."""
        for tag in self._tags_by_key.pop(key, ()):
            keys = self._keys_by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._keys_by_tag[tag]

    def keys_of(self, tags: Iterable[str]) -> set[str]:
        """Return the keys that carry at least one of the tags."""
        return set().union(*(self._keys_by_tag.get(tag, ()) for tag in tags))
