import stat

import pytest
from lucid_vendor.pepper import PepperUnreadable, load_pepper
from lucid_vendor.settings import pepper_of


def test_the_pepper_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "deep" / "vendor.pepper"
    made = load_pepper(path)
    assert len(made) == 32
    assert load_pepper(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["vendor.pepper"]


def test_the_process_that_comes_second_takes_the_pepper_of_the_first(tmp_path):
    path = tmp_path / "vendor.pepper"

    def while_another_is_faster(size):
        path.write_text("ab" * size)
        return b"\x00" * size

    assert load_pepper(path, while_another_is_faster) == b"\xab" * 32


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 31])
def test_a_file_without_a_pepper_is_refused_and_not_repeated(tmp_path, text):
    path = tmp_path / "vendor.pepper"
    path.write_text(text)
    with pytest.raises(PepperUnreadable) as refused:
        load_pepper(path)
    assert str(path) in str(refused.value)
    assert not text or text not in str(refused.value)


def test_a_pepper_is_hexadecimal_and_long_enough():
    assert pepper_of("ab" * 32) == b"\xab" * 32
    with pytest.raises(ValueError, match="32 bytes"):
        pepper_of("ab" * 16)
