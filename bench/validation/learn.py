"""From recorded steps to the table of orders, and what it is worth on cases not learned from.

    python bench/validation/learn.py RAW [--write]

For each class of cases the order is built greedily: next comes the step that decides the largest
share of the still undecided cases for a second of CPU time. `--write` rewrites the engine's table
(`barrier/portfolio_table.py`) from all cases; the printed comparison measures every case with an
order that was learned without it, against one fixed order for all and against the best step of each
case (which nobody can know before).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from lucid_validation.barrier.portfolio import Shape, limit_of

TABLE = (
    Path(__file__).parent.parent.parent
    / "services/validation/src/lucid_validation/barrier/portfolio_table.py"
)
# Cheap exact steps first, then searches by effort: what one would write down without measuring.
FIXED = [
    ("linear", "small"),
    ("substitution", "small"),
    ("bernstein", "small"),
    ("falsifier", "small"),
    ("bernstein", "medium"),
    ("sos", "small"),
    ("falsifier", "large"),
    ("sos", "large"),
    ("bernstein", "large"),
    ("lift", "small"),
    ("taylor", "small"),
    ("interval", "small"),
    ("univariate", "small"),
    ("taylor", "large"),
    ("interval", "large"),
    ("lift", "large"),
]

FOLDS = 5
ENOUGH = 15

Key = tuple[str, str]
Outcomes = dict[Key, tuple[float, bool]]
Row = tuple[str, str, float, float]


def read(path: Path) -> list[tuple[str, Outcomes]]:
    """Return (class, step -> (seconds, decided)) of every recorded case."""
    found = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        outcomes = {(m, level): (s, bool(o)) for m, level, s, o in entry["steps"] if m != "algebra"}
        found.append((Shape(**entry["shape"]).name, outcomes))
    return found


def learn(cases: Iterable[tuple[str, Outcomes]]) -> dict[str, list[Row]]:
    """Return the order of each class, with the share decided and the mean seconds of each step."""
    classes: dict[str, list[Outcomes]] = defaultdict(list)
    for name, outcomes in cases:
        classes[name].append(outcomes)
    return {name: _order(_with_kin(name, classes)) for name in sorted(classes)}


def _with_kin(name: str, classes: dict[str, list[Outcomes]]) -> list[Outcomes]:
    """Return the members of a class; a few of them count thrice, beside those of other sizes."""
    members = classes[name]
    if len(members) >= ENOUGH:
        return members
    kin = [m for other in classes if other.split()[:2] == name.split()[:2] for m in classes[other]]
    return [*members, *members, *kin]


def _order(members: Sequence[Outcomes]) -> list[Row]:
    left = list(members)
    rest = {key for outcomes in members for key in outcomes}
    rows: list[Row] = []
    while rest:
        # When nothing is left to decide, what remains is ordered by what it costs.
        rated = sorted((_rate(key, left or members, bool(left)), key) for key in rest)
        (_, share, seconds), key = rated[0]
        rows.append((*key, round(share, 3), round(seconds, 5)))
        rest.remove(key)
        left = [outcomes for outcomes in left if not outcomes.get(key, (0.0, False))[1]]
    return rows


def _rate(key: Key, members: Sequence[Outcomes], undecided: bool) -> tuple[float, float, float]:
    """Return (seconds for one decided case, share decided, mean seconds); smaller is better."""
    tried = [outcomes[key] for outcomes in members if key in outcomes]
    if not tried:
        return (1e9, 0.0, 1.0)
    seconds = sum(s for s, _ in tried) / len(tried)
    share = sum(decided for _, decided in tried) / len(tried) if undecided else 0.0
    # One more undecided case than was seen: a step is never given up because of a few misses.
    hope = (share * len(tried) + 0.1) / (len(tried) + 1)
    return (seconds / hope, share, seconds)


def spend(rows: Sequence[Row], outcomes: Outcomes) -> tuple[float, bool]:
    """Return the seconds until the first answer in this order, and whether there was one.

    Steps are stopped and come again as in the engine's plan.
    """
    total = 0.0
    known = {(row[0], row[1]) for row in rows}
    rest: list[Row] = [(*key, 0.0, 0.0) for key in outcomes if key not in known]
    stopped: list[tuple[float, bool]] = []
    for method, level, _, expected in [*rows, *rest]:
        seconds, decided = outcomes.get((method, level), (0.0, False))
        limit = limit_of(method, level, expected)
        if limit is not None and seconds > limit:
            total += limit
            stopped.append((seconds, decided))
            continue
        total += seconds
        if decided:
            return total, True
    for seconds, decided in stopped:
        total += seconds
        if decided:
            return total, True
    return total, False


def compare(cases: list[tuple[str, Outcomes]]) -> list[str]:
    """Return the comparison; the order of each fifth is learned from the other four."""
    lines = ["| class | cases | fixed order | learned order | best step | fixed / learned |"]
    lines.append("|---|---|---|---|---|---|")
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    # The fixed order knows no expectations, so it stops nothing.
    fixed: list[Row] = [(method, level, 0.0, math.inf) for method, level in FIXED]
    for fold in range(FOLDS):
        seen = [case for number, case in enumerate(cases) if number % FOLDS != fold]
        orders = learn(seen)
        for name, outcomes in cases[fold::FOLDS]:
            best = min((s for s, decided in outcomes.values() if decided), default=None)
            if best is None:
                continue
            learned, _ = spend(orders.get(name, fixed), outcomes)
            entry = (1, spend(fixed, outcomes)[0], learned, best)
            for label in (name, "all"):
                sums[label] = [a + b for a, b in zip(sums[label], entry, strict=True)]
    for label, (count, plain, learned, best) in sorted(sums.items()):
        lines.append(
            f"| {label} | {count:.0f} | {plain:.3f} s | {learned:.3f} s | {best:.3f} s | "
            f"{plain / learned:.2f} |"
        )
    return lines


def table(orders: dict[str, list[Row]]) -> str:
    """Return the module with the orders."""
    lines = [
        '"""Recorded orders of steps by class of cases; written by bench/validation/learn.py.',
        "",
        "A row is (method, level, share of the cases still undecided that it decides, mean CPU s).",
        '"""',
        "",
        "from collections.abc import Mapping, Sequence",
        "",
        "ORDERS: Mapping[str, Sequence[tuple[str, str, float, float]]] = {",
    ]
    for name, rows in orders.items():
        lines.append(f'    "{name}": (')
        lines += [f'        ("{m}", "{level}", {p}, {s}),' for m, level, p, s in rows]
        lines.append("    ),")
    return "\n".join([*lines, "}"]) + "\n"


def main() -> int:
    """Print the comparison, and write the table if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cases = read(arguments.raw)
    print("\n".join(compare(cases)))
    if arguments.write:
        TABLE.write_text(table(learn(cases)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
