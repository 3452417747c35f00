from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_runtime import settings
from lucid_runtime.settings import SettingsInvalid, describe, load, load_or_exit, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    name: str = setting("LUCID_NAME", help="what it is called")
    ratio: float = setting(
        "LUCID_RATIO", default=0.5, unit="1", help="a share", why="half", parse=settings.ratio
    )
    limit_s: float = setting("LUCID_LIMIT", default=3.0, parse=settings.positive_seconds)


def test_fields_come_from_the_environment_and_defaults_fill_the_rest() -> None:
    read = load(Example, {"LUCID_NAME": "a", "LUCID_LIMIT": "2.5"})
    assert read == Example(name="a", ratio=0.5, limit_s=2.5)


def test_an_empty_variable_counts_as_unset() -> None:
    assert load(Example, {"LUCID_NAME": "a", "LUCID_RATIO": "  "}).ratio == 0.5


def test_one_line_names_every_bad_variable() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(Example, {"LUCID_RATIO": "2", "LUCID_LIMIT": "soon"})
    text = str(caught.value)
    assert "\n" not in text
    assert all(name in text for name in ("LUCID_NAME", "LUCID_RATIO", "LUCID_LIMIT"))
    assert len(caught.value.problems) == 3


def test_a_process_with_bad_settings_leaves_with_status_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        load_or_exit(Example, {})
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_settings_describe_themselves() -> None:
    name, share, _ = describe(Example)
    assert (name.env, name.default) == ("LUCID_NAME", "required")
    assert (share.unit, share.default, share.why) == ("1", "0.5", "half")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_ratio_lies_between_zero_and_one(value: float) -> None:
    if 0 <= value <= 1:
        assert settings.ratio(repr(value)) == value
    else:
        with pytest.raises(ValueError, match="between"):
            settings.ratio(repr(value))


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_seconds_are_positive_and_finite(value: float) -> None:
    if 0 < value < float("inf"):
        assert settings.positive_seconds(repr(value)) == value
    else:
        with pytest.raises(ValueError, match="positive"):
            settings.positive_seconds(repr(value))


@pytest.mark.parametrize(("text", "value"), [("true", True), ("Off", False), ("1", True)])
def test_a_flag_has_two_values(text: str, value: bool) -> None:
    assert settings.flag(text) is value


def test_other_words_are_refused() -> None:
    with pytest.raises(ValueError, match="true or false"):
        settings.flag("maybe")
    with pytest.raises(ValueError, match="one of red, green"):
        settings.choice("red", "green")("blue")
    with pytest.raises(ValueError, match="at least 1"):
        settings.positive_integer("0")


@pytest.mark.parametrize(
    "url", ["mysql://u:sesame@host/x", "postgresql://u:se@sa:me@h", "x://h/?password=sesame&a=b"]
)
def test_a_refused_url_is_shown_without_its_password(url: str) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Stored:
        url: str = setting("LUCID_URL", parse=settings.choice("sqlite"))

    with pytest.raises(SettingsInvalid) as caught:
        load(Stored, {"LUCID_URL": url})
    shown = str(caught.value)
    assert "***" in shown
    assert "sesame" not in shown
    assert "sa:me" not in shown
