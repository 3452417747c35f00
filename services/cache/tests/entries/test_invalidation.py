from hypothesis import given
from hypothesis import strategies as st
from lucid_cache.entries.invalidation import (
    KEYS_PER_EVENT_MAX,
    InvalidationLog,
    Resync,
    TooManyWatchers,
)

FIRST = 1_000_000


@given(st.integers(0, 30), st.integers(1, 40), st.integers(-3, 40))
def test_a_watcher_gets_exactly_what_it_missed_or_is_told_to_resync(
    count: int, room: int, seen: int
):
    log = InvalidationLog(FIRST, room)
    for number in range(count):
        log.append([f"k{number}"], [])
    after = FIRST - 1 + seen
    events = log.after(after)
    kept = min(count, room)
    if count - kept <= seen <= count:
        assert [event.sequence for event in events] == list(range(after + 1, FIRST + count))
    else:
        assert events == Resync(FIRST + count - 1)


def test_a_watcher_of_an_earlier_process_is_told_to_resync():
    assert InvalidationLog(FIRST, 10).after(17) == Resync(FIRST - 1)


def test_a_large_invalidation_comes_in_parts_and_loses_no_key():
    log = InvalidationLog(FIRST, 10_000)
    keys = {f"k{number:05}" for number in range(2 * KEYS_PER_EVENT_MAX + 1)}
    log.append(keys, ["t"])
    events = log.after(FIRST - 1)
    assert [len(event.keys) for event in events] == [KEYS_PER_EVENT_MAX, KEYS_PER_EVENT_MAX, 1]
    assert {key for event in events for key in event.keys} == keys


def test_a_value_read_before_an_invalidation_is_known_to_be_doubtful_after_it():
    log = InvalidationLog(FIRST, 4)
    before = log.last
    log.append(["a"], ["t"])
    assert log.has_dropped("a", frozenset(), before)
    assert log.has_dropped("b", frozenset({"t"}), before)
    assert not log.has_dropped("b", frozenset({"u"}), before)
    assert not log.has_dropped("a", frozenset(), log.last)


def test_a_value_older_than_the_log_is_doubtful():
    log = InvalidationLog(FIRST, 2)
    before = log.last
    for number in range(5):
        log.append([f"k{number}"], [])
    assert log.has_dropped("other", frozenset(), before)


def test_the_refusal_of_a_watcher_names_both_numbers():
    refused = TooManyWatchers(64, 64)
    assert (refused.watchers, refused.maximum) == (64, 64)
    assert "limit is 64" in str(refused)
