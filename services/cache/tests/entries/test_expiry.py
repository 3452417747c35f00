import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_cache.entries.entry import Entry, EntryClass, EntryTooLarge, fingerprint, require_size
from lucid_cache.entries.expiry import TimeToLiveInvalid, expires_at

times_to_live = st.floats(0.001, 30 * 86_400)


@given(times_to_live, st.floats(-1, 1))
def test_an_entry_lives_within_a_tenth_of_its_time(time_to_live_s: float, jitter: float):
    lived = expires_at(0.0, time_to_live_s, jitter)
    assert 0.9 * time_to_live_s <= lived * (1 + 1e-12)
    assert lived <= 1.1 * time_to_live_s * (1 + 1e-12)


@given(times_to_live, st.floats(0, 2e9))
def test_without_jitter_it_lives_exactly_its_time(time_to_live_s: float, now_s: float):
    assert expires_at(now_s, time_to_live_s, 0) == now_s + time_to_live_s


@pytest.mark.parametrize("time_to_live_s", [0.0, -1.0, 0.0009, 30 * 86_400 + 1, float("nan")])
def test_a_time_out_of_range_is_refused(time_to_live_s: float):
    with pytest.raises(TimeToLiveInvalid):
        expires_at(0.0, time_to_live_s, 0)


@given(st.binary(), st.binary())
def test_only_the_stored_value_is_sound(stored: bytes, found: bytes):
    entry = Entry(
        key="k",
        value=found,
        value_sha256=fingerprint(stored),
        entry_class=EntryClass.IMMUTABLE,
        tags=frozenset(),
        schema="",
        cost_s=0,
        created_at_s=0,
        expires_at_s=None,
    )
    assert entry.is_sound == (stored == found)


def test_a_value_above_the_limit_is_refused_with_both_numbers():
    require_size(b"123", 3)
    with pytest.raises(EntryTooLarge, match=r"4 bytes.* 3"):
        require_size(b"1234", 3)
