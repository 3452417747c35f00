"""Example seeds to imitate: the JSON that `POST /v1/vendors/{vendor}/seeds` takes.

`seeds.json` holds a good seed and a bad one, whose target lies above its cap; `gentle.json` one
whose target follows the cap, so that it can be taken at low caps too.
"""

import json
from importlib import resources
from typing import Any

SEEDS = "seeds.json"
GENTLE = "gentle.json"


def load(name: str = SEEDS) -> list[dict[str, Any]]:
    """Return the seeds of an example file, each as its JSON object."""
    text = resources.files(__name__).joinpath(name).read_text("utf-8")
    seeds: list[dict[str, Any]] = json.loads(text)
    return seeds
