"""Builders shared by the tests of the vendor portal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from lucid_testkit.databases import database_url, postgres_url, sqlite_url
from lucid_vendor.vendors.content import (
    Carrier,
    Content,
    Offer,
    Phase,
    SeedType,
    SessionType,
)
from lucid_vendor.vendors.model import Document, parse_model

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
DOMAINS = ("example.com",)


def arousal_problem(target: str = "0.55") -> Document:
    """The modelled arousal `a` and habituation `h` of a programme with one target."""
    boxes = [("la", "0.1", "0.3"), ("g", "0.8", "1.2"), ("d", "-0.05", "0.05")]
    states = ["0 <= a", "a <= 1", "0 <= h", "h <= 1"]
    limits = [f"{low} <= {name}" for name, low, _ in boxes]
    limits += [f"{name} <= {high}" for name, _, high in boxes]
    return {
        "kind": "continuous",
        "vars": ["a", "h", "la", "g", "d"],
        "parameters": ["la", "g", "d"],
        "dynamics": {
            "a": f"-la*a + g*1.2*({target} - a)*(1 - a) - 0.3*h*a + d",
            "h": "0.1*(a - h)",
            "la": "0",
            "g": "0",
            "d": "0",
        },
        "domain": states + limits,
        "init": {"and": ["0 <= a", "a <= 0.3", "0 <= h", "h <= 0.3", *limits]},
        "unsafe": "a >= cap",
        "certificate": {"type": "barrier", "expr": "a**2 + h**2/4 - (0.99*cap)**2"},
        "flow_condition": "boundary_strict",
    }


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def domains() -> tuple[str, ...]:
    return DOMAINS


@pytest.fixture
def problem_of() -> Callable[..., Document]:
    return arousal_problem


@pytest.fixture
def content_of() -> Callable[..., Content]:
    def build(**changes: Any) -> Content:
        content = Content(
            title="Harbour at dusk",
            narrative="You stand at a quiet harbour; the lamps are lit one after another.",
            seed_type=SeedType.NARRATIVE,
            session_types=(SessionType.GUIDED,),
            phases=(Phase("settle", 600.0, 0.3), Phase("drift", 1800.0, 0.55)),
            model=parse_model(arousal_problem()),
            intensity_cap="0.8",
            disclosure="Advertisement by Harbour Tea",
            offer=Offer("Evening tea", 1290, "EUR", "https://example.com/tea"),
            carrier=Carrier("{}", "0.5", "1"),
        )
        return replace(content, **changes)

    return build


__all__ = ["database_url", "postgres_url", "sqlite_url"]
