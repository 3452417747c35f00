import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid.vendor.v1 import seed_service_pb2, vendor_service_pb2
from lucid_rpc.page_token import next_token, page_of
from lucid_rpc.rejections import PageSizeInvalid, PageTokenInvalid
from lucid_testkit.strategies import TEXTS

Request = seed_service_pb2.ListSeedsRequest


@given(TEXTS.filter(bool), st.integers(0, 5000), st.integers(0, 5000))
def test_a_token_continues_the_same_request_with_any_size(
    position: str, size: int, other: int
) -> None:
    token = next_token(Request(parent="vendors/a", page_size=size), position)
    page = page_of(Request(parent="vendors/a", page_size=other, page_token=token))
    assert page.after == position


@given(TEXTS.filter(bool))
def test_a_token_belongs_to_its_arguments_and_its_method(position: str) -> None:
    token = next_token(Request(parent="vendors/a"), position)
    with pytest.raises(PageTokenInvalid, match="other arguments"):
        page_of(Request(parent="vendors/b", page_token=token))
    with pytest.raises(PageTokenInvalid, match="other arguments"):
        page_of(vendor_service_pb2.ListVendorsRequest(page_token=token))


@given(st.text(min_size=1, max_size=60))
def test_any_other_text_is_refused_politely(text: str) -> None:
    with pytest.raises(PageTokenInvalid):
        page_of(Request(page_token=text))


@pytest.mark.parametrize(("asked", "given_size"), [(0, 50), (1, 1), (1000, 1000), (5000, 1000)])
def test_sizes_have_a_default_and_a_maximum(asked: int, given_size: int) -> None:
    assert page_of(Request(page_size=asked)).size == given_size


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(PageSizeInvalid, match="-1"):
        page_of(Request(page_size=-1))
