from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_vendor.vendors.content import Content, Offer, Phase, SeedType, SessionType
from lucid_vendor.vendors.ethics import (
    POLICY,
    PRESSURE_PHRASES,
    Severity,
    require_permitted,
    review_content,
)
from lucid_vendor.vendors.model import Model
from lucid_vendor.vendors.refusals import SeedInvalid


def test_honest_content_breaks_no_rule(content_of, domains):
    assert require_permitted(content_of(), domains) == ()


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        ({"disclosure": " "}, "DISCLOSURE_REQUIRED", "seed.disclosure"),
        ({"min_age": 17}, "ADULTS_ONLY", "seed.min_age"),
        (
            {"offer": Offer("Tea", 1, "EUR", "https://example.org/tea")},
            "OFFER_DOMAIN_NOT_OWN",
            "seed.offer.url",
        ),
    ],
)
def test_what_is_forbidden_is_refused_with_its_field_and_rule(
    content_of, domains, change, rule, field
):
    with pytest.raises(SeedInvalid) as refused:
        require_permitted(content_of(**change), domains)
    assert (refused.value.rule, refused.value.field) == (rule, field)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/tea",
        "https://example.com.evil.org/",
        "https://evilexample.com",
        "https://example.com@evil.org/",
        "https://evil.org#example.com",
        "https://evil.org?.example.com",
        "https://example.com:8443/",
        "javascript:alert(1)",
    ],
)
def test_no_spelling_of_a_foreign_address_passes_as_the_vendors_own(content_of, domains, url):
    findings = review_content(content_of(offer=Offer("Tea", 1, "EUR", url)), domains)
    assert [finding.rule for finding in findings] == ["OFFER_DOMAIN_NOT_OWN"]


@pytest.mark.parametrize("url", ["", "https://example.com", "https://shop.example.com/tea?x=1"])
def test_the_vendors_own_addresses_pass(content_of, domains, url):
    assert review_content(content_of(offer=Offer("Tea", 1, "EUR", url)), domains) == ()


@pytest.mark.parametrize("phrase", PRESSURE_PHRASES)
@pytest.mark.parametrize("where", ["title", "narrative", "cue"])
def test_pressure_asks_a_person_wherever_it_stands(content_of, domains, phrase, where):
    text = f"The quay.  {phrase.upper().replace(' ', chr(10))} says the sign"
    change = {where: text} if where != "cue" else {"phases": (Phase("p", 60.0, 0.3, text),)}
    findings = require_permitted(content_of(**change), domains)
    assert [(f.rule, f.severity) for f in findings] == [("PRESSURE_PHRASE", Severity.NEEDS_REVIEW)]


def test_a_typographic_apostrophe_hides_no_pressure(content_of, domains):
    assert review_content(content_of(narrative="Don\u2019t miss the ferry"), domains)


def test_a_product_experience_without_an_offer_asks_a_person(content_of, domains):
    content = content_of(seed_type=SeedType.PRODUCT, offer=None)
    assert [f.rule for f in require_permitted(content, domains)] == ["PRODUCT_WITHOUT_OFFER"]


@given(st.integers(0, 17), st.permutations(POLICY))
def test_no_order_of_rules_lets_a_minor_through(age, rules):
    content = Content(
        "t",
        "n",
        SeedType.VISUAL,
        (SessionType.FREE,),
        (Phase("p", 1.0, 0.1),),
        Model("{}"),
        "0.8",
        "ad",
    )
    content = replace(content, min_age=age)
    found = [finding for rule in rules for finding in rule(content, ())]
    assert any(finding.severity is Severity.FORBIDDEN for finding in found)
