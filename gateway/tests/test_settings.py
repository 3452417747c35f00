from pathlib import Path

import pytest
from lucid_gateway.settings import GatewaySettings, check, peers_of
from lucid_runtime.addresses import Address
from lucid_runtime.settings import SettingsInvalid, describe, load

DOCUMENT = Path(__file__).parents[2] / "docs" / "operating.md"


def test_every_setting_is_documented_with_its_default() -> None:
    text = DOCUMENT.read_text("utf-8")
    for one in describe(GatewaySettings):
        if one.env == "LUCID_GATEWAY_IS_WORKER":  # between the gateway and itself
            continue
        row = next((line for line in text.splitlines() if line.startswith(f"| `{one.env}`")), "")
        assert row, one.env
        default = {"False": "false", "frozenset()": "–"}.get(one.default, one.default)
        assert default in row, one.env


def test_only_loopback_is_served_unless_remote_is_allowed() -> None:
    with pytest.raises(SettingsInvalid, match="LUCID_ALLOW_REMOTE"):
        check(load(GatewaySettings, {"LUCID_LISTEN": "0.0.0.0:80"}))
    check(load(GatewaySettings, {"LUCID_LISTEN": "0.0.0.0:80", "LUCID_ALLOW_REMOTE": "true"}))
    check(load(GatewaySettings, {"LUCID_LISTEN": "[::1]:80"}))


def test_health_follows_the_service_unless_it_is_told_apart() -> None:
    peers = {
        peer.noun: peer
        for peer in peers_of(
            {
                "LUCID_DREAM_ADDRESS": "10.0.0.1:9000",
                "LUCID_CACHE_HEALTH_ADDRESS": "127.0.0.1:9",
            }
        )
    }
    assert peers["dream"].health == Address("10.0.0.1", 9100)
    assert peers["cache"].address == Address("127.0.0.1", 7105)
    assert peers["cache"].health == Address("127.0.0.1", 9)


def test_every_wrong_address_is_named() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        peers_of({"LUCID_DREAM_ADDRESS": "x", "LUCID_CACHE_HEALTH_ADDRESS": "y:z"})
    assert len(caught.value.problems) == 2
