"""When an entry expires: after its time to live, jittered so that a batch does not end at once."""

TIME_TO_LIVE_DEFAULT_S = 300.0
TIME_TO_LIVE_MIN_S = 0.001
TIME_TO_LIVE_MAX_S = 30 * 86_400.0
JITTER_SHARE = 0.1
"""Entries written together expire within 10 % of their time to live around it."""


class TimeToLiveInvalid(Exception):
    """The time to live is not between 1 ms and 30 days."""

    def __init__(self, time_to_live_s: float) -> None:
        super().__init__(
            f"The time to live is {time_to_live_s:g} s; it must be between 1 ms and 30 days."
        )
        self.time_to_live_s = time_to_live_s


def expires_at(now_s: float, time_to_live_s: float, jitter: float) -> float:
    """Return the unix time, s, at which an entry written at `now_s` expires.

    Args:
        now_s: Unix time.
        time_to_live_s: Between 1 ms and 30 days.
        jitter: Drawn from [-1, 1]; 0 means exactly the time to live.

    Raises:
        TimeToLiveInvalid: The time to live is out of its range.
    """
    if not TIME_TO_LIVE_MIN_S <= time_to_live_s <= TIME_TO_LIVE_MAX_S:
        raise TimeToLiveInvalid(time_to_live_s)
    return now_s + time_to_live_s * (1 + JITTER_SHARE * jitter)
