"""The chart says of each service what the service's own code says of itself."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from lucid_gateway.settings import GatewaySettings, peers_of
from lucid_runtime.addresses import HEALTH_OFFSET, NOUNS, PORTS, Address
from lucid_runtime.settings import describe
from lucid_telemetry.setup import TelemetrySettings

CHART = Path(__file__).resolve().parents[2] / "helm" / "lucid"
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = VALUES["services"]
ENVIRONMENT = (CHART / "templates" / "_environment.tpl").read_text("utf-8")
TELEMETRY = {one.env for one in describe(TelemetrySettings)}
STORES = ("durable", "scratch")


def settings_of(noun: str) -> Any:
    if noun == "gateway":
        return GatewaySettings
    return importlib.import_module(f"lucid_{noun}.settings").Settings


def read_by(noun: str) -> set[str]:
    """Return the names that a service reads from its environment."""
    return {one.env for one in describe(settings_of(noun))} | TELEMETRY


def given_to(noun: str) -> set[str]:
    """Return the names, beside addresses of peers, that the chart may give a service."""
    service = SERVICES[noun]
    names = {
        "LUCID_LISTEN",
        "LUCID_DRAIN_GRACE",
        "LUCID_TRACE_RATIO",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    }
    if noun == "gateway":
        names |= {"LUCID_ALLOW_REMOTE", "LUCID_ALLOWED_HOSTS"}
    else:
        names |= {"LUCID_HEALTH_LISTEN", "LUCID_TRUSTED_NETWORKS"}
    if service["store"] == "durable":
        names.add("LUCID_DATA_DIR")
    if service["store"] in STORES:
        names.add("LUCID_DATABASE_URL")
    if service["stableIdentity"]:
        names.add("LUCID_EXECUTOR_ID")
    return names


def test_the_chart_has_every_service_on_its_port() -> None:
    assert {noun: one["port"] for noun, one in SERVICES.items()} == dict(PORTS)
    assert set(SERVICES) == {*NOUNS, "gateway"}
    assert f"add .service.port {HEALTH_OFFSET}" in ENVIRONMENT


def test_the_template_gives_exactly_the_names_that_are_checked_here() -> None:
    written = set(re.findall(r"- name: ((?:LUCID|OTEL)_[A-Z_]+)\n", ENVIRONMENT))
    assert written == set().union(*(given_to(noun) for noun in SERVICES))


@pytest.mark.parametrize("noun", SERVICES)
def test_a_service_reads_every_name_that_it_is_given(noun: str) -> None:
    assert given_to(noun) <= read_by(noun)


@pytest.mark.parametrize("noun", NOUNS)
def test_the_callers_of_a_service_are_those_who_read_its_address(noun: str) -> None:
    name = f"LUCID_{noun.upper()}_ADDRESS"
    readers = {other for other in NOUNS if other != noun and name in read_by(other)}
    assert set(SERVICES[noun]["callers"]) - {"gateway"} == readers


def test_the_gateway_reads_the_addresses_of_all_services_as_the_chart_writes_them() -> None:
    written = {f"LUCID_{noun.upper()}_ADDRESS": f"mesh-{noun}:{PORTS[noun]}" for noun in NOUNS}
    for peer in peers_of(written):
        assert peer.address == Address(f"mesh-{peer.noun}", PORTS[peer.noun])
        assert peer.health == Address(f"mesh-{peer.noun}", PORTS[peer.noun] + HEALTH_OFFSET)


def test_secrets_that_are_files_are_settings_too() -> None:
    assert "LUCID_API_KEY_PEPPER_FILE" in read_by("vendor")
