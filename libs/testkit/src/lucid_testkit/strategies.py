"""Hypothesis strategies for what the API is made of."""

from typing import Final

from hypothesis import strategies as st

UUIDS: Final = st.uuids(version=4).map(str)
"""Request ids."""

RESOURCE_IDS: Final = st.from_regex(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
"""Ids that a user may choose. [AIP122]."""

TEXTS: Final = st.text(st.characters(codec="utf-8"), max_size=200)
"""Any text that a message can carry."""

METADATA: Final = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True), TEXTS, max_size=8
)
"""Metadata of an error."""

REASONS: Final = st.from_regex(r"[A-Z][A-Z0-9_]{1,61}[A-Z0-9]", fullmatch=True)
"""Reasons of errors. [AIP193]."""
