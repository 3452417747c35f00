from pathlib import Path

from lucid_telemetry.documentation import render

DOCUMENT = Path(__file__).parents[3] / "docs" / "telemetry.md"


def test_the_document_is_what_the_names_say() -> None:
    """If this fails: python -m lucid_telemetry.documentation > docs/telemetry.md."""
    assert DOCUMENT.read_text("utf-8") == render()
