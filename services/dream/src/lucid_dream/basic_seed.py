"""The bundled seed: read from the package, checked by `lucid-checker` before every use."""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from google.protobuf.duration_pb2 import Duration
from lucid.vendor.v1 import seed_pb2
from lucid_checker import check

from lucid_dream.saga.basic import Level, best_level
from lucid_dream.saga.compose import decimal_text
from lucid_dream.saga.programme import Phase

TITLE = "Quiet tide"
DISCLOSURE = "Platform content; nothing is advertised."


@dataclass(frozen=True, slots=True)
class BasicSeed:
    """The level that fits, with the evidence that was just accepted."""

    cap: Fraction
    problem: dict[str, Any]
    evidence: str
    phases: tuple[Phase, ...]

    def as_message(self) -> seed_pb2.Seed:
        """Return the programme in the shape of a seed, so that one runner delivers both."""
        return seed_pb2.Seed(
            title=TITLE,
            disclosure=DISCLOSURE,
            intensity_cap=decimal_text(self.cap),
            phases=[
                seed_pb2.Phase(
                    phase=phase.name,
                    duration=Duration(seconds=round(600 * phase.share)),
                    intensity=phase.intensity,
                    cue="tide",
                )
                for phase in self.phases
            ],
        )


def certified_for(cap: Fraction) -> BasicSeed | None:
    """Return the greatest bundled level within `cap` whose evidence holds, or None."""
    level = best_level(_levels(), cap, _is_safe)
    if level is None:
        return None
    return BasicSeed(level.cap, dict(level.problem), level.evidence_text, level.phases)


def _is_safe(problem: str, evidence: str) -> bool:
    report = check(problem, evidence)
    return report.accepted and report.implies_safety


@lru_cache(maxsize=1)
def _levels() -> tuple[Level, ...]:
    text = resources.files("lucid_dream").joinpath("data/basic_seed.json").read_text("utf-8")
    return tuple(_level(each) for each in json.loads(text)["levels"])


def _level(document: dict[str, Any]) -> Level:
    problem = document["problem"]
    return Level(
        cap=Fraction(document["cap"]),
        problem=problem,
        problem_text=json.dumps(problem, sort_keys=True, separators=(",", ":"), ensure_ascii=True),
        evidence_text=json.dumps(document["evidence"], separators=(",", ":")),
        phases=tuple(Phase(**phase) for phase in document["phases"]),
    )
