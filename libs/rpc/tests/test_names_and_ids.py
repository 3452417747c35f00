import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid.vendor.v1 import vendor_service_pb2
from lucid_rpc.rejections import RequestIdInvalid, ResourceNameInvalid
from lucid_rpc.request_id import parse_request_id, request_hash
from lucid_rpc.resource_name import HASH_PATTERN, ResourceName
from lucid_testkit.strategies import RESOURCE_IDS, UUIDS

SEED = ResourceName("vendors/{vendor}/seeds/{seed}")
VERDICT = ResourceName("verdicts/{hash}", ids={"hash": HASH_PATTERN})


@given(RESOURCE_IDS, RESOURCE_IDS)
def test_parsing_undoes_printing(vendor: str, seed: str) -> None:
    name = SEED.format(vendor=vendor, seed=seed)
    assert SEED.parse(name) == {"vendor": vendor, "seed": seed}


@given(st.text(max_size=80))
def test_any_other_text_is_refused_about_its_field(text: str) -> None:
    with pytest.raises(ResourceNameInvalid) as caught:
        VERDICT.parse(text, field="verdict")
    assert caught.value.field == "verdict"


@pytest.mark.parametrize(
    "name",
    ["vendors/A/seeds/b", "vendors/a/seeds/b/", "vendors//seeds/b", "vendors/a/seeds/-b", "a\n"],
)
def test_near_misses_are_refused(name: str) -> None:
    with pytest.raises(ResourceNameInvalid):
        SEED.parse(name)


def test_a_bad_id_cannot_be_printed() -> None:
    with pytest.raises(ResourceNameInvalid):
        SEED.format(vendor="a/b", seed="c")


@given(UUIDS)
def test_request_ids_are_uuids_in_any_case(text: str) -> None:
    assert parse_request_id(text.upper()) == text


@given(st.text(max_size=50))
def test_other_request_ids_are_refused(text: str) -> None:
    with pytest.raises(RequestIdInvalid):
        parse_request_id(text)


@given(UUIDS, UUIDS)
def test_the_hash_is_of_the_request_and_not_of_its_id(one: str, other: str) -> None:
    Request = vendor_service_pb2.CreateVendorRequest
    first = request_hash(Request(vendor_id="a", request_id=one))
    assert first == request_hash(Request(vendor_id="a", request_id=other))
    assert first != request_hash(Request(vendor_id="b", request_id=one))
