import random
import re

from hypothesis import given
from hypothesis import strategies as st
from lucid_runtime.identifiers import opaque_id, system_random

_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@given(st.integers(), st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_an_opaque_id_is_a_valid_resource_id(seed: int, prefix: str) -> None:
    made = opaque_id(random.Random(seed).randbytes, prefix)
    assert _ID.fullmatch(made)
    assert made.startswith(prefix + "-")


def test_the_same_randomness_gives_the_same_id() -> None:
    assert opaque_id(random.Random(7).randbytes) == opaque_id(random.Random(7).randbytes)


def test_the_system_gives_different_ids() -> None:
    assert len({opaque_id(system_random) for _ in range(100)}) == 100
