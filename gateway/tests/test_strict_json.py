import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_gateway.strict_json import JsonInvalid, read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_writes_is_read_back(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (b'{"a": 1, "a": 2}', "'a' occurs twice"),
        (b'[{"x": {"k": 1, "k": 1}}]', "'k' occurs twice"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "double"),
        (b"9" * 5000, "4300"),
        (b"{", "line 1, column 2"),
        (b"", "line 1, column 1"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "deeper than 32"),
    ],
)
def test_a_text_with_two_readings_or_none_is_refused(text: bytes, part: str) -> None:
    with pytest.raises(JsonInvalid) as caught:
        read_json(text)
    assert part in str(caught.value)


def test_thirty_two_levels_are_read_and_thirty_three_are_not() -> None:
    assert read_json(b"[" * 32 + b"1" + b"]" * 32)
    with pytest.raises(JsonInvalid, match="32 levels"):
        read_json(b"[" * 33 + b"1" + b"]" * 33)
