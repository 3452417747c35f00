"""Reads problem files: JSON objects of the benchmark format, bundles, and bundled problems."""

import json
from pathlib import Path
from typing import Any

FILE_BYTES_MAX = 64_000_000


class ProblemFileInvalid(ValueError):
    """A problem file cannot be read; the message says where and why."""


class _NotStrict(Exception):
    """JSON that different readers would read differently."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _NotStrict(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise _NotStrict(f"{name} is not a number of JSON")


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ProblemFileInvalid: if it is missing, too large or not UTF-8.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ProblemFileInvalid(f"{path}: larger than {FILE_BYTES_MAX} bytes")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProblemFileInvalid(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ProblemFileInvalid(f"{path}: is a folder, not a file") from None
    except PermissionError:
        raise ProblemFileInvalid(f"{path}: may not be read; check its permissions") from None
    except UnicodeDecodeError as error:
        raise ProblemFileInvalid(
            f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from None


def read_json(path: Path) -> Any:
    """Return the JSON value of a file.

    Raises:
        ProblemFileInvalid: if it is missing, too large or not JSON, with the position.
    """
    text = read_text(path)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        advice = "" if text.lstrip()[:1] in {"{", "["} else "; for other formats: lucid import"
        raise ProblemFileInvalid(f"{path}: not JSON at {where}{advice}") from None
    except _NotStrict as error:
        raise ProblemFileInvalid(f"{path}: {error}") from None
    except RecursionError:
        raise ProblemFileInvalid(f"{path}: nested too deeply") from None


def read_entry(target: str, data_dir: Path) -> Any:
    """Return one JSON object: of a file, of `evidence/HASH`, or of a bundled problem's id.

    Raises:
        ProblemFileInvalid: if there is none, or if the file has an array.
    """
    path = Path(target)
    kept = data_dir / f"{target}.json"
    if path.parts[:1] == ("evidence",) and not path.exists() and kept.exists():
        path = kept
    if path.suffix != ".json" and not path.exists():
        from lucid_cli.story.problems import bundled_problems

        for entry in bundled_problems():
            if entry["id"] == target:
                return entry
        raise ProblemFileInvalid(f"{target}: neither a file nor the id of a bundled problem")
    value = read_json(path)
    if isinstance(value, list):
        raise ProblemFileInvalid(
            f"{path}: is an array of problems; give one of them, or to validate all: --corpus"
        )
    return value
