"""Checks everything about deployment that needs no cluster: `make test-deploy`.

The chart is linted and rendered by helm itself with several sets of values; every manifest is
validated against the schemas of several Kubernetes versions; values that must be refused are tried;
the Dockerfile's install step is done in a clean environment. What cannot be tried here is said at
the end. Exits 0 only if every check held.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "bin"
HELM_VERSION = "v3.20.2"
INSTALL_TIMEOUT_S = 900


def helm() -> Path | None:
    """Return helm of exactly the pinned version; install it by Go if it is not there."""
    own = TOOLS / "helm"
    if own.exists() and _version(own) == HELM_VERSION:
        return own
    go = shutil.which("go")
    if go is None:
        return None
    package = f"helm.sh/helm/v3/cmd/helm@{HELM_VERSION}"
    version = f"-X helm.sh/helm/v3/internal/version.version={HELM_VERSION}"
    print(f"installing helm {HELM_VERSION} into .tools/bin", flush=True)
    subprocess.run(
        [go, "install", f"-ldflags={version}", package],
        check=True,
        env={**os.environ, "GOBIN": str(TOOLS), "GOFLAGS": ""},
        timeout=INSTALL_TIMEOUT_S,
    )
    return own


def _version(path: Path) -> str:
    command = [path, "version", "--template", "{{.Version}}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    return done.stdout.strip()


def main() -> int:
    """Install what is missing, then run the checks in this folder."""
    found = helm()
    if found is None:
        sys.stderr.write(
            f"helm {HELM_VERSION} is needed and cannot be installed: there is no Go toolchain.\n"
            f"Put helm {HELM_VERSION} at {TOOLS / 'helm'}, or install Go, and try again.\n"
        )
        return 1
    os.environ["LUCID_HELM"] = str(found)
    folder = str(Path(__file__).parent)
    status = int(pytest.main([folder, "-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
    print(
        "not tried here: building the images (no container daemon is used) and installing the "
        "chart on a cluster"
    )
    return status


if __name__ == "__main__":
    sys.exit(main())
