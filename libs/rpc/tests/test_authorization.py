import ipaddress

import pytest
from lucid_rpc.authorization import (
    GATEWAY,
    LOOPBACK,
    NOBODY,
    OPERATOR,
    Policy,
    identify,
    parse_networks,
    service_role,
)
from lucid_rpc.rejections import NotPermitted

LOCAL = "ipv4:127.0.0.1:5000"
POLICY = Policy({"a.B/C": frozenset({OPERATOR, service_role("dream")})})


@pytest.mark.parametrize("peer", [LOCAL, "ipv6:%5B::1%5D:5000", "unix:/run/x", "ipv6:[::1]:5000"])
def test_whoever_is_on_this_machine_without_a_name_is_the_operator(peer: str) -> None:
    assert identify(peer, None).roles == {OPERATOR}


def test_a_service_is_who_it_says() -> None:
    caller = identify(LOCAL, "dream")
    assert caller.roles == {"service:dream"}
    assert identify(LOCAL, "gateway").roles == {GATEWAY}


@pytest.mark.parametrize(
    "peer", ["ipv4:10.0.0.1:5000", "ipv6:%5B2001:db8::1%5D:1", "", "nonsense", "ipv4:x:1"]
)
def test_from_elsewhere_nobody_is_anybody(peer: str) -> None:
    assert identify(peer, "dream") == NOBODY
    assert identify(peer, None) == NOBODY


@pytest.mark.parametrize("name", ["", "Dream", "dream ", "service:dream", "x" * 33, b"dream"])
def test_a_name_that_is_not_a_noun_makes_nobody(name: str | bytes) -> None:
    assert identify(LOCAL, name) == NOBODY


def test_an_operator_may_trust_more_networks() -> None:
    trusted = parse_networks("10.1.0.0/16, ::1/128")
    assert identify("ipv4:10.1.2.3:1", None, trusted).roles == {OPERATOR}
    assert identify("ipv4:10.2.2.3:1", None, trusted) == NOBODY
    assert identify("ipv6:%5B::ffff:10.1.2.3%5D:1", None, trusted).roles == {OPERATOR}


def test_loopback_is_all_that_is_trusted_by_default() -> None:
    assert set(LOOPBACK) == {ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")}


def test_what_is_not_allowed_is_denied() -> None:
    POLICY.check("a.B/C", identify(LOCAL, None))
    with pytest.raises(NotPermitted):
        POLICY.check("a.B/Unlisted", identify(LOCAL, None))
    with pytest.raises(NotPermitted):
        POLICY.check("a.B/C", identify(LOCAL, "cache"))
    with pytest.raises(NotPermitted):
        POLICY.check("a.B/C", NOBODY)


def test_reflection_is_open_to_the_known_only() -> None:
    method = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    POLICY.check(method, identify(LOCAL, None))
    with pytest.raises(NotPermitted):
        POLICY.check(method, NOBODY)
