import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lucid_vendor.vendors.content import Carrier, Phase, SessionType, check_content
from lucid_vendor.vendors.documents import (
    content_from_document,
    content_to_document,
    findings_from_document,
    findings_to_document,
    verdict_from_document,
    verdict_to_document,
)
from lucid_vendor.vendors.ethics import Finding, Severity
from lucid_vendor.vendors.refusals import SeedInvalid
from lucid_vendor.vendors.verdict import Counterexample, VerdictRecord, VerdictStatus


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        ({"intensity_cap": "1.5"}, "DECIMAL_IN_UNIT_INTERVAL", "seed.intensity_cap"),
        ({"session_types": (SessionType.FREE,) * 2}, "REPEATED", "seed.session_types"),
        ({"phases": (Phase("p", 0.0, 0.3),)}, "DURATION", "seed.phases[0].duration"),
        ({"phases": (Phase("p", 3601.0, 0.3),) * 2}, "PROGRAMME_TOO_LONG", "seed.phases"),
        (
            {"carrier": Carrier("{}", "0.9", "0.8")},
            "THETA_ABOVE_START",
            "seed.carrier.theta",
        ),
        (
            {"carrier": Carrier("{}", "half", "0.8")},
            "DECIMAL_IN_UNIT_INTERVAL",
            "seed.carrier.theta",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_field_and_rule(content_of, change, rule, field):
    with pytest.raises(SeedInvalid) as refused:
        check_content(content_of(**change))
    assert (refused.value.rule, refused.value.field) == (rule, field)


@pytest.mark.parametrize("carrier", [None, Carrier('{"x": 1}', "0.5", "1")])
@pytest.mark.parametrize("expires", [None, datetime(2027, 1, 1, tzinfo=UTC)])
def test_contents_survive_being_written_down(content_of, carrier, expires):
    content = content_of(carrier=carrier, expires_at=expires)
    document = json.loads(json.dumps(content_to_document(content)))
    again = content_from_document(document)
    assert again == content
    assert again.certified_digest == content.certified_digest


def test_a_verdict_survives_being_written_down(now):
    point = Counterexample("flow", (("a", "4/5"), ("h", "0")), (), "rising")
    verdict = VerdictRecord(
        VerdictStatus.REFUTED, False, "d" * 64, "0" * 64, now, counterexample=point
    )
    for each in (verdict, replace(verdict, counterexample=None, missing=("REGULARITY",))):
        assert verdict_from_document(json.loads(json.dumps(verdict_to_document(each)))) == each
    assert verdict_from_document(verdict_to_document(None)) is None


def test_findings_survive_being_written_down():
    findings = (Finding("PRESSURE_PHRASE", Severity.NEEDS_REVIEW, "seed.title", "hurry"),)
    assert (
        findings_from_document(json.loads(json.dumps(findings_to_document(findings)))) == findings
    )


def test_words_label_and_expiry_are_not_certified_parts(content_of, now):
    content = content_of()
    for change in (
        {"title": "x"},
        {"disclosure": "y"},
        {"offer": None},
        {"expires_at": now + timedelta(1)},
    ):
        assert replace(content, **change).certified_digest == content.certified_digest
