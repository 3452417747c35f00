import subprocess
import sys

import pytest
from lucid_runtime.failpoint import FailpointReached, Failpoints, reach


def test_nothing_happens_unless_armed() -> None:
    Failpoints({}).reach("step")
    reach("step")


def test_an_armed_error_fires_once() -> None:
    points = Failpoints({"LUCID_FAILPOINT": "other:error, step:error"})
    with pytest.raises(FailpointReached, match="step"):
        points.reach("step")
    points.reach("step")


def test_an_unknown_action_arms_nothing() -> None:
    Failpoints({"LUCID_FAILPOINT": "step:explode,step"}).reach("step")


def test_an_armed_kill_ends_the_process() -> None:
    code = "from lucid_runtime.failpoint import reach; reach('a'); reach('b'); print('alive')"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"LUCID_FAILPOINT": "b:kill"},
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == -9
    assert ended.stdout == b""
