import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_runtime.addresses import (
    NOUNS,
    PORTS,
    Address,
    default_address,
    default_health_address,
    parse_address,
    peer_address,
)


@given(
    st.sampled_from(["127.0.0.1", "::1", "validation.lucid.svc", "localhost"]),
    st.integers(0, 65535),
)
def test_parsing_undoes_printing(host: str, port: int) -> None:
    assert parse_address(str(Address(host, port))) == Address(host, port)


@pytest.mark.parametrize("text", ["", "host", "host:", ":80", "host:x", "host:70000", "host:-1"])
def test_other_texts_are_not_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        parse_address(text)


def test_every_service_has_its_own_ports_below_the_ephemeral_range() -> None:
    taken = [default_address(noun).port for noun in PORTS]
    taken += [default_health_address(noun).port for noun in NOUNS]
    assert len(set(taken)) == len(taken)
    assert max(taken) < 32768


def test_a_peer_is_where_the_environment_says_or_at_its_default() -> None:
    assert peer_address({}, "cache") == Address("127.0.0.1", 7105)
    assert peer_address({"LUCID_CACHE_ADDRESS": "cache:1"}, "cache") == Address("cache", 1)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x", False)],  # noqa: S104
)
def test_loopback_is_this_machine_only(host: str, expected: bool) -> None:
    assert Address(host, 1).is_loopback is expected
