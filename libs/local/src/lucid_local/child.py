"""Runs one module as a child that ends with its supervisor: `python -m lucid_local.child MODULE`.

The wish to be told of the parent's death is set here, in the child's own first lines, because code
between fork and exec would run beside the parent's gRPC threads.
"""

import ctypes
import os
import runpy
import signal
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for SIGTERM when the parent dies, then become the module."""
    parent = int(sys.argv[2])
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        # The parent died before the wish was heard.
        return
    module = sys.argv[1]
    sys.argv[1:] = []
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
