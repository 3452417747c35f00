"""Resource names such as `vendors/{vendor}/seeds/{seed}`, parsed and printed ([AIP122])."""

import re
from collections.abc import Mapping
from typing import Final

from lucid_rpc.rejections import ResourceNameInvalid

ID_PATTERN: Final = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
"""An id that a user may choose."""

HASH_PATTERN: Final = r"[0-9a-f]{64}"
"""An id that is the SHA-256 of its content."""

NAME_CHARACTERS_MAX: Final = 512


class ResourceName:
    """The form of the names of one collection.

    Args:
        pattern: collections and `{variables}` in turn, as in `vendors/{vendor}/seeds/{seed}`.
        ids: regular expressions of variables whose ids are not of the usual form.
    """

    def __init__(self, pattern: str, ids: Mapping[str, str] | None = None) -> None:
        self.pattern = pattern
        segments = []
        for segment in pattern.split("/"):
            variable = segment.removeprefix("{").removesuffix("}")
            if variable == segment:
                segments.append(re.escape(segment))
            else:
                segments.append(f"(?P<{variable}>{(ids or {}).get(variable, ID_PATTERN)})")
        self._matches = re.compile("/".join(segments))

    def parse(self, name: str, field: str = "name") -> dict[str, str]:
        """Return variable → id; raises `ResourceNameInvalid` about `field`."""
        found = self._matches.fullmatch(name) if len(name) <= NAME_CHARACTERS_MAX else None
        if found is None:
            raise ResourceNameInvalid(field, name[:NAME_CHARACTERS_MAX], self.pattern)
        return found.groupdict()

    def format(self, **ids: str) -> str:
        """Return the name for these ids; raises `ResourceNameInvalid` for a bad id."""
        name = self.pattern.format(**ids)
        self.parse(name)
        return name
