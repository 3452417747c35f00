"""docs/certificates.md says what the service says of its certificate kinds, row by row."""

from pathlib import Path

from lucid_validation.readings import KINDS, obligations_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "certificates.md"


def rows() -> list[str]:
    found = []
    for name, kind in KINDS.items():
        parts = [entry.partition(": ") for entry in obligations_of(name)]
        obligations = "<br>".join(f"`{left}`: {right}" for left, _, right in parts)
        found.append(f"| `{name}` | {obligations} | {kind.theorem} | [{kind.citation}] |")
    return found


def test_the_page_lists_exactly_the_kinds_that_are_decided() -> None:
    listed = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert listed == rows()
