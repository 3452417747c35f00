import json
from pathlib import Path
from typing import Any

import pytest
from lucid_cli.problem_file import ProblemFileInvalid
from lucid_cli.story.vendors import example_seeds, read_seeds


@pytest.mark.parametrize(
    ("seeds", "named"),
    [
        ([], "array with at least one seed"),
        ({}, "array with at least one seed"),
        ([3], r"\[0\]: want a seed"),
        ([{"zzz": 1}], r"\[0\]: there is no field 'zzz'"),
        ([{"title": "a"}, {"seedType": "NOPE"}], r"\[1\].*seedType"),
        ([{"phases": [{"duration": "soon"}]}], r"\[0\].*phases"),
        ([{"model": {"sistem": {}}}], r"\[0\].*there is no field 'sistem'"),
    ],
)
def test_a_mistake_in_a_seeds_file_is_named_in_our_own_words(
    tmp_path: Path, seeds: Any, named: str
) -> None:
    file = tmp_path / "seeds.json"
    file.write_text(json.dumps(seeds))
    with pytest.raises(ProblemFileInvalid, match=named) as refused:
        read_seeds(file)
    for foreign in ("Message type", "Available Fields", "enum type", "ParseError"):
        assert foreign not in str(refused.value)


def test_the_examples_are_two_good_seeds_and_a_bad_one() -> None:
    assert [entry.expected for entry in example_seeds()] == ["CERTIFIED", "CERTIFIED", "REJECTED"]
