import random
from pathlib import Path

from lucid_local import layout as layouts
from lucid_local.layout import DEFAULT_PORTS, SERVICES, MeshLayout


def test_every_process_knows_every_peer(tmp_path: Path) -> None:
    layout = MeshLayout(tmp_path, DEFAULT_PORTS)
    environment = layout.environment("dream", {"PATH": "/bin"})
    assert environment["LUCID_LISTEN"] == "127.0.0.1:7104"
    assert environment["LUCID_HEALTH_LISTEN"] == "127.0.0.1:7204"
    assert environment["PATH"] == "/bin"
    for peer in SERVICES:
        assert environment[f"LUCID_{peer.upper()}_ADDRESS"] == layout.address(peer)


def test_processes_do_not_share_a_database(tmp_path: Path) -> None:
    layout = MeshLayout(tmp_path, DEFAULT_PORTS)
    urls = {layout.environment(name, {})["LUCID_DATABASE_URL"] for name in DEFAULT_PORTS}
    assert len(urls) == len(DEFAULT_PORTS)


def test_a_database_given_by_hand_wins(tmp_path: Path) -> None:
    given = {"LUCID_VENDOR_DATABASE_URL": "postgresql+psycopg://x/y"}
    layout = MeshLayout(tmp_path, DEFAULT_PORTS)
    assert layout.environment("vendor", given)["LUCID_DATABASE_URL"] == "postgresql+psycopg://x/y"
    assert layout.environment("dream", given)["LUCID_DATABASE_URL"].startswith("sqlite:///")


def test_a_collector_given_by_hand_wins(tmp_path: Path) -> None:
    layout = MeshLayout(tmp_path, DEFAULT_PORTS, collector="127.0.0.1:9")
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://elsewhere:4317"}
    assert layout.environment("cache", {})["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:9"
    assert layout.environment("cache", given) | given == layout.environment("cache", given)


def test_drawn_ports_are_free_distinct_and_below_the_ephemeral_range() -> None:
    ports = layouts.free_ports(random.Random(1))
    health = [ports[name] + layouts.HEALTH_OFFSET for name in SERVICES]
    drawn = [*ports.values(), *health]
    assert len(set(drawn)) == len(drawn)
    assert max(drawn) < 32768
    assert all(layouts.is_free(port) for port in drawn)


def test_a_saved_layout_is_found_again(tmp_path: Path) -> None:
    layout = MeshLayout(tmp_path, layouts.free_ports(random.Random(2)), collector="127.0.0.1:1")
    layouts.save(layout, {"dream": 12}, supervisor_pid=34)
    assert layouts.load(tmp_path) == layout
    assert layouts.pids(tmp_path) == {"supervisor": 34, "dream": 12}


def test_a_folder_without_a_mesh_means_the_default_ports(tmp_path: Path) -> None:
    assert layouts.load(tmp_path).ports == DEFAULT_PORTS
    assert layouts.pids(tmp_path) == {}
