"""The story on a user's own files, with mistakes in them."""

import json
from io import StringIO

from lucid_cli.mesh_client import channel_to
from lucid_cli.story import problems
from lucid_cli.story.recorder import Recorder
from lucid_testkit.mesh import Mesh
from rich.console import Console

GOOD = {
    "id": "own-disc",
    "kind": "continuous",
    "vars": ["u", "v"],
    "dynamics": {"u": "-u + v", "v": "-u - v"},
    "init": {"and": ["u**2 + v**2 <= 1/4"]},
    "unsafe": {"and": ["u**2 + v**2 >= 4"]},
    "certificate": {"type": "barrier", "expr": "u**2 + v**2 - 1"},
    "flow_condition": "everywhere",
}
MISTAKES = [
    {"id": "no-sets", "vars": ["u"]},
    GOOD | {"id": "unknown-name", "dynamics": {"u": "-u + w", "v": "-v"}},
    GOOD | {"id": "bad-power", "certificate": {"type": "barrier", "expr": "u**1000000"}},
    GOOD | {"id": "empty-name", "vars": ["u", ""]},
]


async def test_one_bad_problem_does_not_keep_the_others_from_their_answers(mesh: Mesh) -> None:
    console = Console(record=True, width=200, file=StringIO())
    recorder = Recorder(console)
    async with channel_to(mesh.layout, "validation") as channel:
        await problems.decide_problems(channel, [*MISTAKES, GOOD], recorder)
    shown = console.export_text()
    assert recorder.all_held, recorder.failed
    assert shown.count("INVALID_INPUT") == len(MISTAKES)
    assert "PROVED" in shown
    for word in ("Traceback", "Error:", "fmpq", "ParseError"):
        assert word not in shown, json.dumps(shown)
