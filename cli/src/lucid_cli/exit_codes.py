"""Exit codes of the `lucid` command; part of its interface and documented in its help."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What an exit status means."""

    OK = 0
    """Done; for `validate`: PROVED; for `check-evidence`: accepted."""
    REFUTED = 1
    """A certificate is refuted, evidence is refused, or a step of the story failed."""
    USAGE = 2
    """The arguments, the file or the problem cannot be read."""
    UNDECIDED = 3
    """Nothing is claimed about the certificate."""
    FAILED = 4
    """A service answered with an error."""
    UNREACHABLE = 5
    """The mesh cannot be reached; start it with `lucid up`."""


OF_VERDICT = {
    "PROVED": ExitCode.OK,
    "REFUTED": ExitCode.REFUTED,
    "UNDECIDED": ExitCode.UNDECIDED,
    "INVALID_INPUT": ExitCode.USAGE,
    "ERROR": ExitCode.FAILED,
}

HELP = "Exit codes: " + ", ".join(
    f"{code.value} {code.name.lower().replace('_', ' ')}" for code in ExitCode
)
