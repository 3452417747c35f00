"""Bytes of requests in progress are counted, given back, and bounded."""

import pytest
from lucid_coherence.workload import Workload
from lucid_rpc.rejections import Overloaded


def test_what_does_not_fit_is_told_to_wait_and_fits_later() -> None:
    workload = Workload(bytes_max=10)
    with workload.hold(6):
        with pytest.raises(Overloaded) as caught, workload.hold(5):
            pass
        assert (caught.value.limit, caught.value.kind) == (10, "bytes of requests")
        assert caught.value.retry_after_s > 0
        with workload.hold(4):
            assert workload.in_progress == 10
    assert workload.in_progress == 0


def test_a_failure_gives_its_bytes_back() -> None:
    workload = Workload(bytes_max=10)
    with pytest.raises(RuntimeError), workload.hold(10):
        raise RuntimeError
    assert workload.in_progress == 0
