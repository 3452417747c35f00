from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_vendor.vendors.content import Audience, Offer, Triggers
from lucid_vendor.vendors.ethics import (
    AGE_MIN,
    PRESSURE_PHRASES,
    STRESS_MAX,
    Severity,
    review_content,
)


def rules(content):
    return {(finding.rule, finding.severity) for finding in review_content(content)}


def test_honest_content_breaks_no_rule(content_of):
    assert review_content(content_of()) == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"disclosure": " "}, "DISCLOSURE_REQUIRED"),
        ({"audience": Audience(age_min=17)}, "ADULTS_ONLY"),
        ({"audience": Audience(vulnerable_groups=("bereaved",))}, "VULNERABLE_GROUPS"),
        ({"triggers": Triggers(stress=0.31)}, "STRESS_LIMIT"),
    ],
)
def test_what_is_forbidden_is_forbidden_with_a_reason(content_of, change, rule):
    findings = review_content(content_of(**change))
    assert [(f.rule, f.severity) for f in findings] == [(rule, Severity.FORBIDDEN)]
    assert findings[0].reason
    assert findings[0].field.startswith("seed.")


@pytest.mark.parametrize("phrase", PRESSURE_PHRASES)
def test_pressure_asks_a_person_wherever_it_stands(content_of, phrase):
    content = content_of(offer=Offer("Tea", f"{phrase.upper()} at the quay", 100, "EUR"))
    assert rules(content) == {("PRESSURE_PHRASE", Severity.NEEDS_REVIEW)}


def test_a_typographic_apostrophe_hides_no_pressure(content_of):
    assert rules(content_of(narrative="Don\u2019t miss the ferry"))


def test_an_unnamed_product_asks_a_person(content_of):
    assert rules(content_of(offer=Offer())) == {("PRODUCT_UNNAMED", Severity.NEEDS_REVIEW)}


def test_every_limit_is_inclusive(content_of):
    content = content_of(triggers=Triggers(stress=STRESS_MAX), audience=Audience(age_min=AGE_MIN))
    assert review_content(content) == ()


@given(st.integers(0, 17))
def test_no_order_of_rules_lets_a_minor_through(age):
    from lucid_vendor.vendors.content import Content, Phase, SeedType, SessionType
    from lucid_vendor.vendors.ethics import POLICY
    from lucid_vendor.vendors.model import Model

    content = Content(
        "t",
        "n",
        SeedType.REMINDER,
        (SessionType.FREE,),
        (Phase("p", 1.0, "0"),),
        Model("{}"),
        "0.8",
        600.0,
        "ad",
    )
    content = replace(content, audience=Audience(age_min=age))
    found = [finding for rule in reversed(POLICY) for finding in rule(content)]
    assert any(finding.severity is Severity.FORBIDDEN for finding in found)
