from collections.abc import Callable

import pytest
from lucid_metrics.series.rollup import Mesh, Report
from lucid_metrics.series.slo import OBJECTIVES, Objective, Status, standings
from lucid_telemetry.semconv import DURATION_BUCKETS_S

ReportOf = Callable[..., Report]
GET = "lucid.cache.v1.CacheService/Get"
AVAILABLE = Objective("slos/a", "a", 0.9, ("lucid.cache.v1.",))
FAST = Objective("slos/f", "f", 0.5, (GET,), 0.01)


def test_without_calls_every_level_is_unknown_never_met_or_missed():
    for standing in standings(Mesh()):
        assert standing.status is Status.UNKNOWN
        assert standing.actual is None


@pytest.mark.parametrize(
    ("errors", "status"), [(0, Status.MET), (10, Status.MET), (11, Status.MISSED)]
)
def test_availability_is_the_share_without_server_faults(
    report_of: ReportOf, errors: int, status: Status
):
    mesh = Mesh()
    calls = {(GET, "OK"): (100 - errors, 0, 0, 0), (GET, "INTERNAL"): (errors, 0, 0, 0)}
    mesh.take(report_of(methods=calls), 0.0, 0.0)
    (standing,) = standings(mesh, [AVAILABLE])
    assert standing.status is status
    assert standing.actual == (100 - errors) / 100


def test_latency_is_the_share_within_the_threshold(report_of: ReportOf):
    mesh = Mesh()
    mesh.take(
        report_of(methods={(GET, "OK"): (3, 1, 0, 0), ("other", "OK"): (9, 9, 9, 9)}), 0.0, 0.0
    )
    (standing,) = standings(mesh, [FAST])
    assert (standing.good, standing.total) == (3, 4)


def test_a_level_covers_its_methods_only():
    assert AVAILABLE.covers(GET)
    assert not AVAILABLE.covers("lucid.cachet.v1.X/Y")
    assert FAST.covers(GET)
    assert not FAST.covers(GET + "Stats")


def test_every_threshold_is_a_bound_of_the_histograms_so_that_shares_are_exact():
    for objective in OBJECTIVES:
        assert objective.threshold_s is None or objective.threshold_s in DURATION_BUCKETS_S


def test_every_method_that_a_level_names_is_in_the_api():
    from lucid.cache.v1 import cache_service_pb2
    from lucid.coherence.v1 import coherence_service_pb2
    from lucid.dream.v1 import consent_service_pb2, dream_service_pb2
    from lucid.validation.v1 import validation_service_pb2
    from lucid.vendor.v1 import commerce_service_pb2, seed_service_pb2, vendor_service_pb2

    files = (
        cache_service_pb2,
        coherence_service_pb2,
        consent_service_pb2,
        dream_service_pb2,
        validation_service_pb2,
        commerce_service_pb2,
        seed_service_pb2,
        vendor_service_pb2,
    )
    known = {
        f"{service.full_name}/{method.name}"
        for file in files
        for service in file.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    named = {name for one in OBJECTIVES for name in one.methods if not name.endswith(".")}
    assert named <= known
