"""Who computes a missing value: one caller at a time, and a late one cannot overwrite a newer.

Each lease has a fencing token that rises. A value is taken only under the newest token of its key,
whatever clocks say: a holder that slept through its lease is refused once another was granted.
Leases against stampedes and stale sets are those of [Nishtala2013, sec. 3.2.1].
"""

from dataclasses import dataclass

LEASE_DEFAULT_S = 30.0
LEASE_MIN_S = 0.001
LEASE_MAX_S = 600.0


class LeaseDurationInvalid(Exception):
    """A lease lasts between 1 ms and 10 min."""

    def __init__(self, lease_s: float) -> None:
        super().__init__(f"The lease lasts {lease_s:g} s; it must last between 1 ms and 10 min.")
        self.lease_s = lease_s


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to store one value."""

    key: str
    token: int
    until_s: float
    """Monotonic time, s."""

    since_sequence: int
    """The newest invalidation when it was granted: a later one makes the value doubtful."""


@dataclass(frozen=True, slots=True)
class Held:
    """Another caller computes the value."""

    until_s: float
    """Monotonic time, s, at which its lease ends if it does not store."""


class Leases:
    """The newest lease of each key. Times are monotonic seconds and never go back."""

    def __init__(self, first_token: int) -> None:
        self._next_token = first_token
        self._lease_by_key: dict[str, Lease] = {}
        self.granted = 0

    def __len__(self) -> int:
        return len(self._lease_by_key)

    def acquire(
        self, key: str, now_s: float, duration_s: float, since_sequence: int
    ) -> Lease | Held:
        """Grant a lease, unless one is running.

        Raises:
            LeaseDurationInvalid: The duration is out of its range.
        """
        require_duration(duration_s)
        current = self._lease_by_key.get(key)
        if current is not None and now_s < current.until_s:
            return Held(current.until_s)
        lease = Lease(key, self._next_token, now_s + duration_s, since_sequence)
        self._next_token += 1
        self._lease_by_key[key] = lease
        self.granted += 1
        return lease

    def newest(self, key: str, token: int) -> Lease | None:
        """Return the lease if `token` is the newest of its key, even after its time."""
        lease = self._lease_by_key.get(key)
        return lease if lease is not None and lease.token == token else None

    def release(self, key: str, token: int) -> bool:
        """End a lease and return whether it was the newest."""
        if self.newest(key, token) is None:
            return False
        del self._lease_by_key[key]
        return True

    def revoke(self, key: str) -> None:
        """End whatever lease there is: what it computes is no longer wanted."""
        self._lease_by_key.pop(key, None)

    def forget_ended(self, now_s: float, grace_s: float) -> int:
        """Drop leases that ended more than `grace_s` ago, and return how many those were."""
        ended = [k for k, v in self._lease_by_key.items() if now_s >= v.until_s + grace_s]
        for key in ended:
            del self._lease_by_key[key]
        return len(ended)


def require_duration(duration_s: float) -> None:
    """Refuse a duration out of its range.

    Raises:
        LeaseDurationInvalid: It is.
    """
    if not LEASE_MIN_S <= duration_s <= LEASE_MAX_S:
        raise LeaseDurationInvalid(duration_s)
