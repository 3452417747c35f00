from collections import OrderedDict
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from lucid_cache.entries.entry import OVERHEAD_BYTES, Entry
from lucid_cache.entries.eviction import Shelf

keys = st.sampled_from("abcdef")
tags = st.lists(st.sampled_from(["t1", "t2", "t3"]), max_size=2).map(tuple)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("put"), keys, st.integers(0, 2000), tags),
        st.tuples(st.just("get"), keys),
        st.tuples(st.just("remove"), keys),
    ),
    max_size=60,
)


@given(actions)
def test_a_shelf_is_a_bounded_map_that_forgets_the_least_recently_used(
    entry_of: Callable[..., Entry], steps: list
):
    """Against the obvious model: a list in order of use, cut from the front."""
    limit = 3 * OVERHEAD_BYTES + 2000
    shelf, model = Shelf(limit), OrderedDict[str, Entry]()
    for action, key, *rest in steps:
        if action == "put":
            entry = entry_of(key, b"x" * rest[0], rest[1])
            model.pop(key, None)
            if shelf.put(entry):
                model[key] = entry
            while sum(e.size_bytes for e in model.values()) > limit:
                model.popitem(last=False)
        elif action == "get":
            found = shelf.get(key, 0.0)
            assert found == model.get(key)
            if found:
                model.move_to_end(key)
        else:
            assert shelf.remove([key]) == ({key} if model.pop(key, None) else set())
        assert shelf.bytes == sum(e.size_bytes for e in model.values()) <= limit
        assert len(shelf) == len(model)
        for tag in ("t1", "t2", "t3"):
            assert shelf.keys_of([tag]) == {k for k, e in model.items() if tag in e.tags}


def test_an_entry_larger_than_the_shelf_drops_its_own_older_one_and_nothing_else(
    entry_of: Callable[..., Entry],
):
    shelf = Shelf(2 * OVERHEAD_BYTES + 100)
    shelf.put(entry_of("a"))
    shelf.put(entry_of("b"))
    assert not shelf.put(entry_of("b", b"x" * 10_000))
    assert "a" in shelf
    assert "b" not in shelf
    assert shelf.evictions == 0


def test_an_expired_entry_is_not_found_and_counted(entry_of: Callable[..., Entry]):
    shelf = Shelf(10_000)
    shelf.put(entry_of("a", expires_at_s=10.0))
    assert shelf.get("a", 9.999) is not None
    assert shelf.get("a", 10.0) is None
    assert shelf.expirations == 1
    assert shelf.bytes == 0
