import asyncio
import os
import signal
from datetime import UTC

import pytest
from lucid_runtime.clock import SystemClock
from lucid_runtime.shutdown import on_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_sets_the_event(number: signal.Signals) -> None:
    stopping = on_signals()
    assert not stopping.is_set()
    os.kill(os.getpid(), number)
    await asyncio.wait_for(stopping.wait(), 5)


async def test_after_the_first_signal_the_default_is_back() -> None:
    stopping = on_signals()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stopping.wait(), 5)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_the_system_clock_is_aware_and_does_not_go_back() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()
