"""Messages and domain are two forms of one thing: going there and back changes nothing."""

from datetime import UTC, datetime, timedelta

import protovalidate
import pytest
from google.protobuf import field_mask_pb2, json_format
from lucid.validation.v1 import problem_pb2, verdict_pb2
from lucid.vendor.v1 import seed_pb2, vendor_pb2
from lucid_vendor import convert, convert_seed
from lucid_vendor.convert_model import document_from_problem, problem_from_document
from lucid_vendor.examples import GENTLE, SEEDS, load
from lucid_vendor.vendors.content import check_content
from lucid_vendor.vendors.ethics import require_permitted
from lucid_vendor.vendors.refusals import SeedInvalid, UpdateMaskInvalid
from lucid_vendor.vendors.seed import draft_seed
from lucid_vendor.vendors.verdict import VerdictStatus

EXAMPLES = load(SEEDS) + load(GENTLE)


def message_of(example) -> seed_pb2.Seed:
    return json_format.ParseDict(example, seed_pb2.Seed())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["title"])
def test_every_example_is_a_seed_that_the_portal_takes(example, now):
    message = message_of(example)
    protovalidate.validate(message)
    content = check_content(convert_seed.content_from_message(message))
    assert require_permitted(content, ("nocturne.example",)) == ()
    seed = draft_seed(
        content, vendor_id="acme", seed_id="x", domains=("nocturne.example",), now=now
    )
    back = convert_seed.seed_to_message(seed)
    assert convert_seed.content_from_message(back) == content
    for field in convert_seed.SEED_FIELDS:
        assert getattr(back, field) == getattr(message, field), field


def test_a_problem_with_every_part_survives_both_ways():
    document = {
        "kind": "continuous",
        "vars": ["a", "p"],
        "parameters": ["p"],
        "dynamics": {"a": "-p*a", "p": "0"},
        "domain": ["0 <= a", {"or": ["p >= 1", {"and": ["p < 1", "a == 0"]}]}],
        "init": "a <= 1/2",
        "unsafe": {"or": ["a >= cap"]},
        "certificate": {
            "type": "barrier",
            "expr": "a - cap",
            "lambda": "-1/2",
            "cuts": None,
            "formula": "a <= cap",
            "original_invariant": ["a < cap"],
        },
        "flow_condition": "exponential",
    }
    assert document_from_problem(problem_from_document(document)) == document
    document["certificate"] |= {"type": "invariant", "expr": None, "lambda": None, "cuts": ["a<=1"]}
    document["flow_condition"] = "invariant"
    assert document_from_problem(problem_from_document(document)) == document


@pytest.mark.parametrize(
    "kind", [problem_pb2.CERTIFICATE_KIND_BAND, problem_pb2.CERTIFICATE_KIND_DISCRETE_INDUCTIVE]
)
def test_a_kind_of_certificate_that_no_seed_can_have_is_refused(kind):
    message = message_of(EXAMPLES[0])
    message.model.certificate.kind = kind
    with pytest.raises(SeedInvalid, match="STRICT_LEVEL_SET"):
        convert_seed.content_from_message(message)


def test_discrete_time_is_refused():
    message = message_of(EXAMPLES[0])
    message.model.system.time_kind = problem_pb2.TIME_KIND_DISCRETE
    with pytest.raises(SeedInvalid, match="continuous"):
        convert_seed.content_from_message(message)


def test_an_update_changes_what_the_mask_names_and_nothing_else():
    current = vendor_pb2.Vendor(name="vendors/a", legal_name="A", domains=["a.example"])
    wanted = vendor_pb2.Vendor(legal_name="B", domains=["b.example"], categories=["tea"])
    fields = convert.VENDOR_FIELDS

    def merged(*paths):
        return convert.merge(current, wanted, field_mask_pb2.FieldMask(paths=paths), fields)

    assert merged("legal_name").legal_name == "B"
    assert merged("legal_name").domains == ["a.example"]
    assert merged("domains").domains == ["b.example"]  # replaced, not appended
    assert merged("contact_email").contact_email == ""
    assert merged().categories == ["tea"]
    assert merged("*").name == "vendors/a"
    for path in ("state", "name", "domains.0", "nonsense"):
        with pytest.raises(UpdateMaskInvalid):
            merged(path)
    assert current.legal_name == "A"


def test_the_exact_witness_of_a_refuted_obligation_is_kept(now):
    segment = verdict_pb2.Witness(obligation="flow", explanation="rising")
    getattr(segment.segment, "from")["a"] = "1/2"
    segment.segment.to["a"] = "3/4"
    point = verdict_pb2.Witness()
    point.point.values.update({"h": "0", "a": "4/5"})
    for witness, start, end in (
        (segment, (("a", "1/2"),), (("a", "3/4"),)),
        (point, (("a", "4/5"), ("h", "0")), ()),
    ):
        verdict = verdict_pb2.Verdict(
            status=verdict_pb2.VERDICT_STATUS_REFUTED,
            obligations=[
                verdict_pb2.ObligationResult(
                    obligation="init", status=verdict_pb2.VERDICT_STATUS_PROVED
                ),
                verdict_pb2.ObligationResult(
                    obligation="flow", status=verdict_pb2.VERDICT_STATUS_REFUTED, witness=witness
                ),
            ],
        )
        record = convert_seed.verdict_from_message(verdict, certified_digest="d", now=now)
        assert record.status is VerdictStatus.REFUTED
        assert record.counterexample is not None
        assert record.counterexample.obligation == "flow"
        assert (record.counterexample.values, record.counterexample.end) == (start, end)


def test_an_unknown_status_is_an_error_and_never_a_proof(now):
    verdict = verdict_pb2.Verdict(status=99)
    verdict.safety.implies_safety = True
    for status in (99, verdict_pb2.VERDICT_STATUS_UNSPECIFIED):
        verdict.status = status
        record = convert_seed.verdict_from_message(verdict, certified_digest="d", now=now)
        assert record.status is VerdictStatus.ERROR
        assert not record.is_proof_of_safety


def test_times_keep_their_instant():
    time = datetime(2026, 11, 21, 4, 5, 6, 789000, tzinfo=UTC) + timedelta(microseconds=123)
    assert convert.time_of(convert.timestamp_of(time)) == time
    assert convert.timestamp_of(None) is None


@pytest.mark.parametrize("value", [0, 99])
def test_a_session_type_that_does_not_exist_is_named(value):
    message = message_of(EXAMPLES[0])
    message.session_types.append(value)
    with pytest.raises(SeedInvalid) as refused:
        convert_seed.content_from_message(message)
    assert refused.value.field == "seed.session_types[3]"
