"""Decides a problem in workers of its own and keeps the evidence where it can be checked."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def decide_locally(
    entry: Any,
    timeout_s: float,
    data_dir: Path,
    on_progress: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """Return the stable JSON line of a problem object, decided within `timeout_s` seconds.

    `on_progress` hears each obligation once it is decided.

    Evidence is written to `<data_dir>/evidence/<sha256>.json` as a bundle that
    `lucid check-evidence` reads; the line names it `evidence/<sha256>`.
    """
    from lucid_validation.children import available_cores
    from lucid_validation.local import decide

    line: dict[str, Any] = dict(
        decide(entry, timeout_s, cores=available_cores(), on_progress=on_progress)
    )
    evidence = line.pop("evidence", None)
    if evidence is not None:
        line["evidence"] = keep_evidence(entry, evidence, data_dir)
    missing = (line.get("safety") or {}).get("missing")
    if isinstance(missing, str):
        line["safety"] = {**line["safety"], "missing": [missing]}
    return line


def keep_evidence(entry: Mapping[str, Any], evidence: Mapping[str, Any], data_dir: Path) -> str:
    """Write a bundle of problem and evidence; return its name `evidence/<sha256>`."""
    text = json.dumps({"problem": entry, "evidence": evidence}, sort_keys=True)
    name = f"evidence/{hashlib.sha256(text.encode()).hexdigest()}"
    file = data_dir / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a reader never sees half a file.
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)
    return name
