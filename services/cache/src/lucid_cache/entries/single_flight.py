"""What a caller that misses does next: take the value, compute it, wait, or come back later.

The states of one caller, as a pure step function. The shell looks the entry up, asks for the
lease, and does what the step says. The look after a lease was won is the point: between a caller's
miss and its lease the former holder may have stored the value and gone.
"""

from dataclasses import dataclass
from typing import TypeAlias

from lucid_cache.entries.entry import Entry
from lucid_cache.entries.lease import Held, Lease


@dataclass(frozen=True, slots=True)
class Found:
    """The value is there."""

    entry: Entry
    unused_lease: Lease | None
    """Won, but not needed: give it back."""


@dataclass(frozen=True, slots=True)
class Compute:
    """The caller computes, under this lease."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class LookAgain:
    """A lease was just won: look once more before computing."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until somebody stores or gives up, `seconds` at most, then start over."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The caller does not wait any longer; it may ask again after `seconds`."""

    seconds: float


Step: TypeAlias = Found | Compute | LookAgain | Wait | ComeBack


def next_step(
    entry: Entry | None,
    lease: Lease | Held,
    *,
    has_looked_again: bool,
    now_s: float,
    give_up_at_s: float,
) -> Step:
    """Return what the caller does, given what it has seen.

    Args:
        entry: What the look-up found.
        lease: What asking for the lease gave.
        has_looked_again: Whether the look-up came after the lease was won.
        now_s: Monotonic time.
        give_up_at_s: Monotonic time until which the caller waits for another's value.
    """
    if entry is not None:
        return Found(entry, lease if isinstance(lease, Lease) else None)
    if isinstance(lease, Lease):
        return Compute(lease) if has_looked_again else LookAgain(lease)
    remaining_s = max(lease.until_s - now_s, 0.0)
    patience_s = give_up_at_s - now_s
    if patience_s <= 0:
        return ComeBack(remaining_s)
    return Wait(min(remaining_s, patience_s))
