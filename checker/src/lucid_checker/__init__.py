"""Independent checker of barrier-certificate evidence; the standard library and nothing else."""

from lucid_checker.check import FORMAT, Report, check

__all__ = ["FORMAT", "Report", "check"]
