"""Settings: one frozen dataclass per process, read once from the environment.

Each field says where it comes from, what it means, its unit and why its default is what it is.
Everything that is wrong is reported together, in one line, before anything starts.
"""

import dataclasses
import re
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

SettingsType = TypeVar("SettingsType")

_ENV: Final = "lucid.env"
_HELP: Final = "lucid.help"
_UNIT: Final = "lucid.unit"
_WHY: Final = "lucid.why"
_PARSE: Final = "lucid.parse"

EXIT_SETTINGS_INVALID: Final = 2
"""The exit status of a process whose settings cannot be read."""


class _Missing(Enum):
    """The absence of a default."""

    REQUIRED = "required"


REQUIRED: Final = _Missing.REQUIRED
"""Pass as `default` (or leave it out) for a setting that must be in the environment."""


class SettingsInvalid(Exception):
    """Some settings are missing or malformed; the text names every one of them in one line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("settings are invalid: " + "; ".join(problems))


@dataclasses.dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting as documentation shows it."""

    field: str
    env: str
    default: str
    unit: str
    help: str
    why: str


def setting(
    env: str,
    *,
    default: Any = REQUIRED,
    help: str = "",  # noqa: A002  # the word that every command line and chart uses
    unit: str = "",
    why: str = "",
    parse: Callable[[str], Any] = str,
) -> Any:
    """Declare one dataclass field that is read from the environment variable `env`.

    Args:
        env: name of the variable, `LUCID_…`.
        default: the value when the variable is unset; left out, the variable is required.
        help: what the setting means, one sentence.
        unit: UCUM unit of the value, such as `s` or `By`; empty for a pure number or text.
        why: the reason for the default.
        parse: text to value; raises `ValueError` with a sentence when the text is not one.
    """
    metadata = {_ENV: env, _HELP: help, _UNIT: unit, _WHY: why, _PARSE: parse}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata, kw_only=True)
    return dataclasses.field(default=default, metadata=metadata, kw_only=True)


def load(cls: type[SettingsType], environ: Mapping[str, str]) -> SettingsType:
    """Build `cls` (a dataclass of `setting` fields) from an environment.

    An empty variable counts as unset. Raises `SettingsInvalid` naming every bad variable.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        env = field.metadata.get(_ENV)
        if env is None:
            continue
        text = environ.get(env, "").strip()
        if text:
            try:
                values[field.name] = field.metadata[_PARSE](text)
            except ValueError as error:
                problems.append(f"{env}={_without_password(text)!r}: {error}")
        elif field.default is dataclasses.MISSING:
            problems.append(f"{env} is not set ({field.metadata[_HELP] or 'required'})")
    if problems:
        raise SettingsInvalid(problems)
    return cls(**values)


def _without_password(text: str) -> str:
    """Return a value as a message may show it: a URL's password becomes three stars."""
    masked = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", text)
    return re.sub(r"(?i)(password=)[^&\s]*", r"\1***", masked)


def load_or_exit(cls: type[SettingsType], environ: Mapping[str, str]) -> SettingsType:
    """Like `load`, but print one line on stderr and leave with status 2 when it fails."""
    try:
        return load(cls, environ)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)  # noqa: T201  # logging is not configured yet
        raise SystemExit(EXIT_SETTINGS_INVALID) from None


def describe(cls: type[Any]) -> list[SettingDescription]:
    """List the settings of a dataclass for documentation, in order of declaration."""
    return [
        SettingDescription(
            field=field.name,
            env=field.metadata[_ENV],
            default="required" if field.default is dataclasses.MISSING else str(field.default),
            unit=field.metadata[_UNIT],
            help=field.metadata[_HELP],
            why=field.metadata[_WHY],
        )
        for field in dataclasses.fields(cls)
        if _ENV in field.metadata
    ]


def ratio(text: str) -> float:
    """Parse a number in [0, 1]."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        message = "must lie between 0 and 1"
        raise ValueError(message)
    return value


def positive_seconds(text: str) -> float:
    """Parse a positive, finite number of seconds."""
    value = float(text)
    if not 0.0 < value < float("inf"):
        message = "must be a positive number of seconds"
        raise ValueError(message)
    return value


def positive_integer(text: str) -> int:
    """Parse an integer of at least one."""
    value = int(text)
    if value < 1:
        message = "must be at least 1"
        raise ValueError(message)
    return value


def flag(text: str) -> bool:
    """Parse `true`/`false`, `yes`/`no`, `on`/`off` or `1`/`0`."""
    lowered = text.lower()
    if lowered in {"true", "yes", "on", "1"}:
        return True
    if lowered in {"false", "no", "off", "0"}:
        return False
    message = "must be true or false"
    raise ValueError(message)


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a parser that accepts only the given words."""

    def parse(text: str) -> str:
        if text not in allowed:
            message = "must be one of " + ", ".join(allowed)
            raise ValueError(message)
        return text

    return parse
