"""A portal that cannot start says why in one line and leaves with status 2."""

import os
import subprocess
import sys

import pytest
from lucid_testkit.ports import free_address


def start(**environ: str) -> "subprocess.CompletedProcess[str]":
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LUCID_")}
    ports = {
        "LUCID_LISTEN": str(free_address()),
        "LUCID_HEALTH_LISTEN": str(free_address()),
    }
    return subprocess.run(
        [sys.executable, "-m", "lucid_vendor"],
        env=inherited | ports | environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LUCID_DATABASE_URL": "mysql://user:hunter2@host/db"}, "not supported"),
        ({"LUCID_VENDOR_RETRY": "soon"}, "LUCID_VENDOR_RETRY"),
        ({"LUCID_API_KEY_PEPPER_FILE": "/dev/null"}, "pepper"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line(tmp_path, environ, said):
    ended = start(LUCID_DATA_DIR=str(tmp_path), **environ)
    assert ended.returncode == 2
    line = ended.stderr.strip().splitlines()[-1]
    assert said in line
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr
