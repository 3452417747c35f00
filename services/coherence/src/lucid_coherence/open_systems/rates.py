"""What every declaration of jumps has in common: which rates are physical, which are known."""

from lucid_coherence.open_systems.violations import ModelUnsupported, RatesUnphysical

_FINITE_MAX = 1.7976931348623157e308


def require_rate(index: int, low: float, high: float, *, field: str) -> None:
    """Refuse a rate in 1/s that is negative, not finite, or an empty interval (RatesUnphysical)."""
    if not 0 <= low <= high <= _FINITE_MAX:
        raise RatesUnphysical(
            f"The rate of jump {index} lies in [{low:.6g}, {high:.6g}]/s; rates are finite, not "
            "negative and low <= high.",
            field=field,
            rate_low_per_s=low,
            rate_high_per_s=high,
        )


def require_known(index: int, low: float, high: float, *, field: str, model: str) -> None:
    """Refuse to evolve with a rate that is only known in an interval (ModelUnsupported)."""
    if low != high:
        raise ModelUnsupported(
            f"The rate of jump {index} is only known in an interval; evolution needs one number.",
            field=field,
            model=model,
            rate_low_per_s=low,
            rate_high_per_s=high,
        )
