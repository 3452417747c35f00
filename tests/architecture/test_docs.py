"""What the documents promise about themselves."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DECISIONS = sorted((REPOSITORY / "docs" / "decisions").glob("[0-9]*.md"))
CITATION = re.compile(r"\[([A-Z][A-Za-z]+(?:19|20)\d\d[a-z]?)(?:, [^\]]+)?\]")
PAGES = sorted(
    p for p in REPOSITORY.glob("**/*.md") if not {".venv", ".tools", "node_modules"} & set(p.parts)
)


def test_every_citation_is_in_the_bibliography() -> None:
    known = set(
        re.findall(
            r"^@\w+\{([^,]+),", (REPOSITORY / "docs/references.bib").read_text(), re.MULTILINE
        )
    )
    members = ("libs", "services", "gateway", "checker", "cli")
    sources = [p for m in members for p in (REPOSITORY / m).glob("**/src/**/*.py")]
    cited = {key for path in sources for key in CITATION.findall(path.read_text())}
    assert cited
    assert not cited - known


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_decision_has_its_four_parts_on_one_page(path: Path) -> None:
    text = path.read_text()
    for part in ("## Context", "## Decision", "## Consequences", "## What would change our mind"):
        assert part in text
    assert len(text.splitlines()) <= 80


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.stem[:4]) for path in DECISIONS]
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text()):
        assert (path.parent / target).exists(), target
