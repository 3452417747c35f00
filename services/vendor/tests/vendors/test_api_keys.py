from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_vendor.vendors.api_keys import (
    is_presented_key,
    issue_key,
    key_text,
    parse_key,
    revoke_key,
    secret_digest,
)
from lucid_vendor.vendors.refusals import FieldInvalid, TooManyLiveKeys

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PEPPER = b"p" * 32
secrets = st.binary(min_size=32, max_size=32)
key_ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=12)


def issue(live, secret: bytes):
    return issue_key(
        live,
        vendor_id="acme",
        key_id="k" * 12,
        digest=secret_digest(PEPPER, secret),
        display_name="",
        now=NOW,
    )


@given(key_ids, secrets)
def test_the_text_of_a_key_gives_back_its_id_and_secret(key_id, secret):
    text = key_text(key_id, secret)
    assert text.startswith("lk_")
    assert parse_key(text) == (key_id, secret)


@given(secrets, secrets)
def test_only_the_right_secret_with_the_right_pepper_opens(secret, other):
    key = issue([], secret)
    assert is_presented_key(key, secret, PEPPER)
    assert is_presented_key(key, other, PEPPER) == (secret == other)
    assert not is_presented_key(key, secret, b"q" * 32)
    assert secret not in key.digest


def test_two_live_keys_make_rotation_and_a_third_is_refused():
    first, second = issue([], b"1" * 32), issue([], b"2" * 32)
    with pytest.raises(TooManyLiveKeys):
        issue([first, second], b"3" * 32)
    assert issue([revoke_key(first, NOW), second], b"3" * 32).is_live


def test_a_revoked_key_stays_shut_and_keeps_its_first_time():
    key = revoke_key(issue([], b"1" * 32), NOW)
    assert not is_presented_key(key, b"1" * 32, PEPPER)
    assert revoke_key(key, NOW.replace(hour=5)) == key


def test_a_malformed_key_is_refused_without_repeating_it():
    with pytest.raises(FieldInvalid) as refused:
        parse_key("lk_secretsecret")
    assert "secretsecret" not in str(refused.value)
